// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mediadev list`: which devices there are.

use crate::{device, json};
use cli_common::{output, Failure, Result};
use serde_json::Value;

/// List the media devices: name, model, driver, bus information
///
/// What to begin with: it says what other commands can be given as --device. Numbers may change from boot to boot, drivers and bus
/// information do not.
#[derive(clap::Args)]
#[command(after_help = device::DEVICES, after_long_help = format!("\
{}

Examples:
  mediadev list
  mediadev list --json vimc

Exit codes:
  0  the devices are listed, if there are any
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  the device has gone away", device::DEVICES))]
pub(crate) struct List {
    /// Only these devices
    #[arg(value_name = "DEVICE")]
    devices: Vec<String>,
    /// Write the list as JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(crate) fn run(self) -> Result<()> {
        let (nodes, failed) = device::devices(&self.devices);
        if self.json {
            output::json(&nodes.iter().map(|node| json::device(node)).collect::<Value>())?;
        } else {
            let line = |node: &mediadev::Node| {
                let (name, model) = (node.name().to_string_lossy(), node.info().model().to_string_lossy());
                format!("{name} [{model}] {}\n", node.info())
            };
            output::text(&nodes.iter().map(|node| line(node)).collect::<String>())?;
        }
        Failure::unless_none(failed)
    }
}
