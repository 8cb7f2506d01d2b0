// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which devices are meant.

use cli_common::{Failure, Result};
use kref::Ref;
use mediadev::{Error, Node};

/// What every command's help says of devices.
pub(crate) const DEVICES: &str = "\
A DEVICE is a number, a name, a path, a bus information or a driver:
0, media0, /dev/media0, platform:vimc, vimc.";

/// The device that a command is about.
#[derive(clap::Args)]
pub(crate) struct Which {
    /// Which device; need not be told where there is only one
    #[arg(short, long)]
    device: Option<String>,
}

impl Which {
    /// Opens it. A command that changes something does not guess.
    pub(crate) fn open(&self) -> Result<Ref<Node>> {
        if let Some(key) = &self.device {
            return Ok(open(key)?);
        }
        match names().as_slice() {
            [] => Err(Failure::new("there is no media device")),
            [name] => Ok(Node::open(name)?),
            names => {
                let names = names.join(", ");
                Err(Failure::new(format!(
                    "there are several media devices, and --device says which: {names}"
                )))
            }
        }
    }
}

/// These devices, or all of them if none are given; and what became of those that could not be opened.
pub(crate) fn devices(keys: &[String]) -> (Vec<Ref<Node>>, Vec<Error>) {
    let opened: Vec<_> = match keys {
        [] => names().iter().map(|name| Node::open(name)).collect(),
        keys => keys.iter().map(|key| open(key)).collect(),
    };
    let (mut nodes, mut failed) = (Vec::new(), Vec::new());
    for result in opened {
        match result {
            Ok(node) => nodes.push(node),
            Err(error) => failed.push(error),
        }
    }
    (nodes, failed)
}

fn open(key: &str) -> mediadev::Result<Ref<Node>> {
    match key.parse::<u32>() {
        Ok(number) => Node::open(&format!("media{number}")),
        Err(_) => Node::open(key),
    }
}

fn names() -> Vec<String> {
    std::iter::successors(Node::next(None), |name| Node::next(Some(name))).collect()
}
