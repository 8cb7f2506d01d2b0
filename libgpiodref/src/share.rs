// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines that several components of this process have at once (G3): one request, a descriptor for each of them. What the
//! line is was settled by the first; an output's value is voted on.

use crate::chip::Chip;
use crate::config::{Config, Direction};
use crate::consumer::Consumer;
use crate::error::{busy, Fault, Result};
use crate::inbox::{Fan, Inbox, Member};
use crate::info::Event;
use crate::provider::Identity;
use crate::request::Request;
use crate::sys;
use kref::{JoinError, Ref, Share, Shares, Votes};
use once_cell::sync::{Lazy, OnceCell};
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

/// Which line it is, however many chips handles lead to it.
type Key = (Identity, u32);

static SHARED: Lazy<Shares<Key, SharedLine>> = Lazy::new(Shares::new);

/// How long to wait for another thread that is in the middle of requesting or releasing the same line.
const PATIENCE: Duration = Duration::from_secs(1);

pub(crate) struct SharedLine {
    request: Request,
    config: Config,
    votes: Votes,
    fan: Fan,
}

/// One component's part in a line.
pub(crate) struct Part {
    line: Share<Key, SharedLine>,
    consumer: Consumer,
    /// Its place among the votes.
    place: usize,
    /// Where its events go, if the line has any.
    member: Option<Arc<Member>>,
    /// The line's file descriptor and the member's together, once somebody wants that.
    both: OnceCell<OwnedFd>,
}

impl Part {
    pub(crate) fn new(chip: &Ref<Chip>, offset: u32, config: &Config, consumer: &str) -> Result<Self> {
        chip.check_offset(offset)?;
        let name = Consumer::new(consumer)?;
        let make = || {
            Ok(SharedLine {
                request: Request::new(chip, &[offset], &[*config], consumer)?,
                config: *config,
                votes: Votes::new(config.value),
                fan: Fan::new(),
            })
        };
        let (line, first) =
            SHARED.join((chip.identity(), offset), Some(PATIENCE), make).map_err(|e| match e {
                JoinError::Make(error) => error,
                JoinError::Busy => {
                    busy!("{} for \"{consumer}\": it is just being requested or released", chip.line(offset))
                }
            })?;
        if !first {
            line.agrees(config, consumer)?;
        }
        let member = match line.config.edge {
            crate::Edge::None => None,
            _ => {
                let signal = sys::signal().map_err(|fault| line.request.failed(fault))?;
                Some(Arc::new(Member { inbox: Inbox::new(config.buffered(1), first), signal }))
            }
        };
        member.iter().for_each(|member| line.fan.join(member.clone()));
        Ok(Part { place: line.votes.join(), line, consumer: name, member, both: OnceCell::new() })
    }

    pub(crate) fn request(&self) -> &Request {
        &self.line.request
    }

    pub(crate) fn consumer(&self) -> &CStr {
        self.consumer.as_c_str()
    }

    pub(crate) fn member(&self) -> Option<&Arc<Member>> {
        self.member.as_ref()
    }

    pub(crate) fn has_events(&self) -> bool {
        self.member.as_ref().is_some_and(|member| !member.inbox.is_empty())
    }

    /// Takes over what the line has, for everybody who shares it; whether anything is here now.
    pub(crate) fn fill(&self) -> std::result::Result<bool, Fault> {
        let filled = self.line.fan.fill(self.request().lines());
        if self.has_events() {
            return Ok(true);
        }
        // Or what another thread has just read would go on waking us.
        self.member.iter().for_each(|member| member.look_again());
        filled.map(|()| false)
    }

    /// Events, as many as are there and fit; 0 if none are. ENODEV only when all have been read.
    pub(crate) fn read(&self, into: &mut [MaybeUninit<Event>]) -> std::result::Result<usize, Fault> {
        let filled = self.fill();
        let got = self.member.as_ref().map_or(0, |member| {
            let got = member.inbox.read_kept(into);
            member.look_again();
            got
        });
        match filled {
            Err(fault) if got == 0 => Err(fault),
            _ => Ok(got),
        }
    }

    /// Readable when the line has events, or another one who shares it has read some that are also for this one.
    pub(crate) fn fd(&self) -> std::result::Result<BorrowedFd<'_>, Fault> {
        let lines = self.request().lines().fd()?;
        let Some(member) = &self.member else { return Ok(lines) };
        self.both.get_or_try_init(|| sys::any_of([lines, member.signal.fd()])).map(OwnedFd::as_fd)
    }

    /// Votes for a logical value; when it returns, the line has the value that the votes come to.
    pub(crate) fn vote(&self, value: bool) -> Result<()> {
        if self.line.config.direction != Direction::Output {
            // The chip's own answer for a line that is no output.
            return self.request().set(1, value.into());
        }
        let mut asked = false;
        self.line.votes.cast(self.place, Some(value), |value| {
            asked = true;
            self.request().set(1, value.into())
        })?;
        // A vote that changes nothing has not asked the chip, which may have gone (G4).
        if asked {
            Ok(())
        } else {
            self.check_alive("vote")
        }
    }

    /// A configuration other than the one of all is refused; the value of one that agrees is a vote.
    pub(crate) fn reconfigure(&self, wanted: &Config) -> Result<()> {
        self.check_alive("reconfigure")?;
        self.line.agrees(wanted, self.consumer.as_str())?;
        match wanted.direction {
            Direction::Output => self.vote(wanted.value),
            _ => Ok(()),
        }
    }

    fn check_alive(&self, call: &'static str) -> Result<()> {
        match self.request().lines().is_alive() {
            true => Ok(()),
            false => Err(self.request().failed(Fault { call, errno: libc::ENODEV })),
        }
    }
}

impl SharedLine {
    fn agrees(&self, wanted: &Config, consumer: &str) -> Result<()> {
        // Everything but the value and the buffer, which are each component's own matter.
        let alike = Config { value: self.config.value, event_buffer: self.config.event_buffer, ..*wanted };
        if alike == self.config {
            return Ok(());
        }
        let difference = self.config.difference(&alike);
        let line = self.request.chip().line(self.request.offsets()[0]);
        let first = self.request.consumer_text();
        Err(busy!("{line}: wanted by \"{consumer}\", but \"{first}\" shares it with {difference}"))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(member) = &self.member {
            self.line.fan.leave(member);
        }
        // A chip that has gone has no value to set back (G4).
        let _ = self.line.votes.leave(self.place, |value| self.request().set(1, value.into()));
    }
}
