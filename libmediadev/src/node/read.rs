// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading a graph that may change meanwhile (M12): in one call where there was room enough for it, and otherwise again.

use crate::error::{error, Kind};
use crate::sys::{self, Counts, Errno};
use crate::topology::Arrays;
use crate::uapi::{self, Plain};
use crate::{Error, Raw, Topology};
use kref::Ref;
use std::collections::BTreeMap;
use std::os::fd::BorrowedFd;

/// What is asked for a graph.
pub(super) trait Source {
    fn counts(&self) -> Result<(u64, Counts), Errno>;
    fn topology(&self, room: Counts, spare: Vec<u32>) -> Result<(u64, Arrays), Errno>;
    fn entity(&self, desc: &mut uapi::EntityDesc) -> Result<(), Errno>;
    fn links(&self, entity: u32, pads: u16, links: u16) -> Result<Ends, Errno>;
}

/// The pads of an entity, and the links that come from it.
type Ends = (Vec<uapi::PadDesc>, Vec<uapi::LinkDesc>);

impl Source for BorrowedFd<'_> {
    fn counts(&self) -> Result<(u64, Counts), Errno> {
        sys::topology_counts(*self)
    }

    fn topology(&self, room: Counts, spare: Vec<u32>) -> Result<(u64, Arrays), Errno> {
        sys::topology(*self, room, spare)
    }

    fn entity(&self, desc: &mut uapi::EntityDesc) -> Result<(), Errno> {
        sys::ioctl(*self, uapi::ENUM_ENTITIES, desc)
    }

    fn links(&self, entity: u32, pads: u16, links: u16) -> Result<Ends, Errno> {
        sys::enum_links(*self, entity, pads, links)
    }
}

/// Why there is no topology.
#[derive(Debug)]
pub(super) enum Failure {
    /// This call, a positive errno.
    Call(&'static str, Errno),
    /// What was told makes no sense, or is too much.
    Malformed(Error),
    /// It has changed meanwhile.
    Restless,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Malformed(error)
    }
}

/// As often a graph is read that has changed meanwhile.
const TRIES: usize = 16;

/// From this version of the media interface on, pads tell their indexes.
pub(super) const PADS_HAVE_INDEXES: u32 = 4 << 16 | 19 << 8;

/// What a reading leaves to the next one.
#[derive(Default)]
pub(super) struct Last {
    /// Ids are never given away again, so what it says of a pad stays true.
    pub(super) known: Option<Ref<Topology>>,
    /// Memory to read into.
    spare: Vec<u32>,
}

impl Last {
    /// For a reading that begins; another one may begin meanwhile.
    pub(super) fn take(&mut self) -> Self {
        Last { known: self.known.clone(), spare: std::mem::take(&mut self.spare) }
    }
}

/// What a graph had, which is as a rule what it has.
pub(super) fn room_for(known: &Topology) -> Counts {
    Counts(known.counts().map(|count| count as u32))
}

/// Enough for what many devices have, and no more than is zeroed faster than the kernel is asked.
pub(super) const FIRST_ROOM: Counts = Counts([16, 16, 32, 32]);

/// MEDIA_IOC_G_TOPOLOGY, for which the kernel holds the graph still during one call, but not from one to the next. Where `room` is
/// enough, one call is. Where the graph is the one that is known, that is it.
pub(super) fn topology(
    source: &impl Source,
    room: Counts,
    last: &mut Last,
    has_indexes: bool,
) -> Result<Ref<Topology>, Failure> {
    let failed = |errno| Failure::Call("MEDIA_IOC_G_TOPOLOGY", errno);
    let mut room = Some(room);
    let mut slack = 0;
    again(|| {
        let now = match room {
            Some(room) => room,
            None => more(source.counts().map_err(failed)?.1, slack)?,
        };
        let (version, mut told) = source.topology(now, std::mem::take(&mut last.spare)).map_err(|errno| {
            if errno == libc::ENOSPC {
                // It grows, so there shall be more room than it needs when it is asked.
                (room, slack) = (None, slack * 2 + 4);
                return Failure::Restless;
            }
            failed(errno)
        })?;
        if let Some(known) = last.known.as_ref().filter(|known| known.is(version, &told)) {
            last.spare = told.into_words();
            return Ok(known.clone());
        }
        if !has_indexes {
            told.number_pads();
        }
        let read = Ref::new(Topology::of(version, told, 0)?);
        last.known = Some(read.clone());
        Ok(read)
    })
}

/// So much more room.
fn more(Counts(counts): Counts, slack: u32) -> Result<Counts, Failure> {
    counts.iter().try_for_each(|&count| check_count(count))?;
    Ok(Counts(counts.map(|count| count + slack)))
}

fn check_count(count: u32) -> Result<(), Failure> {
    match count > MOST {
        true => Err(error!(Full, "topology: {count} of a kind, and {MOST} is the most").into()),
        false => Ok(()),
    }
}

/// The most of a kind: many times what any device has, and not so much that one that lies fills the memory.
const MOST: u32 = 1 << 16;

/// The first version of the interface. It asks for each entity and its links, one after the other, so what it tells may not fit
/// together.
pub(super) fn legacy(source: &impl Source) -> Result<Ref<Topology>, Failure> {
    again(|| Ok(Ref::new(Topology::new(legacy_once(source)?, 0)?)))
}

/// Reads until it fits together. None has changed meanwhile; what makes no sense may have done so too, in kernels that do not
/// hold the graph still.
fn again(mut read: impl FnMut() -> Result<Ref<Topology>, Failure>) -> Result<Ref<Topology>, Failure> {
    let mut last = Failure::Restless;
    for _ in 0..TRIES {
        last = match read() {
            Err(Failure::Malformed(error)) if error.kind() == Kind::Malformed => Failure::Malformed(error),
            Err(Failure::Restless) => Failure::Restless,
            read => return read,
        };
    }
    Err(last)
}

// The first version tells no ids but those of entities. These are like the ones that the kernel gave when it began to tell them.
const FIRST_PAD: u32 = 1 << 24;
const FIRST_LINK: u32 = 2 << 24;
const FIRST_INTERFACE: u32 = 3 << 24;

fn legacy_once(source: &impl Source) -> Result<Raw, Failure> {
    let mut raw = Raw::default();
    let mut descs = Vec::new();
    let mut desc = uapi::EntityDesc { id: uapi::ID_FLAG_NEXT, ..uapi::EntityDesc::zero() };
    loop {
        let before = desc.id & !uapi::ID_FLAG_NEXT;
        match source.entity(&mut desc) {
            Ok(()) => {}
            Err(libc::EINVAL) => break,
            Err(errno) => return Err(Failure::Call("MEDIA_IOC_ENUM_ENTITIES", errno)),
        }
        // One that goes on for ever has changed for ever.
        if desc.id <= before || desc.id >= FIRST_PAD || descs.len() == MOST as usize {
            return Err(Failure::Restless);
        }
        descs.push(desc);
        desc = uapi::EntityDesc { id: desc.id | uapi::ID_FLAG_NEXT, ..uapi::EntityDesc::zero() };
    }
    check_count(descs.iter().map(|desc| u32::from(desc.pads)).sum())?;
    check_count(descs.iter().map(|desc| u32::from(desc.links)).sum())?;
    let mut pad_ids = BTreeMap::new();
    let mut data_links = Vec::new();
    for desc in &descs {
        raw.entities.push(entity_of(desc));
        let (pads, links) = match source.links(desc.id, desc.pads, desc.links) {
            Ok(ends) => ends,
            // It has gone, or it has more than it said.
            Err(libc::EINVAL | libc::EFAULT) => return Err(Failure::Restless),
            Err(errno) => return Err(Failure::Call("MEDIA_IOC_ENUM_LINKS", errno)),
        };
        for (index, pad) in (0..).zip(pads) {
            if pad.entity != desc.id || u32::from(pad.index) != index {
                return Err(Failure::Restless);
            }
            let id = FIRST_PAD + raw.pads.len() as u32;
            pad_ids.insert((desc.id, pad.index), id);
            raw.pads.push(uapi::Pad { id, entity_id: desc.id, flags: pad.flags, index, ..uapi::Pad::zero() });
        }
        data_links.extend(links);
        if desc.major != 0 {
            add_interface(&mut raw, desc);
        }
    }
    for link in data_links {
        let end = |pad: uapi::PadDesc| pad_ids.get(&(pad.entity, pad.index)).copied();
        let (Some(source_id), Some(sink_id)) = (end(link.source), end(link.sink)) else {
            return Err(Failure::Restless);
        };
        add_link(&mut raw, source_id, sink_id, link.flags & !uapi::LINK_TYPE);
    }
    Ok(raw)
}

fn entity_of(desc: &uapi::EntityDesc) -> uapi::Entity {
    let mut entity =
        uapi::Entity { id: desc.id, function: desc.kind, flags: desc.flags, ..uapi::Entity::zero() };
    entity.name[..desc.name.len()].copy_from_slice(&desc.name);
    entity
}

/// The device node of an entity; which kind of interface that is, the entity's type tells of some.
fn add_interface(raw: &mut Raw, desc: &uapi::EntityDesc) {
    let kind = match desc.kind & 0x00ff_0000 {
        uapi::FUNCTION_OLD_SUBDEV_BASE => uapi::INTERFACE_V4L_SUBDEV,
        _ if desc.kind == uapi::FUNCTION_IO_V4L => uapi::INTERFACE_V4L_VIDEO,
        _ => 0,
    };
    let id = FIRST_INTERFACE + raw.interfaces.len() as u32;
    let (major, minor) = (desc.major, desc.minor);
    raw.interfaces.push(uapi::Interface { id, kind, major, minor, ..uapi::Interface::zero() });
    add_link(raw, id, desc.id, uapi::LINK_INTERFACE | uapi::LINK_ENABLED | uapi::LINK_IMMUTABLE);
}

fn add_link(raw: &mut Raw, source_id: u32, sink_id: u32, flags: u32) {
    let id = FIRST_LINK + raw.links.len() as u32;
    raw.links.push(uapi::Link { id, source_id, sink_id, flags, ..uapi::Link::zero() });
}

#[cfg(test)]
mod tests;
