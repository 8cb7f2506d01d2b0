// SPDX-License-Identifier: MIT OR Apache-2.0
//! `mediadev topology`: the graph of a device.

use crate::device::{self, Which};
use crate::{json, text};
use cli_common::{output, Failure, Result};
use kref::Ref;
use mediadev::notation::{PadSettings, Rect};
use mediadev::uapi::v4l2;
use mediadev::{unless_unknown, EntityInfo, Error, Kind, Node, PadInfo, Topology};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;

/// Show the graph: entities, their pads, what flows there, links
///
/// To see what a camera or a codec consists of, what is connected, and which node in /dev belongs to what.
#[derive(clap::Args)]
#[command(after_help = device::DEVICES, after_long_help = format!("\
It is what media-ctl -p prints, without the DV timings of sub-devices that have some.

{}

Examples:
  mediadev topology
  mediadev topology -d vimc \"Sensor *\"
  mediadev topology -d vimc --dot | dot -Tsvg > vimc.svg
  mediadev topology -d vimc --json

Exit codes:
  0  the graph is shown
  1  an error, which is told on standard error
  2  the command line cannot be understood
  3  the device has gone away", device::DEVICES))]
pub(crate) struct TopologyOf {
    /// Only these entities: names, or patterns such as "Sensor *"
    #[arg(value_name = "ENTITY", conflicts_with_all = ["dot", "json"])]
    entities: Vec<CString>,
    #[command(flatten)]
    which: Which,
    /// Write the graph in Graphviz's language
    #[arg(long, conflicts_with = "json")]
    dot: bool,
    /// Write the graph as JSON
    #[arg(long)]
    json: bool,
}

/// What flows through a pad, and what its rectangles may be.
pub(crate) struct Flow {
    pub(crate) settings: PadSettings,
    pub(crate) crop_bounds: Option<Rect>,
    pub(crate) compose_bounds: Option<Rect>,
}

/// A graph with what flows through the pads of it, by their ids.
pub(crate) struct Graph {
    pub(crate) topology: Ref<Topology>,
    pub(crate) flows: BTreeMap<u32, Flow>,
    /// What became of sub-devices that would not say what flows.
    failed: Vec<Error>,
}

impl TopologyOf {
    pub(crate) fn run(self) -> Result<()> {
        let node = self.which.open()?;
        let topology = node.topology_read()?;
        if self.dot {
            output::text(&topology.to_dot(|entity| topology.devnode(entity.id).ok()))?;
            return Ok(());
        }
        let shown = self.shown(&topology).map_err(|e| Error::new(e.kind(), format!("{node}: {e}")))?;
        let graph = Graph::of(&node, topology.clone(), &shown)?;
        if self.json {
            output::json(&json::graph(&node, &graph))?;
        } else {
            let head = if self.entities.is_empty() { text::head(node.info()) } else { String::new() };
            let entities = shown.iter().map(|entity| text::entity(&graph, entity));
            output::text(&(head + &entities.collect::<String>()))?;
        }
        Failure::unless_none(graph.failed)
    }

    /// The entities that are to be shown, in the order of the graph.
    fn shown(&self, topology: &Topology) -> mediadev::Result<Vec<EntityInfo>> {
        let mut meant = BTreeSet::new();
        for name in &self.entities {
            topology.find(name)?;
            meant.extend(topology.find_all(name).map(|entity| entity.id));
        }
        let is_meant = |entity: &EntityInfo| self.entities.is_empty() || meant.contains(&entity.id);
        Ok(topology.entities().filter(is_meant).collect())
    }
}

impl Graph {
    fn of(node: &Node, topology: Ref<Topology>, entities: &[EntityInfo]) -> Result<Graph> {
        let (mut flows, mut failed) = (BTreeMap::new(), Vec::new());
        for entity in entities {
            match flows_of(node, &topology, entity) {
                Ok(told) => flows.extend(told),
                Err(e) if e.kind() == Kind::Gone => return Err(e.into()),
                Err(e) => failed.push(e),
            }
        }
        Ok(Graph { topology, flows, failed })
    }
}

/// What flows through the pads of an entity. Those of which nothing is known are left out.
fn flows_of(node: &Node, topology: &Topology, entity: &EntityInfo) -> mediadev::Result<Vec<(u32, Flow)>> {
    let subdev = match node.subdev(topology, entity.id) {
        Err(e) if e.kind() == Kind::NotFound => return Ok(Vec::new()),
        subdev => subdev?,
    };
    let flow = |pad: PadInfo| {
        let Some(settings) = unless_unknown(subdev.settings(pad.index, 0))? else { return Ok(None) };
        let bounds = |target| unless_unknown(subdev.selection(pad.index, 0, target));
        let (crop_bounds, compose_bounds) = (bounds(v4l2::CROP_BOUNDS)?, bounds(v4l2::COMPOSE_BOUNDS)?);
        Ok(Some((pad.id, Flow { settings, crop_bounds, compose_bounds })))
    };
    topology.pads_of(entity.id).filter_map(|pad| flow(pad).transpose()).collect()
}
