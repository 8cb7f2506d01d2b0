// SPDX-License-Identifier: MIT OR Apache-2.0
//! Watches.

use super::config::gpiodref_line_info;
use super::{chip, get, gpiodref_chip, gpiodref_watch, guard, numbers, object, put, timeout, versioned_out};
use crate::{Change, Watch};
use cabi::arg::Versioned;
use cabi::{Borrowed, Failure};
use kref::Ref;
use std::ffi::{c_int, c_uint};
use std::os::fd::AsRawFd;

/// Somebody requested the line.
pub const GPIODREF_CHANGE_REQUESTED: u32 = 1;
/// Somebody released the line.
pub const GPIODREF_CHANGE_RELEASED: u32 = 2;
/// The line was configured anew.
pub const GPIODREF_CHANGE_RECONFIGURED: u32 = 3;

const _: () = {
    assert!(Change::Requested as u32 == GPIODREF_CHANGE_REQUESTED);
    assert!(Change::Released as u32 == GPIODREF_CHANGE_RELEASED);
    assert!(Change::Reconfigured as u32 == GPIODREF_CHANGE_RECONFIGURED);
};

/// A change of a watched line. Set \p size to its size.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gpiodref_info_event {
    /// sizeof(struct gpiodref_info_event)
    pub size: usize,
    /// When, in nanoseconds of CLOCK_MONOTONIC
    pub timestamp_ns: u64,
    /// GPIODREF_CHANGE_
    pub change: u32,
    /// 0
    pub reserved: u32,
    /// The line as it was then
    pub info: gpiodref_line_info,
}

// SAFETY: a repr(C) struct of integers, with the size in front.
unsafe impl Versioned for gpiodref_info_event {
    const FIRST_SIZE: usize = size_of::<gpiodref_info_event>();
}

fn watch<'a>(raw: *mut gpiodref_watch) -> Result<Borrowed<'a, Ref<Watch>>, Failure> {
    object(raw, "watch")
}

/// Watches \p count lines of a chip, in this process and others: who requests, releases and configures them. With \p count 0 all
/// lines of the chip. The watch holds the chip.
///
/// Returns a reference (drop it with gpiodref_watch_put()), or NULL with errno: EINVAL no such line, or a NULL argument; ENODEV the
/// chip is gone; EMFILE.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_watch_lines(
    chip: *mut gpiodref_chip,
    offsets: *const c_uint,
    count: usize,
) -> *mut gpiodref_watch {
    guard(|| {
        let offsets = if count == 0 { &[] } else { numbers(offsets, count, "offsets")? };
        Ok(Ref::new(Watch::new(&*self::chip(chip)?, offsets)?))
    })
}

/// Adds a reference; returns its argument, NULL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_watch_get(watch: *mut gpiodref_watch) -> *mut gpiodref_watch {
    get::<Ref<Watch>>(watch)
}

/// Drops a reference; the last one ends the watch. NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_watch_put(watch: *mut gpiodref_watch) {
    put::<Ref<Watch>>(watch)
}

/// Sleeps until there is a change to read, at most \p timeout_ms milliseconds; a negative limit is none.
///
/// Returns GPIODREF_WAIT_EVENT, GPIODREF_WAIT_TIMEOUT or GPIODREF_WAIT_GONE; -EINTR a signal came; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_watch_wait(watch: *mut gpiodref_watch, timeout_ms: c_int) -> c_int {
    guard(|| Ok(self::watch(watch)?.wait(timeout(timeout_ms))? as i32))
}

/// Reads the next change. Never sleeps. Set \p event->size before.
///
/// Returns 1, or 0 if there is none; -ENODEV the chip is gone and all have been read; -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_watch_read(
    watch: *mut gpiodref_watch,
    event: *mut gpiodref_info_event,
) -> c_int {
    guard(|| {
        let mut event = versioned_out(event, "event")?;
        let Some(change) = self::watch(watch)?.read()? else { return Ok(false) };
        event.set(gpiodref_info_event {
            size: size_of::<gpiodref_info_event>(),
            timestamp_ns: change.timestamp_ns,
            change: change.change as u32,
            reserved: 0,
            info: gpiodref_line_info::of(&change.info),
        });
        Ok(true)
    })
}

/// A file descriptor for poll(): readable when there are changes; POLLERR, POLLHUP or readable when the chip has gone, and the next
/// read or wait says which. Borrowed: do not read or close it.
///
/// Returns it, or -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_watch_fd(watch: *mut gpiodref_watch) -> c_int {
    guard(|| Ok(self::watch(watch)?.fd().as_raw_fd()))
}
