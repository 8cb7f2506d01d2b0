// SPDX-License-Identifier: MIT OR Apache-2.0
//! The graph of a device of this process: entities with their pads, links, interfaces. It is data and nothing else, behind the
//! device's lock; whom a change is asked about, and who is told, is in [`links`] and [`pipeline`].

mod entity;
mod links;
mod pipeline;

pub use entity::Entity;
pub use pipeline::Pipeline;

use crate::error::{error, Result};
use crate::{uapi, LinkInfo, Raw, Topology};
use entity::Core;
use kref::sync::{lock, read, write};
use kref::{Ref, Weak};
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

/// The most pads of an entity: as many as the kernel allows.
const MAX_PADS: usize = 512;

/// What an id stands for, in its highest bits, as in the kernel.
#[derive(Clone, Copy)]
enum IdKind {
    Entity = 0,
    Pad = 1,
    Link = 2,
    Interface = 3,
}
const ID_BITS: u32 = 24;

pub(crate) struct Graph {
    /// Grows with whatever comes or goes (M5).
    version: u64,
    /// The last id that was given to anything; none is given twice (M4, K7).
    last_id: u32,
    entities: BTreeMap<u32, Node>,
    interfaces: BTreeMap<u32, Interface>,
    links: BTreeMap<u32, Link>,
    /// How often each pipeline that has been started was.
    pipelines: BTreeMap<u64, u32>,
    /// It is not any more what was last told.
    stale: bool,
}

struct Node {
    core: Arc<Core>,
    flags: u32,
    pads: Vec<Pad>,
    /// All links of which an end is here.
    links: Vec<u32>,
    /// The handle that those share who hold the entity now.
    handle: Option<Weak<Entity>>,
}

struct Pad {
    id: u32,
    flags: u32,
    /// The pipeline that streams through it; 0 for none.
    pipeline: u64,
}

struct Interface {
    kind: u32,
    flags: u32,
    major: u32,
    minor: u32,
}

struct Link {
    flags: u32,
    source: End,
    sink: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Pad { entity: u32, index: u32, id: u32 },
    Entity(u32),
    Interface(u32),
}

/// A pad, by its entity's id and its index.
pub(crate) type PadAt = (u32, u32);

impl End {
    fn id(self) -> u32 {
        match self {
            End::Pad { id, .. } | End::Entity(id) | End::Interface(id) => id,
        }
    }

    fn entity(self) -> u32 {
        match self {
            End::Pad { entity, .. } | End::Entity(entity) => entity,
            End::Interface(_) => 0,
        }
    }

    fn pad(self) -> Option<PadAt> {
        match self {
            End::Pad { entity, index, .. } => Some((entity, index)),
            _ => None,
        }
    }
}

impl Link {
    fn info(&self, id: u32) -> LinkInfo {
        let index = |end: End| end.pad().map_or(0, |(_, index)| index);
        LinkInfo {
            id,
            source_id: self.source.id(),
            sink_id: self.sink.id(),
            flags: self.flags,
            source_entity: self.source.entity(),
            source_pad: index(self.source),
            sink_entity: self.sink.entity(),
            sink_pad: index(self.sink),
        }
    }

    fn is_enabled_data(&self) -> bool {
        self.source.pad().is_some() && self.flags & uapi::LINK_ENABLED != 0
    }
}

impl Graph {
    pub(crate) fn new() -> Self {
        Graph {
            version: 0,
            last_id: 0,
            entities: BTreeMap::new(),
            interfaces: BTreeMap::new(),
            links: BTreeMap::new(),
            pipelines: BTreeMap::new(),
            stale: false,
        }
    }

    /// Ids for `count` new things, of which this gives the first one's number; all or none.
    fn ids(&mut self, count: usize) -> Result<u32> {
        let left = (1 << ID_BITS) - 1 - self.last_id;
        match u32::try_from(count) {
            Ok(count) if count <= left => {
                self.last_id += count;
                Ok(self.last_id - count + 1)
            }
            _ => {
                Err(error!(Full, "there are {left} ids left, and {count} are needed: ids are not used twice"))
            }
        }
    }

    /// Something has come or gone.
    fn grown(&mut self) {
        self.version += 1;
        self.stale = true;
    }

    fn add_entity(&mut self, core: impl FnOnce(u32) -> Arc<Core>, pad_flags: &[u32]) -> Result<Arc<Core>> {
        let first = self.ids(1 + pad_flags.len())?;
        let pads = pad_flags.iter().zip(first + 1..).map(|(&flags, n)| Pad {
            id: id(IdKind::Pad, n),
            flags,
            pipeline: 0,
        });
        let (entity, core) = (id(IdKind::Entity, first), core(first));
        let node =
            Node { core: core.clone(), flags: 0, pads: pads.collect(), links: Vec::new(), handle: None };
        self.entities.insert(entity, node);
        self.grown();
        Ok(core)
    }

    /// Takes an entity out with its links. What is returned may run foreign code when it is dropped, so not under the lock.
    fn remove_entity(&mut self, entity: u32) -> Option<Arc<Core>> {
        let node = self.entities.remove(&entity)?;
        for link in node.links {
            self.unlink(link);
        }
        self.grown();
        Some(node.core)
    }

    /// A pad, unless there is no such entity or pad.
    fn pad(&self, (entity, index): PadAt) -> Option<&Pad> {
        self.entities.get(&entity)?.pads.get(index as usize)
    }

    fn pad_end(&self, at: PadAt) -> Option<End> {
        self.pad(at).map(|pad| End::Pad { entity: at.0, index: at.1, id: pad.id })
    }

    /// The data link between two pads.
    fn link_between(&self, source: PadAt, sink: PadAt) -> Option<(u32, &Link)> {
        let links = &self.entities.get(&source.0)?.links;
        let all = links.iter().filter_map(|&id| self.links.get(&id).map(|link| (id, link)));
        let wanted = |link: &Link| link.source.pad() == Some(source) && link.sink.pad() == Some(sink);
        all.into_iter().find(|(_, link)| wanted(link))
    }

    /// The data links at a pad.
    fn links_at(&self, at: PadAt) -> impl Iterator<Item = (u32, &Link)> {
        let links = self.entities.get(&at.0).map_or(&[][..], |node| &node.links);
        let all = links.iter().filter_map(|&id| self.links.get(&id).map(|link| (id, link)));
        all.filter(move |(_, link)| link.source.pad() == Some(at) || link.sink.pad() == Some(at))
    }

    fn add_link(&mut self, source: End, sink: End, flags: u32) -> Result<u32> {
        let link = id(IdKind::Link, self.ids(1)?);
        for end in [source.entity(), sink.entity()] {
            if let Some(node) = self.entities.get_mut(&end) {
                node.links.push(link);
            }
        }
        self.links.insert(link, Link { flags, source, sink });
        self.grown();
        Ok(link)
    }

    /// Takes a link out.
    fn unlink(&mut self, link: u32) -> bool {
        let Some(gone) = self.links.remove(&link) else { return false };
        for end in [gone.source.entity(), gone.sink.entity()] {
            if let Some(node) = self.entities.get_mut(&end) {
                node.links.retain(|&other| other != link);
            }
        }
        self.grown();
        true
    }

    fn add_interface(&mut self, interface: Interface) -> Result<u32> {
        let id = id(IdKind::Interface, self.ids(1)?);
        self.interfaces.insert(id, interface);
        self.grown();
        Ok(id)
    }

    fn remove_interface(&mut self, interface: u32) -> bool {
        if self.interfaces.remove(&interface).is_none() {
            return false;
        }
        let ends = |link: &Link| link.source == End::Interface(interface);
        let links: Vec<u32> = self.links.iter().filter(|(_, link)| ends(link)).map(|(&id, _)| id).collect();
        for link in links {
            self.unlink(link);
        }
        self.grown();
        true
    }

    fn raw(&self) -> Raw {
        let entities = self.entities.iter().map(|(&id, node)| uapi::Entity {
            id,
            name: *node.core.name(),
            function: node.core.function(),
            flags: node.flags,
            reserved: [0; 5],
        });
        let pads = self.entities.iter().flat_map(|(&entity_id, node)| {
            node.pads.iter().zip(0..).map(move |(pad, index)| uapi::Pad {
                id: pad.id,
                entity_id,
                flags: pad.flags,
                index,
                reserved: [0; 4],
            })
        });
        let links = self.links.iter().map(|(&id, link)| uapi::Link {
            id,
            source_id: link.source.id(),
            sink_id: link.sink.id(),
            flags: link.flags,
            reserved: [0; 6],
        });
        let interfaces = self.interfaces.iter().map(|(&id, interface)| uapi::Interface {
            id,
            kind: interface.kind,
            flags: interface.flags,
            reserved: [0; 9],
            major: interface.major,
            minor: interface.minor,
            rest: [0; 14],
        });
        Raw {
            version: self.version,
            entities: entities.collect(),
            interfaces: interfaces.collect(),
            pads: pads.collect(),
            links: links.collect(),
        }
    }
}

/// The graph of a device, and what was last told of it. Who asks takes no lock that another one who asks holds.
pub(crate) struct Told {
    graph: Mutex<Graph>,
    /// None where nobody has asked since the graph last changed. Changed under the lock of the graph only.
    snapshot: RwLock<Option<Ref<Topology>>>,
}

/// The graph, to be looked at and changed.
pub(crate) struct Locked<'a> {
    graph: MutexGuard<'a, Graph>,
    told: &'a Told,
}

impl Told {
    pub(crate) fn new() -> Self {
        Told { graph: Mutex::new(Graph::new()), snapshot: RwLock::new(None) }
    }

    pub(crate) fn lock(&self) -> Locked<'_> {
        Locked { graph: lock(&self.graph), told: self }
    }

    /// The graph as it is now. Made when somebody asks, and again only when something has changed.
    pub(crate) fn snapshot(&self, generation: u64) -> Ref<Topology> {
        if let Some(known) = &*read(&self.snapshot) {
            return known.clone();
        }
        let locked = self.lock();
        // Another one may have asked first.
        if let Some(known) = &*read(&self.snapshot) {
            return known.clone();
        }
        let made =
            Topology::new(locked.raw(), generation).expect("what is checked when it comes makes sense");
        let made = Ref::new(made);
        *write(&self.snapshot) = Some(made.clone());
        made
    }
}

impl Deref for Locked<'_> {
    type Target = Graph;
    fn deref(&self) -> &Graph {
        &self.graph
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Graph {
        &mut self.graph
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if std::mem::take(&mut self.graph.stale) {
            write(&self.told.snapshot).take();
        }
    }
}

fn id(kind: IdKind, number: u32) -> u32 {
    (kind as u32) << ID_BITS | number
}
