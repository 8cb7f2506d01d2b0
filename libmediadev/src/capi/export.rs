// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices of this process as nodes in /dev.

use super::{device, get, guard, mediadev_device, object, put, text, timeout};
use crate::cuse::Export;
use cabi::{Borrowed, Failure, Opaque};
use kref::Ref;
use std::ffi::{c_char, c_int};
use std::os::fd::AsRawFd;

/// A node in /dev behind which is a device of this process. Counted: mediadev_export_get(), mediadev_export_put().
pub struct mediadev_export {
    _private: [u8; 0],
}

impl Opaque for Export {
    type C = mediadev_export;
}

fn export<'a>(raw: *mut mediadev_export) -> Result<Borrowed<'a, Ref<Export>>, Failure> {
    object(raw, "export")
}

/// Makes the character device /dev/NAME for a registered device, through the kernel's CUSE, so that any program can open it. Programs
/// that look for media devices want a \p name of "media" and a number; take one that no driver will soon want. It needs the right to
/// open /dev/cuse, which is root's, and the module cuse.
///
/// Every open is an open handle of the device, as by mediadev_file_open(), and every call is answered as mediadev_file_ioctl() would.
/// But callers are other programs. MEDIA_IOC_REQUEST_ALLOC is -ENOTTY to them: a file descriptor cannot be handed over. A graph of which
/// more than 128 KiB are asked for at once is -ENOMEM. ops->ioctl gets a copy of the argument, as long as its number says (_IOC_SIZE);
/// addresses in it are those of another program and must never be followed: mediadev_file_is_exported(). If the number says no length, arg
/// is the bare number that the caller gave, and no address. A caller of 32 bits has structs of its own: where they differ, so does the
/// number that says their length. Where ops->ioctl says that it has nothing yet, the caller sleeps; a signal ends that with EINTR.
///
/// Nothing is answered until somebody serves: mediadev_export_serve() or mediadev_export_start(). Whoever opens the node on the thread
/// that is to serve it waits for ever. A process had better not end with its own node open: the kernel may wait for the answer to the
/// closing, which nobody is left to give.
///
/// When the device is unregistered, the node is gone when mediadev_unregister() returns. Programs that have it open get ENODEV, POLLERR
/// and POLLHUP, as long as it is served; when the last of them has closed it, the export ends. If this process dies, the kernel takes the
/// node away; what runs fails with ECONNABORTED, what comes later with ENOTCONN. A program that dies is closed. A child that fork() made
/// and that executes nothing has the channel too: as long as it lives, the node of a dead parent stays, and nobody answers.
///
/// The export holds the device. Returns a reference (drop it with mediadev_export_put()), or NULL with errno: ENODEV the device is not
/// registered; EEXIST there is such a node, or such a device of CUSE; EINVAL NULL, or no name for a node; ENOENT, EACCES /dev/cuse, or
/// ENOENT the system made no node; ETIMEDOUT the kernel did not answer; EMFILE.
#[no_mangle]
pub unsafe extern "C" fn mediadev_export_cuse(
    device: *mut mediadev_device,
    name: *const c_char,
) -> *mut mediadev_export {
    guard(|| Ok(Ref::new(Export::cuse(&*self::device(device)?, text(name, "name")?)?)))
}

/// Adds a reference; returns its argument, NULL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_export_get(export: *mut mediadev_export) -> *mut mediadev_export {
    get::<Ref<Export>>(export)
}

/// Drops a reference; NULL is allowed. The last one ends the export at once: the node is gone, handles that programs have are closed on
/// the device, and those programs get ENOTCONN. Does not wait for a thread of mediadev_export_start(), which holds the device until
/// its call is over. To let programs see ENODEV instead, mediadev_export_stop() first, and serve until that ends.
#[no_mangle]
pub unsafe extern "C" fn mediadev_export_put(export: *mut mediadev_export) {
    put::<Ref<Export>>(export)
}

/// A file descriptor for poll(): readable when mediadev_export_serve() has something to do, or when the export has ended. Borrowed: do not
/// read or close it.
///
/// Returns it, or -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_export_fd(export: *mut mediadev_export) -> c_int {
    guard(|| Ok(self::export(export)?.fd().as_raw_fd()))
}

/// Waits until a program wants something, or the device has something to tell those that wait, at most \p timeout_ms milliseconds, and
/// does that much; a negative limit is none, 0 does not wait. The device's operations are called from here; as long as one of them runs,
/// only other threads that serve answer other calls. Costs three system calls for a request, and allocates.
///
/// Returns how many messages were read and written, 0 if the time was over; -ENODEV the export has ended: it can be put; -EINTR a signal
/// came; -EINVAL for NULL; what the system said of /dev/cuse.
#[no_mangle]
pub unsafe extern "C" fn mediadev_export_serve(export: *mut mediadev_export, timeout_ms: c_int) -> c_int {
    guard(|| Ok(self::export(export)?.serve(timeout(timeout_ms))?))
}

/// Starts a thread that serves until the export ends. Signals that the caller has blocked are blocked there too. Other threads may serve
/// beside it.
///
/// Returns 0, or -EBUSY one has been started; -EAGAIN the system has no room for a thread; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_export_start(export: *mut mediadev_export) -> c_int {
    guard(|| Ok(self::export(export)?.start()?))
}

/// Takes the node away; the device lives on. Programs that have it open get ENODEV, POLLERR and POLLHUP from now on, those that sleep too;
/// their handles on the device are closed. The export ends when the last of them has closed the node, and is to be served until then.
/// Never waits. Stopping it again does nothing.
///
/// Returns 0, or -EINVAL for NULL; what the system said of /dev/cuse.
#[no_mangle]
pub unsafe extern "C" fn mediadev_export_stop(export: *mut mediadev_export) -> c_int {
    guard(|| Ok(self::export(export)?.stop()?))
}
