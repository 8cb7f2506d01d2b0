// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl apply`: overlays into a devicetree, and the result into a file.

use crate::overlay::Rules;
use crate::settings::Settings;
use crate::{input, save};
use clap::ValueHint;
use cli_common::{output, Failure, Result};
use serde_json::{json, Value};
use std::path::PathBuf;

/// Apply overlays to a devicetree and write the result
///
/// The overlays are applied one after the other, each completely or not at all. If one cannot be applied, everything that
/// stops it is told, and nothing is written: OUT is then what it was. OUT may be BASE.
#[derive(clap::Args)]
#[command(
    mut_arg("base_node", |arg| arg.visible_alias("base")),
    after_long_help = "\
Examples:
  ovl apply board.dtb hat.dtbo display.dtbo -o merged.dtb
  ovl apply board.dtb hat.dtbo --dry-run
  ovl apply board.dtb clock.dtbo -p addr=0x77 -o merged.dtb
  ovl apply board.dtb -p uart0=on hat.dtbo -o merged.dtb
  ovl apply board.dtb card.dtbo --base /pcie@0 -o - | dtc -I dtb -O dts

Exit codes:
  0  the result is written; with --dry-run: it could be
  1  nothing is written, and standard error (with --json: standard output) says why
  2  the command line cannot be understood"
)]
pub(crate) struct Apply {
    #[command(flatten)]
    settings: Settings,
    /// The devicetree: a .dtb file, a directory, or "-" for standard input
    #[arg(value_hint = ValueHint::AnyPath)]
    base: PathBuf,
    /// The overlays (.dtbo), in the order of their application; "-" for standard input
    #[arg(value_name = "OVERLAY", required_unless_present = "params", value_hint = ValueHint::FilePath)]
    overlays: Vec<PathBuf>,
    /// The file to write; "-" for standard output
    #[arg(short, long, value_name = "OUT", required_unless_present = "dry_run", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Write no file, only tell what would change, or everything that stands in the way
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Tell what was changed, or what stood in the way, as JSON on standard output
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    rules: Rules,
}

impl Apply {
    pub(crate) fn run(self) -> Result<bool> {
        let out = self.output.as_ref().filter(|_| !self.dry_run);
        if self.json && out.is_some_and(|out| out.as_os_str() == "-") {
            return Err(Failure::usage("--json and -o - cannot both have standard output"));
        }
        let tree = input::load(&self.base, &self.settings.of("base", 0))?;
        let mut steps = Vec::new();
        for (n, overlay) in self.overlays.iter().enumerate() {
            let step = self.rules.step(&tree, overlay, &self.settings.of("overlays", n))?;
            let ok = step.ok();
            steps.push(step);
            if !ok {
                break;
            }
        }
        let ok = steps.iter().all(|step| step.ok());
        if let Some(out) = out.filter(|_| ok) {
            save::file(out, &tree.to_fdt()?)?;
        }
        if self.json {
            output::json(&json!({
                "ok": ok,
                "output": out.filter(|_| ok).map(|out| out.display().to_string()),
                "overlays": steps.iter().map(|step| step.json()).collect::<Value>(),
            }))?;
            return Ok(ok);
        }
        for step in &steps {
            step.succeeded()?;
            if self.dry_run {
                let lines = step.report.changes.iter().map(|change| format!("{}: {change}\n", step.name));
                output::text(&lines.collect::<String>())?;
            }
        }
        Ok(true)
    }
}
