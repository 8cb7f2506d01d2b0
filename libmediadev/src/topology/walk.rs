// SPDX-License-Identifier: MIT OR Apache-2.0
//! Along the links.

use super::{EntityInfo, LinkInfo, Topology};
use crate::error::{error, Result};
use std::collections::VecDeque;

/// Which way to walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To where data comes from.
    Upstream,
    /// To where data goes.
    Downstream,
    /// Both.
    Both,
}

impl Topology {
    /// The pad at the other end of the link of a pad that is enabled. Of several, the first one and how many there are.
    pub fn remote_pads(&self, pad_id: u32) -> Result<impl Iterator<Item = u32> + '_> {
        let pad = self.pad_by_id(pad_id)?;
        let enabled = self.links_of(pad.id).filter(LinkInfo::is_enabled);
        Ok(enabled.map(move |link| if link.source_id == pad.id { link.sink_id } else { link.source_id }))
    }

    /// The pad at the other end of the one link of a pad that is enabled.
    pub fn remote_pad(&self, pad_id: u32) -> Result<u32> {
        let mut remotes = self.remote_pads(pad_id)?;
        match (remotes.next(), remotes.next()) {
            (Some(remote), None) => Ok(remote),
            (None, _) => Err(error!(NoLink, "{}: no link of it is enabled", self.pad_text(pad_id))),
            (Some(_), Some(_)) => {
                Err(error!(NotUnique, "{}: several links of it are enabled", self.pad_text(pad_id)))
            }
        }
    }

    /// The entities that can be reached from one, itself first, the near ones before the far ones; along links that are enabled, or
    /// along all data links.
    pub fn walk(&self, entity_id: u32, direction: Direction, all_links: bool) -> Result<Vec<EntityInfo>> {
        self.entity_by_id(entity_id)?;
        let mut reached = vec![false; self.arrays.entities().len()];
        let (mut found, mut to_visit) = (Vec::new(), VecDeque::new());
        let mut reach = |id: u32, to_visit: &mut VecDeque<usize>| {
            if let Some(at) = self
                .places
                .find(self.arrays.entities(), id)
                .filter(|&at| !std::mem::replace(&mut reached[at], true))
            {
                to_visit.push_back(at);
            }
        };
        reach(entity_id, &mut to_visit);
        while let Some(entity) = to_visit.pop_front().and_then(|at| self.entity(at)) {
            let links = self.pads_of(entity.id).flat_map(|pad| self.links_of(pad.id));
            for link in links.filter(|link| all_links || link.is_enabled()) {
                if link.source_entity == entity.id && direction != Direction::Upstream {
                    reach(link.sink_entity, &mut to_visit);
                }
                if link.sink_entity == entity.id && direction != Direction::Downstream {
                    reach(link.source_entity, &mut to_visit);
                }
            }
            found.push(entity);
        }
        Ok(found)
    }

    /// A pad in the words of a message: `"Sensor A":0`.
    fn pad_text(&self, pad_id: u32) -> String {
        let found = self.pad_by_id(pad_id).and_then(|pad| Ok((self.entity_by_id(pad.entity_id)?, pad.index)));
        match found {
            Ok((entity, index)) => format!("\"{}\":{index}", entity.name().to_string_lossy()),
            Err(_) => format!("pad {pad_id:#x}"),
        }
    }
}
