// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pipelines: the pads that data flows through (M7). A pipeline is a number; the graph knows which pads have it and how often it was
//! started. All pads of an entity belong together, and enabled links join entities.

use super::{Entity, Graph, PadAt};
use crate::error::{error, Error, Result};
use crate::{uapi, Device, Kind, LinkInfo};
use kref::Ref;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

/// A pipeline, to be started and stopped by those who stream. It holds nothing: what has been started is the device's.
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct Pipeline(AtomicU64);

impl Pipeline {
    /// One that is not started.
    pub const fn new() -> Self {
        Pipeline(AtomicU64::new(0))
    }

    /// Its number, which no other pipeline of the process has or had (K7).
    fn id(&self) -> u64 {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let mine = self.0.load(Ordering::Relaxed);
        if mine != 0 {
            return mine;
        }
        let new = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.compare_exchange(0, new, Ordering::Relaxed, Ordering::Relaxed).err().unwrap_or(new)
    }

    /// Starts it at a pad: everything that can be reached from there is checked and belongs to it from then on. Started again, it
    /// is counted, and what has become reachable since joins it.
    pub fn start(&self, entity: &Entity, pad: u32) -> Result<()> {
        const CALL: &str = "pipeline_start";
        let (device, id) = (Device::hold(entity.device())?, self.id());
        let running = device.enter(CALL)?;
        let _turn = device.turn(&running, CALL)?;
        let mut graph = device.graph();
        let reached = graph.reach(&device, entity, pad, id)?;
        let links = graph.links_into(&device, &reached);
        drop(graph);
        for (sink, link) in links {
            let validated = device.ops()?.link_validate(&sink, link.sink_pad, &link);
            validated.map_err(|errno| device.graph().not_valid(&device, &link, errno))?;
        }
        let mut graph = device.graph();
        // What an operation did meanwhile counts: a pad may have gone, or another pipeline have come.
        graph.check_pads(&device, &reached, id)?;
        for &at in &reached {
            graph.set_pipeline(at, id);
        }
        *graph.pipelines.entry(id).or_insert(0) += 1;
        Ok(())
    }

    /// Stops it: one start less. After the last one its pads are nobody's.
    pub fn stop(&self, entity: &Entity, pad: u32) -> Result<()> {
        let (device, id) = (entity.device(), self.id());
        let mut graph = device.graph();
        let of = graph.pad((entity.id(), pad)).ok_or_else(|| entity.no_pad(pad))?.pipeline;
        let started = graph.pipelines.get_mut(&id);
        let Some(count) = started.filter(|_| of == id) else {
            return Err(error!(
                Invalid,
                "{}: pipeline_stop: it is not in this pipeline",
                entity.pad_text(pad)
            ));
        };
        *count -= 1;
        if *count == 0 {
            graph.pipelines.remove(&id);
            let pads = graph.entities.values_mut().flat_map(|node| &mut node.pads);
            pads.filter(|pad| pad.pipeline == id).for_each(|pad| pad.pipeline = 0);
        }
        Ok(())
    }
}

impl Entity {
    /// Whether data flows through this pad, at some moment.
    pub fn is_streaming(&self, pad: u32) -> Result<bool> {
        let found = self.device().graph().pad((self.id(), pad)).map(|pad| pad.pipeline != 0);
        found.ok_or_else(|| self.no_pad(pad))
    }
}

impl Graph {
    pub(super) fn streams(&self, at: PadAt) -> bool {
        self.pad(at).is_some_and(|pad| pad.pipeline != 0)
    }

    /// The pads that a pipeline started here takes in, of which none is another's, and each that must be connected is.
    fn reach(&self, device: &Device, entity: &Entity, pad: u32, id: u64) -> Result<BTreeSet<PadAt>> {
        if self.pad((entity.id(), pad)).is_none() {
            return Err(entity.no_pad(pad));
        }
        let (mut pads, mut seen) = (BTreeSet::new(), BTreeSet::from([entity.id()]));
        let mut to_visit = vec![entity.id()];
        while let Some(entity) = to_visit.pop() {
            let count = self.entities.get(&entity).map_or(0, |node| node.pads.len() as u32);
            for at in (0..count).map(|index| (entity, index)) {
                pads.insert(at);
                let enabled = self.links_at(at).filter(|(_, link)| link.is_enabled_data());
                for end in enabled.flat_map(|(_, link)| [link.source.entity(), link.sink.entity()]) {
                    if seen.insert(end) {
                        to_visit.push(end);
                    }
                }
            }
        }
        self.check_pads(device, &pads, id)?;
        Ok(pads)
    }

    fn check_pads(&self, device: &Device, pads: &BTreeSet<PadAt>, id: u64) -> Result<()> {
        for &at in pads {
            let about = || format!("{device}: pipeline_start: {}", self.pad_name(at));
            let pad =
                self.pad(at).ok_or_else(|| error!(NotFound, "{}: it has been removed meanwhile", about()))?;
            if pad.pipeline != 0 && pad.pipeline != id {
                return Err(error!(Busy, "{}: it is in another pipeline", about()));
            }
            let connected = || self.links_at(at).any(|(_, link)| link.is_enabled_data());
            if pad.flags & uapi::PAD_MUST_CONNECT != 0 && !connected() {
                return Err(error!(
                    NoLink,
                    "{}: it must be connected, and no link of it is enabled",
                    about()
                ));
            }
        }
        Ok(())
    }

    /// The enabled links into those of the pads that are in no pipeline yet.
    fn links_into(&mut self, device: &Ref<Device>, pads: &BTreeSet<PadAt>) -> Vec<(Ref<Entity>, LinkInfo)> {
        let new = pads.iter().filter(|&&at| !self.streams(at));
        let into = |at: &PadAt| {
            let links =
                self.links_at(*at).filter(|(_, link)| link.is_enabled_data() && link.sink.pad() == Some(*at));
            links.map(|(id, link)| link.info(id)).collect::<Vec<_>>()
        };
        let links = new.flat_map(into).collect::<Vec<_>>();
        links.into_iter().filter_map(|link| Some((self.handle(device, link.sink_entity)?, link))).collect()
    }

    fn set_pipeline(&mut self, (entity, index): PadAt, id: u64) {
        let pad = self.entities.get_mut(&entity).and_then(|node| node.pads.get_mut(index as usize));
        if let Some(pad) = pad {
            pad.pipeline = id;
        }
    }

    fn not_valid(&self, device: &Device, link: &LinkInfo, errno: i32) -> Error {
        let (about, why) = (self.link_text(link.id), std::io::Error::from_raw_os_error(errno));
        Error::new(Kind::Call(errno), format!("{device}: pipeline_start: {about}: link_validate: {why}"))
    }
}
