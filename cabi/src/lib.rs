// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C boundary of the Holdfast libraries, once for all three.
//!
//! A library declares itself with [`library!`] and writes every exported function the same way: the body is a closure
//! given to [`guard`], the arguments go through the functions of [`arg`], and what the closure returns becomes the
//! C result by [`Return`].
//!
//! ```
//! # use std::ffi::{c_char, c_int};
//! cabi::library!(static LIB = "demo");
//!
//! /// Returns the length of \p text, or a negative errno.
//! ///
//! /// # Safety
//! /// `text` is NULL or ends with NUL.
//! pub unsafe extern "C" fn demo_length(text: *const c_char) -> c_int {
//!     cabi::guard(&LIB, || {
//!         // SAFETY: the caller's promise.
//!         let text = unsafe { cabi::arg::text(text, "text") }?;
//!         Ok(text.len())
//!     })
//! }
//! # // SAFETY: a literal, and NULL.
//! # unsafe {
//! assert_eq!(demo_length(c"four".as_ptr()), 4);
//! assert_eq!(demo_length(std::ptr::null()), -22);
//! assert_eq!(std::ffi::CStr::from_ptr(LIB.last_error()), c"text is NULL");
//! # }
//! ```
#![allow(unsafe_code)]

pub mod arg;
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
pub use handle::{get, put, Borrowed, Handle, Opaque};
pub use library::{Library, PerThread};
pub use log::{Level, LogFn};
pub use memory::{copy_text, free, give_bytes, give_text};
