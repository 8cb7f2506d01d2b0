// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sleeping until something happens, the time is over, or somebody wants the program to end: SIGINT (Ctrl-C) or SIGTERM.

use crate::{Failure, Result};
use rustix::event::{poll, PollFd, PollFlags};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;
use std::time::Instant;

/// Why a sleep ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Woke {
    /// A file descriptor has something to tell, or hung up.
    Ready,
    /// The time is over.
    TimedOut,
    /// The program is to end.
    Stopped,
}

/// The wish that the program end, from the moment on that this is made. Whoever has this lets go of his lines by himself.
pub struct Stop(UnixStream);

impl Stop {
    /// From now on Ctrl-C wakes who sleeps; the second one ends the program.
    pub fn new() -> Result<Stop> {
        Stop::listen().map_err(|error| Failure::new(format!("listening to signals: {error}")))
    }

    fn listen() -> std::io::Result<Stop> {
        let (heard, told) = UnixStream::pair()?;
        for signal in [SIGINT, SIGTERM] {
            // The second signal ends the program, whatever it is doing.
            let once = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register_conditional_default(signal, once.clone())?;
            signal_hook::flag::register(signal, once)?;
            signal_hook::low_level::pipe::register(signal, told.try_clone()?)?;
        }
        Ok(Stop(heard))
    }

    /// Sleeps until one of `fds` has something to tell, or the deadline has come (None: never).
    pub fn sleep(&self, fds: &[BorrowedFd<'_>], deadline: Option<Instant>) -> Result<Woke> {
        let all = std::iter::once(PollFd::new(&self.0, PollFlags::IN));
        let mut all: Vec<_> = all.chain(fds.iter().map(|fd| PollFd::new(fd, PollFlags::IN))).collect();
        loop {
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            // A time beyond what the system can count is one that never comes.
            let left = left.and_then(|left| left.try_into().ok());
            match poll(&mut all, left.as_ref()) {
                Ok(0) => return Ok(Woke::TimedOut),
                Ok(_) if !all[0].revents().is_empty() => return Ok(Woke::Stopped),
                Ok(_) => return Ok(Woke::Ready),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(Failure::new(format!("poll: {error}"))),
            }
        }
    }
}
