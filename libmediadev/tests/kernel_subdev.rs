// SPDX-License-Identifier: MIT OR Apache-2.0
//! M14 on a sub-device with routes, streams and frame intervals, of which Linux 6.12 has none to offer: its simulators know nothing of
//! them, and routes are switched off when it is built. So this one is a node of ours, and its provider speaks the kernel's interface
//! by the numbers and offsets of `linux/v4l2-subdev.h`, without the structs of the library.
#![allow(unsafe_code)]

#[path = "common/mod.rs"]
mod common;

use common::{registered, Ops};
use kref::sync::lock;
use mediadev::cuse::Export;
use mediadev::notation::joined;
use mediadev::uapi::{self, LINK_ENABLED, LINK_IMMUTABLE, PAD_SINK, PAD_SOURCE};
use mediadev::{Answer, Device, Kind, Node};
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex};

const CLIENT_CAP: u32 = 0xc008_5666;
const GET_FORMAT: u32 = 0xc058_5604;
const SET_FORMAT: u32 = 0xc058_5605;
const GET_INTERVAL: u32 = 0xc030_5615;
const SET_INTERVAL: u32 = 0xc030_5616;
const GET_ROUTING: u32 = 0xc040_5626;
const SET_ROUTING: u32 = 0xc040_5627;
/// sink_pad, sink_stream, source_pad, source_stream, flags, and five that are reserved.
type Route = [u32; 10];

/// A multiplexer: two sinks, a source with a stream from each of them.
#[derive(Default)]
struct Mux {
    /// Whether the kernel is one that knows streams.
    streams: bool,
    routes: Vec<Route>,
    /// How it tells that there is no room for its routes: an error, as until Linux 6.9, or how many there are.
    enospc: bool,
    /// By pad and stream: which, and what the 80 bytes behind are.
    formats: Vec<([u32; 2], [u32; 12])>,
    interval: [u32; 2],
}

impl Mux {
    fn call(&mut self, number: u32, words: &mut [u32]) -> Result<i32, i32> {
        match number {
            CLIENT_CAP => {
                words.copy_from_slice(&[u32::from(self.streams), 0]);
                Ok(0)
            }
            GET_FORMAT | SET_FORMAT => {
                // which, pad, struct v4l2_mbus_framefmt, stream, reserved
                assert_eq!(
                    (words[0], &words[15..]),
                    (1, &[0; 7][..]),
                    "only what is active, and nothing reserved"
                );
                let at = [words[1], words[14]];
                let known = self.formats.iter_mut().find(|(of, _)| *of == at).ok_or(libc::EINVAL)?;
                match number {
                    GET_FORMAT => words[2..14].copy_from_slice(&known.1),
                    _ => known.1.copy_from_slice(&words[2..14]),
                }
                Ok(0)
            }
            GET_INTERVAL | SET_INTERVAL => {
                // pad, numerator, denominator, stream, which, reserved
                assert_eq!(words[4..], [0; 8]);
                match number {
                    GET_INTERVAL => words[1..3].copy_from_slice(&self.interval),
                    _ => self.interval.copy_from_slice(&words[1..3]),
                }
                Ok(0)
            }
            GET_ROUTING | SET_ROUTING => {
                // which, len_routes, routes (64 bits), num_routes, reserved
                assert_eq!(
                    (words[0], &words[5..]),
                    (1, &[0; 11][..]),
                    "only what is active, and nothing reserved"
                );
                let room = words[1] as usize;
                let at = (u64::from(words[3]) << 32 | u64::from(words[2])) as usize;
                // SAFETY: who calls is a thread of this process, which sleeps meanwhile; there it has room for so many.
                let memory = unsafe {
                    std::slice::from_raw_parts_mut(std::ptr::with_exposed_provenance_mut::<Route>(at), room)
                };
                if number == SET_ROUTING {
                    let given = &memory[..words[4] as usize];
                    if given.iter().any(|route| route[0] > 1 || route[2] != 2 || route[5..] != [0; 5]) {
                        return Err(libc::EINVAL);
                    }
                    self.routes = given.to_vec();
                } else {
                    if room < self.routes.len() && self.enospc {
                        return Err(libc::ENOSPC);
                    }
                    let fit = room.min(self.routes.len());
                    memory[..fit].copy_from_slice(&self.routes[..fit]);
                }
                words[4] = self.routes.len() as u32;
                Ok(0)
            }
            _ => Err(libc::ENOTTY),
        }
    }
}

/// Two nodes of this process: a sub-device, and the media device that it belongs to.
struct Fake {
    mux: Arc<Mutex<Mux>>,
    node: kref::Ref<Node>,
    _exports: [Export; 2],
}

fn fake(mux: Mux) -> Fake {
    let mux = Arc::new(Mutex::new(mux));
    let asked = mux.clone();
    let ioctl = move |(_, number, at): (_, u32, usize)| {
        let words = (number >> 16 & 0x3fff) as usize / 4;
        // SAFETY: the copy of an argument that is so long.
        let words = unsafe {
            std::slice::from_raw_parts_mut(std::ptr::with_exposed_provenance_mut::<u32>(at), words)
        };
        lock(&asked).call(number, words).map(Answer::Done)
    };
    let subdev = registered(Ops { ioctl: Some(Box::new(ioctl)), ..Ops::default() });
    let its = Export::cuse(&subdev, "fake-subdev").unwrap();
    its.start().unwrap();
    let numbers = its.path().metadata().unwrap().rdev();
    let device = registered(Ops::default());
    let pads = [PAD_SINK, PAD_SINK, PAD_SOURCE];
    let entity = Device::add_entity(&device, "mux", 0x5001, &pads).unwrap();
    let (major, minor) = (libc::major(numbers), libc::minor(numbers));
    let interface = device.add_interface(uapi::INTERFACE_V4L_SUBDEV, 0, major, minor).unwrap();
    entity.add_interface_link(interface, LINK_ENABLED | LINK_IMMUTABLE).unwrap();
    let export = Export::cuse(&device, "media63").unwrap();
    export.start().unwrap();
    Fake { mux, node: Node::open("media63").unwrap(), _exports: [export, its] }
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m14_routes_are_set_and_told() {
    let Fake { mux, node, _exports } = fake(Mux { streams: true, ..Mux::default() });
    assert_eq!(joined(&node.routes(Some("'mux'")).unwrap()), "\"mux\"[]");
    node.set_routes("'mux'[0/0->2/0[1], 1/0->2/1[0], 1/7->2/9[1]]").unwrap();
    let wanted = [[0, 0, 2, 0, 1], [1, 0, 2, 1, 0], [1, 7, 2, 9, 1]];
    let got: Vec<[u32; 5]> = lock(&mux).routes.iter().map(|r| r[..5].try_into().unwrap()).collect();
    assert_eq!(got, wanted);
    let told = joined(&node.routes(None).unwrap());
    assert_eq!(told, "\"mux\"[0/0->2/0[1],1/0->2/1[0],1/7->2/9[1]]");
    // What is told can be set; and there are no others then.
    node.set_routes("1[0/1->2/0[1]]").unwrap();
    assert_eq!(lock(&mux).routes, [[0, 1, 2, 0, 1, 0, 0, 0, 0, 0]]);
    node.set_routes(&told).unwrap();
    assert_eq!(joined(&node.routes(Some("'mux'")).unwrap()), told);
    let error = node.set_routes("'mux'[2/0->0/0[1]]").unwrap_err();
    assert!(
        error.to_string().ends_with("VIDIOC_SUBDEV_S_ROUTING: Invalid argument (os error 22)"),
        "{error}"
    );
    assert_eq!(node.set_routes("'mux'[0/0->2/0[1]], 'nobody'[]").unwrap_err().kind(), Kind::NotFound);
    assert_eq!(joined(&node.routes(None).unwrap()), told, "all is found before the first is changed");
    node.set_routes("'mux'[]").unwrap();
    assert_eq!(lock(&mux).routes.len(), 0);
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m14_as_many_routes_as_there_are() {
    for enospc in [false, true] {
        let Fake { mux, node, _exports } = fake(Mux { streams: true, enospc, ..Mux::default() });
        for count in [16, 17, 100] {
            lock(&mux).routes = (0..count).map(|n| [n & 1, n, 2, n, 1, 0, 0, 0, 0, 0]).collect();
            let routes = node.routes(Some("'mux'")).unwrap().remove(0).routes;
            assert_eq!(routes.len(), count as usize);
            assert!((0..).zip(&routes).all(|(n, route)| (route.sink_stream, route.source_stream) == (n, n)));
        }
        // More than any has.
        lock(&mux).routes = vec![[0; 10]; 5000];
        assert_eq!(node.routes(Some("'mux'")).unwrap_err().kind(), Kind::Full);
    }
}

#[test]
#[ignore = "needs cuse: make check-kernel"]
fn m14_streams_and_frame_intervals() {
    let format = |width| [width, 480, 0x3014, 1, 8, 0, 0, 0, 0, 0, 0, 0];
    let formats = vec![([2, 0], format(640)), ([2, 1], format(320))];
    let Fake { mux, node, _exports } =
        fake(Mux { streams: true, formats, interval: [1, 30], ..Mux::default() });
    node.set_formats("'mux':2/1[fmt:SRGGB8_1X8/1280x720 @1/60]").unwrap();
    {
        let mux = lock(&mux);
        assert_eq!(
            (mux.formats[0].1, mux.formats[1].1[..3].to_vec()),
            (format(640), vec![1280, 720, 0x3014])
        );
        assert_eq!(mux.interval, [1, 60]);
    }
    let told = joined(&node.formats(Some("'mux':2")).unwrap());
    assert_eq!(told, "\"mux\":2[fmt:SRGGB8_1X8/640x480@1/60 field:none colorspace:srgb]");
    assert_eq!(node.set_formats("'mux':2/7[fmt:Y8_1X8/1x1]").unwrap_err().errno(), libc::EINVAL);
    // Such a kernel would take any stream for the first.
    lock(&mux).streams = false;
    assert_eq!(node.set_formats("'mux':2/1[fmt:Y8_1X8/1x1]").unwrap_err().kind(), Kind::Unsupported);
    assert_eq!(lock(&mux).formats[0].1, format(640));
}
