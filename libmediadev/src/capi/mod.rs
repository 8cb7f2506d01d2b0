// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C interface, of which `include/mediadev.h` is generated. A function here is its contract and a line or two: arguments
//! are checked by `cabi`, the work is done by the method of the same name.
//!
//! The documentation is for the C reader. The promises that it asks of him are those that hold for C anywhere: a pointer
//! that is not NULL points to what the header says, an object is one that he holds a reference to, and both stay so during
//! the call.

// What is exported is reached by symbol, not by path; its safety is C's, as said above.
#![allow(unsafe_code, unreachable_pub, non_camel_case_types, clippy::missing_safety_doc)]

mod device;
mod entity;
mod export;
mod file;
mod formats;
mod info;
mod names;
mod node;
mod ops;
mod parts;
mod request;
mod topology;

use crate::{Context, Device, Entity, Error, File, Node, Request, Topology};
use cabi::{Borrowed, Failure, Opaque};
use export::mediadev_export;
use kref::{Port, Ref};
use std::ffi::{c_char, c_int, c_void};

cabi::library!(
    static LIB = "mediadev",
    Node => mediadev_node,
    Topology => mediadev_topology,
    Device => mediadev_device,
    Entity => mediadev_entity,
    File => mediadev_file,
    Request => mediadev_request,
    crate::cuse::Export => mediadev_export,
);
cabi::boundary!(LIB);

/// A media device of the kernel, opened. Counted: mediadev_node_get(), mediadev_node_put().
pub struct mediadev_node {
    _private: [u8; 0],
}

/// A media graph as it was at one moment. Counted: mediadev_topology_get(), mediadev_topology_put().
pub struct mediadev_topology {
    _private: [u8; 0],
}

/// A media device that this process provides. Counted: mediadev_device_get(), mediadev_device_put().
pub struct mediadev_device {
    _private: [u8; 0],
}

/// An entity of such a device. Counted: mediadev_entity_get(), mediadev_entity_put().
pub struct mediadev_entity {
    _private: [u8; 0],
}

/// An open handle on such a device. Counted: mediadev_file_get(), mediadev_file_put().
pub struct mediadev_file {
    _private: [u8; 0],
}

/// A request. Counted: mediadev_request_get(), mediadev_request_put().
pub struct mediadev_request {
    _private: [u8; 0],
}

impl Opaque for Node {
    type C = mediadev_node;
}
impl Opaque for Topology {
    type C = mediadev_topology;
}
impl Opaque for Device {
    type C = mediadev_device;
}
impl Opaque for Entity {
    type C = mediadev_entity;
}
impl Opaque for File {
    type C = mediadev_file;
}
impl Opaque for Request {
    type C = mediadev_request;
}

impl cabi::Errno for Error {
    fn errno(&self) -> i32 {
        Error::errno(self)
    }
}

fn device<'a>(raw: *mut mediadev_device) -> Result<Borrowed<'a, Ref<Device>>, Failure> {
    object(raw, "device")
}

fn entity<'a>(raw: *mut mediadev_entity) -> Result<Borrowed<'a, Ref<Entity>>, Failure> {
    object(raw, "entity")
}

#[inline]
fn file<'a>(raw: *mut mediadev_file) -> Result<Borrowed<'a, Port<File>>, Failure> {
    object(raw, "file")
}

/// The pointer for a callback of what is held meanwhile.
trait Lent {
    type C;
    fn lend(&self) -> *mut Self::C;
}

impl<T: Opaque> Lent for Ref<T> {
    type C = T::C;
    fn lend(&self) -> *mut T::C {
        self.as_raw().as_ptr().cast()
    }
}

impl<T: Opaque + kref::Ported> Lent for Port<T> {
    type C = T::C;
    fn lend(&self) -> *mut T::C {
        self.as_raw().as_ptr().cast()
    }
}

/// What the caller has at an object, and what frees it.
fn context(pointer: *mut c_void, destroy: mediadev_destroy) -> Context {
    // SAFETY: the caller's promise: it may be freed so, on any thread.
    unsafe { Context::new(pointer, destroy) }
}

/// The version of the library, such as "0.1.0".
#[no_mangle]
pub extern "C" fn mediadev_version() -> *const c_char {
    LIB.version()
}

/// The sentence behind the last error of this thread. It names what went wrong where: device, entity, pad, link, the call that
/// failed.
///
/// Borrowed: valid until the next call into this library on this thread. Never NULL; empty before the first error. A call
/// that succeeds leaves it alone. Ask for it in a statement of its own: in printf("%d %s", f(), mediadev_last_error()) it may be asked
/// for before f() is called, which frees it.
#[no_mangle]
pub extern "C" fn mediadev_last_error() -> *const c_char {
    LIB.last_error()
}

/// Frees what this library returned to be freed so; NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn mediadev_free(memory: *mut c_void) {
    free(memory)
}

/// Takes a message of the library: \p level is syslog's (3 error, 4 warning, 6 information), \p message is valid during the call.
pub type mediadev_log_callback =
    Option<unsafe extern "C-unwind" fn(level: c_int, message: *const c_char, user_data: *mut c_void)>;

/// Frees user data. Runs exactly once, also when the call that it was given to fails.
pub type mediadev_destroy = Option<unsafe extern "C-unwind" fn(user_data: *mut c_void)>;

/// Sends the library's messages to \p callback, from any thread and without a lock held; NULL sends them nowhere.
///
/// \p destroy, which may be NULL, is called with \p user_data when another callback has taken the place and no thread is in
/// this one any more.
///
/// Returns 0.
#[no_mangle]
pub unsafe extern "C" fn mediadev_set_log_callback(
    callback: mediadev_log_callback,
    user_data: *mut c_void,
    destroy: mediadev_destroy,
) -> c_int {
    set_log_callback(callback, user_data, destroy)
}

/// Remembers who takes references from now on: 0 nobody, 1 the tag (mediadev_set_tag()) and thread of each taker, 2 a backtrace
/// too. The environment variable HOLDFAST_TRACK sets the level that a program starts with. Off it costs a branch.
///
/// Returns 0, or -EINVAL for another level.
#[no_mangle]
pub extern "C" fn mediadev_set_tracking(level: u32) -> c_int {
    set_tracking(level)
}

/// What the holders' list calls references that this thread takes from now on; NULL for nothing. Copied.
///
/// Returns 0, or -EINVAL if it is not UTF-8.
#[no_mangle]
pub unsafe extern "C" fn mediadev_set_tag(tag: *const c_char) -> c_int {
    set_tag(tag)
}

/// Lists who holds references that were taken since tracking began, a line for each: *\p report is the caller's, to be freed with
/// mediadev_free(). For a program that finds devices still held when it ends.
///
/// Returns the number of lines, or -EINVAL for NULL, -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn mediadev_holders(report: *mut *mut c_char) -> c_int {
    guard(|| {
        let mut report = out(report, "report")?;
        let text = kref::track::report();
        report.set(give_text(&text)?);
        Ok(text.lines().count())
    })
}
