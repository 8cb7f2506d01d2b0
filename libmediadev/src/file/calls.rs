// SPDX-License-Identifier: MIT OR Apache-2.0
//! The calls of the media interface, answered from a snapshot of the graph: they say what the kernel would say of such a device.

use super::memory::{read, write};
use super::{File, Memory};
use crate::error::{error, Result};
use crate::uapi::{self, Plain};
use crate::{Device, LinkInfo, PadInfo, Request, Topology};
use kref::Port;

/// What a call is named in messages.
pub(super) fn name(request: u32) -> &'static str {
    match request {
        uapi::DEVICE_INFO => "DEVICE_INFO",
        uapi::ENUM_ENTITIES => "ENUM_ENTITIES",
        uapi::ENUM_LINKS | uapi::ENUM_LINKS32 => "ENUM_LINKS",
        uapi::SETUP_LINK => "SETUP_LINK",
        uapi::G_TOPOLOGY => "G_TOPOLOGY",
        uapi::REQUEST_ALLOC => "REQUEST_ALLOC",
        _ => "ioctl",
    }
}

/// Whether it is one of them. All of them have the same letter, which others as a rule have not.
#[inline]
pub(super) fn is_known(request: u32) -> bool {
    const LETTER: u32 = 0xff00;
    request & LETTER == uapi::DEVICE_INFO & LETTER
        && matches!(
            request,
            uapi::DEVICE_INFO
                | uapi::ENUM_ENTITIES
                | uapi::ENUM_LINKS
                | uapi::ENUM_LINKS32
                | uapi::SETUP_LINK
                | uapi::G_TOPOLOGY
                | uapi::REQUEST_ALLOC
        )
}

/// Answers one of them.
pub(super) fn run(file: &Port<File>, request: u32, arg: u64, memory: &dyn Memory) -> Result<i32> {
    let device = file.device();
    match request {
        uapi::DEVICE_INFO => write(memory, arg, device.info()?.raw())?,
        uapi::ENUM_ENTITIES => {
            let asked = read::<uapi::EntityDesc>(memory, arg)?;
            write(memory, arg, &entity(device, &device.topology(), asked.id)?)?;
        }
        uapi::ENUM_LINKS => {
            let asked = read::<uapi::LinksEnum>(memory, arg)?;
            links(device, asked.entity, asked.pads, asked.links, memory)?;
            write(memory, arg, &uapi::LinksEnum { gap: 0, reserved: [0; 4], ..asked })?;
        }
        uapi::ENUM_LINKS32 => {
            let asked = read::<uapi::LinksEnum32>(memory, arg)?;
            links(device, asked.entity, asked.pads.into(), asked.links.into(), memory)?;
            write(memory, arg, &uapi::LinksEnum32 { reserved: [0; 4], ..asked })?;
        }
        uapi::SETUP_LINK => {
            let mut wish = read::<uapi::LinkDesc>(memory, arg)?;
            let end = |pad: &uapi::PadDesc| (pad.entity, u32::from(pad.index));
            Device::setup_link(device, end(&wish.source), end(&wish.sink), wish.flags)?;
            for reserved in [&mut wish.reserved, &mut wish.source.reserved, &mut wish.sink.reserved] {
                *reserved = [0; 2];
            }
            write(memory, arg, &wish)?;
        }
        uapi::G_TOPOLOGY => topology(device, arg, memory)?,
        uapi::REQUEST_ALLOC => {
            let request = Request::new(file)?;
            let fd = file.issued().issue(request)?;
            // The caller has it or nobody.
            memory.write(arg, &std::os::fd::AsRawFd::as_raw_fd(&fd).to_ne_bytes())?;
            std::mem::forget(fd);
        }
        _ => {
            return Err(error!(
                Unsupported,
                "{device}: no call of the media interface has the number {request:#x}"
            ))
        }
    }
    Ok(0)
}

/// The entity of this id, or with [`uapi::ID_FLAG_NEXT`] the one that follows it.
fn entity(device: &Device, topology: &Topology, id: u32) -> Result<uapi::EntityDesc> {
    let found = match id & uapi::ID_FLAG_NEXT {
        0 => topology.entity_by_id(id).ok(),
        _ => topology.entities().find(|entity| entity.id > id & !uapi::ID_FLAG_NEXT),
    };
    let found =
        found.ok_or_else(|| error!(Invalid, "{device}: ENUM_ENTITIES: no entity for the id {id:#x}"))?;
    let links = topology.links_from(found.id).count();
    let (major, minor) = topology.device_number(found.id).unwrap_or_default();
    let mut told = uapi::EntityDesc {
        id: found.id,
        kind: topology.old_type(&found),
        flags: found.flags,
        pads: saturated(found.num_pads),
        links: links.try_into().unwrap_or(u16::MAX),
        major,
        minor,
        ..uapi::EntityDesc::zero()
    };
    // The first version of the interface has less room for a name.
    told.name[..31].copy_from_slice(&found.name_bytes()[..31]);
    Ok(told)
}

/// Writes the pads of an entity and the data links that begin there.
fn links(device: &Device, id: u32, pads_at: u64, links_at: u64, memory: &dyn Memory) -> Result<()> {
    let topology = device.topology();
    let invalid = |_| error!(Invalid, "{device}: ENUM_LINKS: no entity has the id {id:#x}");
    topology.entity_by_id(id).map_err(invalid)?;
    if pads_at != 0 {
        let pads = topology.pads_of(id).map(|pad| pad_desc(&pad)).collect::<Vec<_>>();
        memory.write(pads_at, uapi::PadDesc::all_bytes(&pads))?;
    }
    if links_at != 0 {
        let told = |link: LinkInfo| {
            let end = |id| topology.pad_by_id(id).map(|pad| pad_desc(&pad));
            let (source, sink) = (end(link.source_id)?, end(link.sink_id)?);
            Ok(uapi::LinkDesc { source, sink, flags: link.flags, reserved: [0; 2] })
        };
        let links = topology.links_from(id).map(told).collect::<Result<Vec<_>>>()?;
        memory.write(links_at, uapi::LinkDesc::all_bytes(&links))?;
    }
    Ok(())
}

fn pad_desc(pad: &PadInfo) -> uapi::PadDesc {
    let (entity, flags) = (pad.entity_id, pad.flags);
    uapi::PadDesc { entity, index: saturated(pad.index), gap: 0, flags, reserved: [0; 2] }
}

fn saturated(number: u32) -> u16 {
    number.try_into().unwrap_or(u16::MAX)
}

/// Writes the arrays that are wanted, if there is room for all of them, and how much there is.
fn topology(device: &Device, arg: u64, memory: &dyn Memory) -> Result<()> {
    let asked = read::<uapi::TopologyHead>(memory, arg)?;
    let topology = device.topology();
    let parts = topology.raw();
    let arrays = [
        (asked.entities, asked.num_entities, parts.entities.len(), Plain::all_bytes(parts.entities)),
        (asked.interfaces, asked.num_interfaces, parts.interfaces.len(), Plain::all_bytes(parts.interfaces)),
        (asked.pads, asked.num_pads, parts.pads.len(), Plain::all_bytes(parts.pads)),
        (asked.links, asked.num_links, parts.links.len(), Plain::all_bytes(parts.links)),
    ];
    if arrays.iter().any(|(at, room, count, _)| *at != 0 && (*room as usize) < *count) {
        return Err(error!(
            Full,
            "{device}: G_TOPOLOGY: the graph has grown, and there is no room for all of it"
        ));
    }
    for (at, _, _, bytes) in arrays.into_iter().filter(|(at, .., bytes)| *at != 0 && !bytes.is_empty()) {
        memory.write(at, bytes)?;
    }
    let told = uapi::TopologyHead {
        version: topology.version(),
        num_entities: parts.entities.len() as u32,
        num_interfaces: parts.interfaces.len() as u32,
        num_pads: parts.pads.len() as u32,
        num_links: parts.links.len() as u32,
        reserved1: 0,
        reserved2: 0,
        reserved3: 0,
        reserved4: 0,
        ..asked
    };
    write(memory, arg, &told)
}
