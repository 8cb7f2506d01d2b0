// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the kernel, or whoever says that he is one, tells of a graph: checked, so that nothing that follows can go wrong. Kinds,
//! functions and flags that nobody knows yet are kept as they are (M12).

use super::table::{Groups, Record, Table};
use super::{kind_of, Raw, Topology};
use crate::error::{error, Result};
use crate::uapi;
use std::collections::BTreeMap;

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
        let (entities, interfaces) = (table(entities, "entities")?, table(interfaces, "interfaces")?);
        let (pads, links) = (table(pads, "pads")?, table(links, "links")?);
        for pad in pads.iter() {
            if entities.find(pad.entity_id).is_none() {
                let (id, entity) = (pad.id, pad.entity_id);
                return Err(error!(
                    Malformed,
                    "topology: pad {id:#x} is one of entity {entity:#x}, which is not there"
                ));
            }
        }
        for link in links.iter() {
            let (source, sink): (&dyn Fn(u32) -> bool, &dyn Fn(u32) -> bool) = match kind_of(link.flags) {
                uapi::LINK_DATA => (&|id| pads.find(id).is_some(), &|id| pads.find(id).is_some()),
                uapi::LINK_INTERFACE => {
                    (&|id| interfaces.find(id).is_some(), &|id| entities.find(id).is_some())
                }
                uapi::LINK_ANCILLARY => {
                    (&|id| entities.find(id).is_some(), &|id| entities.find(id).is_some())
                }
                _ => (&|_| true, &|_| true),
            };
            for (id, is_there) in [(link.source_id, source), (link.sink_id, sink)] {
                if !is_there(id) {
                    let link = link.id;
                    return Err(error!(
                        Malformed,
                        "topology: link {link:#x} ends at {id:#x}, where it cannot"
                    ));
                }
            }
        }
        let entity_of = |pad: &uapi::Pad| entities.find(pad.entity_id).unwrap_or_default();
        let mut pads_of = Groups::new(entities.len(), || pads.iter().map(entity_of).zip(0..));
        let mut twice = None;
        pads_of.each(|members| {
            let index = |&pad: &u32| pads.records()[pad as usize].index;
            members.sort_by_key(index);
            twice = twice.or_else(|| {
                members.windows(2).find(|two| index(&two[0]) == index(&two[1])).map(|two| two[1])
            });
        });
        if let Some(pad) = twice.and_then(|at| pads.get(at as usize)) {
            let (entity, index) = (pad.entity_id, pad.index);
            return Err(error!(Malformed, "topology: entity {entity:#x} has two pads {index}"));
        }
        let links_of = Groups::new(pads.len(), || {
            let data = links.iter().zip(0..).filter(|(link, _)| kind_of(link.flags) == uapi::LINK_DATA);
            data.flat_map(|(link, at)| {
                let ends = [Some(link.source_id), (link.sink_id != link.source_id).then_some(link.sink_id)];
                ends.into_iter().flatten().filter_map(|id| pads.find(id)).map(move |pad| (pad, at))
            })
        });
        let controls_of = Groups::new(entities.len(), || {
            let controls =
                links.iter().zip(0..).filter(|(link, _)| kind_of(link.flags) == uapi::LINK_INTERFACE);
            controls.filter_map(|(link, at)| Some((entities.find(link.sink_id)?, at)))
        });
        Ok(Topology {
            version,
            generation,
            entities,
            interfaces,
            pads,
            links,
            pads_of,
            links_of,
            controls_of,
        })
    }
}

fn table<T: Record>(records: Vec<T>, what: &str) -> Result<Table<T>> {
    let count = records.len();
    if count > MOST {
        return Err(error!(Malformed, "topology: {count} {what}"));
    }
    Table::new(records).map_err(|id| match id {
        0 => error!(Malformed, "topology: one of the {what} has no id"),
        id => error!(Malformed, "topology: two of the {what} have the id {id:#x}"),
    })
}

/// A name ends with a zero, and nothing else stands behind that.
fn terminate(name: &mut [u8; 64]) {
    let end = name.iter().position(|&byte| byte == 0).unwrap_or(63);
    name[end..].fill(0);
}
