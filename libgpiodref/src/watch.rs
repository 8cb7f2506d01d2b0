// SPDX-License-Identifier: MIT OR Apache-2.0
//! Watches: who requests, releases and configures lines of a chip, in this program or another.

use crate::chip::Chip;
use crate::error::{Fault, Result};
use crate::info::{InfoEvent, Wait};
use crate::provider::Changes;
use crate::sys;
use kref::sync::{deadline, lock};
use kref::Ref;
use std::collections::VecDeque;
use std::os::fd::BorrowedFd;
use std::sync::Mutex;
use std::time::Duration;

/// Lines that are being watched.
pub struct Watch {
    changes: Box<dyn Changes>,
    chip: Ref<Chip>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Read early, so that they outlive their chip (G5).
    kept: VecDeque<InfoEvent>,
    /// How many threads wait for changes.
    sleepers: usize,
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
        Ok(Watch { changes, chip: chip.clone(), state: Mutex::default() })
    }

    /// Sleeps until there is a change, the time is over (None: never) or the chip is gone (G5).
    pub fn wait(&self, timeout: Option<Duration>) -> Result<Wait> {
        let deadline = deadline(timeout);
        loop {
            {
                let mut state = lock(&self.state);
                if !state.kept.is_empty() {
                    return Ok(Wait::Event);
                }
                state.sleepers += 1;
            }
            let slept = sys::poll([self.changes.fd()], deadline);
            let woken = self.wake_up(&slept);
            let [ready] = slept.map_err(|fault| self.failed(fault))?;
            match woken {
                Ok(true) => return Ok(Wait::Event),
                Ok(false) if ready.hung_up => return Ok(Wait::Gone),
                Ok(false) if !ready.input => return Ok(Wait::TimedOut),
                // Another thread was faster.
                Ok(false) => {}
                Err(fault) if fault.is_gone() => return Ok(Wait::Gone),
                Err(fault) => return Err(self.failed(fault)),
            }
        }
    }

    /// Whether there is a change now. While others sleep, what they will wake up for stays where it is (G10), and the last of them
    /// takes it over.
    fn wake_up(
        &self,
        slept: &std::result::Result<[sys::Ready; 1], Fault>,
    ) -> std::result::Result<bool, Fault> {
        let mut state = lock(&self.state);
        state.sleepers -= 1;
        match slept {
            _ if !state.kept.is_empty() => return Ok(true),
            Ok([ready]) if ready.input && !ready.hung_up && state.sleepers > 0 => {
                return self.changes.has_some()
            }
            Ok([ready]) if ready.input || ready.hung_up => (),
            _ => return Ok(false),
        }
        let change = self.changes.read()?;
        state.kept.extend(change);
        Ok(!state.kept.is_empty())
    }

    /// The next change, if there is one. [`Error::Gone`](crate::Error::Gone) only when all have been read.
    pub fn read(&self) -> Result<Option<InfoEvent>> {
        // Under the lock, so that two threads do not change their order.
        let mut state = lock(&self.state);
        match state.kept.pop_front() {
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
