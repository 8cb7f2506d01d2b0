// SPDX-License-Identifier: MIT OR Apache-2.0
//! Overlays, applied one after the other: what each of them changes, or what stops it.

use crate::{input, json};
use cli_common::{Failure, Result};
use ovl::{ApplyOptions, Error, Report, Tree};
use serde_json::{json, Value};
use std::path::Path;

/// How overlays are applied.
#[derive(clap::Args)]
pub(crate) struct Rules {
    /// Whose rules overlays are applied by
    #[arg(long, value_enum, default_value = "default")]
    mode: Mode,
    /// The node (path, alias or &label) at which each target-path of the overlays starts, instead of the root
    #[arg(long, value_name = "PATH")]
    base_node: Option<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Mode {
    /// Linux's rules with their defects mended
    Default,
    /// Exactly what Linux does
    Linux,
    /// What fdtoverlay does: fragments merge, the last one wins
    Libfdt,
}

/// What became of one overlay.
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) report: Report,
}

impl Rules {
    /// Applies an overlay with these parameters, unless something stops it.
    pub(crate) fn step(&self, tree: &Tree, file: &Path, params: &[&str]) -> Result<Step> {
        let name = file.display().to_string();
        let blob = match input::bytes(file, params) {
            Ok(blob) => blob,
            Err(error) => return Ok(Step::new(file, vec![error])),
        };
        let base = self.base_node.as_deref().map(|place| input::node(tree, place)).transpose()?;
        let mode = match self.mode {
            Mode::Default => ovl::Mode::Default,
            Mode::Linux => ovl::Mode::Linux,
            Mode::Libfdt => ovl::Mode::Libfdt,
        };
        let options = ApplyOptions { mode, base: base.as_ref(), name: Some(&name) };
        let report = tree.check_overlay(&blob, &options)?;
        if report.problems.is_empty() {
            tree.apply(&blob, &options)?;
        }
        Ok(Step { name, report })
    }
}

impl Step {
    /// One that changes nothing.
    pub(crate) fn new(file: &Path, problems: Vec<Error>) -> Step {
        Step { name: file.display().to_string(), report: Report { problems, changes: Vec::new() } }
    }

    /// Whether it was applied.
    pub(crate) fn ok(&self) -> bool {
        self.report.problems.is_empty()
    }

    /// An error if it was not.
    pub(crate) fn succeeded(&self) -> Result<()> {
        match self.ok() {
            true => Ok(()),
            false => Err(Failure::several(self.report.problems.iter().map(Error::to_string))),
        }
    }

    /// Everything about it for a script.
    pub(crate) fn json(&self) -> Value {
        json!({
            "file": self.name,
            "ok": self.ok(),
            "problems": json::problems(&self.report.problems),
            "changes": self.report.changes.iter().map(json::change).collect::<Value>(),
        })
    }
}
