// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the kernel, or whoever says that he is one, tells of a graph: checked, so that nothing that follows can go wrong. Kinds,
//! functions and flags that nobody knows yet are kept as they are (M12).

use super::index::{Groups, Places, Record};
use super::{kind_of, Raw, Topology};
use crate::error::{error, Result};
use crate::uapi;
use std::collections::BTreeMap;
use std::ffi::CStr;

/// The most of a kind: what can be counted, and more than there are ids for.
const MOST: usize = 1 << 24;

impl Raw {
    /// Gives the pads of each entity their indexes, in the order in which they came: kernels before 4.19 do not tell them.
    pub fn number_pads(&mut self) {
        let mut seen = BTreeMap::new();
        for pad in &mut self.pads {
            let next = seen.entry(pad.entity_id).or_insert(0);
            pad.index = *next;
            *next += 1;
        }
    }
}

impl Topology {
    /// Makes a snapshot of what the kernel told, or says what is wrong with that.
    ///
    /// `generation` tells one device of this process from another; 0 for one of the kernel.
    pub fn new(raw: Raw, generation: u64) -> Result<Self> {
        let Raw { version, mut entities, interfaces, pads, links } = raw;
        entities.iter_mut().for_each(|entity| terminate(&mut entity.name));
        let counts = [entities.len(), interfaces.len(), pads.len(), links.len()];
        const KINDS: [&str; 4] = ["entities", "interfaces", "pads", "links"];
        if let Some((count, what)) = counts.iter().zip(KINDS).find(|(count, _)| **count > MOST) {
            return Err(error!(Malformed, "topology: {count} {what}"));
        }
        let ids = |kind: usize, each: &mut dyn FnMut(u32)| match kind {
            uapi::Entity::KIND => entities.iter().for_each(|entity| each(entity.id)),
            uapi::Interface::KIND => interfaces.iter().for_each(|interface| each(interface.id)),
            uapi::Pad::KIND => pads.iter().for_each(|pad| each(pad.id)),
            _ => links.iter().for_each(|link| each(link.id)),
        };
        let places =
            Places::new(counts, ids).map_err(|doubtful| match (doubtful.id, KINDS[doubtful.kind]) {
                (0, what) => error!(Malformed, "topology: one of the {what} has no id"),
                (id, what) => error!(Malformed, "topology: two of the {what} have the id {id:#x}"),
            })?;
        let entity = |id| places.find(&entities, id);
        let pad = |id| places.find(&pads, id);
        for pad in &pads {
            if entity(pad.entity_id).is_none() {
                let (id, entity) = (pad.id, pad.entity_id);
                return Err(error!(
                    Malformed,
                    "topology: pad {id:#x} is one of entity {entity:#x}, which is not there"
                ));
            }
        }
        for link in &links {
            let (source, sink) = match kind_of(link.flags) {
                uapi::LINK_DATA => (pad(link.source_id), pad(link.sink_id)),
                uapi::LINK_INTERFACE => (places.find(&interfaces, link.source_id), entity(link.sink_id)),
                uapi::LINK_ANCILLARY => (entity(link.source_id), entity(link.sink_id)),
                _ => continue,
            };
            for (id, found) in [(link.source_id, source), (link.sink_id, sink)] {
                if found.is_none() {
                    let link = link.id;
                    return Err(error!(
                        Malformed,
                        "topology: link {link:#x} ends at {id:#x}, where it cannot"
                    ));
                }
            }
        }
        let entity_of = |pad: &uapi::Pad| entity(pad.entity_id).unwrap_or_default();
        let mut pads_of = Groups::new(entities.len(), pads.len(), || pads.iter().map(entity_of).zip(0..));
        let mut twice = None;
        pads_of.each(|members| {
            let index = |&pad: &u32| pads[pad as usize].index;
            if !members.is_sorted_by_key(index) {
                members.sort_by_key(index);
            }
            twice = twice.or_else(|| {
                members.windows(2).find(|two| index(&two[0]) == index(&two[1])).map(|two| two[1])
            });
        });
        if let Some(pad) = twice.and_then(|at| pads.get(at as usize)) {
            let (entity, index) = (pad.entity_id, pad.index);
            return Err(error!(Malformed, "topology: entity {entity:#x} has two pads {index}"));
        }
        let links_of = Groups::new(pads.len(), 2 * links.len(), || {
            let data = links.iter().zip(0..).filter(|(link, _)| kind_of(link.flags) == uapi::LINK_DATA);
            data.flat_map(|(link, at)| {
                let ends = [Some(link.source_id), (link.sink_id != link.source_id).then_some(link.sink_id)];
                ends.into_iter().flatten().filter_map(pad).map(move |pad| (pad, at))
            })
        });
        Ok(Topology { version, generation, entities, interfaces, pads, links, places, pads_of, links_of })
    }
}

/// A name ends with a zero, and nothing else stands behind that.
fn terminate(name: &mut [u8; 64]) {
    let end = CStr::from_bytes_until_nul(name).map_or(63, CStr::count_bytes);
    name[end..].fill(0);
}
