// SPDX-License-Identifier: MIT OR Apache-2.0
//! `gpiodref mon`: edges of lines, as they come.

use crate::arguments::{period, Request, PERIODS};
use crate::clock::Style;
use crate::lines::{Line, Part, Scope, CHIPS};
use crate::stream::{self, Source, Stream};
use crate::{json, text, NAME};
use clap::ValueHint;
use cli_common::{tell, Failure, Result, Stop};
use gpiodref::{Config, Error, Event, Group};
use kref::Ref;
use serde_json::json;
use std::os::fd::BorrowedFd;

/// Print the edges of lines, as they come
///
/// To wait for a button, or to see what a line does. The lines are inputs until Ctrl-C or SIGTERM. When their chip goes away, the edges that have come are printed, a sentence
/// says so, and the program ends with exit code 3; with --reattach it waits for the chip.
#[derive(clap::Args)]
#[command(after_help = format!("{FORMAT}\n\n{CHIPS}\n{PERIODS}"), after_long_help = format!("\
{FORMAT}

{CHIPS}
{PERIODS}

Examples:
  gpiodref mon BUTTON
  gpiodref mon -c pca9555 -e falling -b pull-up -p 10ms 3 4
  gpiodref mon --reattach --format '%U %l %E' BUTTON
  gpiodref mon --num-events 1 --idle-timeout 10s --quiet DOOR

Exit codes:
  0  it was enough: Ctrl-C or SIGTERM, --num-events, --idle-timeout, or nobody reads any more
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  a chip has gone away"))]
pub(crate) struct Mon {
    /// The lines: names, or numbers with --chip
    #[arg(value_name = "LINE", required = true, value_hint = ValueHint::Other)]
    lines: Vec<String>,
    #[command(flatten)]
    scope: Scope,
    /// Refuse a name that several lines have, instead of taking the first
    #[arg(short, long)]
    strict: bool,
    #[command(flatten)]
    request: Request,
    /// Which edges
    #[arg(short, long, value_enum, default_value = "both")]
    edges: Edges,
    /// Which clock stamps them; if not given, monotonic, but realtime for --localtime and --utc
    #[arg(short = 'E', long, value_enum, value_name = "CLOCK")]
    event_clock: Option<Clock>,
    /// How long a line must be stable before that is an edge
    #[arg(short = 'p', long, value_name = "PERIOD", value_parser = microseconds, default_value = "0")]
    debounce_period: u32,
    /// When the chip goes away, wait for it, and find it again by its label and the names of the lines
    #[arg(long)]
    reattach: bool,
    #[command(flatten)]
    stream: Stream,
}

const FORMAT: &str = "\
In a FORMAT stands
  %c  the chip
  %o  the line's number
  %l  the line's name
  %e  1 for a rising edge, 2 for a falling one
  %E  rising or falling
  %S, %U, %L  the time: in seconds, as a date in UTC, as a date here
  %%  a percent sign";

#[derive(Clone, Copy, clap::ValueEnum)]
enum Edges {
    Rising,
    Falling,
    Both,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Clock {
    Monotonic,
    Realtime,
    /// The chip's hardware timestamp engine
    Hte,
}

fn microseconds(text: &str) -> std::result::Result<u32, String> {
    period(text)?.as_micros().try_into().map_err(|_| "this is too long".into())
}

impl Mon {
    pub(crate) fn run(self) -> Result<()> {
        let stop = Stop::new()?;
        let edge = match self.edges {
            Edges::Rising => gpiodref::Edge::Rising,
            Edges::Falling => gpiodref::Edge::Falling,
            Edges::Both => gpiodref::Edge::Both,
        };
        let clock = match (self.event_clock, self.stream.style()) {
            (Some(Clock::Monotonic), _) | (None, None) => gpiodref::Clock::Monotonic,
            (Some(Clock::Realtime), _) | (None, Some(_)) => gpiodref::Clock::Realtime,
            (Some(Clock::Hte), _) => gpiodref::Clock::Hte,
        };
        let style = self.stream.style().unwrap_or(match clock {
            gpiodref::Clock::Realtime => Style::Utc,
            _ => Style::Seconds,
        });
        let config = Config { edge, clock, debounce_us: self.debounce_period, ..Config::input() };
        let config = self.request.config(config);
        let monitored = |part: Part| {
            if let Some(line) = part.lines.iter().find(|line| self.reattach && line.name.is_empty()) {
                return Err(Failure::new(format!(
                    "{} line {}: it has no name by which --reattach could find it again",
                    part.chip, line.offset
                )));
            }
            let group = part.request(&self.request.consumer, |_| config)?;
            Ok(Monitored { group, lines: part.lines, away: false, reattach: self.reattach, lost: 0 })
        };
        let parts = self.scope.find(&self.lines, self.strict)?;
        let mut sources = parts.into_iter().map(monitored).collect::<Result<Vec<_>>>()?;
        self.stream.follow(&stop, ("Monitoring", &self.lines), &mut sources, |source, event| {
            Some(self.show(source, event, clock, style))
        })
    }

    fn show(&self, source: &Monitored, event: &Event, clock: gpiodref::Clock, style: Style) -> String {
        let chip = source.group.chip().name().to_string_lossy();
        let name = source.name(event.offset);
        let edge = if event.kind == Event::RISING { "rising" } else { "falling" };
        if self.stream.json {
            return stream::json(&json!({
                "chip": chip,
                "offset": event.offset,
                "name": json::text(name),
                "event": edge,
                "timestamp_ns": event.timestamp_ns,
                "event_clock": clock.to_string(),
                "line_seqno": event.line_seqno,
                "seqno": event.global_seqno,
            }));
        }
        let time = |style: Style| style.text(event.timestamp_ns, clock);
        let plain = || {
            let id = text::id(&chip, event.offset, name, self.scope.chip.is_some(), self.stream.quotes);
            format!("{}\t{edge}\t{id}", time(style))
        };
        stream::line(self.stream.format.as_deref(), plain, |letter| {
            Some(match letter {
                'c' => chip.to_string(),
                'o' => event.offset.to_string(),
                'l' => text::name(name).to_owned(),
                'e' => event.kind.to_string(),
                'E' => edge.to_owned(),
                'S' => time(Style::Seconds),
                'U' => time(Style::Utc),
                'L' => time(Style::Local),
                _ => return None,
            })
        })
    }
}

/// Lines of one chip.
struct Monitored {
    group: Ref<Group>,
    lines: Vec<Line>,
    /// The chip has gone, and may come back.
    away: bool,
    reattach: bool,
    /// How many events were lost, as far as has been told.
    lost: u64,
}

impl Monitored {
    fn name(&self, offset: u32) -> &str {
        self.lines.iter().find(|line| line.offset == offset).map_or("", |line| &line.name)
    }

    /// The chip is back: under another number perhaps, and the lines may have others too.
    fn back(&mut self, group: Ref<Group>) {
        tell(NAME, &format!("{} is back", group.chip()));
        for (line, &offset) in self.lines.iter_mut().zip(group.offsets()) {
            line.offset = offset;
        }
        (self.group, self.away, self.lost) = (group, false, 0);
    }
}

impl Source for Monitored {
    type Event = Event;

    fn fd(&self) -> gpiodref::Result<Option<BorrowedFd<'_>>> {
        match self.away {
            true => Ok(None),
            false => self.group.fd().map(Some),
        }
    }

    fn read(&mut self) -> gpiodref::Result<Vec<Event>> {
        if self.away {
            match self.group.reattach() {
                Ok(group) => self.back(group),
                Err(Error::Gone(_)) => return Ok(Vec::new()),
                Err(error) => return Err(error),
            }
        }
        let events = self.group.events()?;
        let lost = self.group.events_lost();
        if lost > self.lost {
            let (chip, lines) = (self.group.chip(), self.group.offsets());
            tell(
                NAME,
                &format!("{chip} lines {lines:?}: {} events came too fast and were lost", lost - self.lost),
            );
            self.lost = lost;
        }
        Ok(events)
    }

    fn gone(&mut self, gone: Error) -> Result<()> {
        if !self.reattach {
            return Err(gone.into());
        }
        tell(NAME, &format!("{gone}; waiting for it to come back"));
        self.away = true;
        Ok(())
    }
}
