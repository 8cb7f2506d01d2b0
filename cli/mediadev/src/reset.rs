// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mediadev reset`: no link is enabled any more, as far as links can be disabled.

use crate::device::{self, Which};
use cli_common::Result;

/// Disable all links that can be disabled
#[derive(clap::Args)]
#[command(after_help = device::DEVICES, after_long_help = format!("\
{}

Examples:
  mediadev reset
  mediadev reset -d vimc", device::DEVICES))]
pub(crate) struct Reset {
    #[command(flatten)]
    which: Which,
}

impl Reset {
    pub(crate) fn run(self) -> Result<()> {
        Ok(self.which.open()?.reset_links()?)
    }
}
