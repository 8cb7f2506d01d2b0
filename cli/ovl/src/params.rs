// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl params`: what can be set in an overlay or a base.

use crate::{input, json};
use clap::ValueHint;
use cli_common::{output, Result};
use ovl::{ParamKind, ParamRule, ParamTarget};
use serde_json::{json, Value};
use std::path::PathBuf;

/// List the parameters of an overlay or a devicetree
///
/// Parameters are what Raspberry Pi's /__overrides__ declare: each writes its value into properties, or enables and disables
/// fragments of an overlay. They are set by "ovl apply FILE -p NAME=VALUE".
#[derive(clap::Args)]
#[command(after_long_help = "\
Examples:
  ovl params hat.dtbo
  ovl params --json board.dtb

Exit codes:
  0  the parameters are listed, if there are any
  1  an error, which is told on standard error
  2  the command line cannot be understood")]
pub(crate) struct Params {
    /// A .dtbo or .dtb file, a directory, or "-" for standard input
    #[arg(value_hint = ValueHint::AnyPath)]
    file: PathBuf,
    /// Write the parameters as JSON
    #[arg(long)]
    json: bool,
}

impl Params {
    pub(crate) fn run(self) -> Result<bool> {
        let name = self.file.display().to_string();
        let params = ovl::params(&input::bytes(&self.file, &[])?, Some(&name))?;
        if self.json {
            output::json(&json!({ "parameters": params.iter().map(json::param).collect::<Value>() }))?;
            return Ok(true);
        }
        let mut text = String::new();
        for param in &params {
            text += &format!("{}\n", param.name);
            param.targets.iter().for_each(|target| text += &format!("    {}\n", line(target)));
        }
        output::text(&text)?;
        Ok(true)
    }
}

/// What a target is, in words.
fn line(target: &ParamTarget) -> String {
    let ParamTarget { kind, node, property, rule } = target;
    let what = match kind {
        ParamKind::Fragments => return format!("fragments {property}"),
        ParamKind::String => "a string".to_string(),
        ParamKind::Integer { bits, offset } => format!("{bits} bits at {offset}"),
        ParamKind::Bool { inverted: false } => "there if on".to_string(),
        ParamKind::Bool { inverted: true } => "there if off".to_string(),
        ParamKind::Bytes => "bytes".to_string(),
    };
    match rule {
        ParamRule::Given => format!("{node}: {property}: {what}"),
        ParamRule::Fixed(value) => format!("{node}: {property}: {what}, always {value}"),
        ParamRule::Table(_) => format!("{node}: {property}: {what}, from {rule}"),
    }
}
