// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the kernel, or whoever says that he is one, tells of a graph: checked, so that nothing that follows can go wrong. Kinds,
//! functions and flags that nobody knows yet are kept as they are (M12).

use super::index::{Doubtful, Groups, Places};
use super::{kind_of, Arrays, Raw, RawParts, Topology};
use crate::error::{error, Result};
use crate::uapi;
use once_cell::sync::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// The most of a kind: what can be counted, and more than there are ids for.
const MOST: usize = 1 << 24;

impl Arrays {
    /// Gives the pads of each entity their indexes, in the order in which they came: kernels before 4.19 do not tell them.
    pub(crate) fn number_pads(&mut self) {
        let mut seen = BTreeMap::new();
        for pad in self.pads_mut() {
            let next = seen.entry(pad.entity_id).or_insert(0);
            pad.index = *next;
            *next += 1;
        }
    }
}

impl Topology {
    /// Makes a snapshot of such a graph, or says what is wrong with it.
    ///
    /// `generation` tells one device of this process from another; 0 for one of the kernel.
    pub fn new(raw: Raw, generation: u64) -> Result<Self> {
        Self::of(raw.version, Arrays::of(&raw), generation)
    }

    /// The same of what the kernel told.
    pub(crate) fn of(version: u64, arrays: Arrays, generation: u64) -> Result<Self> {
        let RawParts { entities, interfaces, pads, links } = arrays.parts();
        let counts = [entities.len(), interfaces.len(), pads.len(), links.len()];
        if let Some(count) = counts.iter().find(|&&count| count > MOST) {
            return Err(error!(Malformed, "topology: {count} of a kind"));
        }
        let places = Places::new(entities, interfaces, pads, links).map_err(|doubtful| match doubtful {
            Doubtful(what, 0) => error!(Malformed, "topology: one of the {what} has no id"),
            Doubtful(what, id) => error!(Malformed, "topology: two of the {what} have the id {id:#x}"),
        })?;
        let entity = |id| places.find(entities, id);
        let pad = |id| places.find(pads, id);
        // The kernel tells them in this order. None is there twice then.
        let (mut next, mut is_sorted) = (0, true);
        for pad in pads {
            let Some(at) = entity(pad.entity_id) else {
                let (id, entity) = (pad.id, pad.entity_id);
                return Err(error!(
                    Malformed,
                    "topology: pad {id:#x} is one of entity {entity:#x}, which is not there"
                ));
            };
            let place = (at as u64) << 32 | u64::from(pad.index);
            is_sorted &= next <= place;
            next = place + 1;
        }
        if !is_sorted {
            let mut seen = BTreeSet::new();
            if let Some(pad) = pads.iter().find(|pad| !seen.insert((pad.entity_id, pad.index))) {
                let (entity, index) = (pad.entity_id, pad.index);
                return Err(error!(Malformed, "topology: entity {entity:#x} has two pads {index}"));
            }
        }
        for link in links {
            let (source, sink) = match kind_of(link.flags) {
                uapi::LINK_DATA => (pad(link.source_id), pad(link.sink_id)),
                uapi::LINK_INTERFACE => (places.find(interfaces, link.source_id), entity(link.sink_id)),
                uapi::LINK_ANCILLARY => (entity(link.source_id), entity(link.sink_id)),
                _ => continue,
            };
            if source.is_none() || sink.is_none() {
                let id = if source.is_none() { link.source_id } else { link.sink_id };
                let link = link.id;
                return Err(error!(Malformed, "topology: link {link:#x} ends at {id:#x}, where it cannot"));
            }
        }
        let (pads_of, links_of, controls_of) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Ok(Topology { version, generation, arrays, places, pads_of, links_of, controls_of })
    }

    /// The pads of each entity, by their index.
    pub(super) fn pads_by_entity(&self) -> &Groups {
        self.pads_of.get_or_init(|| {
            let pads = self.arrays.pads();
            let entity_of =
                |pad: &uapi::Pad| self.places.find(self.arrays.entities(), pad.entity_id).unwrap_or_default();
            let mut groups =
                Groups::new(self.arrays.entities().len(), pads.len(), || pads.iter().map(entity_of).zip(0..));
            groups.each(|members| members.sort_by_key(|&pad| pads[pad as usize].index));
            groups
        })
    }

    /// The data links at each pad.
    pub(super) fn links_by_pad(&self) -> &Groups {
        self.links_of.get_or_init(|| {
            Groups::new(self.arrays.pads().len(), 2 * self.arrays.links().len(), || {
                let is_data = |(link, _): &(&uapi::Link, u32)| kind_of(link.flags) == uapi::LINK_DATA;
                self.arrays.links().iter().zip(0..).filter(is_data).flat_map(|(link, at)| {
                    let is_loop = link.sink_id == link.source_id;
                    let ends = [Some(link.source_id), (!is_loop).then_some(link.sink_id)];
                    let pads =
                        ends.into_iter().flatten().filter_map(|id| self.places.find(self.arrays.pads(), id));
                    pads.map(move |pad| (pad, at))
                })
            })
        })
    }

    /// The interface links to each entity.
    pub(super) fn controls_by_entity(&self) -> &Groups {
        self.controls_of.get_or_init(|| {
            Groups::new(self.arrays.entities().len(), self.arrays.links().len(), || {
                let is_control = |(link, _): &(&uapi::Link, u32)| kind_of(link.flags) == uapi::LINK_INTERFACE;
                let controls = self.arrays.links().iter().zip(0..).filter(is_control);
                controls.filter_map(|(link, at)| {
                    Some((self.places.find(self.arrays.entities(), link.sink_id)?, at))
                })
            })
        })
    }
}
