// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C interface, of which `include/gpiodref.h` is generated. A function here is its contract and a line or two: arguments
//! are checked by `cabi`, the work is done by the method of the same name.
//!
//! The documentation is for the C reader. The promises that it asks of him are those that hold for C anywhere: a pointer
//! that is not NULL points to what the header says, an object is one that he holds a reference to, and both stay so during
//! the call.

// What is exported is reached by symbol, not by path; its safety is C's, as said above.
#![allow(unsafe_code, unreachable_pub, non_camel_case_types, clippy::missing_safety_doc)]

use std::ffi::c_char;

cabi::library!(static LIB = "gpiodref");

/// The version of the library, "0.1.0".
#[no_mangle]
pub extern "C" fn gpiodref_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The sentence behind the last error of this thread. It names what went wrong where: chip, line, consumer, the call that
/// failed.
///
/// Borrowed: valid until the next call into this library on this thread. Never NULL; empty before the first error. A call
/// that succeeds leaves it alone.
#[no_mangle]
pub extern "C" fn gpiodref_last_error() -> *const c_char {
    LIB.last_error()
}
