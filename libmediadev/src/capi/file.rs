// SPDX-License-Identifier: MIT OR Apache-2.0
//! Open handles on devices that this process provides.

use super::ops::MEDIADEV_NOT_YET;
use super::{
    context, device, file, get, guard, mediadev_destroy, mediadev_device, mediadev_file, mediadev_topology,
    put, timeout,
};
use crate::{Device, File};
use cabi::Plain;
use kref::Port;
use std::ffi::{c_int, c_void};

/// Opens a device that is registered. ops->open is asked, if there is one. The handle holds the device. Costs one allocation.
///
/// Returns a reference (drop it with mediadev_file_close()), or NULL with errno: ENODEV the device is not registered, or not any more;
/// what ops->open said; EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_open(device: *mut mediadev_device) -> *mut mediadev_file {
    guard(|| Ok(File::open(&*self::device(device)?)?))
}

/// Adds a reference; returns its argument, NULL for NULL. In ops->close, when there is none left, NULL with errno ENODEV.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_get(file: *mut mediadev_file) -> *mut mediadev_file {
    get::<Port<File>>(file)
}

/// Drops a reference; NULL is allowed. As mediadev_file_close().
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_put(file: *mut mediadev_file) {
    put::<Port<File>>(file)
}

/// Drops a reference; NULL is allowed. With the last one the handle is closed: when no call runs in it any more, on the thread that was
/// last, ops->close is called, its context is freed, and the device let go. May be called while calls run, also by one of them: they
/// end on valid memory.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_close(file: *mut mediadev_file) {
    put::<Port<File>>(file)
}

/// Does what ioctl() does on a device node. Calls of the media interface (MEDIA_IOC_DEVICE_INFO, _ENUM_ENTITIES, _ENUM_LINKS,
/// _SETUP_LINK, _G_TOPOLOGY, _REQUEST_ALLOC) are answered by the library as the kernel would answer them, others by ops->ioctl.
/// MEDIA_IOC_REQUEST_ALLOC gives a file descriptor that is yours to close: mediadev_request_by_fd(). A call that ops->ioctl has
/// nothing for yet sleeps. Allocates nothing on its way to ops->ioctl.
///
/// Returns what the call returns, 0 for those of the media interface; -ENODEV the device has been unregistered, also while it slept;
/// -ENOTTY nobody knows the call; -EFAULT \p arg, or what it points to, is no address; the kernel's own errors: -EINVAL no such entity
/// or link or other flags, -ENOSPC no room for a graph that has grown, and those of mediadev_link_setup(); what ops->ioctl said;
/// -EINVAL \p file is NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_ioctl(
    file: *mut mediadev_file,
    request: u32,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: the caller's promise: `arg` is what the call demands.
    guard(|| Ok(unsafe { File::ioctl(&*self::file(file)?, request, arg) }?))
}

/// The same for who cannot sleep for ever: a call that ops->ioctl has nothing for within \p timeout_ms milliseconds (negative: for
/// ever) comes to nothing.
///
/// Returns as mediadev_file_ioctl(), or MEDIADEV_NOT_YET after the time.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_ioctl_timeout(
    file: *mut mediadev_file,
    request: u32,
    arg: *mut c_void,
    timeout_ms: c_int,
) -> c_int {
    guard(|| {
        // SAFETY: the caller's promise: `arg` is what the call demands.
        let result = unsafe { File::ioctl_within(&*self::file(file)?, request, arg, timeout(timeout_ms)) }?;
        Ok(result.unwrap_or(MEDIADEV_NOT_YET))
    })
}

/// Whether another program has opened the node of an export, and this handle is its. Addresses in the argument of such a call are that
/// program's: ops->ioctl must not follow them.
///
/// Returns 0 or 1, or -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_is_exported(file: *mut mediadev_file) -> c_int {
    guard(|| Ok(self::file(file)?.is_exported()))
}

/// Waits until there is something to tell, at most \p timeout_ms milliseconds, for ever if that is negative: what ops->poll says, asked
/// first and after every mediadev_notify(), or POLLERR | POLLHUP once the device has been unregistered.
///
/// Returns that; 0 after the time; POLLNVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_poll(file: *mut mediadev_file, timeout_ms: c_int) -> u32 {
    let said = guard(|| Ok(Plain(File::poll(&*self::file(file)?, timeout(timeout_ms)) | SAID)));
    match said {
        0 => libc::POLLNVAL as u32,
        said => said & !SAID,
    }
}

/// Tells an answer of nothing from none.
const SAID: u32 = 1 << 31;

/// What the program has at the handle, NULL for nothing: mediadev_file_set_context(). Takes no lock. NULL with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_context(file: *mut mediadev_file) -> *mut c_void {
    guard(|| Ok(self::file(file)?.context().get()))
}

/// Keeps a pointer at the handle, in ops->open as a rule. \p destroy, which may be NULL, is called with it once: when another one takes
/// its place, or after ops->close. If this function fails, before it returns.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_set_context(
    file: *mut mediadev_file,
    pointer: *mut c_void,
    destroy: mediadev_destroy,
) {
    guard(|| {
        let context = context(pointer, destroy);
        self::file(file)?.context().set(context);
        Ok(())
    });
}

/// The device of the handle. Returns a reference (drop it with mediadev_device_put()), or NULL with errno EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_device(file: *mut mediadev_file) -> *mut mediadev_device {
    guard(|| Ok(Device::hold(self::file(file)?.device())?))
}

/// The graph of the device as it is now. Costs a reference if it has not changed since somebody last asked.
///
/// Returns a reference (drop it with mediadev_topology_put()), or NULL with errno: ENODEV the device has been unregistered; EINVAL for
/// NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_topology_of(file: *mut mediadev_file) -> *mut mediadev_topology {
    guard(|| Ok(File::topology(&*self::file(file)?)?))
}

/// Changes the flags of the link between two pads, by their ids. As mediadev_link_setup().
///
/// Returns what that returns; -ENOENT no pad has the id.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_setup_link(
    file: *mut mediadev_file,
    source_pad_id: u32,
    sink_pad_id: u32,
    flags: u32,
) -> c_int {
    guard(|| Ok(File::setup_link(&*self::file(file)?, source_pad_id, sink_pad_id, flags)?))
}
