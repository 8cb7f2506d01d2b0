// SPDX-License-Identifier: MIT OR Apache-2.0
//! Configurations, events and line information as C has them.

use crate::{Bias, Clock, Config, Direction, Drive, Edge, Event, LineInfo, Wait};
use cabi::arg::Versioned;
use cabi::Failure;
use std::ffi::c_char;

/// The line stays as it is.
pub const GPIODREF_DIRECTION_AS_IS: u32 = 0;
/// The line is read.
pub const GPIODREF_DIRECTION_INPUT: u32 = 1;
/// The line is driven.
pub const GPIODREF_DIRECTION_OUTPUT: u32 = 2;

/// No events.
pub const GPIODREF_EDGE_NONE: u32 = 0;
/// An event when the line becomes active.
pub const GPIODREF_EDGE_RISING: u32 = 1;
/// An event when the line becomes inactive.
pub const GPIODREF_EDGE_FALLING: u32 = 2;
/// Both.
pub const GPIODREF_EDGE_BOTH: u32 = 3;

/// The line's own resistors stay as they are.
pub const GPIODREF_BIAS_AS_IS: u32 = 0;
/// No resistor.
pub const GPIODREF_BIAS_DISABLED: u32 = 1;
/// A resistor pulls up.
pub const GPIODREF_BIAS_PULL_UP: u32 = 2;
/// A resistor pulls down.
pub const GPIODREF_BIAS_PULL_DOWN: u32 = 3;

/// An output drives both levels.
pub const GPIODREF_DRIVE_PUSH_PULL: u32 = 0;
/// An output drives low only.
pub const GPIODREF_DRIVE_OPEN_DRAIN: u32 = 1;
/// An output drives high only.
pub const GPIODREF_DRIVE_OPEN_SOURCE: u32 = 2;

/// Events have the time of CLOCK_MONOTONIC.
pub const GPIODREF_CLOCK_MONOTONIC: u32 = 0;
/// Events have the time of CLOCK_REALTIME.
pub const GPIODREF_CLOCK_REALTIME: u32 = 1;
/// Events have the time of the chip's hardware timestamp engine.
pub const GPIODREF_CLOCK_HTE: u32 = 2;

/// The line is active when it is low.
pub const GPIODREF_FLAG_ACTIVE_LOW: u32 = 1;
/// Others in this process may have the line too: gpiodref_request() of the same line with this flag joins the request that
/// is there.
pub const GPIODREF_FLAG_SHARED: u32 = 2;

/// The numbers of the header are those of the choices.
macro_rules! same {
    ($($choice:expr => $number:expr,)*) => { const _: () = { $(assert!($choice as u32 == $number);)* }; };
}
same! {
    Direction::AsIs => GPIODREF_DIRECTION_AS_IS,
    Direction::Input => GPIODREF_DIRECTION_INPUT,
    Direction::Output => GPIODREF_DIRECTION_OUTPUT,
    Edge::None => GPIODREF_EDGE_NONE,
    Edge::Rising => GPIODREF_EDGE_RISING,
    Edge::Falling => GPIODREF_EDGE_FALLING,
    Edge::Both => GPIODREF_EDGE_BOTH,
    Bias::AsIs => GPIODREF_BIAS_AS_IS,
    Bias::Disabled => GPIODREF_BIAS_DISABLED,
    Bias::PullUp => GPIODREF_BIAS_PULL_UP,
    Bias::PullDown => GPIODREF_BIAS_PULL_DOWN,
    Drive::PushPull => GPIODREF_DRIVE_PUSH_PULL,
    Drive::OpenDrain => GPIODREF_DRIVE_OPEN_DRAIN,
    Drive::OpenSource => GPIODREF_DRIVE_OPEN_SOURCE,
    Clock::Monotonic => GPIODREF_CLOCK_MONOTONIC,
    Clock::Realtime => GPIODREF_CLOCK_REALTIME,
    Clock::Hte => GPIODREF_CLOCK_HTE,
    Event::RISING => GPIODREF_EVENT_RISING,
    Event::FALLING => GPIODREF_EVENT_FALLING,
    Wait::TimedOut => GPIODREF_WAIT_TIMEOUT,
    Wait::Event => GPIODREF_WAIT_EVENT,
    Wait::Gone => GPIODREF_WAIT_GONE,
}

const KNOWN_FLAGS: u32 = GPIODREF_FLAG_ACTIVE_LOW | GPIODREF_FLAG_SHARED;

/// How a line is wanted. Set it to zeros and \p size to its size; zero means as it is. Members may be added at its end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gpiodref_config {
    /// sizeof(struct gpiodref_config)
    pub size: usize,
    /// GPIODREF_DIRECTION_
    pub direction: u32,
    /// GPIODREF_EDGE_, for inputs
    pub edge: u32,
    /// GPIODREF_BIAS_, where a direction is given
    pub bias: u32,
    /// GPIODREF_DRIVE_, for outputs
    pub drive: u32,
    /// GPIODREF_CLOCK_
    pub clock: u32,
    /// GPIODREF_FLAG_
    pub flags: u32,
    /// Microseconds for which an input must be stable to count, or 0
    pub debounce_us: u32,
    /// The logical value that an output begins with, 0 or 1
    pub value: i32,
    /// Events that are kept until they are read, for the whole request: 0 for 16 a line; 1024 is the most
    pub event_buffer: u32,
}

// SAFETY: a repr(C) struct of integers, with the size in front.
unsafe impl Versioned for gpiodref_config {
    const FIRST_SIZE: usize = size_of::<gpiodref_config>();
}

impl gpiodref_config {
    /// What C passed; NULL asks for nothing.
    pub(super) fn read(raw: *const gpiodref_config, name: &str) -> Result<Config, Failure> {
        match super::versioned(raw, name)? {
            None => Ok(Config::default()),
            Some(given) => {
                Ok(given.config().map_err(|e| Failure::new(e.errno, format!("{name}: {}", e.message)))?)
            }
        }
    }

    fn config(&self) -> Result<Config, Failure> {
        let flags = super::flags(self.flags, KNOWN_FLAGS)?;
        Ok(Config {
            direction: Direction::from_c(self.direction)?,
            edge: Edge::from_c(self.edge)?,
            bias: Bias::from_c(self.bias)?,
            drive: Drive::from_c(self.drive)?,
            clock: Clock::from_c(self.clock)?,
            active_low: flags & GPIODREF_FLAG_ACTIVE_LOW != 0,
            shared: flags & GPIODREF_FLAG_SHARED != 0,
            debounce_us: self.debounce_us,
            value: super::value(self.value)?,
            event_buffer: self.event_buffer,
        })
    }

    /// What C gets to see.
    pub(super) fn of(config: &Config) -> Self {
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        gpiodref_config {
            size: size_of::<Self>(),
            direction: config.direction.to_c(),
            edge: config.edge.to_c(),
            bias: config.bias.to_c(),
            drive: config.drive.to_c(),
            clock: config.clock.to_c(),
            flags: flag(config.active_low, GPIODREF_FLAG_ACTIVE_LOW)
                | flag(config.shared, GPIODREF_FLAG_SHARED),
            debounce_us: config.debounce_us,
            value: config.value.into(),
            event_buffer: config.event_buffer,
        }
    }
}

/// A line as it was when it was asked for. Set \p size to its size; members may be added at its end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gpiodref_line_info {
    /// sizeof(struct gpiodref_line_info)
    pub size: usize,
    /// The line's number on its chip
    pub offset: u32,
    /// 1 if it cannot be requested: somebody has it, perhaps not yet configured, or the system itself uses it
    pub used: u32,
    /// Its name, or ""
    pub name: [c_char; 32],
    /// Who has it, or ""
    pub consumer: [c_char; 32],
    /// GPIODREF_DIRECTION_INPUT or _OUTPUT
    pub direction: u32,
    /// GPIODREF_EDGE_. A chip of this process tells it when edges are detected already; the system's says it a moment before
    pub edge: u32,
    /// GPIODREF_BIAS_
    pub bias: u32,
    /// GPIODREF_DRIVE_
    pub drive: u32,
    /// GPIODREF_CLOCK_
    pub clock: u32,
    /// GPIODREF_FLAG_ACTIVE_LOW
    pub flags: u32,
    /// Microseconds
    pub debounce_us: u32,
}

// SAFETY: a repr(C) struct of integers, with the size in front.
unsafe impl Versioned for gpiodref_line_info {
    const FIRST_SIZE: usize = size_of::<gpiodref_line_info>();
}

impl gpiodref_line_info {
    pub(super) fn of(info: &LineInfo) -> Self {
        let config = gpiodref_config::of(&info.config);
        gpiodref_line_info {
            size: size_of::<Self>(),
            offset: info.offset,
            used: info.used.into(),
            name: fixed(&info.name),
            consumer: fixed(&info.consumer),
            direction: config.direction,
            edge: config.edge,
            bias: config.bias,
            drive: config.drive,
            clock: config.clock,
            flags: config.flags,
            debounce_us: config.debounce_us,
        }
    }
}

/// A name in an array, cut to what fits with its NUL.
fn fixed(text: &str) -> [c_char; 32] {
    let mut name = [0; 32];
    for (to, from) in name.iter_mut().zip(text.bytes().take(31)) {
        *to = from as c_char;
    }
    name
}

/// The line became active.
pub const GPIODREF_EVENT_RISING: u32 = 1;
/// The line became inactive.
pub const GPIODREF_EVENT_FALLING: u32 = 2;

/// An edge of a line.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct gpiodref_event {
    /// When, in nanoseconds of the clock that the line was configured with
    pub timestamp_ns: u64,
    /// GPIODREF_EVENT_RISING or GPIODREF_EVENT_FALLING
    pub r#type: u32,
    /// The line's number on its chip
    pub offset: u32,
    /// The number of this event among those of its line, from 1
    pub line_seqno: u32,
    /// The number of this event among those of its request, from 1; a gap is what was lost
    pub global_seqno: u32,
}

// So that a caller's array can be filled without copying.
const _: () = {
    use std::mem::offset_of;
    assert!(size_of::<gpiodref_event>() == size_of::<Event>());
    assert!(offset_of!(gpiodref_event, timestamp_ns) == offset_of!(Event, timestamp_ns));
    assert!(offset_of!(gpiodref_event, r#type) == offset_of!(Event, kind));
    assert!(offset_of!(gpiodref_event, offset) == offset_of!(Event, offset));
    assert!(offset_of!(gpiodref_event, line_seqno) == offset_of!(Event, line_seqno));
    assert!(offset_of!(gpiodref_event, global_seqno) == offset_of!(Event, global_seqno));
};

/// gpiodref_wait(): the time was over.
pub const GPIODREF_WAIT_TIMEOUT: u32 = 0;
/// gpiodref_wait(): there is something to read.
pub const GPIODREF_WAIT_EVENT: u32 = 1;
/// gpiodref_wait(): the chip is gone, and everything that had come before has been read.
pub const GPIODREF_WAIT_GONE: u32 = 2;
