// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C boundary of the Holdfast libraries, once for all three.
//!
//! A library declares itself with [`library!`] and what it calls here with [`boundary!`], and writes every exported
//! function the same way: the body is a closure given to [`guard`], the arguments go through the functions of [`arg`], and
//! what the closure returns becomes the C result by [`Return`].
//!
//! ```
//! # use std::ffi::{c_char, c_int};
//! mod capi {
//! #   use std::ffi::{c_char, c_int};
//!     cabi::library!(pub(crate) static LIB = "demo");
//!     cabi::boundary!(LIB);
//!
//!     /// Returns the length of \p text, or -EINVAL for a NULL argument.
//!     pub unsafe extern "C" fn demo_length(string: *const c_char) -> c_int {
//!         guard(|| Ok(text(string, "string")?.len()))
//!     }
//! }
//! # use capi::{demo_length, LIB};
//! # // SAFETY: a literal, and NULL.
//! # unsafe {
//! assert_eq!(demo_length(c"four".as_ptr()), 4);
//! assert_eq!(demo_length(std::ptr::null()), -22);
//! assert_eq!(std::ffi::CStr::from_ptr(LIB.last_error()), c"string is NULL");
//! # }
//! ```
#![allow(unsafe_code)]

pub mod arg;
mod boundary;
mod callback;
mod failure;
mod guard;
mod handle;
mod library;
mod log;
mod memory;

pub use callback::{Callback, Destroy};
pub use failure::{Errno, Failure};
pub use guard::{guard, Plain, Return};
pub use handle::{get, get_quickly, put, put_quickly, Borrowed, Handle, Opaque, OpaqueWeak};
pub use kref::track::set_tag;
pub use library::{set_tracking, Library, PerThread};
pub use log::{Level, LogFn};
pub use memory::{copy_text, free, give_bytes, give_text};
