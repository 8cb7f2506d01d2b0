// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests.

use super::node::node;
use super::{get, guard, mediadev_node, mediadev_request, object, put, timeout};
use crate::Request;
use cabi::{Borrowed, Failure};
use kref::Ref;
use std::ffi::c_int;
use std::os::fd::AsRawFd;

fn request<'a>(raw: *mut mediadev_request) -> Result<Borrowed<'a, Ref<Request>>, Failure> {
    object(raw, "request")
}

/// Makes a request of a media device: buffers and controls that its driver takes together. It is idle: to be filled through the video
/// nodes, which are told by its file descriptor what belongs to it, and then queued. It holds the node.
///
/// Returns a reference (drop it with mediadev_request_put()), or NULL with errno: ENOTTY the driver has no requests; ENODEV the device
/// is gone; EINVAL for NULL; EMFILE, ENOMEM.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_alloc(node: *mut mediadev_node) -> *mut mediadev_request {
    guard(|| Ok(Request::alloc(&*self::node(node)?)?))
}

/// Adds a reference; returns its argument, NULL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_get(request: *mut mediadev_request) -> *mut mediadev_request {
    get::<Ref<Request>>(request)
}

/// Drops a reference; NULL is allowed. What has been queued is carried out all the same.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_put(request: *mut mediadev_request) {
    put::<Ref<Request>>(request)
}

/// The file descriptor of a request, for struct v4l2_buffer and struct v4l2_ext_controls, and for poll(), which says POLLPRI when the
/// request has been completed. Borrowed: do not close it.
///
/// Returns it, or -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_fd(request: *mut mediadev_request) -> c_int {
    guard(|| Ok(self::request(request)?.fd().as_raw_fd()))
}

/// Hands a request to the driver.
///
/// Returns 0, or -ENOENT there is no buffer in it; -EBUSY it is queued already, or complete; -ENODEV the device is gone; what the
/// driver says; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_queue(request: *mut mediadev_request) -> c_int {
    guard(|| Ok(self::request(request)?.queue()?))
}

/// Makes a request idle and empty again, to be used once more.
///
/// Returns 0, or -EBUSY it is queued and not complete; -ENODEV the device is gone; -EINVAL for NULL.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_reinit(request: *mut mediadev_request) -> c_int {
    guard(|| Ok(self::request(request)?.reinit()?))
}

/// Waits until a request has been completed, no longer than \p timeout_ms; a negative limit is none.
///
/// Returns 0 it is complete, -ETIMEDOUT not yet, -EINVAL it has not been queued, or NULL; -ENODEV the device is gone, -EINTR a signal was
/// handled.
#[no_mangle]
pub unsafe extern "C" fn mediadev_request_wait(request: *mut mediadev_request, timeout_ms: c_int) -> c_int {
    guard(|| Ok(self::request(request)?.wait(timeout(timeout_ms))?))
}
