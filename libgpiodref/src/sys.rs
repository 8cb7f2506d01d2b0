// SPDX-License-Identifier: MIT OR Apache-2.0
//! The few system calls that std has no word for.
#![allow(unsafe_code)]

use crate::config::Clock;
use crate::error::Fault;
use kref::sync::left;
pub(crate) use kref::Signal;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::time::Instant;

/// What [`poll`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ready {
    /// There is something to read.
    pub(crate) input: bool,
    /// ERR or HUP: nothing will come any more.
    pub(crate) hung_up: bool,
}

/// Sleeps until one of `fds` has something to tell or the deadline has come (None: never); what each of them tells.
///
/// EINTR is an error: whoever waits for ever wants to come back for a signal.
pub(crate) fn poll<const N: usize>(
    fds: [BorrowedFd<'_>; N],
    deadline: Option<Instant>,
) -> Result<[Ready; N], Fault> {
    let mut polled = fds.map(|fd| libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 });
    let limit = left(deadline).map(|left| libc::timespec {
        // A limit beyond what the system can count is one that never comes.
        tv_sec: left.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: left.subsec_nanos().into(),
    });
    let limit = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: N structs, a limit or none, and the caller's signal mask.
    match unsafe { libc::ppoll(polled.as_mut_ptr(), N as libc::nfds_t, limit, std::ptr::null()) } {
        0.. => Ok(polled.map(|p| Ready {
            input: p.revents & libc::POLLIN != 0,
            hung_up: p.revents & (libc::POLLHUP | libc::POLLERR | libc::POLLNVAL) != 0,
        })),
        _ => Err(Fault::last("poll")),
    }
}

/// Whether nothing will ever come from `fd` any more.
pub(crate) fn has_hung_up(fd: BorrowedFd<'_>) -> bool {
    poll([fd], Some(Instant::now())).is_ok_and(|[ready]| ready.hung_up)
}

/// The time of a clock, in nanoseconds. A hardware timestamp engine is the chip's; without it, time is monotonic.
pub(crate) fn now(clock: Clock) -> u64 {
    let id = match clock {
        Clock::Realtime => libc::CLOCK_REALTIME,
        Clock::Monotonic | Clock::Hte => libc::CLOCK_MONOTONIC,
    };
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes a timespec; these clocks are always there.
    unsafe { libc::clock_gettime(id, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Nobody will block in a read of it.
pub(crate) fn set_nonblocking(fd: BorrowedFd<'_>) -> Result<(), Fault> {
    // SAFETY: these commands take and give an int.
    let done = unsafe {
        let flags = libc::fcntl(fd.as_raw_fd(), libc::F_GETFL);
        flags >= 0 && libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) == 0
    };
    if done {
        Ok(())
    } else {
        Err(Fault::last("fcntl"))
    }
}

/// A new signal, which needs two file descriptors.
pub(crate) fn signal() -> Result<Signal, Fault> {
    Signal::new().map_err(|e| Fault { call: "pipe", errno: e.raw_os_error().unwrap_or(libc::EIO) })
}

/// One file descriptor that is readable while any of several has something to tell.
pub(crate) fn any_of<const N: usize>(fds: [BorrowedFd<'_>; N]) -> Result<OwnedFd, Fault> {
    // SAFETY: takes flags and makes a file descriptor.
    let made = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    if made < 0 {
        return Err(Fault::last("epoll_create1"));
    }
    // SAFETY: just made, and nobody else's.
    let any = unsafe { OwnedFd::from_raw_fd(made) };
    for fd in fds {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: 0 };
        // SAFETY: two open file descriptors, and an event that is only read.
        if unsafe { libc::epoll_ctl(made, libc::EPOLL_CTL_ADD, fd.as_raw_fd(), &mut event) } < 0 {
            return Err(Fault::last("epoll_ctl"));
        }
    }
    Ok(any)
}

/// Becomes readable at a time, and no longer is when it is set anew.
pub(crate) struct Timer(OwnedFd);

impl Timer {
    pub(crate) fn new() -> Result<Self, Fault> {
        // SAFETY: takes numbers and makes a file descriptor.
        let made =
            unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_CLOEXEC | libc::TFD_NONBLOCK) };
        if made < 0 {
            return Err(Fault::last("timerfd_create"));
        }
        // SAFETY: just made, and nobody else's.
        Ok(Timer(unsafe { OwnedFd::from_raw_fd(made) }))
    }

    /// Sets it to a time of CLOCK_MONOTONIC in nanoseconds, or to never. A time that has passed, such as 1, is now.
    pub(crate) fn set(&self, at_ns: Option<u64>) {
        let mut setting = libc::itimerspec {
            it_interval: libc::timespec { tv_sec: 0, tv_nsec: 0 },
            it_value: libc::timespec { tv_sec: 0, tv_nsec: 0 },
        };
        if let Some(at_ns) = at_ns {
            setting.it_value.tv_sec = (at_ns / 1_000_000_000) as libc::time_t;
            setting.it_value.tv_nsec = (at_ns % 1_000_000_000) as libc::c_long;
        }
        // SAFETY: an open timer, and a setting that is only read. It is one that the system accepts.
        unsafe {
            libc::timerfd_settime(
                self.0.as_raw_fd(),
                libc::TFD_TIMER_ABSTIME,
                &setting,
                std::ptr::null_mut(),
            );
        }
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
