// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any text as links, formats and routes in media-ctl's notation.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ovl_fuzz::media::notation(data));
