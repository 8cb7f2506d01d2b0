// SPDX-License-Identifier: MIT OR Apache-2.0
//! `gpiodref set`: lines as outputs, for as long as the program runs.

use crate::arguments::{period, Request, PERIODS};
use crate::lines::{Scope, CHIPS};
use crate::text;
use cli_common::{output, Result, Stop, Woke};
use gpiodref::{Config, Group};
use kref::Ref;
use std::time::{Duration, Instant};

/// Set lines, and hold them
///
/// To switch something on for as long as this runs, or to blink or pulse it. The lines are outputs with these values until Ctrl-C or SIGTERM, or until a --toggle sequence has ended. Then they are let
/// go, and what they do is the chip's own affair: most keep the last level, some become inputs.
#[derive(clap::Args)]
#[command(after_help = format!("{CHIPS}\n{PERIODS}"), after_long_help = format!("\
{CHIPS}
{PERIODS}

Examples:
  gpiodref set EEPROM_WP=1
  gpiodref set -c 0 3=on 4=off
  gpiodref set --blink 500ms LED=1
  gpiodref set -p 20ms -t 0 RESET=1  # one pulse of 20 ms
  gpiodref set -t 1s,1s,1s,0 LED=1   # on and off twice

Exit codes:
  0  the lines were held until Ctrl-C or SIGTERM, or until the --toggle sequence had ended
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  a chip has gone away"))]
pub(crate) struct Set {
    /// The lines and their values: 1 or 0, active or inactive, on or off, true or false
    #[arg(value_name = "LINE=VALUE", required = true, value_parser = assignment)]
    lines: Vec<(String, bool)>,
    #[command(flatten)]
    scope: Scope,
    /// Refuse a name that several lines have, instead of taking the first
    #[arg(short, long)]
    strict: bool,
    #[command(flatten)]
    request: Request,
    /// How the lines are driven
    #[arg(short, long, value_enum, default_value = "push-pull")]
    drive: Drive,
    /// Hold every value for this time at least
    #[arg(short = 'p', long, value_name = "PERIOD", value_parser = period, default_value = "0")]
    hold_period: Duration,
    /// Invert all lines after each of these periods, again and again; if the last one is 0, once and end
    #[arg(
        short,
        long,
        visible_alias = "blink",
        value_name = "PERIOD[,PERIOD]...",
        value_delimiter = ',',
        value_parser = period
    )]
    toggle: Vec<Duration>,
    /// Hold the lines until Ctrl-C also when a --toggle sequence has ended
    #[arg(long)]
    hold: bool,
    /// Print a line when the lines are set
    #[arg(long)]
    banner: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Drive {
    /// High and low
    PushPull,
    /// Low only
    OpenDrain,
    /// High only
    OpenSource,
}

/// Lines of one chip, with the values that they have now: line n is bit n.
struct Held {
    group: Ref<Group>,
    values: u64,
    all: u64,
}

impl Set {
    pub(crate) fn run(self) -> Result<()> {
        let (keys, values): (Vec<String>, Vec<bool>) = self.lines.iter().cloned().unzip();
        let drive = match self.drive {
            Drive::PushPull => gpiodref::Drive::PushPull,
            Drive::OpenDrain => gpiodref::Drive::OpenDrain,
            Drive::OpenSource => gpiodref::Drive::OpenSource,
        };
        let stop = Stop::new()?;
        let mut held = Vec::new();
        for part in self.scope.find(&keys, self.strict)? {
            let config =
                |place: usize| Config { drive, ..self.request.config(Config::output(values[place])) };
            let group = part.request(&self.request.consumer, config)?;
            let bits = part.places.iter().enumerate().map(|(n, &place)| u64::from(values[place]) << n);
            held.push(Held { group, values: bits.sum(), all: u64::MAX >> (64 - part.lines.len()) });
        }
        if self.banner {
            output::text(&format!("Setting {}...\n", text::lines(&keys)))?;
        }
        if !self.toggle.is_empty() && self.run_toggle(&stop, &mut held)? == Woke::Stopped {
            return Ok(());
        }
        if self.hold || self.toggle.is_empty() {
            rest(&stop, &held, None)?;
        }
        Ok(())
    }

    /// Inverts the lines after each period, until the sequence has ended, or the program is to.
    fn run_toggle(&self, stop: &Stop, held: &mut [Held]) -> Result<Woke> {
        let (periods, ends) = match self.toggle.split_last() {
            Some((last, before)) if last.is_zero() => (before, true),
            _ => (&self.toggle[..], false),
        };
        loop {
            for &period in periods {
                if rest(stop, held, Some(period.max(self.hold_period)))? == Woke::Stopped {
                    return Ok(Woke::Stopped);
                }
                for held in &mut *held {
                    held.values ^= held.all;
                    held.group.set_values(held.all, held.values)?;
                }
            }
            if ends {
                return rest(stop, held, Some(self.hold_period));
            }
        }
    }
}

/// Holds the lines for a time (None: for ever), until the program is to end; an error if a chip goes meanwhile.
fn rest(stop: &Stop, held: &[Held], time: Option<Duration>) -> Result<Woke> {
    let deadline = time.and_then(|time| Instant::now().checked_add(time));
    let fds = held.iter().map(|held| held.group.fd()).collect::<gpiodref::Result<Vec<_>>>()?;
    let woke = stop.sleep(&fds, deadline)?;
    if woke == Woke::Ready {
        // Outputs have nothing to tell but that they are gone; the next call says it.
        held.iter().try_for_each(|held| held.group.values(held.all).map(drop))?;
    }
    Ok(woke)
}

/// Reads `LINE=VALUE`; the line may stand in quotes.
fn assignment(text: &str) -> std::result::Result<(String, bool), String> {
    let (line, value) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\"="),
        None => text.split_once('='),
    }
    .ok_or("this is not LINE=VALUE")?;
    match value {
        "1" | "active" | "on" | "true" => Ok((line.into(), true)),
        "0" | "inactive" | "off" | "false" => Ok((line.into(), false)),
        _ => Err(format!("\"{value}\" is none of 1, 0, active, inactive, on, off, true, false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_and_its_value() {
        assert_eq!(assignment("led=1"), Ok(("led".into(), true)));
        assert_eq!(assignment("3=inactive"), Ok(("3".into(), false)));
        assert_eq!(assignment("\"a=b\"=on"), Ok(("a=b".into(), true)));
        for wrong in ["led", "led=", "led=2", "\"led=1", "led=ON"] {
            assert!(assignment(wrong).is_err(), "{wrong}");
        }
    }
}
