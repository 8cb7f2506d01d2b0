// SPDX-License-Identifier: MIT OR Apache-2.0
//! How far the work is, for somebody who waits.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// A work that is done sooner needs none.
const PATIENCE: Duration = Duration::from_secs(1);
/// Nobody reads faster.
const AGAIN: Duration = Duration::from_millis(50);

/// A line on standard error that tells how far the work is, where that is a terminal. It comes after a second, and is gone when
/// this is.
pub struct Progress {
    /// When to write it next; never, where nobody looks.
    due: Option<Instant>,
    shown: bool,
}

impl Progress {
    /// The work begins now.
    pub fn new() -> Progress {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let seen = std::io::stderr().is_terminal() && !dumb;
        Progress { due: seen.then(|| Instant::now() + PATIENCE), shown: false }
    }

    /// The line, from now on; not made where it is not wanted.
    pub fn show(&mut self, line: impl FnOnce() -> String) {
        let Some(due) = &mut self.due else { return };
        if Instant::now() < *due {
            return;
        }
        *due = Instant::now() + AGAIN;
        self.shown = true;
        // A line that goes on in the next one could not be taken back.
        let width = rustix::termios::tcgetwinsize(std::io::stderr()).map_or(0, |size| size.ws_col.into());
        let line: String = line().chars().take(if width == 0 { 80 } else { width } - 1).collect();
        let _ = write!(std::io::stderr(), "\r{line}\x1b[K");
    }

    /// Takes the line away, until it is shown again.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

impl Default for Progress {
    fn default() -> Progress {
        Progress::new()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
