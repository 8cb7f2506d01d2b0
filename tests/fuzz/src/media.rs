// SPDX-License-Identifier: MIT OR Apache-2.0
//! What libmediadev reads: media-ctl's notations, and graphs as a device tells them.

use mediadev::uapi::{self, Plain};
use mediadev::{notation, Direction, Raw, Topology};
use std::fmt::{Debug, Display};

/// Whatever is read is written, and read as the same again; what is not read is told in a sentence.
pub fn notation(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    same(text, |text| notation::links(text), |all| notation::joined(all));
    same(text, |text| notation::formats(text), |all| notation::joined(all));
    same(text, |text| notation::routes(text), |all| notation::joined(all));
    same(text, notation::pad, shown);
    same(text, notation::entity, shown);
}

fn shown(what: &impl Display) -> String {
    what.to_string()
}

fn same<T: PartialEq + Debug>(
    text: &str,
    read: impl Fn(&str) -> mediadev::Result<T>,
    write: impl Fn(&T) -> String,
) {
    match read(text) {
        Ok(it) => assert_eq!(read(&write(&it)).expect("what is written can be read"), it),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A graph of these bytes is refused, or everything in it can be asked for.
pub fn graph(data: &[u8]) {
    let Some((counts, mut rest)) = data.split_first_chunk::<4>() else { return };
    let raw = Raw {
        version: 1,
        entities: records(counts[0], &mut rest, 0, |entity: &mut uapi::Entity| &mut entity.id),
        interfaces: records(counts[1], &mut rest, 3, |interface: &mut uapi::Interface| &mut interface.id),
        pads: records(counts[2], &mut rest, 1, |pad: &mut uapi::Pad| &mut pad.id),
        links: records(counts[3], &mut rest, 2, |link: &mut uapi::Link| &mut link.id),
    };
    let Ok(topology) = Topology::new(raw, 0) else { return };
    for entity in topology.entities() {
        assert_eq!(topology.entity_by_id(entity.id).unwrap().id, entity.id);
        assert_eq!(topology.pads_of(entity.id).count(), entity.num_pads as usize);
        assert!(topology.find(entity.name()).is_ok());
        let name = notation::EntityName::of(&topology, &entity);
        assert_eq!(name.find(&topology).unwrap().id, entity.id, "{name}");
        let reached = topology.walk(entity.id, Direction::Both, true).unwrap();
        assert!(reached.len() <= topology.num_entities());
        let _ = (topology.device_number(entity.id), topology.old_type(&entity));
    }
    for pad in topology.pads() {
        assert_eq!(topology.pad_by_id(pad.id).unwrap(), pad);
        assert_eq!(topology.pad_of(pad.entity_id, pad.index).unwrap(), pad);
        let name = notation::PadName::of(&topology, &pad).unwrap();
        assert_eq!(name.find(&topology).unwrap(), pad);
        let _ = topology.remote_pad(pad.id);
    }
    for link in topology.links() {
        assert_eq!(topology.link_by_id(link.id).unwrap(), link);
        if link.kind() == uapi::LINK_DATA {
            assert!(topology.links_of(link.source_id).any(|other| other == link));
            assert!(topology.link_between(link.source_id, link.sink_id).is_some());
        }
    }
    for interface in topology.interfaces() {
        assert_eq!(topology.interface_by_id(interface.id).unwrap(), interface);
    }
    assert!(topology.to_dot(|_| None).ends_with("}\n"));
}

/// Few of a kind, of the bytes that there are; ids small enough to meet each other, and as the kernel has them if the first byte is
/// even.
fn records<T: Plain>(count: u8, rest: &mut &[u8], kind: u32, id: impl Fn(&mut T) -> &mut u32) -> Vec<T> {
    let mut record = || {
        let mut record = T::zero();
        let bytes = record.bytes_mut();
        let (mine, others) = rest.split_at(bytes.len().min(rest.len()));
        bytes[..mine.len()].copy_from_slice(mine);
        *rest = others;
        let id = id(&mut record);
        if *id & 1 == 0 {
            *id = kind << 24 | (*id >> 8 & 0x3f);
        }
        record
    };
    (0..count % 12).map(|_| record()).collect()
}

pub(crate) fn notations() -> Vec<Vec<u8>> {
    [
        "'Sensor A':0 -> 'Debayer A':0 [1], 3:1->\"it's\":0[0x0]",
        "'Sensor A':0[fmt:SRGGB8_1X8/640x480@1/30 field:none colorspace:srgb xfer:709 ycbcr:601 quantization:full-range]",
        "\"mux\":0/3[Y8 640x480 (10,-20)/30x40 compose:(1,2)/3x4, @1/5]",
        "'mux'[0/0->1/0[1],0/1->1/1[0]], 7[]",
        "'a':0",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

/// Two entities with a pad each, an interface, and links of all kinds.
pub(crate) fn graphs() -> Vec<Vec<u8>> {
    let entity = |id: u32, name: &[u8]| {
        let mut entity = uapi::Entity { id: id << 8, function: 0x2_0001, ..uapi::Entity::zero() };
        entity.name[..name.len()].copy_from_slice(name);
        entity.bytes().to_vec()
    };
    let pad = |id: u32, entity_id, flags| {
        uapi::Pad { id: id << 8, entity_id, flags, ..uapi::Pad::zero() }.bytes().to_vec()
    };
    let link = |id: u32, source_id, sink_id, flags| {
        uapi::Link { id: id << 8, source_id, sink_id, flags, ..uapi::Link::zero() }.bytes().to_vec()
    };
    let interface = uapi::Interface { id: 3 << 8, kind: 0x203, major: 81, ..uapi::Interface::zero() };
    let parts = [
        vec![2, 1, 2, 3],
        entity(1, b"Sensor"),
        entity(2, b"Scaler"),
        interface.bytes().to_vec(),
        pad(4, 1, uapi::PAD_SOURCE),
        pad(5, 2, uapi::PAD_SINK),
        link(6, 0x100_0004, 0x100_0005, uapi::LINK_ENABLED),
        link(7, 0x300_0003, 1, uapi::LINK_INTERFACE),
        link(8, 1, 2, uapi::LINK_ANCILLARY),
    ];
    vec![parts.concat(), vec![0; 4]]
}
