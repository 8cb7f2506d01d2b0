// SPDX-License-Identifier: MIT OR Apache-2.0
//! Groups: up to 64 lines of one chip, requested, read and set together.

use crate::chip::Chip;
use crate::claim::Claim;
use crate::config::Config;
use crate::desc::again;
use crate::error::{invalid, Result};
use crate::info::{Event, Wait};
use crate::request::{mask, Request};
use kref::Ref;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

/// Lines of a chip, requested together. Line n of the request is bit n of masks and values.
pub struct Group {
    claim: Claim,
    all: u64,
}

impl Group {
    /// Requests lines, each with its own configuration: `configs` is as long as `offsets`, or one for all.
    ///
    /// [`Error::TooBig`](crate::Error::TooBig) for more than 64 lines or ten attributes (G7). Lines of a group cannot be shared.
    pub fn request(
        chip: &Ref<Chip>,
        offsets: &[u32],
        configs: &[Config],
        consumer: &str,
    ) -> Result<Ref<Group>> {
        let configs = match configs {
            [one] => vec![*one; offsets.len()],
            _ => configs.to_vec(),
        };
        each(chip, offsets, &configs)?;
        Ok(Self::of(Claim::own(Request::new(chip, offsets, &configs, consumer)?)))
    }

    /// Takes over the lines of a file descriptor that somebody else requested from the system.
    pub fn adopt(fd: OwnedFd) -> Result<Ref<Group>> {
        Ok(Self::of(Claim::adopted(Request::adopt(fd)?)))
    }

    /// Requests the lines again after their chip has gone and come back, as [`Desc::reattach`](crate::Desc::reattach) does.
    pub fn reattach(&self) -> Result<Ref<Group>> {
        let request = self.claim.request();
        let (chip, offsets) = again(request)?;
        Self::request(&chip, &offsets, &request.configs(), request.consumer_text())
    }

    fn of(claim: Claim) -> Ref<Group> {
        let all = mask(claim.request().offsets().len());
        Ref::new(Group { claim, all })
    }

    /// Logical values of the lines in `mask`; other bits are 0.
    #[inline]
    pub fn values(&self, mask: u64) -> Result<u64> {
        self.check(mask)?;
        self.claim.request().get(mask)
    }

    /// Sets the logical values of the lines in `mask`, all in one call of the system.
    #[inline]
    pub fn set_values(&self, mask: u64, values: u64) -> Result<()> {
        self.check(mask)?;
        self.claim.request().set(mask, values)
    }

    /// [`values`](Self::values) of lines of the system, if all is well: nothing in it is foreign or can panic.
    #[inline]
    pub(crate) fn values_quickly(&self, mask: u64) -> Option<u64> {
        if self.is_mask(mask) {
            self.claim.request().get_quickly(mask)
        } else {
            None
        }
    }

    /// [`set_values`](Self::set_values) of lines of the system, if all is well.
    #[inline]
    pub(crate) fn set_values_quickly(&self, mask: u64, values: u64) -> Option<()> {
        if self.is_mask(mask) {
            self.claim.request().set_quickly(mask, values)
        } else {
            None
        }
    }

    #[inline]
    fn is_mask(&self, mask: u64) -> bool {
        mask != 0 && mask & !self.all == 0
    }

    #[inline]
    fn check(&self, mask: u64) -> Result<()> {
        if !self.is_mask(mask) {
            let request = self.claim.request();
            let (lines, number) = (request.chip().lines(request.offsets()), request.offsets().len());
            return Err(invalid!("{lines}: the mask is {mask:#x}, and {number} lines are {:#x}", self.all));
        }
        Ok(())
    }

    /// Configures the lines anew, completely: `configs` is as long as the group, or one for all.
    pub fn reconfigure(&self, wanted: &[Config]) -> Result<()> {
        let request = self.claim.request();
        self.claim.reconfigure(|configs| {
            match wanted {
                [one] => configs.fill(*one),
                _ => {
                    each(request.chip(), request.offsets(), wanted)?;
                    configs.copy_from_slice(wanted);
                }
            }
            each(request.chip(), request.offsets(), configs)
        })
    }

    /// How the lines were configured last, through this library.
    pub fn configs(&self) -> Vec<Config> {
        self.claim.request().configs().into_vec()
    }

    /// The lines' numbers on their chip.
    pub fn offsets(&self) -> &[u32] {
        self.claim.request().offsets()
    }

    /// Who requested them.
    pub fn consumer(&self) -> &str {
        self.claim.request().consumer_text()
    }

    /// Their chip.
    pub fn chip(&self) -> &Ref<Chip> {
        self.claim.request().chip()
    }

    /// Whether the chip is still there, at some moment.
    pub fn is_alive(&self) -> bool {
        self.claim.is_alive()
    }

    /// As [`Desc::wait`](crate::Desc::wait).
    pub fn wait(&self, timeout: Option<Duration>) -> Result<Wait> {
        self.claim.wait(timeout)
    }

    /// As [`Desc::read_events`](crate::Desc::read_events).
    pub fn read_events(&self, into: &mut [MaybeUninit<Event>]) -> Result<usize> {
        self.claim.read(into)
    }

    /// As [`Desc::events`](crate::Desc::events).
    pub fn events(&self) -> Result<Vec<Event>> {
        self.claim.some()
    }

    /// As [`Desc::events_lost`](crate::Desc::events_lost).
    pub fn events_lost(&self) -> u64 {
        self.claim.lost()
    }

    /// As [`Desc::fd`](crate::Desc::fd).
    pub fn fd(&self) -> Result<BorrowedFd<'_>> {
        self.claim.fd()
    }

    /// As [`Desc::export_fd`](crate::Desc::export_fd).
    pub fn export_fd(&self) -> Result<OwnedFd> {
        self.claim.export()
    }
}

/// One configuration for each line, of which none is shared.
fn each(chip: &Chip, offsets: &[u32], configs: &[Config]) -> Result<()> {
    if configs.len() != offsets.len() {
        return Err(invalid!("{chip}: {} configurations for {} lines", configs.len(), offsets.len()));
    }
    match offsets.iter().zip(configs).find(|(_, config)| config.shared) {
        Some((&offset, _)) => Err(invalid!("{}: lines of a group cannot be shared", chip.line(offset))),
        None => Ok(()),
    }
}
