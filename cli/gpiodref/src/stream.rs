// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `mon` and `watch` have in common: events that come until somebody has seen enough.

use crate::arguments::period;
use crate::clock::Style;
use crate::text::{self, Quotes};
use cli_common::{output, Progress, Result, Stop, Woke};
use gpiodref::Error;
use serde_json::Value;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

/// How events are printed, and when it is enough.
#[derive(clap::Args)]
pub(crate) struct Stream {
    /// End after this many events
    #[arg(short, long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    num_events: Option<u64>,
    /// End when no event has come for this long
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    idle_timeout: Option<Duration>,
    /// Print events in this form, as the list below says
    #[arg(short = 'F', long)]
    pub(crate) format: Option<String>,
    /// Print times as date and time here
    #[arg(long)]
    localtime: bool,
    /// Print times as date and time in UTC
    #[arg(long, conflicts_with = "localtime")]
    utc: bool,
    /// Print no events
    #[arg(short, long, visible_alias = "silent")]
    quiet: bool,
    /// Print a line when the work begins
    #[arg(long)]
    banner: bool,
    #[command(flatten)]
    pub(crate) quotes: Quotes,
    /// Write each event as JSON, on a line of its own
    #[arg(long, conflicts_with_all = ["format", "localtime", "utc", "quiet", "banner"])]
    pub(crate) json: bool,
}

/// Where events come from.
pub(crate) trait Source {
    type Event;
    /// What says that there are some; none while there is nothing to wait for.
    fn fd(&self) -> gpiodref::Result<Option<BorrowedFd<'_>>>;
    /// Some events, or none if none are there. Gone only when all have been read.
    fn read(&mut self) -> gpiodref::Result<Vec<Self::Event>>;
    /// The chip has gone: an error, unless the source can live with that.
    fn gone(&mut self, gone: Error) -> Result<()> {
        Err(gone.into())
    }
}

/// How often one looks whether a chip has come back.
const AGAIN: Duration = Duration::from_millis(100);

impl Stream {
    /// How times are to be written, if the user said so.
    pub(crate) fn style(&self) -> Option<Style> {
        match (self.localtime, self.utc) {
            (true, _) => Some(Style::Local),
            (_, true) => Some(Style::Utc),
            _ => None,
        }
    }

    /// Prints events until it is enough. `show` makes the text of one; none where it is not wanted.
    pub(crate) fn follow<S: Source>(
        &self,
        stop: &Stop,
        (verb, keys): (&str, &[String]),
        sources: &mut [S],
        show: impl Fn(&S, &S::Event) -> Option<String>,
    ) -> Result<()> {
        if self.banner {
            output::text(&format!("{verb} {}...\n", text::lines(keys)))?;
        }
        let enough_at = || self.idle_timeout.and_then(|idle| Instant::now().checked_add(idle));
        let (mut wanted, mut end) = (self.num_events, enough_at());
        let (mut progress, mut left_at) = (Progress::new(), None);
        loop {
            progress.clear();
            for source in &mut *sources {
                let events = match source.read() {
                    Ok(events) => events,
                    Err(gone @ Error::Gone(_)) => {
                        source.gone(gone)?;
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                };
                for text in events.iter().filter_map(|event| show(source, event)) {
                    end = enough_at();
                    if !self.quiet && !output::text(&text)? {
                        return Ok(());
                    }
                    wanted = wanted.map(|wanted| wanted - 1);
                    if wanted == Some(0) {
                        return Ok(());
                    }
                }
            }
            let fds = sources.iter().map(Source::fd).collect::<gpiodref::Result<Vec<_>>>()?;
            let away = fds.iter().any(Option::is_none).then(|| Instant::now() + AGAIN);
            match away {
                None => left_at = None,
                Some(_) => {
                    let since = left_at.get_or_insert_with(Instant::now).elapsed().as_secs();
                    progress.show(|| format!("away for {since} s (Ctrl-C ends this)"));
                }
            }
            let fds: Vec<_> = fds.into_iter().flatten().collect();
            match stop.sleep(&fds, end.into_iter().chain(away).min())? {
                Woke::Stopped => return Ok(()),
                Woke::TimedOut if end.is_some_and(|end| Instant::now() >= end) => return Ok(()),
                Woke::TimedOut | Woke::Ready => {}
            }
        }
    }
}

/// The line of an event: as in `format` if there is one, where `of` says what stands for %x, else `plain`.
pub(crate) fn line(
    format: Option<&str>,
    plain: impl FnOnce() -> String,
    of: impl Fn(char) -> Option<String>,
) -> String {
    let mut out = match format {
        None => plain(),
        Some(format) => expand(format, of),
    };
    out.push('\n');
    out
}

/// A value as a line.
pub(crate) fn json(value: &Value) -> String {
    format!("{value}\n")
}

/// What is no letter of ours stays as it is.
fn expand(format: &str, of: impl Fn(char) -> Option<String>) -> String {
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(char) = chars.next() {
        match (char, chars.as_str().chars().next()) {
            ('%', Some(letter)) => {
                chars.next();
                match (letter, of(letter)) {
                    ('%', _) => out.push('%'),
                    (_, Some(text)) => out.push_str(&text),
                    (_, None) => out.extend(['%', letter]),
                }
            }
            _ => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_expanded_and_what_it_does_not_know_stays() {
        let of = |letter| (letter == 'o').then(|| "7".to_owned());
        for (format, text) in [
            ("line %o", "line 7"),
            ("%o%o", "77"),
            ("100%% %x %", "100% %x %"),
            ("%%o", "%o"),
            ("é%é", "é%é"),
        ] {
            assert_eq!(expand(format, of), text, "{format}");
        }
    }
}
