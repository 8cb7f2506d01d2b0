// SPDX-License-Identifier: MIT OR Apache-2.0
//! Any bytes as a blob with parameters, which are listed and set.
#![no_main]

static BASE: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| ovl_fuzz::board().blob());

libfuzzer_sys::fuzz_target!(|data: &[u8]| ovl_fuzz::params(&BASE, data));
