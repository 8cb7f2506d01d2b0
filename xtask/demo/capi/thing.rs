// SPDX-License-Identifier: MIT OR Apache-2.0
//! The counted object of the little capi.

/// A thing.
pub struct demo_thing {
    _private: [u8; 0],
}

/// Called for each step; a negative result ends the run.
pub type demo_cb = Option<unsafe extern "C-unwind" fn(thing: *mut demo_thing, user_data: *mut c_void) -> c_int>;

/// Takes a reference.
#[no_mangle]
pub unsafe extern "C" fn demo_thing_get(thing: *mut demo_thing) -> *mut demo_thing {
    hidden(thing)
}

/// Runs it.
#[no_mangle]
pub unsafe extern "C" fn demo_thing_run(
    thing: *mut demo_thing,
    options: *const demo_options,
    cb: demo_cb,
    user_data: *mut c_void,
) -> c_int {
    0
}

fn hidden(thing: *mut demo_thing) -> *mut demo_thing {
    thing
}
