// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mediadev info`: what devices say of themselves.

use crate::{device, json, text};
use cli_common::{output, Failure, Result};
use serde_json::Value;

/// Show what devices say of themselves
///
/// To tell apart devices of one driver, or to find out which version of the driver runs.
#[derive(clap::Args)]
#[command(after_help = device::DEVICES, after_long_help = format!("\
{}

Examples:
  mediadev info
  mediadev info --json platform:vimc

Exit codes:
  0  the devices are shown, if there are any
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  the device has gone away", device::DEVICES))]
pub(crate) struct InfoOf {
    /// Only these devices
    #[arg(value_name = "DEVICE")]
    devices: Vec<String>,
    /// Write it as JSON
    #[arg(long)]
    json: bool,
}

impl InfoOf {
    pub(crate) fn run(self) -> Result<()> {
        let (nodes, failed) = device::devices(&self.devices);
        match self.json {
            true => output::json(&nodes.iter().map(|node| json::device(node)).collect::<Value>())?,
            false => {
                let of = |node: &mediadev::Node| {
                    let version = text::version(node.info().raw().media_version);
                    let name = node.name().to_string_lossy();
                    format!("{:16}{name}\n{:16}{version}\n{}", "node", "API version", text::info(node.info()))
                };
                output::text(&nodes.iter().map(|node| of(node)).collect::<Vec<_>>().join("\n"))?
            }
        };
        Failure::unless_none(failed)
    }
}
