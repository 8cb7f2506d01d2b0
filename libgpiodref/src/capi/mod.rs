// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C interface, of which `include/gpiodref.h` is generated. A function here is its contract and a line or two: arguments
//! are checked by `cabi`, the work is done by the method of the same name.
//!
//! The documentation is for the C reader. The promises that it asks of him are those that hold for C anywhere: a pointer
//! that is not NULL points to what the header says, an object is one that he holds a reference to, and both stay so during
//! the call.

// What is exported is reached by symbol, not by path; its safety is C's, as said above.
#![allow(unsafe_code, unreachable_pub, non_camel_case_types, clippy::missing_safety_doc)]

mod chip;
mod config;
mod desc;
mod group;
mod lookup;
mod provider;
mod sim;
mod watch;

use crate::{Chip, Desc, Error, Event, Group, Sim, Watch};
use cabi::{Borrowed, Failure, Opaque, OpaqueWeak};
use kref::Ref;
use std::borrow::Cow;
use std::ffi::{c_char, c_int, c_void};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};

cabi::library!(
    static LIB = "gpiodref",
    Chip => gpiodref_chip,
    Desc => gpiodref_desc,
    Group => gpiodref_group,
    Sim => gpiodref_sim,
    Watch => gpiodref_watch,
);
cabi::boundary!(LIB);

/// A GPIO chip. Counted: gpiodref_chip_get(), gpiodref_chip_put().
pub struct gpiodref_chip {
    _private: [u8; 0],
}

/// A requested line. Counted: gpiodref_get(), gpiodref_put().
pub struct gpiodref_desc {
    _private: [u8; 0],
}

/// A handle on a descriptor that does not keep its line claimed: gpiodref_downgrade(), gpiodref_weak_put().
pub struct gpiodref_weak {
    _private: [u8; 0],
}

/// Lines of a chip, requested together. Counted: gpiodref_group_get(), gpiodref_group_put().
pub struct gpiodref_group {
    _private: [u8; 0],
}

/// Lines of a chip that are being watched. Counted: gpiodref_watch_get(), gpiodref_watch_put().
pub struct gpiodref_watch {
    _private: [u8; 0],
}

/// A simulated chip. Counted: gpiodref_sim_get(), gpiodref_sim_put().
pub struct gpiodref_sim {
    _private: [u8; 0],
}

impl Opaque for Chip {
    type C = gpiodref_chip;
}
impl Opaque for Desc {
    type C = gpiodref_desc;
}
impl OpaqueWeak for Desc {
    type C = gpiodref_weak;
}
impl Opaque for Group {
    type C = gpiodref_group;
}
impl Opaque for Sim {
    type C = gpiodref_sim;
}
impl Opaque for Watch {
    type C = gpiodref_watch;
}

impl cabi::Errno for Error {
    fn errno(&self) -> i32 {
        Error::errno(self)
    }
}

fn chip<'a>(raw: *mut gpiodref_chip) -> Result<Borrowed<'a, Ref<Chip>>, Failure> {
    object(raw, "chip")
}

fn desc<'a>(raw: *mut gpiodref_desc) -> Result<Borrowed<'a, Ref<Desc>>, Failure> {
    object(raw, "desc")
}

fn group<'a>(raw: *mut gpiodref_group) -> Result<Borrowed<'a, Ref<Group>>, Failure> {
    object(raw, "group")
}

/// Does what a call of the system alone does, without a guard, which costs as much as three per cent of such a call. `work` calls
/// nothing foreign and cannot panic; where it has no result, for whatever reason, the guarded way is taken from the start.
#[inline]
fn quickly<T: Opaque, R>(raw: *mut T::C, work: impl FnOnce(&T) -> Option<R>) -> Option<R> {
    // SAFETY: the caller's promise: NULL, or an object that he holds, which lies at this address.
    unsafe { raw.cast::<T>().as_ref() }.and_then(work)
}

fn value(value: c_int) -> Result<bool, Failure> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(Failure::invalid(format!("value is {other}, and only 0 and 1 are values"))),
    }
}

/// Who requests: as the caller says, or by the name of the program.
fn consumer<'a>(raw: *const c_char) -> Result<Cow<'a, str>, Failure> {
    match text_or_none(raw, "consumer")? {
        Some(given) => Ok(given.into()),
        None => Ok(std::fs::read_to_string("/proc/self/comm")
            .map_or("gpiodref".into(), |name| name.trim_end().to_owned().into())),
    }
}

/// Room for events, which lie in memory as C's do.
fn events<'a>(
    raw: *mut config::gpiodref_event,
    count: usize,
) -> Result<&'a mut [MaybeUninit<Event>], Failure> {
    buffer(raw.cast::<Event>(), count, "events")
}

/// Makes an object of a file descriptor, which stays the caller's where that fails.
fn adopted<T>(fd: c_int, adopt: impl FnOnce(OwnedFd) -> crate::Result<T>) -> Result<T, Failure> {
    if fd < 0 {
        return Err(Failure::new(libc::EBADF, format!("fd is {fd}")));
    }
    // SAFETY: only asked whether it is one, and copied.
    let copy = unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned();
    let copy =
        copy.map_err(|e| Failure::new(e.raw_os_error().unwrap_or(libc::EBADF), format!("fd {fd}: {e}")))?;
    let made = adopt(copy)?;
    // SAFETY: the caller's promise: where this succeeds, it is the library's, which has its copy.
    drop(unsafe { <OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(fd) });
    Ok(made)
}

/// A descriptor that only weak handles hold any more.
fn released() -> Failure {
    Failure::invalid("the line of this descriptor has been released")
}

fn pointers<'a, T>(raw: *const *const T, count: usize, name: &str) -> Result<&'a [*const T], Failure> {
    let room = buffer(raw.cast_mut(), count, name)?;
    // SAFETY: the caller's promise: there are that many pointers. They are only read.
    Ok(unsafe { &*(std::ptr::from_mut(room) as *const [*const T]) })
}

/// The version of the library, such as "0.1.0".
#[no_mangle]
pub extern "C" fn gpiodref_version() -> *const c_char {
    LIB.version()
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

/// Frees what this library returned to be freed so; NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_free(memory: *mut c_void) {
    free(memory)
}

/// Takes a message of the library: \p level is syslog's (3 error, 4 warning, 6 information), \p message is valid during the call.
pub type gpiodref_log_callback =
    Option<unsafe extern "C-unwind" fn(level: c_int, message: *const c_char, user_data: *mut c_void)>;

/// Frees user data. Runs exactly once, also when the call that it was given to fails.
pub type gpiodref_destroy = Option<unsafe extern "C-unwind" fn(user_data: *mut c_void)>;

/// Sends the library's messages to \p callback, from any thread and without a lock held; NULL sends them nowhere.
///
/// \p destroy, which may be NULL, is called with \p user_data when another callback has taken the place and no thread is in
/// this one any more.
///
/// Returns 0.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_set_log_callback(
    callback: gpiodref_log_callback,
    user_data: *mut c_void,
    destroy: gpiodref_destroy,
) -> c_int {
    set_log_callback(callback, user_data, destroy)
}

/// Remembers who takes references from now on: 0 nobody, 1 the tag (gpiodref_set_tag()) and thread of each taker, 2 a backtrace
/// too. The environment variable HOLDFAST_TRACK sets the level that a program starts with. Off it costs a branch.
///
/// Returns 0, or -EINVAL for another level.
#[no_mangle]
pub extern "C" fn gpiodref_set_tracking(level: u32) -> c_int {
    set_tracking(level)
}

/// What the holders' list calls references that this thread takes from now on; NULL for nothing. Copied.
///
/// Returns 0, or -EINVAL if it is not UTF-8.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_set_tag(tag: *const c_char) -> c_int {
    set_tag(tag)
}

/// Lists who holds references that were taken since tracking began, a line for each: *\p report is the caller's, to be freed with
/// gpiodref_free(). For a program that finds lines still requested when it ends.
///
/// Returns the number of lines, or -EINVAL for NULL, -ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_holders(report: *mut *mut c_char) -> c_int {
    guard(|| {
        let mut report = out(report, "report")?;
        let text = kref::track::report();
        report.set(give_text(&text)?);
        Ok(text.lines().count())
    })
}
