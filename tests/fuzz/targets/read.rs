// SPDX-License-Identifier: MIT OR Apache-2.0
//! The check, unflattening, look-ups, writing, and reading again of any bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ovl_fuzz::read(data));
