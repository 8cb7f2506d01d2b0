// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl dts`: a devicetree as source.

use crate::input::Input;
use cli_common::{output, Result};
use ovl::DtsOptions;

/// Write a devicetree as source
///
/// The labels of /__symbols__ stand in front of their nodes. dtc compiles the source to an equal tree (without -@).
#[derive(clap::Args)]
#[command(after_long_help = "\
Examples:
  ovl dts
  ovl dts -i board.dtb --with hat.dtbo --origins
  ovl dts -i - --sorted < board.dtb

Exit codes:
  0  the source is written
  1  an error, which is told on standard error
  2  the command line cannot be understood")]
pub(crate) struct Dts {
    #[command(flatten)]
    input: Input,
    /// Say in a comment which overlay brought a node or a value
    #[arg(long)]
    origins: bool,
    /// Sort nodes and properties by name
    #[arg(long)]
    sorted: bool,
}

impl Dts {
    pub(crate) fn run(self) -> Result<bool> {
        let options = DtsOptions { sorted: self.sorted, origins: self.origins };
        output::text(&self.input.tree()?.to_dts(options)?)?;
        Ok(true)
    }
}
