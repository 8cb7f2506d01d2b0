// SPDX-License-Identifier: MIT OR Apache-2.0
//! A capi in little, in the forms that the real ones use: the tests of xtask make a header of it.

mod thing;

/// Skips what takes time.
pub const DEMO_FAST: u32 = 1;

const HIDDEN: u32 = 7;

/// How to run.
#[repr(C)]
pub struct demo_options {
    /// sizeof(struct demo_options)
    pub size: usize,
    /// DEMO_FAST, or 0
    pub flags: u32,
    /// Where to start, or NULL
    pub base: *mut demo_thing,
}

#[cfg(test)]
mod tests {
    #[no_mangle]
    pub extern "C" fn demo_hidden() {}
}
