// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl check`: whether blobs are well formed, and whether overlays can be applied.

use crate::failure::Result;
use crate::overlay::{Rules, Step};
use crate::{input, output};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// Check devicetree blobs, and overlays against a base
///
/// Without --base, each file is checked completely as a blob: header, offsets, sizes, tokens, names.
/// With --base, each file is an overlay, which is tried on the base and the overlays before it (without those that failed).
/// Everything that would stop it is told, not only the first thing. No file is written.
#[derive(clap::Args)]
#[command(after_long_help = "\
Examples:
  ovl check *.dtb *.dtbo
  ovl check hat.dtbo display.dtbo --base board.dtb")]
pub(crate) struct Check {
    /// What to check: .dtb or .dtbo files, directories, or "-" for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The devicetree that the overlays are for
    #[arg(long, value_name = "BASE")]
    base: Option<PathBuf>,
    /// Write the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    rules: Rules,
}

impl Check {
    pub(crate) fn run(self) -> Result<bool> {
        let base = self.base.as_deref().map(input::load).transpose()?;
        let mut steps = Vec::new();
        for file in &self.files {
            steps.push(match &base {
                Some(base) => self.rules.step(base, file)?,
                None => blob(file),
            });
        }
        let ok = steps.iter().all(Step::ok);
        if self.json {
            output::json(&json!({
                "ok": ok,
                "files": steps.iter().map(Step::json).collect::<Value>(),
            }))?;
            return Ok(ok);
        }
        for step in &steps {
            let lines = match step.ok() {
                true => format!("{}: ok\n", step.name),
                false => step.report.problems.iter().map(|problem| format!("{problem}\n")).collect(),
            };
            output::text(&lines)?;
        }
        Ok(ok)
    }
}

/// The full check of one blob, or of a directory as the blob that it would make.
fn blob(file: &Path) -> Step {
    let checked = match file.is_dir() {
        true => input::load(file).map(drop),
        false => input::bytes(file).and_then(|bytes| ovl::fdt::check(&bytes)),
    };
    Step::new(file, checked.map_err(|error| input::in_file(file, error)).err().into_iter().collect())
}
