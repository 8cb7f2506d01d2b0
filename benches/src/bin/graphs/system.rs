// SPDX-License-Identifier: MIT OR Apache-2.0
//! On the kernel's vimc, beside the bare ioctls and media-ctl; and through CUSE, beside a minimal server.

use crate::c::*;
use crate::{cuse, done, made};
use benches::measure::{arm, arm_by_clock, compare, Arm};
use benches::often::{medians, Measured};
use benches::table::{time, Row, Table};
use std::ffi::{CStr, CString};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

/// Prints the medians of several processes.
pub(crate) fn compare_often(mut table: Table) {
    for Measured { what, input, goal, ns, ratio } in medians(measure(), "system-once") {
        let [ours, raw, other] = ns[..] else { unreachable!("three arms") };
        let (peer, name) = match input {
            VIMC => ("the ioctls", "media-ctl"),
            _ => ("the loop's", "sleeping in read()"),
        };
        table.row(Row {
            what,
            input: input.into(),
            ours: time(ours),
            peer: time(raw),
            others: format!("{name} {}, {:.2} × {peer}", time(other), other / raw),
            result: format!("{ratio:.3} × {peer}"),
            goal: Some((format!("at most {goal} ×"), ratio <= goal)),
        });
    }
    table.end();
}

const VIMC: &str = "vimc, 11 entities";

/// All comparisons, in this process.
pub(crate) fn measure() -> Vec<Measured> {
    let mut all = vimc();
    all.extend(cuse::measure());
    all
}

/// The arrays that the kernel writes to, so large that no graph here fills them.
pub(crate) struct Room {
    pub(crate) entities: [entity; 32],
    pub(crate) interfaces: [interface; 32],
    pub(crate) pads: [pad; 64],
    pub(crate) links: [link; 64],
}

impl Room {
    pub(crate) fn new() -> Box<Self> {
        let (entities, interfaces) = ([[0; 24]; 32], [[0; 28]; 32]);
        Box::new(Room { entities, interfaces, pads: [[0; 8]; 64], links: [[0; 10]; 64] })
    }
}

pub(crate) fn ioctl<T>(file: &File, request: libc::Ioctl, argument: &mut T) {
    // SAFETY: the struct that the call reads and writes; addresses in it are those of a Room.
    let ret = unsafe { libc::ioctl(file.as_raw_fd(), request, std::ptr::from_mut(argument)) };
    assert_eq!(ret, 0, "ioctl {request:#x}: {}", std::io::Error::last_os_error());
}

/// Asks how much there is, and then for that.
pub(crate) fn pair(file: &File, room: &mut Room) -> topology {
    let mut told = topology::default();
    ioctl(file, G_TOPOLOGY, &mut told);
    told.arrays[0].at = room.entities.as_mut_ptr() as u64;
    told.arrays[1].at = room.interfaces.as_mut_ptr() as u64;
    told.arrays[2].at = room.pads.as_mut_ptr() as u64;
    told.arrays[3].at = room.links.as_mut_ptr() as u64;
    assert!(told.arrays.iter().zip([32, 32, 64, 64]).all(|(array, most)| array.count <= most));
    ioctl(file, G_TOPOLOGY, &mut told);
    told
}

pub(crate) fn open(path: &str) -> File {
    File::options().read(true).write(true).open(path).expect("the device")
}

/// Nanoseconds of a run of media-ctl. They are thousands of times what is compared beside it, so it is timed for itself: after each
/// run the processor's caches would be somebody else's.
fn media_ctl(arguments: &[&str]) -> f64 {
    let run = arm_by_clock(|| {
        let done = Command::new("media-ctl").args(arguments).stdout(Stdio::null()).status();
        assert!(done.expect("media-ctl").success());
    });
    compare(&mut [run])[0].ns
}

/// Ours and the bare ioctls; and what media-ctl took for the same.
fn beside(media_ctl: f64, what: &'static str, goal: f64, arms: &mut [Arm; 2]) -> Measured {
    let mut measured = Measured::of(what, VIMC, goal, arms);
    measured.ns.push(media_ctl);
    measured
}

#[expect(
    clippy::undocumented_unsafe_blocks,
    reason = "SAFETY: objects that live as long as the arms, and structs that say how large they are"
)]
fn vimc() -> Vec<Measured> {
    let node = made(unsafe { mediadev_open(c"platform:vimc".as_ptr()) }, "mediadev_open");
    let name = unsafe { CStr::from_ptr(mediadev_node_name(node)) };
    let path = format!("/dev/{}", name.to_str().expect("a name"));
    let c_path = CString::new(path.as_str()).expect("a path");
    let file = open(&path);
    let (mut room, mut other_room) = (Room::new(), Room::new());
    let read = || unsafe { mediadev_topology_put(made(mediadev_topology_read(node), "topology_read")) };
    let print = media_ctl(&["-d", &path, "-p"]);
    let mut all =
        vec![beside(print, "read the topology", 1.3, &mut [arm(read), arm(|| pair(&file, &mut room))])];
    let opened = || unsafe {
        let node = made(mediadev_open(c_path.as_ptr()), "mediadev_open");
        mediadev_topology_put(made(mediadev_topology_read(node), "mediadev_topology_read"));
        mediadev_node_put(node);
    };
    all.push(beside(
        print,
        "open, read the topology, close",
        1.3,
        &mut [arm(opened), arm(|| pair(&open(&path), &mut other_room))],
    ));
    let [source, sink] = [(c"Debayer A", 1), (c"Scaler", 0)].map(|(name, index)| unsafe {
        let topology = made(mediadev_topology_read(node), "mediadev_topology_read");
        let mut entity = std::mem::zeroed::<mediadev_entity_info>();
        entity.size = size_of::<mediadev_entity_info>();
        done(mediadev_topology_find(topology, name.as_ptr(), &mut entity), "mediadev_topology_find");
        let mut pad = std::mem::zeroed::<mediadev_pad_info>();
        pad.size = size_of::<mediadev_pad_info>();
        done(mediadev_topology_pad_of(topology, entity.id, index, &mut pad), "mediadev_topology_pad_of");
        mediadev_topology_put(topology);
        pad
    });
    let end = |pad: &mediadev_pad_info| pad_desc {
        entity: pad.entity_id,
        index: pad.index as u16,
        flags: pad.flags,
        ..pad_desc::default()
    };
    let mut wanted = link_desc { source: end(&source), sink: end(&sink), ..link_desc::default() };
    // Each time another wish, for the kernel does nothing where a link is as it is wanted.
    let mut flags = 0;
    let setup = || unsafe {
        flags ^= LINK_ENABLED;
        done(mediadev_setup_link(node, source.id, sink.id, flags), "mediadev_setup_link");
    };
    let raw = || {
        wanted.flags ^= LINK_ENABLED;
        ioctl(&file, SETUP_LINK, &mut wanted);
    };
    let by_media_ctl = media_ctl(&["-d", &path, "-l", "'Debayer A':1->'Scaler':0[1]"]);
    all.push(beside(by_media_ctl, "set up a link", 1.1, &mut [arm(setup), arm(raw)]));
    unsafe { mediadev_node_put(node) };
    all
}
