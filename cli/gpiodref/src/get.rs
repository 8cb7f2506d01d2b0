// SPDX-License-Identifier: MIT OR Apache-2.0
//! `gpiodref get`: the values of lines.

use crate::arguments::{period, Request, PERIODS};
use crate::json;
use crate::lines::{Scope, CHIPS};
use crate::text::Quotes;
use clap::ValueHint;
use cli_common::{output, Progress, Result, Stop, Woke};
use gpiodref::Config;
use serde_json::{json, Value};
use std::time::{Duration, Instant};

/// Read the values of lines
///
/// To look at buttons, switches and sensors from a script. The lines are made inputs, are read once, and are let go.
#[derive(clap::Args)]
#[command(after_help = format!("{CHIPS}\n{PERIODS}"), after_long_help = format!("\
{CHIPS}
{PERIODS}

Examples:
  gpiodref get BUTTON
  gpiodref get -c 0 --numeric 2 3 5
  gpiodref get -c pca9555 --bias pull-up --hold-period 1ms 7

Exit codes:
  0  the values are printed, unless Ctrl-C or SIGTERM came first
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  a chip has gone away"))]
pub(crate) struct Get {
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
    /// Leave the direction as it is, to see what an output is set to
    #[arg(short, long, conflicts_with = "bias")]
    as_is: bool,
    /// Wait between requesting the lines and reading them
    #[arg(short = 'p', long, value_name = "PERIOD", value_parser = period)]
    hold_period: Option<Duration>,
    /// Print 1 and 0 instead of names with "active" and "inactive"
    #[arg(long)]
    numeric: bool,
    #[command(flatten)]
    quotes: Quotes,
    /// Write lines and values as JSON
    #[arg(long, conflicts_with = "numeric")]
    json: bool,
}

impl Get {
    pub(crate) fn run(self) -> Result<()> {
        let parts = self.scope.find(&self.lines, self.strict)?;
        let config = match self.as_is {
            true => Config::default(),
            false => Config::input(),
        };
        let config = self.request.config(config);
        let mut values = vec![false; self.lines.len()];
        let mut described = vec![Value::Null; self.lines.len()];
        let groups = parts
            .iter()
            .map(|part| part.request(&self.request.consumer, |_| config))
            .collect::<Result<Vec<_>>>()?;
        if let Some(period) = self.hold_period {
            if hold(period)? == Woke::Stopped {
                return Ok(());
            }
        }
        for (part, group) in parts.iter().zip(&groups) {
            let got = group.values(u64::MAX >> (64 - part.lines.len()))?;
            for (n, (line, &place)) in part.lines.iter().zip(&part.places).enumerate() {
                values[place] = got >> n & 1 == 1;
                described[place] = json!({
                    "chip": part.chip.name().to_string_lossy(),
                    "offset": line.offset,
                    "name": json::text(&line.name),
                    "value": u8::from(values[place]),
                });
            }
        }
        if self.json {
            output::json(&Value::from(described))?;
            return Ok(());
        }
        let words: Vec<String> = (self.lines.iter().zip(values))
            .map(|(key, value)| match (self.numeric, value) {
                (true, value) => u8::from(value).to_string(),
                (false, true) => format!("{}=active", self.quotes.around(key)),
                (false, false) => format!("{}=inactive", self.quotes.around(key)),
            })
            .collect();
        output::text(&(words.join(" ") + "\n"))?;
        Ok(())
    }
}

/// How often somebody who looks is told how long it takes.
const TICK: Duration = Duration::from_millis(100);

/// Lets a time go by.
fn hold(period: Duration) -> Result<Woke> {
    let (stop, began, mut progress) = (Stop::new()?, Instant::now(), Progress::new());
    while let Some(left) = period.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) {
        progress.show(|| format!("reading in {} s", left.as_secs() + 1));
        if stop.sleep(&[], Some(Instant::now() + left.min(TICK)))? == Woke::Stopped {
            return Ok(Woke::Stopped);
        }
    }
    Ok(Woke::TimedOut)
}
