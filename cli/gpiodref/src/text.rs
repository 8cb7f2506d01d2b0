// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lines as text, in the form that the tools of libgpiod have made familiar.

use gpiodref::{Bias, Clock, Direction, Drive, Edge, LineInfo};
use std::fmt::Write;

/// Whether the names of lines and consumers stand in quotes.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct Quotes {
    /// Print the names of lines and consumers without quotes
    #[arg(long)]
    unquoted: bool,
}

impl Quotes {
    pub(crate) fn around(self, name: &str) -> String {
        match self.unquoted {
            true => name.to_owned(),
            false => format!("\"{name}\""),
        }
    }

    /// Everything about a line but its name: `output drive=open-drain consumer="led"`.
    pub(crate) fn attributes(self, info: &LineInfo) -> String {
        let config = &info.config;
        let mut out = match config.direction {
            Direction::Output => String::from("output"),
            _ => String::from("input"),
        };
        if config.active_low {
            out.push_str(" active-low");
        }
        if config.drive != Drive::PushPull {
            let _ = write!(out, " drive={}", config.drive);
        }
        if config.bias != Bias::AsIs {
            let _ = write!(out, " bias={}", config.bias);
        }
        if config.edge != Edge::None {
            let _ = write!(out, " edges={}", config.edge);
        }
        if config.clock != Clock::Monotonic {
            let _ = write!(out, " event-clock={}", config.clock);
        }
        match config.debounce_us {
            0 => {}
            us if us.is_multiple_of(1_000_000) => drop(write!(out, " debounce-period={}s", us / 1_000_000)),
            us if us.is_multiple_of(1_000) => drop(write!(out, " debounce-period={}ms", us / 1_000)),
            us => drop(write!(out, " debounce-period={us}us")),
        }
        if info.used {
            let _ = write!(out, " consumer={}", self.around(holder(info)));
        }
        out
    }
}

/// What a line is called.
pub(crate) fn name(name: &str) -> &str {
    match name {
        "" => "unnamed",
        name => name,
    }
}

/// Which line it is: its name; also chip and number if `fully`, or where it has no name.
pub(crate) fn id(chip: &str, offset: u32, name: &str, fully: bool, quotes: Quotes) -> String {
    match (name, fully) {
        ("", _) => format!("{chip} {offset}"),
        (name, true) => format!("{chip} {offset} {}", quotes.around(name)),
        (name, false) => quotes.around(name),
    }
}

/// Who has a line that is used; a part of the system need not say its name.
pub(crate) fn holder(info: &LineInfo) -> &str {
    match info.consumer.as_str() {
        "" => "kernel",
        consumer => consumer,
    }
}

/// `lines 'a', 'b', and 'c'`, for the sentence that says that the work begins.
pub(crate) fn lines(keys: &[String]) -> String {
    match keys {
        [] => "all lines".into(),
        [one] => format!("line '{one}'"),
        [first @ .., last] => {
            let first: String = first.iter().map(|key| format!("'{key}', ")).collect();
            format!("lines {first}and '{last}'")
        }
    }
}
