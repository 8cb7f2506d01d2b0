// SPDX-License-Identifier: MIT OR Apache-2.0
//! `gpiodref`: GPIO chips and lines from the shell.
//!
//! Each subcommand is a module of its name with its arguments and a `run`. Options and output are those of libgpiod's tools,
//! where those have them.

mod arguments;
mod clock;
mod detect;
mod get;
mod info;
mod json;
mod lines;
mod mon;
mod set;
mod stream;
mod text;
mod watch;

use clap::{CommandFactory, Parser, Subcommand};
use cli_common::{end, Verdict};
use gpiodref::Error;
use std::io::ErrorKind;
use std::process::ExitCode;

/// What the program is called.
const NAME: &str = "gpiodref";

/// Look at GPIO chips, read, set and watch their lines.
///
/// Lines are given by name, or by number where --chip says of which chip. Options and output are those of libgpiod's tools:
/// detect is gpiodetect, info gpioinfo, get gpioget, set gpioset, mon gpiomon, watch gpionotify.
#[derive(Parser)]
#[command(
    name = NAME,
    version,
    after_long_help = "\
Examples:
  gpiodref detect
  gpiodref set --blink 500ms LED=1
  gpiodref mon --reattach BUTTON

Exit codes:
  0  all is well; also when Ctrl-C or SIGTERM ended a command that goes on for ever
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  the chip has gone away"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Detect(detect::Detect),
    Info(info::Info),
    Get(get::Get),
    Set(set::Set),
    Mon(mon::Mon),
    Watch(watch::WatchOf),
}

/// The command line.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Detect(detect) => detect.run(),
        Command::Info(info) => info.run(),
        Command::Get(get) => get.run(),
        Command::Set(set) => set.run(),
        Command::Mon(mon) => mon.run(),
        Command::Watch(watch) => watch.run(),
    };
    end(NAME, done.map(|()| true), |error| match error.downcast_ref() {
        Some(Error::Gone(_)) => Verdict::GONE,
        Some(Error::NotFound(_)) => {
            Verdict::try_next("\"gpiodref detect\" lists the chips, \"gpiodref info\" their lines")
        }
        Some(Error::Call { source, .. }) if source.kind() == ErrorKind::PermissionDenied => {
            Verdict::try_next("\"ls -l /dev/gpiochip*\" shows who may open the chips")
        }
        _ => Verdict::FAILED,
    })
}
