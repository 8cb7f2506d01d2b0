// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mediadev reset`: no link is enabled any more, as far as links can be disabled.

use crate::device::{self, Which};
use cli_common::Result;

/// Disable all links that can be disabled
///
/// To begin anew, whatever somebody else has set up. Links that are immutable stay.
#[derive(clap::Args)]
#[command(after_help = device::DEVICES, after_long_help = format!("\
{}

Examples:
  mediadev reset
  mediadev reset -d vimc

Exit codes:
  0  no link is enabled that can be disabled
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  the device has gone away", device::DEVICES))]
pub(crate) struct Reset {
    #[command(flatten)]
    which: Which,
}

impl Reset {
    pub(crate) fn run(self) -> Result<()> {
        Ok(self.which.open()?.reset_links()?)
    }
}
