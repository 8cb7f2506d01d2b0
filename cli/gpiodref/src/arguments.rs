// SPDX-License-Identifier: MIT OR Apache-2.0
//! Arguments that several commands have, and how they are read.

use gpiodref::Config;
use std::time::Duration;

/// How a line is requested, whatever it is for.
#[derive(clap::Args)]
pub(crate) struct Request {
    /// The lines are active when low
    #[arg(short = 'l', long)]
    active_low: bool,
    /// What the lines' own resistors do; if not given, what they do already
    #[arg(short, long, value_enum)]
    bias: Option<Bias>,
    /// Who others are told has the lines
    #[arg(short = 'C', long, value_name = "NAME", default_value = "gpiodref")]
    pub(crate) consumer: String,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Bias {
    Disabled,
    PullDown,
    PullUp,
}

impl Request {
    /// `config` as the arguments want it.
    pub(crate) fn config(&self, config: Config) -> Config {
        let bias = match self.bias {
            None => gpiodref::Bias::AsIs,
            Some(Bias::Disabled) => gpiodref::Bias::Disabled,
            Some(Bias::PullDown) => gpiodref::Bias::PullDown,
            Some(Bias::PullUp) => gpiodref::Bias::PullUp,
        };
        Config { active_low: self.active_low, bias, ..config }
    }
}

/// What every command's help says of periods.
pub(crate) const PERIODS: &str =
    "A PERIOD is a number of milliseconds, or has its unit behind it: 10us, 10ms, 2s.";

/// Reads a period.
pub(crate) fn period(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let us = match &text[digits.len()..] {
        "us" => 1,
        "ms" | "" => 1_000,
        "s" => 1_000_000,
        _ => return Err("the unit is none of us, ms and s".into()),
    };
    let number = digits.parse::<u64>().map_err(|_| "this is not a number of milliseconds")?;
    number.checked_mul(us).map(Duration::from_micros).ok_or_else(|| "this is too long".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_milliseconds_unless_it_says_otherwise() {
        let us = |text| period(text).map(|period| period.as_micros());
        assert_eq!(us("0"), Ok(0));
        assert_eq!(us("15"), Ok(15_000));
        assert_eq!(us("15ms"), Ok(15_000));
        assert_eq!(us("7us"), Ok(7));
        assert_eq!(us("2s"), Ok(2_000_000));
        for wrong in ["", "ms", "-1", "1.5s", "2m", "1 s", "99999999999999999999", "99999999999999999s"] {
            assert!(us(wrong).is_err(), "{wrong}");
        }
    }
}
