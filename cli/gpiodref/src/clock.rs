// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times of events as text.

use chrono::{DateTime, Local};
use gpiodref::Clock;
use rustix::time::{clock_gettime, ClockId};

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `1234.000056789`
    Seconds,
    /// `2024-02-29T12:30:00.000056789Z`
    Utc,
    /// `2024-02-29T13:30:00.000056789`
    Local,
}

impl Style {
    /// A time of this clock, in nanoseconds, as text.
    pub(crate) fn text(self, ns: u64, clock: Clock) -> String {
        if self == Style::Seconds {
            return format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000);
        }
        let ns = match clock {
            Clock::Monotonic => ns.wrapping_add(realtime_ahead()),
            Clock::Realtime | Clock::Hte => ns,
        };
        let utc = DateTime::from_timestamp_nanos(ns as i64);
        match self {
            Style::Local => utc.with_timezone(&Local).format("%FT%T%.9f").to_string(),
            _ => utc.format("%FT%T%.9fZ").to_string(),
        }
    }
}

/// How much later CLOCK_REALTIME is now than CLOCK_MONOTONIC, in nanoseconds.
fn realtime_ahead() -> u64 {
    let ns = |id| {
        let now = clock_gettime(id);
        now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
    };
    ns(ClockId::Realtime).wrapping_sub(ns(ClockId::Monotonic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_seconds_and_as_a_date() {
        assert_eq!(Style::Seconds.text(1_000_056_789, Clock::Monotonic), "1.000056789");
        assert_eq!(
            Style::Utc.text(1_709_209_800_000_000_042, Clock::Realtime),
            "2024-02-29T12:30:00.000000042Z"
        );
    }

    #[test]
    fn a_time_since_the_start_becomes_a_date_of_today() {
        let now = clock_gettime(ClockId::Monotonic);
        let text = Style::Utc.text(now.tv_sec as u64 * 1_000_000_000, Clock::Monotonic);
        let time = DateTime::parse_from_rfc3339(&text).unwrap();
        assert!((chrono::Utc::now() - time.to_utc()).num_seconds().abs() < 5, "{text}");
    }
}
