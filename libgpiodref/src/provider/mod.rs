// SPDX-License-Identifier: MIT OR Apache-2.0
//! What stands behind a chip: the system's character device, or a table of operations of this process. The rest of the
//! library knows only these traits.
//!
//! Nothing here waits, and nothing takes a lock that another line's operation holds (G10). An error is a [`Fault`], ENODEV
//! when the chip is gone (G4); whoever knows chip and line makes a sentence of it.

pub(crate) mod chardev;
pub(crate) mod virt;

use crate::config::Config;
use crate::consumer::Consumer;
use crate::error::{Fault, Result};
use crate::info::{Event, InfoEvent, LineInfo};
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;

/// Which chip it is, however many handles lead to it: no two that live at the same time have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// The number of a character device, which stays taken as long as somebody has it open.
    Device(u64),
    /// The number of a chip of this process, never used twice (K7).
    Process(u64),
}

/// Lines as they are wanted: one configuration for each offset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) offsets: &'a [u32],
    pub(crate) configs: &'a [Config],
    pub(crate) consumer: &'a Consumer,
    /// For the chip's own life: such lines do not keep it from being removed.
    pub(crate) hog: bool,
}

/// A chip.
pub(crate) trait Provider: Send + Sync {
    fn identity(&self) -> Identity;
    fn is_alive(&self) -> bool;
    /// Says ERR or HUP when polled after the chip has gone.
    fn fd(&self) -> std::result::Result<BorrowedFd<'_>, Fault>;
    /// `offset` is one of the chip's.
    fn line_info(&self, offset: u32) -> std::result::Result<LineInfo, Fault>;
    /// Claims lines until what is returned is dropped. Offsets and configurations have been checked, but against nothing
    /// that only the chip knows.
    fn request(&self, wanted: &Wanted<'_>) -> std::result::Result<Claimed, RequestError>;
    /// Watches lines until what is returned is dropped.
    fn watch(&self, offsets: &[u32]) -> std::result::Result<Box<dyn Changes>, Fault>;
    /// This chip as one that this process provides.
    fn provided(&self) -> Option<&dyn Provided> {
        None
    }
}

/// Why lines were not granted.
pub(crate) enum RequestError {
    /// A call that failed. EBUSY is about a line that somebody else has.
    Fault(Fault),
    /// A wish that cannot be put into the request.
    Error(crate::Error),
}

impl From<Fault> for RequestError {
    fn from(fault: Fault) -> Self {
        RequestError::Fault(fault)
    }
}

/// Lines that have been claimed. Those of the system are known by their type, because a call of the system is so short that what
/// is done around it counts.
pub(crate) enum Claimed {
    System(chardev::SystemLines),
    Process(Box<dyn Lines>),
}

impl std::ops::Deref for Claimed {
    type Target = dyn Lines;
    fn deref(&self) -> &(dyn Lines + 'static) {
        match self {
            Claimed::System(lines) => lines,
            Claimed::Process(lines) => &**lines,
        }
    }
}

/// Lines that have been claimed, in the order in which they were asked for: line 0 is bit 0 of a mask.
pub(crate) trait Lines: Send + Sync {
    /// Logical values of the lines in `mask`, which is not empty.
    fn get(&self, mask: u64) -> std::result::Result<u64, Fault>;
    /// Sets those in `mask`, which is not empty.
    fn set(&self, mask: u64, values: u64) -> std::result::Result<(), Fault>;
    /// Runs `work`, which configures the lines, while nobody else does. This is no lock where the provider is one of this
    /// process: its operations may come back here. From inside of one's own turn it is EDEADLK.
    fn in_turn(&self, work: &mut dyn FnMut()) -> std::result::Result<(), Fault>;
    /// Configures all of them anew, in turn; `configs` is as long as the request.
    fn reconfigure(&self, configs: &[Config]) -> std::result::Result<(), RequestError>;
    fn is_alive(&self) -> bool;
    /// Readable when there are events; ERR, HUP or readable when the chip has gone.
    fn fd(&self) -> std::result::Result<BorrowedFd<'_>, Fault>;
    /// Whether there are events. ENODEV only when nothing is left to read.
    fn has_events(&self) -> std::result::Result<bool, Fault>;
    /// Events, as many as are there and fit; 0 where none are. ENODEV only when nothing is left to read.
    fn read(&self, into: &mut [MaybeUninit<Event>]) -> std::result::Result<usize, Fault>;
}

/// Changes of lines that are being watched.
pub(crate) trait Changes: Send + Sync {
    /// Readable when there are changes; ERR, HUP or readable when the chip has gone.
    fn fd(&self) -> BorrowedFd<'_>;
    /// Whether there are changes. ENODEV only when nothing is left to read.
    fn has_some(&self) -> std::result::Result<bool, Fault>;
    /// The next change, if one is there. ENODEV only when nothing is left to read.
    fn read(&self) -> std::result::Result<Option<InfoEvent>, Fault>;
}

/// What only the provider of a chip may do with it (G9).
pub(crate) trait Provided {
    fn remove(&self) -> Result<()>;
    fn drain(&self, timeout: Option<std::time::Duration>) -> Result<()>;
    fn push_edge(&self, offset: u32, level: bool, timestamp_ns: u64) -> Result<()>;
}
