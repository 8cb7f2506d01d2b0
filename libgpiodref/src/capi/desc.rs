// SPDX-License-Identifier: MIT OR Apache-2.0
//! Descriptors.

use super::config::{gpiodref_config, gpiodref_event};
use super::{
    adopted, chip, consumer, desc, events, got_quickly, gpiodref_chip, gpiodref_desc, gpiodref_weak, guard,
    put, quickly, released, text, timeout, value, Borrowed,
};
use crate::Desc;
use cabi::Plain;
use kref::{Ref, Weak};
use std::ffi::{c_char, c_int, c_uint};
use std::os::fd::{AsRawFd, IntoRawFd};

/// Requests a line, with the name \p consumer (at most 31 bytes; NULL for the program's own name). \p config may be NULL: the
/// line stays as it is.
///
/// The descriptor is counted by gpiodref_get() and gpiodref_put(), and the line is free with the last put. It holds its chip: \p
/// chip may be put. With GPIODREF_FLAG_SHARED in all requests of a line, each gets a descriptor of its own for it; the first one
/// settles direction and configuration, and an output's value is voted on (gpiodref_vote()).
///
/// A request for edges that is under way when a chip of Linux goes may never end: Linux 6.12 itself loses that race.
///
/// Returns the descriptor, or NULL with errno: EBUSY somebody has the line (gpiodref_last_error() says who) or shares it with
/// another configuration; EINVAL no such line, a configuration whose parts do not agree, a name that is too long, or a NULL
/// argument; ENODEV the chip is gone; EOPNOTSUPP or EINVAL the chip cannot do it; EMFILE.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_request(
    chip: *mut gpiodref_chip,
    offset: c_uint,
    config: *const gpiodref_config,
    consumer: *const c_char,
) -> *mut gpiodref_desc {
    guard(|| {
        let config = gpiodref_config::read(config, "config")?;
        Ok(Desc::request(&*self::chip(chip)?, offset, &config, &self::consumer(consumer)?)?)
    })
}

/// Requests the line that is called \p line, of whatever chip has it. Otherwise as gpiodref_request().
///
/// Returns the descriptor, or NULL with errno: ENOENT no line is called so; ENOTUNIQ several are; and those of gpiodref_request().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_request_by_name(
    line: *const c_char,
    config: *const gpiodref_config,
    consumer: *const c_char,
) -> *mut gpiodref_desc {
    guard(|| {
        let config = gpiodref_config::read(config, "config")?;
        Ok(Desc::request_by_name(text(line, "line")?, &config, &self::consumer(consumer)?)?)
    })
}

/// Takes over the line of a file descriptor that somebody else requested from the system, with another library or in another
/// program. Only where this succeeds is \p fd the library's; it must have exactly one line.
///
/// Returns the descriptor, or NULL with errno: EINVAL \p fd is not one of GPIO lines, or has several (gpiodref_group_adopt());
/// EBADF; ENODEV the chip is gone.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_adopt(fd: c_int) -> *mut gpiodref_desc {
    guard(|| adopted(fd, Desc::adopt))
}

/// Requests the line of a descriptor again after its chip has gone and come back: found by the chip's label and the line's name,
/// never by number, and configured as it was last. Nothing does this by itself; \p desc stays what it is.
///
/// Returns a new descriptor, or NULL with errno: ENODEV the chip has not come back; ENOENT it has, without the line; EINVAL it is
/// not gone, the line has no name, or NULL; and those of gpiodref_request().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_reattach(desc: *mut gpiodref_desc) -> *mut gpiodref_desc {
    guard(|| Ok(self::desc(desc)?.reattach()?))
}

/// Adds a reference to the request that the descriptor stands for, and returns its argument; NULL for NULL.
///
/// Where only weak handles hold the descriptor any more, so that its line has been released, NULL with errno EINVAL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_get(desc: *mut gpiodref_desc) -> *mut gpiodref_desc {
    match got_quickly::<Ref<Desc>>(desc) {
        true => desc,
        false => got(desc),
    }
}

#[cold]
fn got(desc: *mut gpiodref_desc) -> *mut gpiodref_desc {
    guard(|| {
        let Some(raw) = std::ptr::NonNull::new(desc) else { return Ok(None) };
        // SAFETY: the caller's promise: somebody holds its memory.
        match unsafe { Ref::<Desc>::try_get_raw(raw.cast()) } {
            Some(again) => Ok(Some(again)),
            None => Err(released()),
        }
    })
}

/// Drops a reference; the last one frees the line. NULL is allowed. Silent also when the chip has gone.
///
/// With tracking on, one put too many is found: nothing is done, and a message says who put.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_put(desc: *mut gpiodref_desc) {
    put::<Ref<Desc>>(desc)
}

/// A handle that holds the descriptor's memory and not its request: it does not keep the line claimed.
///
/// Returns it (drop it with gpiodref_weak_put()), or NULL with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_downgrade(desc: *mut gpiodref_desc) -> *mut gpiodref_weak {
    guard(|| Ok(Ref::downgrade(&*self::desc(desc)?)))
}

/// A reference to the descriptor, if somebody still has its line.
///
/// Returns it, or NULL with errno: EINVAL the line has been released, or NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_upgrade(weak: *mut gpiodref_weak) -> *mut gpiodref_desc {
    guard(|| {
        let weak: Borrowed<'_, Weak<Desc>> = super::object(weak, "weak")?;
        weak.upgrade().ok_or_else(released)
    })
}

/// Drops a weak handle; NULL is allowed.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_weak_put(weak: *mut gpiodref_weak) {
    put::<Weak<Desc>>(weak)
}

/// Returns the logical value, 0 or 1; -ENODEV the chip is gone; -EINVAL for NULL. Costs one call of the system.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_get_value(desc: *mut gpiodref_desc) -> c_int {
    match quickly(desc, |desc: &Desc| desc.value_quickly()) {
        Some(value) => value.into(),
        None => get_value(desc),
    }
}

#[inline(never)]
fn get_value(desc: *mut gpiodref_desc) -> c_int {
    guard(|| Ok(self::desc(desc)?.value()?))
}

/// Sets the logical value, 0 or 1. Where the line is shared, this is gpiodref_vote(). Costs one call of the system.
///
/// Returns 0, or -ENODEV the chip is gone; -EPERM the line is no output; -EINVAL another value, or NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_set_value(desc: *mut gpiodref_desc, value: c_int) -> c_int {
    match quickly(desc, |desc: &Desc| if value & !1 == 0 { desc.set_value_quickly(value != 0) } else { None })
    {
        Some(()) => 0,
        None => set_value(desc, value),
    }
}

#[inline(never)]
fn set_value(desc: *mut gpiodref_desc, value: c_int) -> c_int {
    guard(|| Ok(self::desc(desc)?.set_value(self::value(value)?)?))
}

/// Returns the level, 0 or 1, whatever is active. Otherwise as gpiodref_get_value().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_get_raw_value(desc: *mut gpiodref_desc) -> c_int {
    guard(|| Ok(self::desc(desc)?.raw_value()?))
}

/// Sets the level, 0 or 1, whatever is active. Otherwise as gpiodref_set_value().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_set_raw_value(desc: *mut gpiodref_desc, level: c_int) -> c_int {
    guard(|| Ok(self::desc(desc)?.set_raw_value(self::value(level)?)?))
}

/// Votes for the logical value of a shared output. The line keeps the value that its first request gave it until somebody votes
/// otherwise; a vote is taken back when its descriptor is released.
///
/// Returns 0 when the line has the value that the votes come to, or -EINVAL the line is not shared, another value, or NULL;
/// -EPERM it is no output; -ENODEV the chip is gone.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_vote(desc: *mut gpiodref_desc, value: c_int) -> c_int {
    guard(|| Ok(self::desc(desc)?.vote(self::value(value)?)?))
}

/// Makes the line an input without edge detection; bias, clock and polarity stay.
///
/// Returns 0, or -EBUSY it is shared as something else; -ENODEV the chip is gone; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_direction_input(desc: *mut gpiodref_desc) -> c_int {
    guard(|| Ok(self::desc(desc)?.direction_input()?))
}

/// Makes the line an output with a logical value; bias, drive and polarity stay. Where the line is a shared output, this is
/// gpiodref_vote(). Otherwise as gpiodref_direction_input().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_direction_output(desc: *mut gpiodref_desc, value: c_int) -> c_int {
    guard(|| Ok(self::desc(desc)?.direction_output(self::value(value)?)?))
}

/// Configures the line anew, completely; \p config may be NULL. Where the line is shared, its configuration stays the first one's,
/// and the value of an output is a gpiodref_vote().
///
/// Returns 0, or -EBUSY it is shared as something else; -EINVAL a configuration whose parts do not agree, or a NULL descriptor;
/// -ENODEV the chip is gone; -EOPNOTSUPP or -EINVAL the chip cannot do it.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_reconfigure(
    desc: *mut gpiodref_desc,
    config: *const gpiodref_config,
) -> c_int {
    guard(|| Ok(self::desc(desc)?.reconfigure(&gpiodref_config::read(config, "config")?)?))
}

/// The line's name, "" if it has none. Borrowed: valid as long as the descriptor is held, also when the chip has gone. NULL with
/// errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_desc_name(desc: *mut gpiodref_desc) -> *const c_char {
    guard(|| Ok(self::desc(desc)?.name().as_ptr()))
}

/// Who requested the descriptor. As gpiodref_desc_name().
#[no_mangle]
pub unsafe extern "C" fn gpiodref_desc_consumer(desc: *mut gpiodref_desc) -> *const c_char {
    guard(|| Ok(self::desc(desc)?.consumer().as_ptr()))
}

/// The line's number on its chip, also when that has gone. 0 with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_desc_offset(desc: *mut gpiodref_desc) -> c_uint {
    guard(|| Ok(Plain(self::desc(desc)?.offset())))
}

/// How the line was configured last, through this library, also when the chip has gone. Set \p config->size before.
///
/// Returns 0, or -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_desc_config(
    desc: *mut gpiodref_desc,
    config: *mut gpiodref_config,
) -> c_int {
    guard(|| {
        let mut config = super::versioned_out(config, "config")?;
        config.set(gpiodref_config::of(&self::desc(desc)?.config()));
        Ok(())
    })
}

/// The line's chip, as a reference (drop it with gpiodref_chip_put()). NULL with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_desc_chip(desc: *mut gpiodref_desc) -> *mut gpiodref_chip {
    guard(|| Ok(self::desc(desc)?.chip().clone()))
}

/// Returns 1 if the line's chip is there, 0 if it has gone, at some moment; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_is_alive(desc: *mut gpiodref_desc) -> c_int {
    guard(|| Ok(self::desc(desc)?.is_alive()))
}

/// Sleeps until there is an event to read, at most \p timeout_ms milliseconds; a negative limit is none.
///
/// Events that have come are taken over, so that they outlive the chip: read until gpiodref_read_events() returns 0 before polling
/// gpiodref_fd().
///
/// Returns GPIODREF_WAIT_EVENT, GPIODREF_WAIT_TIMEOUT or GPIODREF_WAIT_GONE; -EINTR a signal came; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_wait(desc: *mut gpiodref_desc, timeout_ms: c_int) -> c_int {
    guard(|| Ok(self::desc(desc)?.wait(timeout(timeout_ms))? as i32))
}

/// Reads events into the caller's array, as many as are there and fit. Never sleeps and allocates nothing.
///
/// Returns their number, 0 if there are none; -ENODEV the chip is gone and all have been read; -EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_read_events(
    desc: *mut gpiodref_desc,
    events: *mut gpiodref_event,
    count: usize,
) -> c_int {
    guard(|| Ok(self::desc(desc)?.read_events(self::events(events, count)?)?))
}

/// How many events were lost so far because nobody read them in time: the gaps in global_seqno of what has been read. 0 with errno
/// EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_events_lost(desc: *mut gpiodref_desc) -> u64 {
    guard(|| Ok(Plain(self::desc(desc)?.events_lost())))
}

/// A file descriptor for poll(): readable when there are events; POLLERR, POLLHUP or readable when the chip has gone, and the
/// next read or wait says which. Borrowed: do not read or close it, nor use it when the descriptor has been put.
///
/// Returns it, or -EINVAL for NULL; -EMFILE or -ENFILE where it has yet to be made.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_fd(desc: *mut gpiodref_desc) -> c_int {
    guard(|| Ok(self::desc(desc)?.fd()?.as_raw_fd()))
}

/// A file descriptor of the system's for the line, to be handed to another library or program; the caller closes it. The line is
/// claimed until both it and the descriptor are let go.
///
/// Returns it, or -EOPNOTSUPP the chip is one of this process; -EMFILE; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn gpiodref_export_fd(desc: *mut gpiodref_desc) -> c_int {
    guard(|| Ok(self::desc(desc)?.export_fd()?.into_raw_fd()))
}
