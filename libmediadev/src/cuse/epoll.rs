// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`AnyOf`]: one file descriptor for two.
#![allow(unsafe_code)]

use std::io::{Error, Result};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Duration;

/// Is readable while one of two file descriptors is, or has hung up.
pub(super) struct AnyOf(OwnedFd);

impl AnyOf {
    /// The file descriptors stay open longer than what this gives is used, or are taken out by closing them.
    pub(super) fn new(fds: [BorrowedFd<'_>; 2]) -> Result<Self> {
        // SAFETY: takes flags and makes a file descriptor.
        let made = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if made < 0 {
            return Err(Error::last_os_error());
        }
        // SAFETY: just made, and nobody else's.
        let any = AnyOf(unsafe { OwnedFd::from_raw_fd(made) });
        for (fd, which) in fds.into_iter().zip(0..) {
            let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: which };
            // SAFETY: two open file descriptors, and an event that is only read.
            if unsafe { libc::epoll_ctl(made, libc::EPOLL_CTL_ADD, fd.as_raw_fd(), &mut event) } < 0 {
                return Err(Error::last_os_error());
            }
        }
        Ok(any)
    }

    /// Waits until one of them is; which. `None` waits for ever.
    pub(super) fn wait(&self, timeout: Option<Duration>) -> Result<[bool; 2]> {
        // Rounded up, or the last millisecond would be spent asking.
        let limit = |time: Duration| time.as_nanos().div_ceil(1_000_000).try_into().unwrap_or(i32::MAX);
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 2];
        // SAFETY: room for two events.
        let count = unsafe {
            libc::epoll_wait(self.0.as_raw_fd(), events.as_mut_ptr(), 2, timeout.map_or(-1, limit))
        };
        let count = usize::try_from(count).map_err(|_| Error::last_os_error())?;
        let mut ready = [false; 2];
        events[..count].iter().for_each(|event| ready[event.u64 as usize & 1] = true);
        Ok(ready)
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
