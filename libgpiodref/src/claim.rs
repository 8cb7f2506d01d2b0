// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a handle has: lines of its own, or a part in a line that others have too; and how events come to it (G5).

use crate::config::Config;
use crate::error::{Error, Fault, Result};
use crate::inbox::{written, Inbox, BATCH};
use crate::info::{Event, Wait};
use crate::request::{self, Request};
use crate::share::Part;
use crate::sys;
use kref::sync::deadline;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

pub(crate) enum Claim {
    Own { request: Request, inbox: Inbox },
    Shared(Part),
}

impl Claim {
    /// Lines that nobody else has.
    pub(crate) fn own(request: Request) -> Self {
        let inbox = Inbox::new(request.room(), true);
        Claim::Own { request, inbox }
    }

    /// Lines of which somebody else may have read events already.
    pub(crate) fn adopted(request: Request) -> Self {
        let inbox = Inbox::new(request.room(), false);
        Claim::Own { request, inbox }
    }

    #[inline]
    pub(crate) fn request(&self) -> &Request {
        match self {
            Claim::Own { request, .. } => request,
            Claim::Shared(part) => part.request(),
        }
    }

    /// Who asked for it.
    pub(crate) fn consumer(&self) -> &CStr {
        match self {
            Claim::Own { request, .. } => request.consumer(),
            Claim::Shared(part) => part.consumer(),
        }
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.request().lines().is_alive()
    }

    /// Configures the lines anew; `change` is asked for the configurations.
    pub(crate) fn reconfigure(&self, change: impl FnOnce(&mut [Config]) -> Result<()>) -> Result<()> {
        match self {
            Claim::Shared(part) => {
                let mut wanted = part.request().configs();
                change(&mut wanted)?;
                part.reconfigure(&wanted[0])
            }
            Claim::Own { request, inbox } => request.reconfigure(|configs| {
                change(configs)?;
                inbox.reserve(request::room(configs));
                Ok(())
            }),
        }
    }

    /// Sleeps until there is an event, the time is over (None: never) or the chip is gone.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> Result<Wait> {
        let deadline = deadline(timeout);
        loop {
            if !self.fall_asleep() {
                return Ok(Wait::Event);
            }
            let slept = self.sleep(deadline);
            let woken = self.wake_up(slept);
            let ready = slept.map_err(|fault| self.request().failed(fault))?;
            match woken {
                Ok(true) => return Ok(Wait::Event),
                Ok(false) if ready.hung_up => return Ok(Wait::Gone),
                Ok(false) if !ready.input => return Ok(Wait::TimedOut),
                // Another thread was faster.
                Ok(false) => {}
                Err(fault) if fault.is_gone() => return Ok(Wait::Gone),
                Err(fault) => return Err(self.request().failed(fault)),
            }
        }
    }

    /// Whether there is nothing to read yet; the caller then sleeps until he [wakes up](Self::wake_up).
    fn fall_asleep(&self) -> bool {
        match self {
            Claim::Own { inbox, .. } => inbox.sleep(),
            Claim::Shared(part) => !part.has_events(),
        }
    }

    fn sleep(&self, deadline: Option<std::time::Instant>) -> std::result::Result<sys::Ready, Fault> {
        let lines = self.request().lines().fd()?;
        match self {
            Claim::Shared(part) if part.member().is_some() => {
                let signal = part.member().map_or(lines, |member| member.signal.fd());
                let [lines, signal] = sys::poll([lines, signal], deadline)?;
                Ok(sys::Ready { input: lines.input || signal.input, hung_up: lines.hung_up })
            }
            _ => sys::poll([lines], deadline).map(|[ready]| ready),
        }
    }

    /// Takes over what the lines have, if that is what ended the sleep; whether anything is there now.
    fn wake_up(&self, slept: std::result::Result<sys::Ready, Fault>) -> std::result::Result<bool, Fault> {
        let told = slept.ok().filter(|ready| ready.input || ready.hung_up);
        match (self, told) {
            (Claim::Own { request, inbox }, Some(ready)) => inbox.fill(request.lines(), ready.hung_up),
            (Claim::Own { inbox, .. }, None) => {
                inbox.give_up();
                Ok(false)
            }
            (Claim::Shared(part), Some(_)) => part.fill(),
            (Claim::Shared(_), None) => Ok(false),
        }
    }

    /// Events, as many as are there and fit; 0 if none are. Gone only when all have been read.
    pub(crate) fn read(&self, into: &mut [MaybeUninit<Event>]) -> Result<usize> {
        let got = match self {
            Claim::Own { request, inbox } => inbox.read(request.lines(), into),
            Claim::Shared(part) => part.read(into),
        };
        got.map_err(|fault| self.request().failed(fault))
    }

    /// Some events, of the caller's own.
    pub(crate) fn some(&self) -> Result<Vec<Event>> {
        let mut batch = [const { MaybeUninit::uninit() }; BATCH];
        let got = self.read(&mut batch)?;
        Ok(written(&batch[..got]).collect())
    }

    /// How many events have been lost.
    pub(crate) fn lost(&self) -> u64 {
        match self {
            Claim::Own { inbox, .. } => inbox.lost(),
            Claim::Shared(part) => part.member().map_or(0, |member| member.inbox.lost()),
        }
    }

    /// Readable when there are events, or the chip is gone.
    pub(crate) fn fd(&self) -> Result<BorrowedFd<'_>> {
        let fd = match self {
            Claim::Own { request, .. } => request.lines().fd(),
            Claim::Shared(part) => part.fd(),
        };
        fd.map_err(|fault| self.request().failed(fault))
    }

    /// A file descriptor of the caller's own that claims the lines as this handle does, for another program.
    pub(crate) fn export(&self) -> Result<OwnedFd> {
        let request = self.request();
        let Some(fd) = request.system_fd() else {
            let line = request.chip().lines(request.offsets());
            return Err(Error::Unsupported(format!(
                "{line}: only lines of the system's chips can be handed to others"
            )));
        };
        let again = fd.map_err(|fault| request.failed(fault))?.try_clone_to_owned();
        again.map_err(|source| Error::Call {
            what: request.chip().lines(request.offsets()),
            call: "dup",
            source,
        })
    }
}
