// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests.

use super::node::node;
use super::{
    context, file, get, guard, mediadev_destroy, mediadev_file, mediadev_node, mediadev_request, object, put,
    timeout,
};
use crate::{Node, Request};
use cabi::{Borrowed, Failure};
use kref::Ref;
use std::ffi::{c_int, c_void};
use std::os::fd::AsRawFd;

fn request<'a>(raw: *mut mediadev_request) -> Result<Borrowed<'a, Ref<Request>>, Failure> {
    object(raw, "request")
}

/// Makes a request to a device of the kernel: buffers and controls that its driver takes together. It is idle: to be filled through the
/// video nodes, which are told by its file descriptor what belongs to it, and then queued. It holds the node.
///
/// Returns a reference (drop it with mediadev_request_put()), or NULL with errno: ENOTTY the driver has no requests; ENODEV the device
/// is gone; EINVAL for NULL; EMFILE, ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_alloc(node: *mut mediadev_node) -> *mut mediadev_request {
    guard(|| Ok(Node::request_alloc(&*self::node(node)?)?))
}

/// Makes a request to a device of this process, idle. It holds the device and not the handle.
///
/// Returns a reference (drop it with mediadev_request_put()), or NULL with errno: ENOTTY the device has no requests (ops->request_queue
/// is NULL); ENODEV it has been unregistered; EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_file_request_alloc(file: *mut mediadev_file) -> *mut mediadev_request {
    guard(|| Ok(Request::new(&*self::file(file)?)?))
}

/// The request for which MEDIA_IOC_REQUEST_ALLOC gave this file descriptor in the same handle, or one that was duplicated from it. For
/// ops->ioctl, which may be given such a number.
///
/// The request is held until the file descriptor has been closed: that is seen when the next one is given out, or when the handle is
/// closed.
///
/// Returns a reference (drop it with mediadev_request_put()), or NULL with errno: EINVAL it is none, or a NULL argument; ENODEV the
/// device has been unregistered.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_by_fd(
    file: *mut mediadev_file,
    fd: c_int,
) -> *mut mediadev_request {
    guard(|| Ok(Request::by_fd(&*self::file(file)?, fd)?))
}

/// Adds a reference; returns its argument, NULL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_get(request: *mut mediadev_request) -> *mut mediadev_request {
    get::<Ref<Request>>(request)
}

/// Drops a reference; NULL is allowed. What a driver of the kernel has been given it carries out all the same.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_put(request: *mut mediadev_request) {
    put::<Ref<Request>>(request)
}

/// Queues an idle request, if the provider agrees, or the kernel's driver.
///
/// Returns 0, or -EBUSY it is not idle; what the provider or the driver says: -ENOENT there is nothing in it, as a rule; -ENODEV the device is gone;
/// -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_queue(request: *mut mediadev_request) -> c_int {
    guard(|| Ok(Request::queue(&*self::request(request)?)?))
}

/// Makes a request idle again that is complete, or idle. Its context is freed.
///
/// Returns 0, or -EBUSY it is queued; -ENODEV the device is gone; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_reinit(request: *mut mediadev_request) -> c_int {
    guard(|| Ok(Request::reinit(&*self::request(request)?)?))
}

/// Waits until a queued request is complete, at most \p timeout_ms milliseconds, for ever if that is negative. One that is complete is
/// so whatever became of its device.
///
/// Returns 0, or -ETIMEDOUT; -ENODEV the device went before; -EINVAL it is not queued, or NULL; -EINTR a signal was handled while the
/// kernel was waited for.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_wait(request: *mut mediadev_request, timeout_ms: c_int) -> c_int {
    guard(|| Ok(Request::wait(&*self::request(request)?, timeout(timeout_ms))?))
}

/// A file descriptor for poll(). That of a device of this process is readable (POLLIN) while the request is complete, and hangs up when
/// the device is unregistered. That of a device of the kernel has urgent data (POLLPRI) while the request is complete; it is also what
/// struct v4l2_buffer and struct v4l2_ext_controls take. Borrowed: do not read or close it.
///
/// Returns it, or -EMFILE or -ENFILE where it has yet to be made; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_fd(request: *mut mediadev_request) -> c_int {
    guard(|| Ok(self::request(request)?.fd()?.as_raw_fd()))
}

/// The provider has done what a queued request asked for: who waits for it wakes up. May be called from ops->request_queue, and after
/// the device has been unregistered.
///
/// Returns 0, or -EINVAL it is not queued, not of a device of this process, or NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_complete(request: *mut mediadev_request) -> c_int {
    guard(|| Ok(self::request(request)?.complete()?))
}

/// What the program has at the request, NULL for nothing: mediadev_request_set_context(). NULL with errno EINVAL for NULL, or a request
/// to a device of the kernel.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_context(request: *mut mediadev_request) -> *mut c_void {
    guard(|| Ok(self::request(request)?.context()?.get()))
}

/// Keeps a pointer at a request, buffers and settings for one. \p destroy, which may be NULL, is called with it once: when another one
/// takes its place, when the request is made idle again, or when nobody holds it any more. If this function fails, before it returns.
///
/// Returns 0, or -EINVAL \p request is NULL or is one to a device of the kernel.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_set_context(
    request: *mut mediadev_request,
    pointer: *mut c_void,
    destroy: mediadev_destroy,
) -> c_int {
    guard(|| {
        let context = context(pointer, destroy);
        self::request(request)?.context()?.set(context);
        Ok(())
    })
}
