// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a line is at one moment, and what was told about changes: snapshots, which no longer depend on anything.

use crate::config::Config;

/// A line as it was when it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineInfo {
    /// Its number on the chip.
    pub offset: u32,
    /// Its name, or empty.
    pub name: String,
    /// Who has it, or empty.
    pub consumer: String,
    /// Whether it cannot be requested: somebody has it, or the system itself uses it.
    pub used: bool,
    /// How it is configured. `shared`, `value` and `event_buffer` are nothing that a chip knows.
    pub config: Config,
}

/// What happened to a line that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Somebody requested it.
    Requested = 1,
    /// Somebody released it.
    Released = 2,
    /// Its configuration changed.
    Reconfigured = 3,
}

/// A change of a watched line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InfoEvent {
    /// When, in nanoseconds of CLOCK_MONOTONIC.
    pub timestamp_ns: u64,
    /// What happened.
    pub change: Change,
    /// The line as it was then.
    pub info: LineInfo,
}

/// An edge of a line, laid out as C has it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// When, in nanoseconds of the clock that the line was configured with.
    pub timestamp_ns: u64,
    /// [`Event::RISING`] or [`Event::FALLING`].
    pub kind: u32,
    /// Which line of the chip.
    pub offset: u32,
    /// The number of this event among those of its line, from 1.
    pub line_seqno: u32,
    /// The number of this event among those of its request, from 1: a gap is what was lost.
    pub global_seqno: u32,
}

impl Event {
    /// The line became active.
    pub const RISING: u32 = 1;
    /// The line became inactive.
    pub const FALLING: u32 = 2;
}

/// How a wait ended (G5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The time was over.
    TimedOut = 0,
    /// There is something to read.
    Event = 1,
    /// The chip is gone, and everything that had come has been read.
    Gone = 2,
}
