// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C interface, of which `include/ovl.h` is generated. A function here is its contract and a line or two: arguments are
//! checked by `cabi`, the work is done by the method of the same name.
//!
//! The documentation is for the C reader. The promises that it asks of him are those that hold for C anywhere: a pointer
//! that is not NULL points to what the header says, an object is one that he holds a reference to, and both stay so during
//! the call.

// What is exported is reached by symbol, not by path; its safety is C's, as said above.
#![allow(unsafe_code, unreachable_pub, non_camel_case_types, clippy::missing_safety_doc)]

mod node;
mod overlay;
mod tree;

use crate::{Error, Node, Prop, Tree};
use cabi::arg::{self, Out, Versioned};
use cabi::{Borrowed, Failure, Handle, Return};
use std::ffi::{c_char, c_int, c_void};
use std::ptr::NonNull;

cabi::library!(static LIB = "ovl");

/// A live devicetree. Counted: ovl_tree_get(), ovl_tree_put().
pub struct ovl_tree {
    _private: [u8; 0],
}

/// A node of a live devicetree. Counted: ovl_node_get(), ovl_node_put().
pub struct ovl_node {
    _private: [u8; 0],
}

/// A property with its value. Counted: ovl_prop_get(), ovl_prop_put().
pub struct ovl_prop {
    _private: [u8; 0],
}

impl cabi::Errno for Error {
    fn errno(&self) -> i32 {
        Error::errno(self)
    }
}

macro_rules! handle {
    ($object:ty, $opaque:ty) => {
        impl Handle for $object {
            type C = $opaque;

            fn into_raw(self) -> NonNull<$opaque> {
                NonNull::new(<$object>::into_raw(self).cast()).expect("a handle is not NULL")
            }

            unsafe fn from_raw(raw: NonNull<$opaque>) -> Self {
                // SAFETY: the trait's contract is the method's.
                unsafe { <$object>::from_raw(raw.cast()) }
            }
        }
    };
}
handle!(Tree, ovl_tree);
handle!(Node, ovl_node);
handle!(Prop, ovl_prop);

fn guard<T: Return>(body: impl FnOnce() -> Result<T, Failure>) -> T::C {
    cabi::guard(&LIB, body)
}

// What follows is called with arguments of exported functions and nothing else, inside of the call that they were given to.
// What their callers promised (see the module's description) is what `cabi` asks for.

fn object<'a, H: Handle>(raw: *mut H::C, name: &str) -> Result<Borrowed<'a, H>, Failure> {
    // SAFETY: the caller's promise, as said above.
    unsafe { arg::object(raw, name) }
}

fn tree<'a>(raw: *mut ovl_tree) -> Result<Borrowed<'a, Tree>, Failure> {
    object(raw, "tree")
}

fn node<'a>(raw: *mut ovl_node) -> Result<Borrowed<'a, Node>, Failure> {
    object(raw, "node")
}

fn prop<'a>(raw: *mut ovl_prop) -> Result<Borrowed<'a, Prop>, Failure> {
    object(raw, "prop")
}

fn taken<H: Handle>(raw: *mut H::C) -> Option<H> {
    // SAFETY: as above.
    unsafe { arg::taken(raw) }
}

fn text<'a>(raw: *const c_char, name: &str) -> Result<&'a str, Failure> {
    // SAFETY: as above.
    unsafe { arg::text(raw, name) }
}

fn bytes<'a>(raw: *const c_void, size: usize, name: &str) -> Result<&'a [u8], Failure> {
    // SAFETY: as above.
    unsafe { arg::bytes(raw, size, name) }
}

/// Room for `count` numbers, set to zero.
fn array<'a>(raw: *mut u32, count: usize, name: &str) -> Result<&'a mut [u32], Failure> {
    // SAFETY: as above.
    let room = unsafe { arg::buffer(raw, count, name) }?;
    room.iter_mut().for_each(|cell| {
        cell.write(0);
    });
    // SAFETY: all of them were just written.
    Ok(unsafe { &mut *(std::ptr::from_mut(room) as *mut [u32]) })
}

fn out<'a, T>(raw: *mut T, name: &str) -> Result<Out<'a, T>, Failure> {
    // SAFETY: as above.
    unsafe { arg::out(raw, name) }
}

/// Replaces what the caller has there, and returns it.
fn inout<T>(raw: *mut T, name: &str, value: T) -> Result<T, Failure> {
    let mut place = out(raw, name)?;
    // SAFETY: as above; `out` has seen that it is neither NULL nor misaligned.
    let before = unsafe { raw.read() };
    place.set(value);
    Ok(before)
}

fn out_or_none<'a, T>(raw: *mut T, name: &str) -> Result<Option<Out<'a, T>>, Failure> {
    // SAFETY: as above.
    unsafe { arg::out_or_none(raw, name) }
}

fn versioned<T: Versioned>(raw: *const T, name: &str) -> Result<Option<T>, Failure> {
    // SAFETY: as above.
    unsafe { arg::versioned(raw, name) }
}

fn get<H: Handle + Clone>(raw: *mut H::C) -> *mut H::C {
    guard(|| {
        // SAFETY: as above.
        Ok(unsafe { cabi::get::<H>(raw) })
    })
}

fn put<H: Handle>(raw: *mut H::C) {
    guard(|| {
        // SAFETY: as above.
        unsafe { cabi::put::<H>(raw) };
        Ok(())
    });
}

use arg::flags;

fn none() -> Failure {
    Failure::new(libc::ENOENT, "there is none")
}

/// Copies text into a caller's buffer, and returns its length.
fn give_into(text: &str, buf: *mut c_char, size: usize) -> Result<usize, Failure> {
    // SAFETY: as above.
    unsafe { cabi::copy_text(buf, size, "buf", text) }
}

fn give_text(text: &str) -> Result<*mut c_char, Failure> {
    cabi::give_text(text)
}

fn give_bytes(bytes: &[u8]) -> Result<*mut c_void, Failure> {
    cabi::give_bytes(bytes)
}

/// The version of the library, "0.1.0".
#[no_mangle]
pub extern "C" fn ovl_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The sentence behind the last error of this thread. It names what went wrong where: overlay, fragment, label, node,
/// property, offset.
///
/// Borrowed: valid until the next call into this library on this thread. Never NULL; empty before the first error. A call
/// that succeeds leaves it alone.
#[no_mangle]
pub extern "C" fn ovl_last_error() -> *const c_char {
    LIB.last_error()
}

/// Frees what this library returned to be freed so; NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn ovl_free(memory: *mut c_void) {
    // SAFETY: as above.
    unsafe { cabi::free(memory) }
}

/// Takes a message of the library: \p level is syslog's (3 error, 4 warning, 6 information), \p message is valid during the call.
pub type ovl_log_callback =
    Option<unsafe extern "C-unwind" fn(level: c_int, message: *const c_char, user_data: *mut c_void)>;

/// Frees user data. Runs exactly once, also when the call that it was given to fails.
pub type ovl_destroy = Option<unsafe extern "C-unwind" fn(user_data: *mut c_void)>;

/// Sends the library's messages to \p callback, from any thread and without a lock held; NULL sends them nowhere.
///
/// \p destroy, which may be NULL, is called with \p user_data when another callback has taken the place and no thread is in
/// this one any more.
///
/// Returns 0.
#[no_mangle]
pub unsafe extern "C" fn ovl_set_log_callback(
    callback: ovl_log_callback,
    user_data: *mut c_void,
    destroy: ovl_destroy,
) -> c_int {
    guard(|| {
        // SAFETY: the caller's promise, as said above.
        unsafe { LIB.set_log_callback(callback, user_data, destroy) };
        Ok(())
    })
}

/// Remembers who takes references from now on: 0 nobody, 1 the tag (ovl_set_tag()) and thread of each taker, 2 a backtrace
/// too. The environment variable HOLDFAST_TRACK sets the level that a program starts with. Off it costs a branch.
///
/// Returns 0, or -EINVAL for another level.
#[no_mangle]
pub extern "C" fn ovl_set_tracking(level: u32) -> c_int {
    guard(|| {
        if level > 2 {
            return Err(Failure::invalid(format!("level is {level}, and 2 is the highest")));
        }
        kref::track::set_level(level);
        Ok(())
    })
}

/// What the holders' list calls references that this thread takes from now on; NULL for nothing. Copied.
///
/// Returns 0, or -EINVAL if it is not UTF-8.
#[no_mangle]
pub unsafe extern "C" fn ovl_set_tag(tag: *const c_char) -> c_int {
    guard(|| {
        let tag = if tag.is_null() { None } else { Some(text(tag, "tag")?) };
        kref::track::set_tag(tag);
        Ok(())
    })
}
