// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a line is wanted: direction, edges, bias, drive, clock, polarity, debouncing, value.

use crate::error::{invalid, Result};

/// Declares an enumeration of the header: its values are C's, and an unknown one is an error.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident, $word:literal { $($(#[$vdoc:meta])* $variant:ident = $value:literal $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vdoc])* $variant = $value,)*
        }

        impl $name {
            /// The choice that has this number in C.
            pub fn from_c(value: u32) -> Result<Self> {
                match value {
                    $($value => Ok($name::$variant),)*
                    other => Err(invalid!(concat!($word, " is {}, which none is"), other)),
                }
            }

            /// Its number in C.
            pub fn to_c(self) -> u32 {
                self as u32
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(match self { $($name::$variant => $text,)* })
            }
        }
    };
}

choices! {
    /// Which way a line goes.
    Direction, "direction" {
        /// As it is.
        #[default]
        AsIs = 0 "as-is",
        /// The line is read.
        Input = 1 "input",
        /// The line is driven.
        Output = 2 "output",
    }
}
choices! {
    /// Which changes of an input are events. Edges are those of the logical value.
    Edge, "edge" {
        /// None.
        #[default]
        None = 0 "none",
        /// To active.
        Rising = 1 "rising",
        /// To inactive.
        Falling = 2 "falling",
        /// Both.
        Both = 3 "both",
    }
}
choices! {
    /// What the line's own resistors do.
    Bias, "bias" {
        /// As they are.
        #[default]
        AsIs = 0 "as-is",
        /// Nothing.
        Disabled = 1 "disabled",
        /// Up.
        PullUp = 2 "pull-up",
        /// Down.
        PullDown = 3 "pull-down",
    }
}
choices! {
    /// How an output is driven.
    Drive, "drive" {
        /// Both levels.
        #[default]
        PushPull = 0 "push-pull",
        /// Low only; high is left to a resistor.
        OpenDrain = 1 "open-drain",
        /// High only.
        OpenSource = 2 "open-source",
    }
}
choices! {
    /// Which clock stamps events.
    Clock, "clock" {
        /// CLOCK_MONOTONIC.
        #[default]
        Monotonic = 0 "monotonic",
        /// CLOCK_REALTIME.
        Realtime = 1 "realtime",
        /// The chip's hardware timestamp engine.
        Hte = 2 "hte",
    }
}

/// How a line is wanted. The default asks for nothing: the line stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Input or output.
    pub direction: Direction,
    /// Events, for an input.
    pub edge: Edge,
    /// Resistors, where a direction is asked for.
    pub bias: Bias,
    /// How an output is driven.
    pub drive: Drive,
    /// Which clock stamps events.
    pub clock: Clock,
    /// The logical value is the opposite of the level.
    pub active_low: bool,
    /// Others in this process may have the line too (G3).
    pub shared: bool,
    /// Microseconds for which an input must be stable; 0 is no debouncing.
    pub debounce_us: u32,
    /// The logical value that an output begins with.
    pub value: bool,
    /// Events that the system keeps until they are read, for the whole request; 0 is its own choice, 16 a line (G7).
    pub event_buffer: u32,
}

/// The most that the system buffers (G7).
pub const MAX_EVENT_BUFFER: u32 = 1024;
/// The most lines of one request (G7).
pub const MAX_LINES: usize = 64;
/// The longest name that the system keeps, in bytes (G7).
pub const MAX_NAME: usize = 31;

impl Config {
    /// An input.
    pub fn input() -> Self {
        Config { direction: Direction::Input, ..Self::default() }
    }

    /// An output that begins with `value`.
    pub fn output(value: bool) -> Self {
        Config { direction: Direction::Output, value, ..Self::default() }
    }

    /// Whether the parts agree with each other; what the chip can do is the chip's to say.
    pub fn check(&self) -> Result<()> {
        let direction = self.direction;
        let only = |given: bool, wants: Direction, what: &str| match given && direction != wants {
            true => Err(invalid!("{what} is for lines of direction {wants}, and this one's is {direction}")),
            false => Ok(()),
        };
        only(self.edge != Edge::None, Direction::Input, "edge detection")?;
        only(self.debounce_us != 0, Direction::Input, "debouncing")?;
        only(self.drive != Drive::PushPull, Direction::Output, "a drive other than push-pull")?;
        only(self.value, Direction::Output, "a value")?;
        if self.bias != Bias::AsIs && direction == Direction::AsIs {
            return Err(invalid!("bias {} needs a direction, input or output", self.bias));
        }
        if self.event_buffer > MAX_EVENT_BUFFER {
            return Err(invalid!(
                "event_buffer is {}, and {MAX_EVENT_BUFFER} is the most",
                self.event_buffer
            ));
        }
        Ok(())
    }

    /// How many events the library keeps for a request of `lines` lines that is configured so.
    pub(crate) fn buffered(&self, lines: usize) -> usize {
        match self.event_buffer {
            0 => 16 * lines.min(MAX_LINES),
            events => events as usize,
        }
    }

    /// The level for a logical value, or the other way round.
    pub(crate) fn flip(&self, value: bool) -> bool {
        value != self.active_low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_do_not_agree_are_refused() {
        let input = Config::input();
        let output = Config::output(false);
        let wrong = [
            Config { edge: Edge::Both, ..output },
            Config { edge: Edge::Rising, ..Config::default() },
            Config { debounce_us: 1, ..output },
            Config { drive: Drive::OpenDrain, ..input },
            Config { value: true, ..input },
            Config { bias: Bias::PullUp, ..Config::default() },
            Config { event_buffer: 1025, ..input },
        ];
        for config in wrong {
            assert_eq!(config.check().unwrap_err().errno(), libc::EINVAL, "{config:?}");
        }
        for config in [
            Config::default(),
            Config { edge: Edge::Both, debounce_us: 5, bias: Bias::PullUp, event_buffer: 1024, ..input },
            Config { drive: Drive::OpenSource, bias: Bias::PullDown, value: true, ..output },
        ] {
            config.check().unwrap();
        }
    }

    #[test]
    fn an_unknown_number_is_named() {
        assert_eq!(Drive::from_c(2).unwrap(), Drive::OpenSource);
        assert_eq!(Drive::from_c(3).unwrap_err().to_string(), "drive is 3, which none is");
    }
}
