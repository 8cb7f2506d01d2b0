// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mediadev`: media devices and their graphs from the shell.
//!
//! Each subcommand is a module of its name with its arguments and a `run`. Notations and output are those of media-ctl, where it
//! has them.

mod described;
mod device;
mod formats;
mod info;
mod json;
mod links;
mod list;
mod reset;
mod serve;
mod text;
mod topology;

use clap::{CommandFactory, Parser, Subcommand};
use cli_common::{end, Verdict};
use mediadev::{Error, Kind};
use rustix::io::Errno;
use std::process::ExitCode;

/// Look at media devices, set up their links and formats, or provide one.
///
/// Notations and output are those of media-ctl: topology is its -p and --print-dot, links its -l, formats its -V, --get-v4l2
/// and -R, reset its -r.
#[derive(Parser)]
#[command(
    name = "mediadev",
    version,
    after_long_help = "\
Examples:
  mediadev list
  mediadev topology -d vimc
  mediadev links -d vimc \"'Debayer A':1 -> 'Scaler':0[1]\"
  mediadev formats -d vimc \"'Sensor A':0[fmt:SRGGB8_1X8/640x480]\"

Exit codes:
  0  all is well; also when Ctrl-C or SIGTERM ended serve
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  the device has gone away"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::List),
    Info(info::InfoOf),
    Topology(topology::TopologyOf),
    Links(links::Links),
    Formats(formats::Formats),
    Reset(reset::Reset),
    Serve(serve::Serve),
}

/// The command line.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::List(list) => list.run(),
        Command::Info(info) => info.run(),
        Command::Topology(topology) => topology.run(),
        Command::Links(links) => links.run(),
        Command::Formats(formats) => formats.run(),
        Command::Reset(reset) => reset.run(),
        Command::Serve(serve) => serve.run(),
    };
    end("mediadev", done.map(|()| true), |error| match error.downcast_ref().map(Error::kind) {
        Some(Kind::Gone) => Verdict::GONE,
        Some(Kind::NotFound) => {
            Verdict::try_next("\"mediadev list\" lists the devices, \"mediadev topology\" what is in one")
        }
        Some(Kind::Call(errno)) if errno == Errno::ACCESS.raw_os_error() => {
            Verdict::try_next("\"ls -l /dev/media* /dev/v4l-subdev*\" shows who may open the devices")
        }
        _ => Verdict::FAILED,
    })
}
