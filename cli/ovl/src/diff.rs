// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl diff`: what is not the same in two devicetrees.

use crate::failure::Result;
use crate::{input, json, output};
use ovl::{DiffOptions, Tree};
use serde_json::{json, Value};
use std::path::PathBuf;

/// Show the difference between two devicetrees
///
/// A line each for nodes and properties that went (-), came (+), or are in another order (~). Memory reservations and the
/// boot processor are not compared. Exit code 0: no difference; 1: there is one.
#[derive(clap::Args)]
#[command(after_long_help = "\
Examples:
  ovl diff board.dtb merged.dtb
  ovl diff --any-order board.dtb /proc/device-tree")]
pub(crate) struct Diff {
    /// The one devicetree: a .dtb file, a directory, or "-" for standard input
    a: PathBuf,
    /// The other one
    b: PathBuf,
    /// Pass over the order of nodes and properties
    #[arg(long)]
    any_order: bool,
    /// Write the differences as JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(crate) fn run(self) -> Result<bool> {
        let (a, b) = (input::load(&self.a)?, input::load(&self.b)?);
        let differences = Tree::differences(&a, &b, DiffOptions { any_order: self.any_order })?;
        let equal = differences.is_empty();
        if self.json {
            output::json(&json!({
                "equal": equal,
                "differences": differences.iter().map(json::difference).collect::<Value>(),
            }))?;
        } else {
            output::text(&differences.iter().map(|line| format!("{line}\n")).collect::<String>())?;
        }
        Ok(equal)
    }
}
