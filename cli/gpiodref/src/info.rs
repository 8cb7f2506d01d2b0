// SPDX-License-Identifier: MIT OR Apache-2.0
//! `gpiodref info`: what lines are called, how they are configured, and who has them.

use crate::json;
use crate::lines::{self, Scope};
use crate::text::{self, Quotes};
use clap::ValueHint;
use cli_common::{output, Failure, Result};
use gpiodref::{Chip, LineInfo};
use serde_json::Value;
use std::fmt::Write;

/// Show lines: name, direction, configuration, who has it
///
/// To find a line by its name, or to find out who has the one that is busy. No line is requested, so nothing changes.
#[derive(clap::Args)]
#[command(after_help = lines::CHIPS, after_long_help = format!("\
{}

Examples:
  gpiodref info
  gpiodref info -c pca9555
  gpiodref info EEPROM_WP
  gpiodref info -c 0 --json 3 4

Exit codes:
  0  the lines are shown
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  a chip has gone away", lines::CHIPS))]
pub(crate) struct Info {
    /// Only these lines: names, or numbers with --chip
    #[arg(value_name = "LINE", value_hint = ValueHint::Other)]
    lines: Vec<String>,
    #[command(flatten)]
    scope: Scope,
    /// Show all lines of a name, not only the first
    #[arg(short, long)]
    strict: bool,
    #[command(flatten)]
    quotes: Quotes,
    /// Write chips and lines as JSON
    #[arg(long)]
    json: bool,
}

impl Info {
    pub(crate) fn run(self) -> Result<()> {
        let (chips, mut wrong) = self.scope.chips()?;
        let mut found = vec![false; self.lines.len()];
        let mut text = String::new();
        let mut values = Vec::new();
        for chip in &chips {
            let shown = match self.of_chip(chip, &mut found) {
                Ok(shown) => shown,
                Err(error) => {
                    wrong.push(error);
                    continue;
                }
            };
            match self.json {
                true => values.extend(self.value(chip, &shown)),
                false => self.write(&mut text, chip, &shown),
            }
        }
        match self.json {
            true => output::json(&Value::from(values))?,
            false => output::text(&text)?,
        };
        let missing = self.lines.iter().zip(&found).filter(|(_, found)| !**found);
        wrong.extend(missing.map(|(key, _)| self.scope.missing(&chips, key)));
        Failure::unless_none(wrong)
    }

    /// The lines of a chip that are to be shown.
    fn of_chip(&self, chip: &Chip, found: &mut [bool]) -> gpiodref::Result<Vec<LineInfo>> {
        let mut shown = Vec::new();
        for offset in 0..chip.num_lines() {
            let info = chip.line_info(offset)?;
            let mut meant = self.lines.is_empty();
            for (key, found) in self.lines.iter().zip(&mut *found) {
                let number = self.scope.number(key).filter(|&offset| offset < chip.num_lines());
                let is = match number {
                    Some(number) => number == offset,
                    None => !info.name.is_empty() && info.name == *key && (self.strict || !*found),
                };
                meant |= is;
                *found |= is;
            }
            if meant {
                shown.push(info);
            }
        }
        Ok(shown)
    }

    fn write(&self, out: &mut String, chip: &Chip, lines: &[LineInfo]) {
        let name = chip.name().to_string_lossy();
        if self.lines.is_empty() {
            let _ = writeln!(out, "{name} - {} lines:", chip.num_lines());
        }
        for info in lines {
            let _ = match self.lines.is_empty() {
                true => write!(out, "\tline {:>3}:", info.offset),
                false => write!(out, "{name} {}", info.offset),
            };
            let called = match info.name.as_str() {
                "" => text::name("").to_owned(),
                name => self.quotes.around(name),
            };
            let _ = writeln!(out, "\t{called:<16}\t{}", self.quotes.attributes(info));
        }
    }

    /// A chip with the lines of it that were asked for.
    fn value(&self, chip: &Chip, lines: &[LineInfo]) -> Option<Value> {
        let mut value = json::chip(chip);
        value["lines"] = lines.iter().map(json::line).collect();
        (self.lines.is_empty() || !lines.is_empty()).then_some(value)
    }
}
