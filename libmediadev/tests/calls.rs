// SPDX-License-Identifier: MIT OR Apache-2.0
//! The calls of the media interface, made as a program makes them on a device node.
#![allow(unsafe_code)]

mod common;

use common::*;
use kref::Port;
use mediadev::uapi::{self, Plain, *};
use mediadev::{Device, Error, File, Kind, Memory, Result};
use std::cell::RefCell;

/// Makes a call with an argument of this type.
fn call<T: Plain>(file: &Port<File>, request: u32, argument: &mut T) -> Result<i32> {
    // SAFETY: the argument is the one that the request says.
    unsafe { File::ioctl(file, request, std::ptr::from_mut(argument).cast()) }
}

/// A camera with an interface, a lens and its first link enabled; opened.
fn open() -> (Camera, Port<File>) {
    let camera = camera(Ops::default());
    let video = camera.device.add_interface(INTERFACE_V4L_VIDEO, 0, 81, 7).unwrap();
    camera.capture.add_interface_link(video, LINK_ENABLED).unwrap();
    let lens = Device::add_entity(&camera.device, "Lens", 0x2_0003, &[]).unwrap();
    camera.sensor.add_ancillary_link(&lens).unwrap();
    camera.first(LINK_ENABLED).unwrap();
    camera.capture.set_flags(uapi::ENTITY_DEFAULT).unwrap();
    let file = File::open(&camera.device).unwrap();
    (camera, file)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap().trim_end_matches('\0')
}

#[test]
fn device_info() {
    let (_camera, file) = open();
    let mut info = DeviceInfo { reserved: [9; 31], ..DeviceInfo::zero() };
    assert_eq!(call(&file, DEVICE_INFO, &mut info).unwrap(), 0);
    assert_eq!(
        (text(&info.driver), text(&info.model), text(&info.bus_info)),
        ("camera", "A camera", "platform:camera")
    );
    assert!(info.media_version > 4 << 16 | 19 << 8 && info.driver_version != 0);
    assert_eq!(info.reserved, [0; 31]);
}

#[test]
fn enum_entities() {
    let (camera, file) = open();
    let mut told = Vec::new();
    let mut entity = EntityDesc::zero();
    loop {
        entity.id |= ID_FLAG_NEXT;
        entity.reserved = [9; 4];
        match call(&file, ENUM_ENTITIES, &mut entity) {
            Ok(_) => told.push((text(&entity.name).to_owned(), entity.kind, entity.pads, entity.links)),
            Err(error) => {
                assert_eq!(error.errno(), libc::EINVAL);
                break;
            }
        }
        assert_eq!(entity.reserved, [0; 4]);
    }
    let wanted = [
        ("Sensor", SENSOR, 1, 1),
        ("Scaler", FUNCTION_OLD_SUBDEV_BASE, 2, 1),
        ("Capture", CAPTURE, 1, 0),
        ("Lens", 0x2_0003, 0, 0),
    ];
    assert_eq!(told, wanted.map(|(name, kind, pads, links)| (name.to_owned(), kind, pads, links)));
    let mut one = EntityDesc { id: camera.capture.id(), ..EntityDesc::zero() };
    call(&file, ENUM_ENTITIES, &mut one).unwrap();
    assert_eq!((text(&one.name), one.flags, one.major, one.minor), ("Capture", ENTITY_DEFAULT, 81, 7));
    let long = Device::add_entity(&camera.device, &"x".repeat(63), 0, &[]).unwrap();
    one.id = long.id();
    call(&file, ENUM_ENTITIES, &mut one).unwrap();
    assert_eq!(one.name[30..], [b'x', 0]);
    for id in [0, 0x7fff_ffff, !0] {
        one.id = id;
        assert_eq!(kind(call(&file, ENUM_ENTITIES, &mut one)), Kind::Invalid);
    }
}

#[test]
fn enum_links() {
    let (camera, file) = open();
    let (mut pads, mut links) = ([PadDesc { reserved: [9; 2], ..PadDesc::zero() }; 2], [LinkDesc::zero(); 2]);
    let mut asked = LinksEnum {
        entity: camera.scaler.id(),
        pads: pads.as_mut_ptr().addr() as u64,
        links: links.as_mut_ptr().addr() as u64,
        reserved: [9; 4],
        ..LinksEnum::zero()
    };
    pads.as_mut_ptr().expose_provenance();
    links.as_mut_ptr().expose_provenance();
    call(&file, ENUM_LINKS, &mut asked).unwrap();
    assert_eq!(asked.reserved, [0; 4]);
    let told = pads.map(|pad| (pad.entity, pad.index, pad.flags, pad.reserved));
    assert_eq!(
        told,
        [(camera.scaler.id(), 0, PAD_SINK, [0; 2]), (camera.scaler.id(), 1, PAD_SOURCE, [0; 2])]
    );
    let [link, beyond] = links;
    assert_eq!((link.source.entity, link.source.index), (camera.scaler.id(), 1));
    assert_eq!((link.sink.entity, link.sink.index, link.flags), (camera.capture.id(), 0, 0));
    assert_eq!(beyond.source.entity, 0, "only those that begin here");
    asked.pads = 0;
    asked.links = 0;
    call(&file, ENUM_LINKS, &mut asked).unwrap();
    asked.entity = 0;
    assert_eq!(kind(call(&file, ENUM_LINKS, &mut asked)), Kind::Invalid);
    asked.entity = camera.scaler.id();
    asked.pads = 4;
    assert_eq!(kind(call(&file, ENUM_LINKS, &mut asked)), Kind::Fault);
}

#[test]
fn m6_setup_link() {
    let (camera, file) = open();
    let pad = |entity: u32, index| PadDesc { entity, index, reserved: [9; 2], ..PadDesc::zero() };
    let mut wish = LinkDesc {
        source: pad(camera.sensor.id(), 0),
        sink: pad(camera.scaler.id(), 0),
        flags: 0,
        reserved: [9; 2],
    };
    assert_eq!(camera.first_flags(), LINK_ENABLED);
    call(&file, SETUP_LINK, &mut wish).unwrap();
    assert_eq!(camera.first_flags(), 0);
    assert_eq!((wish.reserved, wish.source.reserved, wish.sink.reserved), ([0; 2], [0; 2], [0; 2]));
    for (source, sink, flags) in
        [((1, 7), (2, 0), 1), ((1, 0), (9, 0), 1), ((2, 0), (1, 0), 1), ((1, 0), (2, 0), 4)]
    {
        let ends = (pad(source.0, source.1), pad(sink.0, sink.1));
        let mut wrong = LinkDesc { source: ends.0, sink: ends.1, flags, reserved: [0; 2] };
        assert_eq!(kind(call(&file, SETUP_LINK, &mut wrong)), Kind::Invalid);
    }
    let topology = File::topology(&file).unwrap();
    let link = topology.link(0).unwrap();
    File::setup_link(&file, link.source_id, link.sink_id, LINK_ENABLED).unwrap();
    assert_eq!(camera.first_flags(), LINK_ENABLED);
    assert_eq!(kind(File::setup_link(&file, link.source_id, 1, 0)), Kind::NotFound);
}

/// The two calls of a program: how much there is, and all of it.
#[test]
fn m12_g_topology() {
    let (camera, file) = open();
    let mut head = TopologyHead { reserved1: 9, reserved4: 9, ..TopologyHead::zero() };
    call(&file, G_TOPOLOGY, &mut head).unwrap();
    let counts =
        |head: &TopologyHead| [head.num_entities, head.num_interfaces, head.num_pads, head.num_links];
    assert_eq!((counts(&head), head.reserved1, head.reserved4), ([4, 1, 4, 4], 0, 0));
    assert_eq!(head.version, camera.device.topology().version());
    let (mut entities, mut links) = ([Entity::zero(); 4], [Link::zero(); 4]);
    head.entities = entities.as_mut_ptr().expose_provenance() as u64;
    head.links = links.as_mut_ptr().expose_provenance() as u64;
    call(&file, G_TOPOLOGY, &mut head).unwrap();
    assert_eq!(entities.map(|entity| text(&entity.name).to_owned()), ["Sensor", "Scaler", "Capture", "Lens"]);
    let kinds = links.map(|link| link.flags & LINK_TYPE);
    assert_eq!(kinds, [LINK_DATA, LINK_DATA, LINK_INTERFACE, LINK_ANCILLARY]);
    head.num_links = 3;
    assert_eq!(kind(call(&file, G_TOPOLOGY, &mut head)), Kind::Full);
    assert_eq!(head.num_links, 3, "nothing was told");
    head.num_links = 4;
    head.entities = 4;
    assert_eq!(kind(call(&file, G_TOPOLOGY, &mut head)), Kind::Fault);
}

#[test]
fn an_argument_that_is_nowhere_is_a_fault() {
    let (_camera, file) = open();
    for request in [DEVICE_INFO, ENUM_ENTITIES, ENUM_LINKS, SETUP_LINK, G_TOPOLOGY] {
        // SAFETY: nothing is there, and that is seen.
        let refused = unsafe { File::ioctl(&file, request, std::ptr::null_mut()) };
        assert_eq!(kind(refused), Kind::Fault);
    }
}

#[test]
fn other_calls_are_the_provider_s() {
    let hook = |(_, request, argument): (Port<File>, u32, usize)| match request {
        1 => Ok(mediadev::Answer::Done(argument as i32)),
        _ => Err(libc::ENOTTY),
    };
    let device = registered(Ops { ioctl: Some(Box::new(hook)), ..Ops::default() });
    let file = File::open(&device).unwrap();
    // SAFETY: the hook takes the argument for a number.
    let answered = unsafe { File::ioctl(&file, 1, std::ptr::without_provenance_mut(77)) };
    assert_eq!(answered.unwrap(), 77);
    let refused = ioctl(&file, 0x7c3f).unwrap_err();
    assert_eq!(refused.errno(), libc::ENOTTY);
    assert!(refused.to_string().starts_with("camera (platform:camera): ioctl 0x7c3f: "), "{refused}");
    assert_eq!(kind(ioctl(&file, REQUEST_ALLOC)), Kind::Unsupported, "it has no requests");
}

/// Somebody else's memory, as a transport that copies has it: one piece at an address of his.
struct Far {
    at: u64,
    bytes: RefCell<Vec<u8>>,
}

impl Far {
    fn piece(&self, at: u64, length: usize) -> Result<std::ops::Range<usize>> {
        let from = at.checked_sub(self.at).and_then(|from| usize::try_from(from).ok());
        let range = from.and_then(|from| Some(from..from.checked_add(length)?));
        range
            .filter(|range| range.end <= self.bytes.borrow().len())
            .ok_or_else(|| Error::new(Kind::Fault, format!("{length} bytes at {at:#x}")))
    }
}

impl Memory for Far {
    fn read(&self, at: u64, into: &mut [u8]) -> Result<()> {
        let range = self.piece(at, into.len())?;
        into.copy_from_slice(&self.bytes.borrow()[range]);
        Ok(())
    }
    fn write(&self, at: u64, from: &[u8]) -> Result<()> {
        let range = self.piece(at, from.len())?;
        self.bytes.borrow_mut()[range].copy_from_slice(from);
        Ok(())
    }
}

/// What a server of another process does, one of 32 bits among them.
#[test]
fn m11_a_call_may_come_from_elsewhere() {
    let (camera, file) = open();
    let at = 0x1_0000;
    let asked = LinksEnum32 { entity: camera.sensor.id(), pads: at + 100, links: at + 200, reserved: [9; 4] };
    let mut bytes = vec![0; 300];
    bytes[..28].copy_from_slice(asked.bytes());
    let far = Far { at: at.into(), bytes: RefCell::new(bytes) };
    assert!(File::is_media_call(ENUM_LINKS32) && !File::is_media_call(1));
    File::media_call(&file, ENUM_LINKS32, at.into(), &far).unwrap();
    let (mut pad, mut link) = (PadDesc::zero(), LinkDesc::zero());
    pad.bytes_mut().copy_from_slice(&far.bytes.borrow()[100..120]);
    link.bytes_mut().copy_from_slice(&far.bytes.borrow()[200..252]);
    assert_eq!((pad.entity, pad.flags), (camera.sensor.id(), PAD_SOURCE));
    assert_eq!((link.sink.entity, link.flags), (camera.scaler.id(), LINK_ENABLED));
    far.bytes.borrow_mut().truncate(220);
    assert_eq!(kind(File::media_call(&file, ENUM_LINKS32, at.into(), &far)), Kind::Fault);
    assert_eq!(kind(File::media_call(&file, 1, at.into(), &far)), Kind::Unsupported);
}
