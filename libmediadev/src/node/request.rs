// SPDX-License-Identifier: MIT OR Apache-2.0
//! Requests to devices of the kernel: what belongs to one is said to the video nodes, by its file descriptor.

use super::{Node, LOOK};
use crate::error::{error, Error, Result};
use crate::request::{Request, Requested};
use crate::sys::{self, Errno};
use crate::uapi;
use kref::sync::{deadline, left};
use kref::Ref;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

struct OfKernel {
    file: OwnedFd,
    node: Ref<Node>,
}

impl Node {
    /// Makes a request, which is idle: to be filled through the video nodes, and then queued. It holds the node.
    pub fn request_alloc(this: &Ref<Node>) -> Result<Ref<Request>> {
        let made = sys::request_alloc(this.file.as_fd());
        let file = made.map_err(|errno| this.fault("MEDIA_IOC_REQUEST_ALLOC", errno))?;
        Ok(Request::of(OfKernel { file, node: this.clone() }))
    }
}

impl OfKernel {
    fn call(&self, request: u32, call: &str) -> Result<()> {
        // The kernel does not look whether the device is there, and asks its driver all the same.
        if !self.node.is_alive() {
            return Err(self.fault(call, libc::ENODEV));
        }
        sys::ioctl_alone(self.file.as_fd(), request).map_err(|errno| self.fault(call, errno))
    }

    fn fault(&self, call: &str, errno: Errno) -> Error {
        super::fault(self.node.file.as_fd(), self, call, errno)
    }
}

impl Requested for OfKernel {
    fn queue(&self, _: &Ref<Request>) -> Result<()> {
        self.call(uapi::REQUEST_QUEUE, "MEDIA_REQUEST_IOC_QUEUE")
    }

    fn reinit(&self) -> Result<()> {
        self.call(uapi::REQUEST_REINIT, "MEDIA_REQUEST_IOC_REINIT")
    }

    fn wait(&self, timeout: Option<Duration>) -> Result<()> {
        let deadline = deadline(timeout);
        loop {
            let left = left(deadline);
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

    fn fd(&self) -> Result<BorrowedFd<'_>> {
        Ok(self.file.as_fd())
    }
}

impl std::fmt::Display for OfKernel {
    /// `media0 (platform:vimc): a request`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: a request", self.node)
    }
}
