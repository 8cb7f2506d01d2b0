// SPDX-License-Identifier: MIT OR Apache-2.0
//! `gpiodref detect`: which chips there are.

use crate::{json, lines};
use cli_common::{output, Failure, Result};
use serde_json::Value;

/// List the GPIO chips: name, label, number of lines
///
/// What to begin with: it says what other commands can be given as --chip. Numbers may change from boot to boot, labels do not.
#[derive(clap::Args)]
#[command(after_help = lines::CHIPS, after_long_help = format!("\
{}

Examples:
  gpiodref detect
  gpiodref detect --json pca9555

Exit codes:
  0  the chips are listed, if there are any
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  a chip has gone away", lines::CHIPS))]
pub(crate) struct Detect {
    /// Only these chips
    #[arg(value_name = "CHIP")]
    chips: Vec<String>,
    /// Write the list as JSON
    #[arg(long)]
    json: bool,
}

impl Detect {
    pub(crate) fn run(self) -> Result<()> {
        let (chips, failed) = lines::chips(&self.chips);
        if self.json {
            output::json(&chips.iter().map(|chip| json::chip(chip)).collect::<Value>())?;
        } else {
            let line = |chip: &gpiodref::Chip| {
                let (name, label) = (chip.name().to_string_lossy(), chip.label().to_string_lossy());
                format!("{name} [{label}] ({} lines)\n", chip.num_lines())
            };
            output::text(&chips.iter().map(|chip| line(chip)).collect::<String>())?;
        }
        Failure::unless_none(failed)
    }
}
