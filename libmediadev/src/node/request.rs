// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Request`]: a set of buffers and controls that the kernel takes together. What belongs to it is said to the video nodes,
//! by its file descriptor.

use super::{Node, LOOK};
use crate::error::{error, Error, Result};
use crate::sys::{self, Errno};
use crate::uapi;
use kref::Ref;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// See the module's description. It may outlive its device, and is then ENODEV.
pub struct Request {
    file: OwnedFd,
    node: Ref<Node>,
}

impl Request {
    /// Makes one, which is idle: to be filled and queued.
    pub fn alloc(node: &Ref<Node>) -> Result<Ref<Request>> {
        let made = sys::request_alloc(node.file.as_fd());
        let file = made.map_err(|errno| node.fault("MEDIA_IOC_REQUEST_ALLOC", errno))?;
        Ok(Ref::new(Request { file, node: node.clone() }))
    }

    /// The file descriptor, by which video nodes are told that a buffer or a control belongs to this request.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Hands it to the driver.
    pub fn queue(&self) -> Result<()> {
        self.call(uapi::REQUEST_QUEUE, "MEDIA_REQUEST_IOC_QUEUE")
    }

    /// Makes it idle and empty again, after it has been completed.
    pub fn reinit(&self) -> Result<()> {
        self.call(uapi::REQUEST_REINIT, "MEDIA_REQUEST_IOC_REINIT")
    }

    fn call(&self, request: u32, call: &str) -> Result<()> {
        // The kernel does not look whether the device is there, and asks its driver all the same.
        if !self.node.is_alive() {
            return Err(self.fault(call, libc::ENODEV));
        }
        sys::ioctl_alone(self.file.as_fd(), request).map_err(|errno| self.fault(call, errno))
    }

    /// Waits until it has been completed, no longer than `timeout` (None: for ever). One that is idle is
    /// [`Kind::Invalid`](crate::Kind::Invalid): nothing will complete it.
    pub fn wait(&self, timeout: Option<Duration>) -> Result<()> {
        let deadline = sys::deadline(timeout);
        loop {
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            let look = left.map_or(LOOK, |left| left.min(LOOK));
            let polled = sys::poll([self.file.as_fd(), self.node.file.as_fd()], look);
            match polled.map_err(|errno| self.fault("poll", errno))? {
                // What has been completed before the device went has been completed.
                [request, _] if request.urgent => return Ok(()),
                [_, node] if node.hung_up => return Err(self.fault("poll", libc::ENODEV)),
                [request, _] if request.hung_up => {
                    return Err(error!(Invalid, "{self}: it has not been queued"))
                }
                _ if left == Some(Duration::ZERO) => {
                    return Err(error!(TimedOut, "{self}: it is not complete yet"))
                }
                _ => {}
            }
        }
    }

    fn fault(&self, call: &str, errno: Errno) -> Error {
        super::fault(self.node.file.as_fd(), self, call, errno)
    }
}

impl std::fmt::Display for Request {
    /// `media0 (platform:vimc): a request`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: a request", self.node)
    }
}
