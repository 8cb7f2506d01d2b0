// SPDX-License-Identifier: MIT OR Apache-2.0
//! Through nodes of CUSE that this process serves: by libmediadev, and by a minimal loop.

use crate::c::*;
use crate::minimal::{self, Answers, Wait};
use crate::system::{ioctl, open, pair, Room};
use crate::{device, done, made};
use benches::measure::arm_by_clock;
use benches::often::Measured;
use std::fs::File;
use std::os::fd::OwnedFd;

const CUSE: &str = "CUSE, 11 entities";

/// Everything on one processor: what it costs to wake a server on another one differs more than all the rest.
fn stay_on_one_processor() {
    // SAFETY: a set of processors, and this process.
    let ret = unsafe {
        let mut set = std::mem::zeroed::<libc::cpu_set_t>();
        libc::CPU_SET(0, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set)
    };
    assert_eq!(ret, 0, "sched_setaffinity");
}

/// All comparisons, in this process.
pub(crate) fn measure() -> Vec<Measured> {
    stay_on_one_processor();
    let device = device();
    // SAFETY: as the header asks.
    unsafe {
        let export = made(mediadev_export_cuse(device, c"bench-ours".as_ptr()), "mediadev_export_cuse");
        done(mediadev_export_start(export), "mediadev_export_start");
    }
    let ours = open("/dev/bench-ours");
    let answers = answers(&ours);
    let (reader, _writer) = std::io::pipe().expect("a pipe");
    minimal::serve("bench-poll", answers.clone(), Wait::Poll(OwnedFd::from(reader)));
    minimal::serve("bench-read", answers, Wait::Read);
    let files = [ours, open("/dev/bench-poll"), open("/dev/bench-read")];
    let mut rooms = [(); 3].map(|()| Room::new());
    for (file, room) in files.iter().zip(&mut rooms) {
        assert_eq!(pair(file, room).arrays[0].count as usize, crate::ENTITIES);
    }
    let mut info = files.each_ref().map(|file| {
        arm_by_clock(move || {
            let mut info: device_info = [0; 64];
            ioctl(file, DEVICE_INFO, &mut info);
            info
        })
    });
    let mut topology =
        Vec::from_iter(files.iter().zip(&mut rooms).map(|(file, room)| arm_by_clock(|| pair(file, room))));
    vec![
        Measured::of("answer DEVICE_INFO, beside a loop of poll(), read() and write()", CUSE, 1.1, &mut info),
        Measured::of("answer the two G_TOPOLOGY, beside that loop", CUSE, 1.1, &mut topology),
    ]
}

/// What the node says.
fn answers(file: &File) -> Answers {
    let mut info: device_info = [0; 64];
    ioctl(file, DEVICE_INFO, &mut info);
    let mut room = Room::new();
    let mut topology = pair(file, &mut room);
    let counts = topology.arrays.map(|array| array.count as usize);
    let mut arrays = Vec::new();
    let mut lengths = [0; 4];
    let parts = [
        room.entities[..counts[0]].as_flattened(),
        room.interfaces[..counts[1]].as_flattened(),
        room.pads[..counts[2]].as_flattened(),
        room.links[..counts[3]].as_flattened(),
    ];
    for (part, length) in parts.iter().zip(&mut lengths) {
        *length = size_of_val(*part) as u64;
        arrays.extend(part.iter().flat_map(|word| word.to_ne_bytes()));
    }
    topology.arrays.iter_mut().for_each(|array| array.at = 0);
    Answers { info: info.iter().flat_map(|word| word.to_ne_bytes()).collect(), topology, arrays, lengths }
}
