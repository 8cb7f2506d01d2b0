// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mediadev links`: which links of data there are, and setting them up.

use crate::device::{self, Which};
use crate::json;
use cli_common::{output, Result};
use mediadev::notation::{self, LinkSetup, PadName};
use mediadev::{uapi, LinkInfo, Topology};
use serde_json::Value;

/// Show the links between pads, or set them up in media-ctl's notation
///
/// To choose which way pictures go, before they begin to. All links are found before the first one is changed.
#[derive(clap::Args)]
#[command(after_help = device::DEVICES, after_long_help = format!("\
What is shown can be given again. The flags of a link are a sum: 1 enabled, 2 immutable, 4 dynamic.
Only enabled can be changed; the others need not be told.

{}

Examples:
  mediadev links -d vimc
  mediadev links -d vimc \"'Debayer A':1 -> 'Scaler':0[0]\"
  mediadev links -d vimc --reset \"'Debayer A':1 -> 'Scaler':0[1]\"

Exit codes:
  0  the links are shown, or set up
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  the device has gone away", device::DEVICES))]
pub(crate) struct Links {
    /// Set up these links, one after the other: 'source':0 -> 'sink':0[1], …
    #[arg(value_parser = links)]
    links: Option<String>,
    #[command(flatten)]
    which: Which,
    /// Disable all links that can be disabled, before the others are set up
    #[arg(short, long)]
    reset: bool,
    /// Write the links as JSON
    #[arg(long, conflicts_with_all = ["links", "reset"])]
    json: bool,
}

/// What cannot be read is a mistake of the command line.
fn links(text: &str) -> mediadev::Result<String> {
    notation::links(text).map(|_| text.to_owned())
}

impl Links {
    pub(crate) fn run(self) -> Result<()> {
        let node = self.which.open()?;
        if self.reset {
            // What is not there is told before anything is changed.
            self.links.iter().try_for_each(|links| node.check_links(links))?;
            node.reset_links()?;
        }
        match self.links {
            Some(links) => node.setup_links(&links)?,
            None if self.reset => {}
            None => self.show(&*node.topology_read()?)?,
        }
        Ok(())
    }

    fn show(&self, topology: &Topology) -> Result<()> {
        let links = topology.links().filter(|link| link.kind() == uapi::LINK_DATA);
        match self.json {
            true => output::json(&links.map(|link| json::link(topology, &link)).collect::<Value>())?,
            false => {
                let lines = links.map(|link| Ok(format!("{}\n", setup(topology, &link)?)));
                output::text(&lines.collect::<mediadev::Result<String>>()?)?
            }
        };
        Ok(())
    }
}

/// A link between pads, as it can be set up again.
fn setup(topology: &Topology, link: &LinkInfo) -> mediadev::Result<LinkSetup> {
    let name = |id| PadName::of(topology, &topology.pad_by_id(id)?);
    Ok(LinkSetup { source: name(link.source_id)?, sink: name(link.sink_id)?, flags: link.flags })
}
