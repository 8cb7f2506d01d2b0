// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ovl`: devicetree overlays from the shell.
//!
//! Each subcommand is a module of its name with its arguments and a `run`. It says whether all was well, or that what it
//! was to find out is not so (a difference, a failed check), which is exit code 1 without a message.

mod apply;
mod check;
mod diff;
mod dot;
mod dts;
mod get;
mod input;
mod json;
mod overlay;
mod params;
mod save;
mod settings;
mod terminal;
mod tree;

use clap::{CommandFactory, Parser, Subcommand};
use cli_common::{end, Verdict};
use std::process::ExitCode;

/// Apply devicetree overlays, look around in the result, and write it.
///
/// A devicetree is given as a .dtb file, as a directory such as /proc/device-tree, or as "-" for standard input.
#[derive(Parser)]
#[command(
    name = "ovl",
    version,
    after_long_help = "\
Examples:
  ovl apply board.dtb hat.dtbo -o merged.dtb
  ovl diff board.dtb merged.dtb

Exit codes:
  0  all is well; for diff: no difference; for check and apply --dry-run: nothing stands in the way
  1  a difference, a failed check, or an error, which is told on standard error
  2  the command line cannot be understood"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Apply(apply::Apply),
    Params(params::Params),
    Check(check::Check),
    Tree(tree::TreeOf),
    Dot(dot::Dot),
    Get(get::Get),
    Dts(dts::Dts),
    Diff(diff::Diff),
}

/// The command line.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Apply(apply) => apply.run(),
        Command::Params(params) => params.run(),
        Command::Check(check) => check.run(),
        Command::Tree(tree) => tree.run(),
        Command::Dot(dot) => dot.run(),
        Command::Get(get) => get.run(),
        Command::Dts(dts) => dts.run(),
        Command::Diff(diff) => diff.run(),
    };
    end("ovl", done, |_| Verdict::FAILED)
}
