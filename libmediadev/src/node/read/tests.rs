// SPDX-License-Identifier: MIT OR Apache-2.0
//! M12: a graph that changes while it is read, and devices that lie.

use super::*;
use crate::uapi::{LINK_ENABLED, PAD_SINK, PAD_SOURCE};
use std::cell::Cell;

/// A kernel whose graph has so many entities in a row, and can get another with every call.
struct Fake {
    entities: Cell<u32>,
    /// So many calls more let it grow.
    growing: Cell<u32>,
    calls: Cell<u32>,
    lie: Lie,
}

#[derive(PartialEq)]
enum Lie {
    None,
    /// It does not lie, but grows by one at a time.
    Creeps,
    /// So many of everything.
    Counts(u32),
    /// A link ends nowhere.
    Link,
    /// A link is disabled: no lie.
    Disabled,
    /// The list of entities has no end.
    Endless,
    /// Of this entity there are more links than it said.
    MoreLinks(u32),
    Errno(Errno),
}

impl Fake {
    fn new(entities: u32, growing: u32, lie: Lie) -> Self {
        Fake { entities: entities.into(), growing: growing.into(), calls: Cell::new(0), lie }
    }

    /// Another call: fails where it shall, or says how many entities there are by now.
    fn called(&self) -> Result<u32, Errno> {
        self.calls.set(self.calls.get() + 1);
        if let Lie::Errno(errno) = self.lie {
            return Err(errno);
        }
        if self.growing.get() > 0 {
            self.growing.set(self.growing.get() - 1);
            let now = self.entities.get();
            self.entities.set(if self.lie == Lie::Creeps { now + 1 } else { now * 2 + 10 });
        }
        Ok(self.entities.get())
    }
}

/// The source pad of each entity is linked to the sink pad of the next.
fn row(entities: u32) -> Raw {
    let mut raw = Raw { version: entities.into(), ..Raw::default() };
    for n in 0..entities {
        let id = 1 + n * 5;
        let mut entity =
            uapi::Entity { id, function: uapi::FUNCTION_OLD_SUBDEV_BASE, ..uapi::Entity::zero() };
        let name = format!("e{n}");
        entity.name[..name.len()].copy_from_slice(name.as_bytes());
        raw.entities.push(entity);
        for (index, flags) in [(0, PAD_SINK), (1, PAD_SOURCE)] {
            let pad = uapi::Pad { id: id + 1 + index, entity_id: id, flags, index, ..uapi::Pad::zero() };
            raw.pads.push(pad);
        }
        if n > 0 {
            let (source_id, sink_id) = (id - 5 + 2, id + 1);
            let zero = uapi::Link::zero();
            raw.links.push(uapi::Link { id: id + 3, source_id, sink_id, flags: LINK_ENABLED, ..zero });
        }
    }
    raw
}

impl Source for Fake {
    fn counts(&self) -> Result<(u64, Counts), Errno> {
        let raw = row(self.called()?);
        let counts = [raw.entities.len(), raw.interfaces.len(), raw.pads.len(), raw.links.len()];
        let counts = counts.map(|count| count as u32);
        Ok((raw.version, Counts(if let Lie::Counts(all) = self.lie { [all; 4] } else { counts })))
    }

    fn topology(&self, Counts(room): Counts, _: Vec<u32>) -> Result<(u64, Arrays), Errno> {
        let mut raw = row(self.called()?);
        let needed = [raw.entities.len(), raw.interfaces.len(), raw.pads.len(), raw.links.len()];
        if matches!(self.lie, Lie::Counts(_))
            || needed.iter().zip(room).any(|(needed, room)| *needed > room as usize)
        {
            return Err(libc::ENOSPC);
        }
        if self.lie == Lie::Link {
            raw.links[0].sink_id = 9999;
        }
        if self.lie == Lie::Disabled {
            raw.links[0].flags = 0;
        }
        Ok((raw.version, Arrays::of(&raw)))
    }

    fn entity(&self, desc: &mut uapi::EntityDesc) -> Result<(), Errno> {
        let entities = self.called()?;
        let raw = row(entities);
        let after = desc.id & !uapi::ID_FLAG_NEXT;
        if self.lie == Lie::Endless {
            desc.id = 7;
            return Ok(());
        }
        let found = raw.entities.iter().find(|entity| entity.id > after).ok_or(libc::EINVAL)?;
        let links = raw.links.iter().filter(|link| link.source_id == found.id + 2).count();
        let mut name = [0; 32];
        name.copy_from_slice(&found.name[..32]);
        *desc = uapi::EntityDesc {
            id: found.id,
            name,
            kind: found.function,
            pads: 2,
            links: links as u16,
            ..uapi::EntityDesc::zero()
        };
        // An odd one has a node.
        (desc.major, desc.minor) = if found.id % 2 == 1 { (81, found.id) } else { (0, 0) };
        Ok(())
    }

    fn links(&self, entity: u32, pads: u16, links: u16) -> Result<Ends, Errno> {
        let raw = row(self.called()?);
        let pad = |id: u32| {
            let pad = raw.pads.iter().find(|pad| pad.id == id).unwrap();
            uapi::PadDesc {
                entity: pad.entity_id,
                index: pad.index as u16,
                flags: pad.flags,
                ..uapi::PadDesc::zero()
            }
        };
        let mine: Vec<_> = raw.links.iter().filter(|link| link.source_id == entity + 2).collect();
        if mine.len() > links.into() || self.lie == Lie::MoreLinks(entity) {
            return Err(libc::EFAULT);
        }
        let link = |link: &&uapi::Link| {
            let (source, sink) = (pad(link.source_id), pad(link.sink_id));
            uapi::LinkDesc { source, sink, flags: link.flags, reserved: [0; 2] }
        };
        assert_eq!(pads, 2);
        Ok((vec![pad(entity + 1), pad(entity + 2)], mine.iter().map(link).collect()))
    }
}

fn read(fake: &Fake, room: u32) -> Result<Ref<Topology>, Failure> {
    topology(fake, Counts([room; 4]), &mut Last::default(), true)
}

#[test]
fn m12_one_call_is_enough_where_there_is_room() {
    let fake = Fake::new(9, 0, Lie::None);
    let read = read(&fake, 18).unwrap();
    assert_eq!((fake.calls.get(), read.version()), (1, 9));
    assert_eq!((read.num_entities(), read.num_pads(), read.num_links()), (9, 18, 8));
    assert_eq!(room_for(&read), Counts([9, 0, 18, 8]));
}

#[test]
fn m12_a_graph_that_has_not_changed_is_the_one_that_is_known() {
    let fake = Fake::new(9, 0, Lie::None);
    let known = read(&fake, 18).unwrap();
    let last = || Last { known: Some(known.clone()), ..Last::default() };
    let again = |fake: &Fake| topology(fake, room_for(&known), &mut last(), true).unwrap();
    assert!(Ref::ptr_eq(&again(&fake), &known));
    // A link that is disabled, with which the version stays.
    let changed = again(&Fake::new(9, 0, Lie::Disabled));
    assert_eq!((changed.version(), changed.link(0).unwrap().flags), (9, 0));
    assert_eq!(again(&Fake::new(8, 0, Lie::None)).num_entities(), 8);
}

#[test]
fn m12_a_graph_that_grows_while_it_is_read_is_read_when_it_rests() {
    for growing in 0..=10 {
        let fake = Fake::new(1, growing, Lie::None);
        let read = read(&fake, 1).unwrap();
        assert_eq!(read.num_entities() as u32, fake.entities.get());
        assert!(fake.calls.get() >= growing.max(3) && fake.calls.get() <= growing + 3, "{growing}");
    }
    // One that is larger with each call is read all the same, for there is more room than it said it needs.
    assert!(read(&Fake::new(1, u32::MAX, Lie::Creeps), 1).unwrap().num_entities() > 1);
    let fake = Fake::new(1, u32::MAX, Lie::None);
    assert!(matches!(read(&fake, 1), Err(Failure::Malformed(e)) if e.errno() == libc::ENOSPC));
}

#[test]
fn m12_a_graph_that_never_rests_is_given_up() {
    // Too little room, always, and never enough to be told so.
    struct Restless;
    impl Source for Restless {
        fn counts(&self) -> Result<(u64, Counts), Errno> {
            Ok((1, Counts([1; 4])))
        }
        fn topology(&self, _: Counts, _: Vec<u32>) -> Result<(u64, Arrays), Errno> {
            Err(libc::ENOSPC)
        }
        fn entity(&self, _: &mut uapi::EntityDesc) -> Result<(), Errno> {
            Err(libc::EINVAL)
        }
        fn links(&self, _: u32, _: u16, _: u16) -> Result<Ends, Errno> {
            Err(libc::EINVAL)
        }
    }
    assert!(matches!(topology(&Restless, FIRST_ROOM, &mut Last::default(), true), Err(Failure::Restless)));
    // A device without entities has a graph all the same.
    assert_eq!(legacy(&Restless).unwrap().num_entities(), 0);
}

#[test]
fn a_device_that_lies_is_told_so_and_is_not_asked_for_ever() {
    let fake = Fake::new(3, 0, Lie::Link);
    let wrong = read(&fake, 9).map(drop).unwrap_err();
    assert!(matches!(wrong, Failure::Malformed(e) if e.errno() == libc::EBADMSG));
    assert_eq!(fake.calls.get(), TRIES as u32);
    let fake = Fake::new(3, 0, Lie::Counts(u32::MAX));
    let wrong = read(&fake, 9).map(drop).unwrap_err();
    assert!(
        matches!(wrong, Failure::Malformed(e) if e.to_string() == "topology: 4294967295 of a kind, and 65536 is the most")
    );
    for lie in [Lie::Endless, Lie::MoreLinks(6)] {
        let fake = Fake::new(3, 0, lie);
        assert!(matches!(legacy(&fake), Err(Failure::Restless)));
        assert!(fake.calls.get() <= 16 * 10);
    }
    for (pads, links) in [(u16::MAX, 0), (0, u16::MAX)] {
        let wrong = legacy(&Crowded { pads, links }).map(drop).unwrap_err();
        assert!(
            matches!(wrong, Failure::Malformed(e) if e.to_string() == "topology: 131070 of a kind, and 65536 is the most")
        );
    }
    let fake = Fake::new(3, 0, Lie::Errno(libc::EIO));
    assert!(matches!(read(&fake, 9), Err(Failure::Call("MEDIA_IOC_G_TOPOLOGY", libc::EIO))));
    assert!(matches!(legacy(&fake), Err(Failure::Call("MEDIA_IOC_ENUM_ENTITIES", libc::EIO))));
}

/// Two entities that claim as many pads or links as can be claimed, which nobody shall ask for.
struct Crowded {
    pads: u16,
    links: u16,
}

impl Source for Crowded {
    fn counts(&self) -> Result<(u64, Counts), Errno> {
        unreachable!()
    }
    fn topology(&self, _: Counts, _: Vec<u32>) -> Result<(u64, Arrays), Errno> {
        unreachable!()
    }
    fn entity(&self, desc: &mut uapi::EntityDesc) -> Result<(), Errno> {
        match desc.id & !uapi::ID_FLAG_NEXT {
            id @ 0..2 => desc.id = id + 1,
            _ => return Err(libc::EINVAL),
        }
        (desc.pads, desc.links) = (self.pads, self.links);
        Ok(())
    }
    fn links(&self, _: u32, _: u16, _: u16) -> Result<Ends, Errno> {
        unreachable!()
    }
}

#[test]
fn m12_the_first_version_of_the_interface_tells_the_same_graph() {
    let fake = Fake::new(9, 0, Lie::None);
    let (old, new) = (legacy(&fake).unwrap(), read(&fake, 18).unwrap());
    let entities = |t: &Topology| {
        t.entities().map(|e| (e.id, e.name().to_owned(), e.num_pads, e.num_links)).collect::<Vec<_>>()
    };
    assert_eq!(entities(&old), entities(&new));
    let pads = |t: &Topology| t.pads().map(|pad| (pad.entity_id, pad.index, pad.flags)).collect::<Vec<_>>();
    assert_eq!(pads(&old), pads(&new));
    let links = |t: &Topology| {
        let data = t.links().filter(|link| link.kind() == uapi::LINK_DATA);
        data.map(|l| (l.source_entity, l.source_pad, l.sink_entity, l.sink_pad, l.flags)).collect::<Vec<_>>()
    };
    assert_eq!(links(&old), links(&new));
    // And the device nodes that it knows.
    let interface = old.interfaces_of(11).next().unwrap();
    assert_eq!((interface.kind, interface.major, interface.minor), (uapi::INTERFACE_V4L_SUBDEV, 81, 11));
    assert_eq!(old.num_interfaces(), 5);
}

#[test]
fn m12_the_first_version_is_read_again_until_it_fits_together() {
    for growing in [1, 2, 3] {
        let fake = Fake::new(2, growing, Lie::None);
        assert_eq!(legacy(&fake).unwrap().num_entities() as u32, fake.entities.get());
    }
}

#[test]
fn pads_of_old_kernels_are_numbered() {
    struct Old;
    impl Source for Old {
        fn counts(&self) -> Result<(u64, Counts), Errno> {
            unreachable!()
        }
        fn topology(&self, _: Counts, _: Vec<u32>) -> Result<(u64, Arrays), Errno> {
            let mut raw = row(2);
            raw.pads.iter_mut().for_each(|pad| pad.index = 0);
            Ok((raw.version, Arrays::of(&raw)))
        }
        fn entity(&self, _: &mut uapi::EntityDesc) -> Result<(), Errno> {
            unreachable!()
        }
        fn links(&self, _: u32, _: u16, _: u16) -> Result<Ends, Errno> {
            unreachable!()
        }
    }
    let read = topology(&Old, FIRST_ROOM, &mut Last::default(), false).unwrap();
    assert_eq!(read.pads().map(|pad| pad.index).collect::<Vec<_>>(), [0, 1, 0, 1]);
    assert!(matches!(topology(&Old, FIRST_ROOM, &mut Last::default(), true), Err(Failure::Malformed(_))));
}
