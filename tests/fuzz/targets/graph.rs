// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any bytes as the graph that a media device tells.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ovl_fuzz::media::graph(data));
