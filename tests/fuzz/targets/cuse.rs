// SPDX-License-Identifier: MIT OR Apache-2.0
//! What comes from the kernel to the server of a node.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ovl_fuzz::cuse::run(data));
