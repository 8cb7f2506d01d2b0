// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any order of applying and removing overlays of a pool, with handles taken and dropped in between.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ovl_fuzz::remove(data));
