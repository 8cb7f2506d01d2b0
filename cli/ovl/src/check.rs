// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl check`: whether blobs are well formed, whether overlays can be applied together, and taken out again.

use crate::overlay::{Rules, Step};
use crate::settings::Settings;
use crate::{input, json};
use clap::ValueHint;
use cli_common::{output, Failure, Progress, Result};
use ovl::{Conflict, ConflictKind, RemoveMode, RemoveReport, Tree};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// Check devicetree blobs, and overlays against a base
///
/// Without --base, each file is checked completely as a blob: header, offsets, sizes, tokens, names.
/// With --base, each file is an overlay, which is tried on the base and the overlays before it (without those that failed).
/// Everything that would stop it is told, not only the first thing. No file is written.
///
/// With --conflicts, tell what each two of the overlays would fight over: properties, nodes, labels, addresses. Without a base, they
/// are compared by the labels and paths that they name; with one, both orders are tried. With --remove, tell what stands in the
/// way of taking an overlay out again at the end, and which references it would leave dangling.
#[derive(clap::Args)]
#[command(after_long_help = "\
Examples:
  ovl check *.dtb *.dtbo
  ovl check hat.dtbo display.dtbo --base board.dtb
  ovl check --conflicts hat.dtbo display.dtbo
  ovl check hat.dtbo --base board.dtb --remove hat.dtbo

Exit codes:
  0  nothing is wrong, and nothing stands in the way
  1  something is, or does, as standard output says; or an error, which is told on standard error
  2  the command line cannot be understood")]
pub(crate) struct Check {
    #[command(flatten)]
    settings: Settings,
    /// What to check: .dtb or .dtbo files, directories, or "-" for standard input
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
    files: Vec<PathBuf>,
    /// The devicetree that the overlays are for
    #[arg(long, value_name = "BASE", display_order = 0, value_hint = ValueHint::AnyPath)]
    base: Option<PathBuf>,
    /// Tell what each two of the overlays would fight over, which is a failed check, and which needs the other
    #[arg(long)]
    conflicts: bool,
    /// Tell what removing this one of the overlays would break; may be given several times
    #[arg(long, value_name = "FILE", requires = "base", value_hint = ValueHint::AnyPath)]
    remove: Vec<PathBuf>,
    /// Write the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    rules: Rules,
}

impl Check {
    pub(crate) fn run(self) -> Result<bool> {
        if let Some(unknown) = self.remove.iter().find(|file| !self.files.contains(file)) {
            let unknown = unknown.display();
            return Err(Failure::usage(format!("--remove {unknown}: it is not one of the files to check")));
        }
        let base =
            self.base.as_deref().map(|base| input::load(base, &self.settings.of("base", 0))).transpose()?;
        let clashes = match self.conflicts {
            true => self.clashes(base.as_ref())?,
            false => Vec::new(),
        };
        let mut steps = Vec::new();
        let mut progress = Progress::new();
        for (n, file) in self.files.iter().enumerate() {
            progress.show(|| format!("checking {} of {}: {}", n + 1, self.files.len(), file.display()));
            let params = self.settings.of("files", n);
            steps.push(match &base {
                Some(base) => self.rules.step(base, file, &params)?,
                None => blob(file, &params),
            });
        }
        drop(progress);
        let removals = match &base {
            Some(base) => self.removals(base)?,
            None => Vec::new(),
        };
        let ok =
            steps.iter().all(Step::ok) && clashes.iter().all(Clash::ok) && removals.iter().all(Removal::ok);
        if self.json {
            let mut told = json!({ "ok": ok, "files": steps.iter().map(Step::json).collect::<Value>() });
            if self.conflicts {
                told["conflicts"] = clashes.iter().map(Clash::json).collect();
            }
            if !self.remove.is_empty() {
                told["removals"] = removals.iter().map(Removal::json).collect();
            }
            output::json(&told)?;
            return Ok(ok);
        }
        for step in &steps {
            let lines = match step.ok() {
                true => format!("{}: ok\n", step.name),
                false => step.report.problems.iter().map(|problem| format!("{problem}\n")).collect(),
            };
            output::text(&lines)?;
        }
        output::text(&clashes.iter().map(Clash::line).collect::<String>())?;
        output::text(&removals.iter().map(Removal::lines).collect::<String>())?;
        Ok(ok)
    }

    /// What each two of the overlays would fight over.
    fn clashes(&self, base: Option<&Tree>) -> Result<Vec<Clash>> {
        let blobs: Vec<(String, Vec<u8>)> = self
            .files
            .iter()
            .enumerate()
            .map(|(n, file)| {
                Ok((file.display().to_string(), input::bytes(file, &self.settings.of("files", n))?))
            })
            .collect::<ovl::Result<_>>()?;
        let mut clashes = Vec::new();
        let mut progress = Progress::new();
        for (i, (first, a)) in blobs.iter().enumerate() {
            for (second, b) in &blobs[i + 1..] {
                progress.show(|| format!("comparing {} of {} with others: {first}", i + 1, blobs.len()));
                let found = ovl::conflicts(a, b, base)
                    .map_err(|error| Failure::new(format!("{first} and {second}: {error}")))?;
                let clash = |conflict| Clash { first: first.clone(), second: second.clone(), conflict };
                clashes.extend(found.into_iter().map(clash));
            }
        }
        Ok(clashes)
    }

    /// What taking out the overlays that were asked for would break, of those that could be applied.
    fn removals(&self, tree: &Tree) -> Result<Vec<Removal>> {
        let mut removals = Vec::new();
        for id in tree.overlays() {
            let name = tree.overlay_name(id)?.unwrap_or_default();
            if self.remove.iter().any(|file| file.as_os_str() == name.as_str()) {
                removals.push(Removal { name, report: tree.check_remove(id, RemoveMode::Default)? });
            }
        }
        Ok(removals)
    }
}

/// Something that two of the files would fight over.
struct Clash {
    first: String,
    second: String,
    conflict: Conflict,
}

impl Clash {
    /// That one needs the other is no harm: whether it comes in time, the application tells.
    fn ok(&self) -> bool {
        self.conflict.kind == ConflictKind::Needs
    }

    fn line(&self) -> String {
        format!("{} (the first) and {} (the second): {}\n", self.first, self.second, self.conflict)
    }

    fn json(&self) -> Value {
        json!({
            "first": self.first,
            "second": self.second,
            "conflict": self.conflict.kind.as_str(),
            "place": self.conflict.place,
            "message": self.conflict.sentence,
        })
    }
}

/// What the removal of an overlay would break.
struct Removal {
    name: String,
    report: RemoveReport,
}

impl Removal {
    fn ok(&self) -> bool {
        self.report.problem.is_none() && self.report.dangling.is_empty()
    }

    fn lines(&self) -> String {
        match self.ok() {
            true => format!("{}: can be removed\n", self.name),
            false => self.report.to_string().lines().map(|line| format!("{}: {line}\n", self.name)).collect(),
        }
    }

    fn json(&self) -> Value {
        let dangling = self.report.dangling.iter().map(|referrer| {
            json!({
                "path": referrer.path,
                "property": referrer.property,
                "target": referrer.target,
                "phandle": referrer.phandle,
            })
        });
        json!({
            "file": self.name,
            "ok": self.ok(),
            "problems": json::problems(self.report.problem.as_slice()),
            "dangling": dangling.collect::<Value>(),
        })
    }
}

/// The full check of one blob, or of a directory as the blob that it would make.
fn blob(file: &Path, params: &[&str]) -> Step {
    let checked = match file.is_dir() && params.is_empty() {
        true => input::load(file, &[]).map(drop),
        false => input::bytes(file, params).and_then(|bytes| ovl::fdt::check(&bytes)),
    };
    Step::new(file, checked.map_err(|error| input::in_file(file, error)).err().into_iter().collect())
}
