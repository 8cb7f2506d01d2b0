// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C interface, of which `include/ovl.h` is generated. A function here is its contract and a line or two: arguments are
//! checked by `cabi`, the work is done by the method of the same name.
//!
//! The documentation is for the C reader. The promises that it asks of him are those that hold for C anywhere: a pointer
//! that is not NULL points to what the header says, an object is one that he holds a reference to, and both stay so during
//! the call.

// What is exported is reached by symbol, not by path; its safety is C's, as said above.
#![allow(unsafe_code, unreachable_pub, non_camel_case_types, clippy::missing_safety_doc)]

mod bus;
mod changeset;
mod node;
mod notifier;
mod overlay;
mod params;
mod tree;

use crate::{Bus, Changeset, Device, Error, Node, Prop, Tree};
use cabi::{Borrowed, Failure, Opaque};
use kref::Ref;
use std::ffi::{c_char, c_int, c_void};

cabi::library!(
    static LIB = "ovl",
    crate::tree::Attached => ovl_tree,
    crate::changeset::Shared => ovl_changeset,
    Bus => ovl_bus,
    Device => ovl_device,
);
cabi::boundary!(LIB);

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

/// Drivers, and the devices of some nodes of a tree. Counted: ovl_bus_get(), ovl_bus_put().
pub struct ovl_bus {
    _private: [u8; 0],
}

/// A device that a bus made of a node. Counted: ovl_device_get(), ovl_device_put().
pub struct ovl_device {
    _private: [u8; 0],
}

/// Changes that are checked, applied and reverted as one. Counted: ovl_changeset_get(), ovl_changeset_put().
pub struct ovl_changeset {
    _private: [u8; 0],
}

impl cabi::Errno for Error {
    fn errno(&self) -> i32 {
        Error::errno(self)
    }
}

cabi::handle!(Tree, ovl_tree);
cabi::handle!(Node, ovl_node);
cabi::handle!(Prop, ovl_prop);
cabi::handle!(Changeset, ovl_changeset);

fn tree<'a>(raw: *mut ovl_tree) -> Result<Borrowed<'a, Tree>, Failure> {
    object(raw, "tree")
}

fn node<'a>(raw: *mut ovl_node) -> Result<Borrowed<'a, Node>, Failure> {
    object(raw, "node")
}

fn prop<'a>(raw: *mut ovl_prop) -> Result<Borrowed<'a, Prop>, Failure> {
    object(raw, "prop")
}

impl Opaque for Bus {
    type C = ovl_bus;
}

impl Opaque for Device {
    type C = ovl_device;
}

/// An object as an argument of a callback: no reference is taken, so that none is seen to be held.
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

fn bus<'a>(raw: *mut ovl_bus) -> Result<Borrowed<'a, Ref<Bus>>, Failure> {
    object(raw, "bus")
}

fn device<'a>(raw: *mut ovl_device) -> Result<Borrowed<'a, Ref<Device>>, Failure> {
    object(raw, "device")
}

fn none() -> Failure {
    Failure::new(libc::ENOENT, "there is none")
}

/// The version of the library, such as "0.1.0".
#[no_mangle]
pub extern "C" fn ovl_version() -> *const c_char {
    LIB.version()
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
    free(memory)
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
    set_log_callback(callback, user_data, destroy)
}

/// Remembers who takes references from now on: 0 nobody, 1 the tag (ovl_set_tag()) and thread of each taker, 2 a backtrace
/// too. The environment variable HOLDFAST_TRACK sets the level that a program starts with. Off it costs a branch.
///
/// Returns 0, or -EINVAL for another level.
#[no_mangle]
pub extern "C" fn ovl_set_tracking(level: u32) -> c_int {
    set_tracking(level)
}

/// What the holders' list calls references that this thread takes from now on; NULL for nothing. Copied.
///
/// Returns 0, or -EINVAL if it is not UTF-8.
#[no_mangle]
pub unsafe extern "C" fn ovl_set_tag(tag: *const c_char) -> c_int {
    set_tag(tag)
}
