// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl diff`: what is not the same in two devicetrees, also as an overlay that makes the one of the other.

use crate::{input, save};
use clap::ValueHint;
use cli_common::{output, Failure, Result};
use ovl::{DiffOptions, Difference, Missing, Tree};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Show the difference between two devicetrees, or write it as an overlay
///
/// A line each for nodes and properties that went (-), came (+), or are in another order (~). Memory reservations and the
/// boot processor are not compared. Exit code 0: no difference; 1: there is one.
///
/// With --as overlay, write an overlay that makes B of A, but for order and the numbers of phandles. Overlays cannot take
/// anything away, so what B lacks is refused, all of it named, unless --missing says otherwise. Exit code 0: it is written.
#[derive(clap::Args)]
#[command(after_long_help = "\
Examples:
  ovl diff board.dtb merged.dtb
  ovl diff --any-order --any-phandles board.dtb /proc/device-tree
  ovl diff board.dtb merged.dtb --as overlay -o what-was-merged.dtbo

Exit codes:
  0  there is no difference; with --as overlay: it is written
  1  there is one; or an error, which is told on standard error
  2  the command line cannot be understood")]
pub(crate) struct Diff {
    /// The one devicetree: a .dtb file, a directory, or "-" for standard input
    #[arg(value_hint = ValueHint::AnyPath)]
    a: PathBuf,
    /// The other one
    #[arg(value_hint = ValueHint::AnyPath)]
    b: PathBuf,
    /// Pass over the order of nodes and properties
    #[arg(long)]
    any_order: bool,
    /// Pass over the numbers of phandles: compare references by where they lead
    #[arg(long)]
    any_phandles: bool,
    /// What to write
    #[arg(long = "as", value_enum, value_name = "FORM", default_value = "text")]
    form: Form,
    /// The same as --as json
    #[arg(long, conflicts_with = "form")]
    json: bool,
    /// With --as overlay: what becomes of what B lacks
    #[arg(long, value_enum, value_name = "WHAT", default_value = "refuse")]
    missing: What,
    /// With --as overlay: the file to write; standard output if not given
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A line for each difference
    Text,
    /// All of them as JSON
    Json,
    /// An overlay that makes B of A
    Overlay,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// It is an error that names all of it
    Refuse,
    /// Nodes get status = "disabled"; properties are refused
    Disable,
    /// It stays
    Keep,
}

impl Diff {
    pub(crate) fn run(self) -> Result<bool> {
        let form = if self.json { Form::Json } else { self.form };
        let of_overlay = self.missing != What::Refuse || self.output.is_some();
        let of_list = self.any_order || self.any_phandles;
        match form {
            Form::Overlay if of_list => {
                return Err(Failure::usage("an overlay passes over order and phandles by itself"))
            }
            Form::Text | Form::Json if of_overlay => {
                return Err(Failure::usage("--missing and --output go with --as overlay"))
            }
            _ => {}
        }
        let (a, b) = (input::load(&self.a, &[])?, input::load(&self.b, &[])?);
        if form == Form::Overlay {
            let missing = match self.missing {
                What::Refuse => Missing::Refuse,
                What::Disable => Missing::Disable,
                What::Keep => Missing::Keep,
            };
            let overlay = Tree::diff_overlay(&a, &b, missing)?;
            save::file(self.output.as_deref().unwrap_or(Path::new("-")), &overlay)?;
            return Ok(true);
        }
        let options = DiffOptions { any_order: self.any_order, any_phandles: self.any_phandles };
        let differences = Tree::differences(&a, &b, options)?;
        let equal = differences.is_empty();
        match form {
            Form::Json => output::json(&json!({ "equal": equal, "differences": differences }))?,
            _ => output::text(&Difference::lines(&differences))?,
        };
        Ok(equal)
    }
}
