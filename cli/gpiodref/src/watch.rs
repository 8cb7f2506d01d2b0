// SPDX-License-Identifier: MIT OR Apache-2.0
//! `gpiodref watch`: who requests, releases and configures lines.

use crate::clock::Style;
use crate::lines::{Scope, CHIPS};
use crate::stream::{self, Source, Stream};
use crate::{json, text};
use clap::ValueHint;
use cli_common::{Failure, Result, Stop};
use gpiodref::{Change, Chip, Clock, InfoEvent};
use kref::Ref;
use std::os::fd::BorrowedFd;

/// Print who requests, releases and configures lines
///
/// To see who takes lines away from whom. The lines are not requested; they may be anybody's. Without lines, all lines of the chip, or of all chips, are watched. When
/// a chip goes away, the program ends with a sentence and exit code 3.
#[derive(clap::Args)]
#[command(after_help = format!("{FORMAT}\n\n{CHIPS}"), after_long_help = format!("\
{FORMAT}

{CHIPS}

Examples:
  gpiodref watch
  gpiodref watch -c pca9555 --utc
  gpiodref watch -e requested -F '%C takes it' EEPROM_WP

Exit codes:
  0  it was enough: Ctrl-C or SIGTERM, --num-events, --idle-timeout, or nobody reads any more
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  a chip has gone away"))]
pub(crate) struct WatchOf {
    /// Only these lines: names, or numbers with --chip
    #[arg(value_name = "LINE", value_hint = ValueHint::Other)]
    lines: Vec<String>,
    #[command(flatten)]
    scope: Scope,
    /// Refuse a name that several lines have, instead of taking the first
    #[arg(short, long)]
    strict: bool,
    /// Only this kind of event
    #[arg(short, long, value_enum)]
    event: Option<Kind>,
    #[command(flatten)]
    stream: Stream,
}

const FORMAT: &str = "\
In a FORMAT stands
  %c  the chip
  %o  the line's number
  %l  the line's name
  %C  who has the line
  %a  direction, configuration, who has the line
  %e  1 for requested, 2 for released, 3 for reconfigured
  %E  requested, released or reconfigured
  %S, %U, %L  the time: in seconds, as a date in UTC, as a date here
  %%  a percent sign";

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Requested,
    Released,
    Reconfigured,
}

impl WatchOf {
    pub(crate) fn run(self) -> Result<()> {
        let stop = Stop::new()?;
        let chips: Vec<(Ref<Chip>, Vec<u32>)> = match self.lines.is_empty() {
            true => self.scope.chips()?.0.into_iter().map(|chip| (chip, Vec::new())).collect(),
            false => (self.scope.find(&self.lines, self.strict)?.into_iter())
                .map(|part| (part.chip, part.lines.iter().map(|line| line.offset).collect()))
                .collect(),
        };
        if chips.is_empty() {
            return Err(Failure::new("there is no GPIO chip to watch"));
        }
        let watched = |(chip, offsets): (Ref<Chip>, Vec<u32>)| {
            Ok(Watched { watch: gpiodref::Watch::new(&chip, &offsets)?, chip })
        };
        let mut sources = chips.into_iter().map(watched).collect::<Result<Vec<_>>>()?;
        self.stream.follow(&stop, ("Watching", &self.lines), &mut sources, |source, event| {
            let (kind, word) = match event.change {
                Change::Requested => (Kind::Requested, "requested"),
                Change::Released => (Kind::Released, "released"),
                Change::Reconfigured => (Kind::Reconfigured, "reconfigured"),
            };
            let wanted = self.event.is_none_or(|wanted| wanted == kind);
            wanted.then(|| self.show(&source.chip, event, word))
        })
    }

    fn show(&self, chip: &Chip, event: &InfoEvent, word: &str) -> String {
        let chip = chip.name().to_string_lossy();
        let info = &event.info;
        if self.stream.json {
            let mut value = json::line(info);
            value["chip"] = chip.into();
            value["event"] = word.into();
            value["timestamp_ns"] = event.timestamp_ns.into();
            return stream::json(&value);
        }
        let quotes = self.stream.quotes;
        let time = |style: Style| style.text(event.timestamp_ns, Clock::Monotonic);
        let plain = || {
            let id = text::id(&chip, info.offset, &info.name, self.scope.chip.is_some(), quotes);
            format!("{}\t{word}\t{id}", time(self.stream.style().unwrap_or(Style::Seconds)))
        };
        stream::line(self.stream.format.as_deref(), plain, |letter| {
            Some(match letter {
                'c' => chip.to_string(),
                'o' => info.offset.to_string(),
                'l' => text::name(&info.name).to_owned(),
                'C' => if info.used { text::holder(info) } else { "unused" }.to_owned(),
                'a' => quotes.attributes(info),
                'e' => (event.change as u32).to_string(),
                'E' => word.to_owned(),
                'S' => time(Style::Seconds),
                'U' => time(Style::Utc),
                'L' => time(Style::Local),
                _ => return None,
            })
        })
    }
}

/// Lines of one chip.
struct Watched {
    watch: gpiodref::Watch,
    chip: Ref<Chip>,
}

impl Source for Watched {
    type Event = InfoEvent;

    fn fd(&self) -> gpiodref::Result<Option<BorrowedFd<'_>>> {
        Ok(Some(self.watch.fd()))
    }

    fn read(&mut self) -> gpiodref::Result<Vec<InfoEvent>> {
        Ok(Vec::from_iter(self.watch.read()?))
    }
}
