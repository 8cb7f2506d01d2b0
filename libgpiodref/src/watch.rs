// SPDX-License-Identifier: MIT OR Apache-2.0
//! Watches: who requests, releases and configures lines of a chip, in this program or another.

use crate::chip::Chip;
use crate::error::{Fault, Result};
use crate::info::{InfoEvent, Wait};
use crate::provider::Changes;
use crate::sys;
use kref::sync::lock;
use kref::Ref;
use std::collections::VecDeque;
use std::os::fd::BorrowedFd;
use std::sync::Mutex;
use std::time::Duration;

/// Lines that are being watched.
pub struct Watch {
    changes: Box<dyn Changes>,
    chip: Ref<Chip>,
    /// Read early, so that they outlive their chip (G5).
    kept: Mutex<VecDeque<InfoEvent>>,
}

impl Watch {
    /// Watches these lines of a chip, all of them if `offsets` is empty.
    pub fn new(chip: &Ref<Chip>, offsets: &[u32]) -> Result<Watch> {
        for &offset in offsets {
            chip.check_offset(offset)?;
        }
        let all: Vec<u32> = (0..chip.num_lines()).collect();
        let offsets = if offsets.is_empty() { &all } else { offsets };
        let changes = chip.provider().watch(offsets).map_err(|fault| fault.about(|| chip.lines(offsets)))?;
        Ok(Watch { changes, chip: chip.clone(), kept: Mutex::default() })
    }

    /// Sleeps until there is a change, the time is over (None: never) or the chip is gone (G5).
    pub fn wait(&self, timeout: Option<Duration>) -> Result<Wait> {
        let deadline = sys::deadline(timeout);
        loop {
            if !lock(&self.kept).is_empty() {
                return Ok(Wait::Event);
            }
            let [ready] = sys::poll([self.changes.fd()], deadline).map_err(|fault| self.failed(fault))?;
            if !ready.input && !ready.hung_up {
                return Ok(Wait::TimedOut);
            }
            match self.changes.read() {
                Ok(Some(change)) => lock(&self.kept).push_back(change),
                // Another thread was faster, or it is the hanging up that woke us.
                Ok(None) if !ready.hung_up => {}
                Ok(None) => return Ok(Wait::Gone),
                Err(fault) if fault.is_gone() => return Ok(Wait::Gone),
                Err(fault) => return Err(self.failed(fault)),
            }
        }
    }

    /// The next change, if there is one. [`Error::Gone`](crate::Error::Gone) only when all have been read.
    pub fn read(&self) -> Result<Option<InfoEvent>> {
        // Under the lock, so that two threads do not change their order.
        let mut kept = lock(&self.kept);
        match kept.pop_front() {
            Some(change) => Ok(Some(change)),
            None => self.changes.read().map_err(|fault| self.failed(fault)),
        }
    }

    /// A file descriptor for poll and epoll: readable when there are changes; ERR, HUP or readable when the chip has gone.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.changes.fd()
    }

    fn failed(&self, fault: Fault) -> crate::Error {
        fault.about(|| format!("watching {}", self.chip))
    }
}
