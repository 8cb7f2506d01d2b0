// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;
use crate::{Kind, Raw};
use proptest::prelude::*;

const SENSOR: u32 = 0x2_0001;
const SCALER: u32 = 0x4005;

fn entity(id: u32, name: &str, function: u32) -> uapi::Entity {
    let mut entity = uapi::Entity { id, name: [0; 64], function, flags: 0, reserved: [0; 5] };
    entity.name[..name.len()].copy_from_slice(name.as_bytes());
    entity
}

fn pad(id: u32, entity_id: u32, index: u32, flags: u32) -> uapi::Pad {
    uapi::Pad { id, entity_id, flags, index, reserved: [0; 4] }
}

fn link(id: u32, source_id: u32, sink_id: u32, flags: u32) -> uapi::Link {
    uapi::Link { id, source_id, sink_id, flags, reserved: [0; 6] }
}

fn interface(id: u32, kind: u32, major: u32, minor: u32) -> uapi::Interface {
    uapi::Interface { id, kind, flags: 0, reserved: [0; 9], major, minor, rest: [0; 14] }
}

/// Two sensors that feed a scaler, one of them, which feeds a capture node; a lens; a thing of the future.
fn camera() -> Raw {
    Raw {
        version: 42,
        entities: vec![
            entity(1, "Sensor A", SENSOR),
            entity(2, "Sensor B", SENSOR),
            entity(3, "Scaler", SCALER),
            entity(4, "Capture", uapi::FUNCTION_IO_V4L),
            entity(5, "Lens", 0x2_0003),
            entity(6, "Time machine", 0x7fff_0001),
        ],
        interfaces: vec![
            interface(0x300_0030, uapi::INTERFACE_V4L_VIDEO, 1, 3),
            interface(0x300_0031, 0x999, 1, 250),
        ],
        // Not in the order of their ids.
        pads: vec![
            pad(0x100_0014, 4, 0, uapi::PAD_SINK | uapi::PAD_MUST_CONNECT),
            pad(0x100_0010, 1, 0, uapi::PAD_SOURCE),
            pad(0x100_0011, 2, 0, uapi::PAD_SOURCE),
            pad(0x100_0013, 3, 1, uapi::PAD_SOURCE),
            pad(0x100_0012, 3, 0, uapi::PAD_SINK),
        ],
        links: vec![
            link(0x200_0020, 0x100_0010, 0x100_0012, uapi::LINK_ENABLED),
            link(0x200_0021, 0x100_0011, 0x100_0012, 0),
            link(0x200_0022, 0x100_0013, 0x100_0014, uapi::LINK_ENABLED | uapi::LINK_IMMUTABLE),
            link(0x200_0023, 0x300_0030, 4, uapi::LINK_INTERFACE | uapi::LINK_ENABLED),
            link(0x200_0024, 1, 5, uapi::LINK_ANCILLARY | uapi::LINK_ENABLED),
            link(0x200_0025, 77, 0, 5 << 28),
        ],
    }
}

fn topology() -> Topology {
    Topology::new(camera(), 7).unwrap()
}

fn names(entities: impl IntoIterator<Item = EntityInfo>) -> Vec<String> {
    entities.into_iter().map(|entity| entity.name().to_str().unwrap().to_owned()).collect()
}

#[test]
fn m12_everything_is_there_and_what_is_unknown_is_kept() {
    let t = topology();
    assert_eq!((t.version(), t.generation()), (42, 7));
    assert_eq!([t.num_entities(), t.num_pads(), t.num_links(), t.num_interfaces()], [6, 5, 6, 2]);
    let scaler = t.entity(2).unwrap();
    assert_eq!((scaler.id, scaler.function, scaler.num_pads, scaler.num_links), (3, SCALER, 2, 3));
    assert_eq!(t.entity_by_id(6).unwrap().function, 0x7fff_0001);
    assert_eq!(t.interface(1).unwrap().kind, 0x999);
    let odd = t.link_by_id(0x200_0025).unwrap();
    assert_eq!((odd.kind(), odd.source_id, odd.source_entity), (5 << 28, 77, 0));
    let data = t.link(0).unwrap();
    assert_eq!((data.source_entity, data.source_pad, data.sink_entity, data.sink_pad), (1, 0, 3, 0));
    let lens = t.link_by_id(0x200_0024).unwrap();
    assert_eq!((lens.source_entity, lens.sink_entity), (1, 5));
    assert!(t.entity(6).is_none() && t.pad(5).is_none() && t.link(6).is_none() && t.interface(2).is_none());
}

#[test]
fn m12_things_are_found_by_id_name_and_function() {
    let t = topology();
    assert_eq!(t.find(c"Sensor B").unwrap().id, 2);
    assert_eq!(t.find(c"Sensor ?").unwrap().id, 1, "the first");
    assert_eq!(names(t.find_all(c"S*")), ["Sensor A", "Sensor B", "Scaler"]);
    assert_eq!(names(t.by_function(SENSOR)), ["Sensor A", "Sensor B"]);
    let pads = t.pads_of(3).map(|pad| (pad.index, pad.id)).collect::<Vec<_>>();
    assert_eq!(pads, [(0, 0x100_0012), (1, 0x100_0013)]);
    assert_eq!(t.pad_of(3, 1).unwrap().id, 0x100_0013);
    assert_eq!(t.link_between(0x100_0011, 0x100_0012).unwrap().id, 0x200_0021);
    assert!(t.link_between(0x100_0012, 0x100_0011).is_none());
    let said = |found: Result<EntityInfo>| {
        let error = found.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
        error.to_string()
    };
    assert_eq!(said(t.find(c"Sensor C")), "no entity is called \"Sensor C\"");
    assert_eq!(said(t.entity_by_id(0x100_0010)), "no entity has the id 0x1000010");
    assert_eq!(t.pad_of(3, 2).unwrap_err().to_string(), "\"Scaler\" (3): it has 2 pads, and no pad 2");
}

#[test]
fn a_name_that_looks_like_a_pattern_is_found() {
    let mut raw = camera();
    raw.entities[1] = entity(2, "imx219 [1]", SENSOR);
    raw.entities[4] = entity(5, "imx219 1", SENSOR);
    let t = Topology::new(raw, 0).unwrap();
    assert_eq!(t.find(c"imx219 [1]").unwrap().id, 2);
    assert_eq!(t.find(c"imx219 [0-9]").unwrap().id, 5);
}

#[test]
fn the_other_end_of_a_pad_is_that_of_its_enabled_link() {
    let t = topology();
    assert_eq!(t.remote_pad(0x100_0012).unwrap(), 0x100_0010);
    assert_eq!(t.remote_pad(0x100_0010).unwrap(), 0x100_0012);
    let none = t.remote_pad(0x100_0011).unwrap_err();
    assert_eq!((none.kind(), &*none.to_string()), (Kind::NoLink, "\"Sensor B\":0: no link of it is enabled"));
    assert_eq!(t.remote_pad(3).unwrap_err().kind(), Kind::NotFound);
    let mut raw = camera();
    raw.links[1].flags = uapi::LINK_ENABLED;
    let two = Topology::new(raw, 0).unwrap();
    assert_eq!(two.remote_pad(0x100_0012).unwrap_err().kind(), Kind::NotUnique);
    assert_eq!(two.remote_pads(0x100_0012).unwrap().collect::<Vec<_>>(), [0x100_0010, 0x100_0011]);
}

#[test]
fn a_walk_goes_along_enabled_links_or_all() {
    let t = topology();
    let walk = |from, direction, all| names(t.walk(from, direction, all).unwrap());
    assert_eq!(walk(4, Direction::Upstream, false), ["Capture", "Scaler", "Sensor A"]);
    assert_eq!(walk(4, Direction::Upstream, true), ["Capture", "Scaler", "Sensor A", "Sensor B"]);
    assert_eq!(walk(2, Direction::Downstream, false), ["Sensor B"]);
    assert_eq!(walk(2, Direction::Downstream, true), ["Sensor B", "Scaler", "Capture"]);
    assert_eq!(walk(3, Direction::Both, false), ["Scaler", "Sensor A", "Capture"]);
    assert_eq!(t.walk(9, Direction::Both, false).unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn a_circle_ends() {
    let mut raw = camera();
    raw.links.push(link(0x200_0026, 0x100_0013, 0x100_0012, uapi::LINK_ENABLED));
    raw.links.push(link(0x200_0027, 0x100_0013, 0x100_0013, uapi::LINK_ENABLED));
    let t = Topology::new(raw, 0).unwrap();
    assert_eq!(names(t.walk(3, Direction::Downstream, false).unwrap()), ["Scaler", "Capture"]);
}

#[test]
fn the_node_is_that_of_the_interface_that_controls_it() {
    let t = topology();
    assert_eq!(t.device_number(4).unwrap(), (1, 3));
    assert_eq!(t.devnode(4).unwrap(), "/dev/null");
    assert_eq!(t.devnode(0x300_0030).unwrap(), "/dev/null");
    assert_eq!(t.devnode(1).unwrap_err().to_string(), "\"Sensor A\" (1): no interface controls it");
    assert_eq!(t.devnode(0x300_0031).unwrap_err().to_string(), "no device has the numbers 1:250");
    assert_eq!(t.devnode(9).unwrap_err().kind(), Kind::NotFound);
}

#[test]
fn m14_the_picture_is_media_ctl_s() {
    let t = topology();
    let dot = t.to_dot(|entity| t.devnode(entity.id).ok());
    let wanted = r#"digraph board {
	rankdir=TB
	n00000001 [label="{{} | Sensor A | {<port0> 0}}", shape=Mrecord, style=filled, fillcolor=green]
	n00000001:port0 -> n00000003:port0
	n00000002 [label="{{} | Sensor B | {<port0> 0}}", shape=Mrecord, style=filled, fillcolor=green]
	n00000002:port0 -> n00000003:port0 [style=dashed]
	n00000003 [label="{{<port0> 0} | Scaler | {<port1> 1}}", shape=Mrecord, style=filled, fillcolor=green]
	n00000003:port1 -> n00000004 [style=bold]
	n00000004 [label="Capture\n/dev/null", shape=box, style=filled, fillcolor=yellow]
	n00000005 [label="{{} | Lens | {}}", shape=Mrecord, style=filled, fillcolor=green]
	n00000006 [label="{{} | Time machine | {}}", shape=Mrecord, style=filled, fillcolor=green]
}
"#;
    assert_eq!(dot, wanted);
}

#[test]
fn a_name_cannot_break_out_of_the_picture() {
    let raw = Raw { entities: vec![entity(1, "a\"} | {<x>\\\n", 0)], ..Raw::default() };
    let dot = Topology::new(raw, 0).unwrap().to_dot(|_| None);
    assert!(dot.contains(r#"label="{{} | a\"\} \| \{\<x\>\\  | {}}""#), "{dot}");
}

#[test]
fn m12_what_makes_no_sense_is_refused_and_named() {
    let refused = |change: &dyn Fn(&mut Raw)| {
        let mut raw = camera();
        change(&mut raw);
        let error = Topology::new(raw, 0).err().expect("refused");
        assert_eq!(error.kind(), Kind::Malformed);
        error.to_string()
    };
    assert_eq!(refused(&|raw| raw.entities[2].id = 0), "topology: one of the entities has no id");
    assert_eq!(
        refused(&|raw| raw.pads[2].id = 0x100_0010),
        "topology: two of the pads have the id 0x1000010"
    );
    assert_eq!(
        refused(&|raw| raw.pads[2].entity_id = 9),
        "topology: pad 0x1000011 is one of entity 0x9, which is not there"
    );
    assert_eq!(refused(&|raw| raw.pads[4].index = 1), "topology: entity 0x3 has two pads 1");
    assert_eq!(
        refused(&|raw| raw.links[0].source_id = 1),
        "topology: link 0x2000020 ends at 0x1, where it cannot"
    );
    assert_eq!(
        refused(&|raw| raw.links[3].sink_id = 0x100_0010),
        "topology: link 0x2000023 ends at 0x1000010, where it cannot"
    );
    refused(&|raw| raw.links[3].source_id = 4);
    refused(&|raw| raw.links[4].source_id = 0x100_0010);
    refused(&|raw| raw.links[1].id = 0x200_0020);
    refused(&|raw| raw.interfaces[1].id = 0x300_0030);
}

#[test]
fn a_name_ends_where_it_must() {
    let mut raw = camera();
    raw.entities[0].name = [b'x'; 64];
    raw.entities[1].name[2..12].copy_from_slice(b"\0secret\0\0\0");
    let t = Topology::new(raw, 0).unwrap();
    assert_eq!(t.entity(0).unwrap().name().to_bytes(), [b'x'; 63]);
    let second = t.entity(1).unwrap();
    assert_eq!((second.name(), &second.name_bytes()[2..]), (c"Se", &[0; 62][..]));
}

#[test]
fn an_old_kernel_s_pads_are_numbered_as_they_come() {
    let mut raw = camera();
    raw.pads.iter_mut().for_each(|pad| pad.index = 0);
    let mut arrays = Arrays::of(&raw);
    arrays.number_pads();
    assert_eq!(arrays.pads().iter().map(|pad| pad.index).collect::<Vec<_>>(), [0, 0, 0, 0, 1]);
}

#[test]
fn the_type_is_what_the_first_version_can_say() {
    let t = topology();
    let types = t.entities().map(|entity| t.old_type(&entity)).collect::<Vec<_>>();
    assert_eq!(types, [SENSOR, SENSOR, 0x2_0000, uapi::FUNCTION_IO_V4L, 0x2_0003, 0x2_0000]);
    let mut raw = camera();
    raw.entities[5].function = 0x1001;
    raw.links[3].sink_id = 3;
    let t = Topology::new(raw, 0).unwrap();
    let of = |id| t.old_type(&t.entity_by_id(id).unwrap());
    assert_eq!(
        (of(6), of(3)),
        (0x1_ffff, 0x1_ffff),
        "input and output; what has a node that is no sub-device's"
    );
}

proptest! {
    /// Whatever is told, it is refused or can be looked at from all sides.
    #[test]
    fn m12_hostile_graphs_do_no_harm(
        entities in prop::collection::vec((0..6u32, any::<[u8; 3]>(), 0..4u32), 0..5),
        interfaces in prop::collection::vec((0..6u32, 0..4u32), 0..3),
        pads in prop::collection::vec((0..8u32, 0..6u32, 0..3u32), 0..6),
        links in prop::collection::vec((0..8u32, 0..8u32, 0..8u32, 0..4u32, 0..4u32), 0..6),
    ) {
        let raw = Raw {
            version: 1,
            entities: entities
                .iter()
                .map(|(id, name, function)| uapi::Entity {
                    name: std::array::from_fn(|n| name[n % 3]),
                    ..entity(*id, "", *function)
                })
                .collect(),
            interfaces: interfaces.iter().map(|&(id, kind)| interface(id, kind, 0, 0)).collect(),
            pads: pads.iter().map(|&(id, of, index)| pad(id, of, index, id)).collect(),
            links: links.iter().map(|&(id, from, to, kind, flags)| link(id, from, to, kind << 28 | flags)).collect(),
        };
        if let Ok(t) = Topology::new(raw, 0) {
            t.to_dot(|entity| t.device_number(entity.id).ok().map(|n| format!("{n:?}")));
            for entity in t.entities() {
                assert_eq!(t.entity_by_id(entity.id).unwrap().name(), entity.name());
                assert_eq!(t.pads_of(entity.id).count(), entity.num_pads as usize);
                let near = t.walk(entity.id, Direction::Both, false).unwrap().len();
                assert!(near <= t.walk(entity.id, Direction::Both, true).unwrap().len());
                t.old_type(&entity);
            }
            for pad in t.pads() {
                assert_eq!(t.pad_of(pad.entity_id, pad.index).unwrap(), pad);
                for link in t.links_of(pad.id) {
                    assert!(link.source_id == pad.id || link.sink_id == pad.id);
                    assert!(t.entity_by_id(link.source_entity).is_ok());
                }
                let _ = t.remote_pad(pad.id);
            }
            let data = t.links().filter(|link| link.kind() == uapi::LINK_DATA).count();
            assert_eq!(t.entities().map(|entity| t.links_from(entity.id).count()).sum::<usize>(), data);
            let controls = t.links().filter(|link| link.kind() == uapi::LINK_INTERFACE).count();
            assert_eq!(t.entities().map(|entity| t.interfaces_of(entity.id).count()).sum::<usize>(), controls);
        }
    }
}
