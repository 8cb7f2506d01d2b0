// SPDX-License-Identifier: MIT OR Apache-2.0
//! Descriptors: one line, held by get and put; it is free with the last of them (G2).

use crate::chip::Chip;
use crate::claim::Claim;
use crate::config::{Config, Direction};
use crate::error::{invalid, Error, Result};
use crate::info::{Event, Wait};
use crate::request::Request;
use crate::share::Part;
use kref::Ref;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

/// A line of a chip, requested. `Ref<Desc>` holds the request, `kref::Weak<Desc>` only memory (G1).
pub struct Desc {
    claim: Claim,
}

impl Desc {
    /// Requests a line, under the name `consumer` (at most [`MAX_NAME`](crate::MAX_NAME) bytes).
    ///
    /// With [`Config::shared`] on all sides the line is everybody's who requests it (G3); else it is [`Error::Busy`] if
    /// anybody has it, with his name.
    pub fn request(chip: &Ref<Chip>, offset: u32, config: &Config, consumer: &str) -> Result<Ref<Desc>> {
        let claim = match config.shared {
            true => Claim::Shared(Part::new(chip, offset, config, consumer)?),
            false => Claim::own(Request::new(chip, &[offset], &[*config], consumer)?),
        };
        Ok(Ref::new(Desc { claim }))
    }

    /// Requests the line that is called `line`, of whatever chip has it.
    pub fn request_by_name(line: &str, config: &Config, consumer: &str) -> Result<Ref<Desc>> {
        let (chip, offset) = Chip::find_line(line)?;
        Self::request(&chip, offset, config, consumer)
    }

    /// Takes over the one line of a file descriptor that somebody else requested from the system.
    pub fn adopt(fd: OwnedFd) -> Result<Ref<Desc>> {
        let request = Request::adopt(fd)?;
        if let several @ 2.. = request.offsets().len() {
            return Err(invalid!(
                "the file descriptor has {several} lines of {}, which are a group",
                request.chip()
            ));
        }
        Ok(Ref::new(Desc { claim: Claim::adopted(request) }))
    }

    /// Requests the line again after its chip has gone and come back, found by the chip's label and the line's name and never
    /// by number (G4). This descriptor stays what it is.
    pub fn reattach(&self) -> Result<Ref<Desc>> {
        let (chip, offsets) = again(self.claim.request())?;
        Self::request(&chip, offsets[0], &self.config(), self.consumer().to_str().unwrap_or_default())
    }

    /// The logical value.
    #[inline]
    pub fn value(&self) -> Result<bool> {
        Ok(self.claim.request().get(1)? != 0)
    }

    /// Sets the logical value; where the line is shared, this is a [`vote`](Self::vote).
    #[inline]
    pub fn set_value(&self, value: bool) -> Result<()> {
        match &self.claim {
            Claim::Own { request, .. } => request.set(1, value.into()),
            Claim::Shared(part) => part.vote(value),
        }
    }

    /// [`value`](Self::value) of a line of the system, if it tells: nothing in it is foreign or can panic.
    #[inline]
    pub(crate) fn value_quickly(&self) -> Option<bool> {
        self.claim.request().get_quickly(1).map(|values| values != 0)
    }

    /// [`set_value`](Self::set_value) of a line of the system that is not shared, if it can be set.
    #[inline]
    pub(crate) fn set_value_quickly(&self, value: bool) -> Option<()> {
        match &self.claim {
            Claim::Own { request, .. } => request.set_quickly(1, value.into()),
            Claim::Shared(_) => None,
        }
    }

    /// The level, whatever is active.
    pub fn raw_value(&self) -> Result<bool> {
        Ok(self.flip(self.value()?))
    }

    /// Sets the level, whatever is active.
    pub fn set_raw_value(&self, level: bool) -> Result<()> {
        self.set_value(self.flip(level))
    }

    fn flip(&self, value: bool) -> bool {
        self.claim.request().flip(value.into()) & 1 != 0
    }

    /// Votes for a logical value of a shared output: it keeps the value that the first request gave it until somebody votes
    /// otherwise, and gets it back when all who did have changed their mind or let go (G3).
    pub fn vote(&self, value: bool) -> Result<()> {
        match &self.claim {
            Claim::Shared(part) => part.vote(value),
            Claim::Own { .. } => Err(invalid!("{}: a vote on a line that is not shared", self.line())),
        }
    }

    /// Makes it an input; edges are no longer detected.
    pub fn direction_input(&self) -> Result<()> {
        self.turn(Config::input())
    }

    /// Makes it an output with this logical value.
    pub fn direction_output(&self, value: bool) -> Result<()> {
        self.turn(Config::output(value))
    }

    /// Takes the direction and what depends on it from `wanted`, and leaves the rest.
    fn turn(&self, wanted: Config) -> Result<()> {
        self.claim.reconfigure(|configs| {
            let now = configs[0];
            let drive = if wanted.direction == Direction::Output { now.drive } else { wanted.drive };
            let (bias, clock, active_low, shared) = (now.bias, now.clock, now.active_low, now.shared);
            configs[0] =
                Config { bias, clock, active_low, shared, drive, event_buffer: now.event_buffer, ..wanted };
            Ok(())
        })
    }

    /// Configures the line anew, completely.
    pub fn reconfigure(&self, config: &Config) -> Result<()> {
        self.claim.reconfigure(|configs| {
            if config.shared != configs[0].shared {
                return Err(invalid!(
                    "{}: whether a line is shared is settled when it is requested",
                    self.line()
                ));
            }
            configs[0] = *config;
            Ok(())
        })
    }

    /// How the line was configured last, through this library.
    pub fn config(&self) -> Config {
        self.claim.request().configs()[0]
    }

    /// The line's name, or "". Answered also after the chip has gone (G4), as all that follows.
    pub fn name(&self) -> &CStr {
        self.chip().line_name(self.offset())
    }

    /// Who requested this descriptor.
    pub fn consumer(&self) -> &CStr {
        self.claim.consumer()
    }

    /// The line's number on its chip.
    pub fn offset(&self) -> u32 {
        self.claim.request().offsets()[0]
    }

    /// Its chip.
    pub fn chip(&self) -> &Ref<Chip> {
        self.claim.request().chip()
    }

    /// Whether the chip is still there, at some moment.
    pub fn is_alive(&self) -> bool {
        self.claim.is_alive()
    }

    fn line(&self) -> String {
        self.chip().line(self.offset())
    }

    /// Sleeps until there is an event, the time is over (None: never) or the chip is gone (G5).
    pub fn wait(&self, timeout: Option<Duration>) -> Result<Wait> {
        self.claim.wait(timeout)
    }

    /// Events, as many as are there and fit; 0 if none are. [`Error::Gone`] only when all have been read.
    pub fn read_events(&self, into: &mut [MaybeUninit<Event>]) -> Result<usize> {
        self.claim.read(into)
    }

    /// The next events, up to 64 of them; none if none are there. Otherwise as [`read_events`](Self::read_events).
    pub fn events(&self) -> Result<Vec<Event>> {
        self.claim.some()
    }

    /// How many events were lost so far because nobody read them in time (G7).
    pub fn events_lost(&self) -> u64 {
        self.claim.lost()
    }

    /// A file descriptor for poll and epoll: readable when there are events, and ERR, HUP or readable when the chip has gone.
    /// The next read or wait says which.
    pub fn fd(&self) -> Result<BorrowedFd<'_>> {
        self.claim.fd()
    }

    /// A file descriptor of the caller's own that claims the line too, for another program.
    pub fn export_fd(&self) -> Result<OwnedFd> {
        self.claim.export()
    }
}

/// Where the lines of a request are now, by their chip's label and their names (G4).
pub(crate) fn again(gone: &Request) -> Result<(Ref<Chip>, Vec<u32>)> {
    let old = gone.chip();
    if gone.lines().is_alive() {
        return Err(invalid!("{}: it is not gone", old.lines(gone.offsets())));
    }
    let chip = Chip::by_label(old.label_text()).map_err(|error| match error {
        Error::NotFound(_) => {
            Error::Gone(format!("{}: the chip has not come back", old.lines(gone.offsets())))
        }
        other => other,
    })?;
    let named = gone.offsets().iter().map(|&offset| match old.line_name(offset).to_str() {
        Ok(name) if !name.is_empty() => chip.offset_called(name),
        _ => Err(invalid!("{}: it has no name by which it could be found again", old.line(offset))),
    });
    let offsets = named.collect::<Result<_>>()?;
    Ok((chip, offsets))
}
