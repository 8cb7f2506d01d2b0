// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sleeping until something is to be done, or somebody wants the program to end: SIGINT (Ctrl-C) or SIGTERM.

use cli_common::{Failure, Result};
use rustix::event::{poll, PollFd, PollFlags};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::AtomicBool;
use std::sync::Arc;

/// Why a sleep ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Woke {
    /// The file descriptor has something to tell.
    Ready,
    /// The program is to end.
    Stopped,
}

/// The wish that the program end, from the moment on that this is made.
pub(crate) struct Stop(UnixStream);

impl Stop {
    pub(crate) fn new() -> Result<Stop> {
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

    /// Sleeps until `fd` has something to tell.
    pub(crate) fn sleep(&self, fd: BorrowedFd<'_>) -> Result<Woke> {
        let mut both = [PollFd::new(&self.0, PollFlags::IN), PollFd::new(&fd, PollFlags::IN)];
        loop {
            match poll(&mut both, None) {
                Ok(_) if !both[0].revents().is_empty() => return Ok(Woke::Stopped),
                Ok(_) => return Ok(Woke::Ready),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(Failure::new(format!("poll: {error}"))),
            }
        }
    }
}
