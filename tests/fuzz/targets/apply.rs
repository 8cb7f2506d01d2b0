// SPDX-License-Identifier: MIT OR Apache-2.0
//! A fixed base, and any bytes as an overlay, in all three modes, and beside other overlays.
#![no_main]

static BASE: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| ovl_fuzz::board().blob());

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    ovl_fuzz::apply(&BASE, data);
    ovl_fuzz::fight(&BASE, data);
});
