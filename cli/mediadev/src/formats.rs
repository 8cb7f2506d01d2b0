// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mediadev formats`: what flows through the pads of sub-devices and which way, and setting it.

use crate::device::{self, Which};
use crate::json;
use cli_common::{output, Result};
use mediadev::{notation, Node};
use serde_json::Value;

/// Show or set what flows through pads, in media-ctl's notation
///
/// To make formats agree along a pipeline, from its source to its end, or to crop and scale on the way.
#[derive(clap::Args)]
#[command(after_help = device::DEVICES, after_long_help = format!("\
What is shown can be given again. What is set at a source pad is set at the pads too that its
enabled links lead to. A driver may make something else of what it is told: then show it.

{}

Examples:
  mediadev formats -d vimc
  mediadev formats -d vimc \"'Sensor A':0\"
  mediadev formats -d vimc \"'Sensor A':0[fmt:SRGGB8_1X8/640x480]\"
  mediadev formats -d vimc \"'Scaler':0[crop:(0,0)/320x240]\"
  mediadev formats -d vimc --routes
  mediadev formats -d 1 --routes \"'mux'[0/0->2/0[1], 1/0->2/1[1]]\"

Exit codes:
  0  the formats or routes are shown, or set
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  the device has gone away", device::DEVICES))]
pub(crate) struct Formats {
    /// Show this pad, 'entity':0, or set these: 'entity':0[fmt:SRGGB8_1X8/640x480 …], …
    #[arg(value_name = "PAD|FORMATS", value_parser = formats)]
    formats: Option<Wanted>,
    #[command(flatten)]
    which: Which,
    /// Show the routes, of all sub-devices or of 'entity', or set these: 'entity'[0/0->1/0[1], …], …
    #[arg(short = 'R', long, value_name = "ENTITY|ROUTES", value_parser = routes, num_args = 0..=1)]
    #[arg(conflicts_with = "formats")]
    routes: Option<Option<Wanted>>,
    /// Write what is shown as JSON
    #[arg(long)]
    json: bool,
}

/// What is asked for, in media-ctl's notation.
#[derive(Clone)]
enum Wanted {
    Show(String),
    Set(String),
}

/// What cannot be read is a mistake of the command line.
fn formats(text: &str) -> mediadev::Result<Wanted> {
    match notation::pad(text) {
        Ok(_) => Ok(Wanted::Show(text.to_owned())),
        Err(_) => notation::formats(text).map(|_| Wanted::Set(text.to_owned())),
    }
}

fn routes(text: &str) -> mediadev::Result<Wanted> {
    match notation::entity(text) {
        Ok(_) => Ok(Wanted::Show(text.to_owned())),
        Err(_) => notation::routes(text).map(|_| Wanted::Set(text.to_owned())),
    }
}

impl Formats {
    pub(crate) fn run(&self) -> Result<()> {
        let node = self.which.open()?;
        match (&self.routes, &self.formats) {
            (Some(Some(Wanted::Set(routes))), _) => Ok(node.set_routes(routes)?),
            (Some(Some(Wanted::Show(entity))), _) => self.show_routes(&node, Some(entity)),
            (Some(None), _) => self.show_routes(&node, None),
            (None, Some(Wanted::Set(formats))) => Ok(node.set_formats(formats)?),
            (None, Some(Wanted::Show(pad))) => self.show(&node, Some(pad)),
            (None, None) => self.show(&node, None),
        }
    }

    fn show(&self, node: &Node, pad: Option<&str>) -> Result<()> {
        let formats = node.formats(pad)?;
        self.write(&formats, json::format)
    }

    fn show_routes(&self, node: &Node, entity: Option<&str>) -> Result<()> {
        let routes = node.routes(entity)?;
        self.write(&routes, json::routes)
    }

    fn write<T: ToString>(&self, all: &[T], json: fn(&T) -> Value) -> Result<()> {
        match self.json {
            true => output::json(&all.iter().map(json).collect::<Value>())?,
            false => output::text(&all.iter().map(|one| one.to_string() + "\n").collect::<String>())?,
        };
        Ok(())
    }
}
