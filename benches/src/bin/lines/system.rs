// SPDX-License-Identifier: MIT OR Apache-2.0
//! On a chip of the kernel's: libgpiodref, the bare ioctl and libgpiod, each on lines of its own.

#[path = "../../../../tests/kernel/sim.rs"]
mod sim;

use crate::c::*;
use crate::{config, made};
use benches::measure::{arm, median, Arm};
use benches::often::{medians, Measured};
use benches::process::running;
use benches::table::{time, Row, Table};
use sim::Sim;
use std::ffi::{c_int, CString};
use std::fs;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

const LINES: u32 = 192;
/// Prints the medians of several processes.
pub(crate) fn compare_often(mut table: Table) {
    for Measured { what, input, goal, ns, ratio } in medians(measure(), "system-once") {
        let [ours, raw, gpiod] = ns[..] else { unreachable!("three arms") };
        table.row(Row {
            what,
            input: input.into(),
            ours: time(ours),
            peer: time(raw),
            others: format!("libgpiod {}, {:.2} × the ioctl", time(gpiod), gpiod / raw),
            result: format!("{ratio:.3} × the ioctl"),
            goal: Some((format!("at most {goal} ×"), ratio <= goal)),
        });
    }
    table.end();
}

/// Times arms of which the second is the bare ioctl and the third libgpiod.
fn row(what: &'static str, input: &'static str, goal: f64, mut arms: [Arm; 3]) -> Measured {
    Measured::of(what, input, goal, &mut arms)
}

/// Toggles a line's pull so often, at a pace that the kernel tells apart.
fn toggle(sim: &Sim, offset: u32, times: u32) {
    for i in 0..times {
        sim.pull(offset, i % 2 == 0);
        std::thread::sleep(Duration::from_micros(150));
    }
}

/// The chip, opened three times.
struct Chips {
    ours: Opaque,
    raw: fs::File,
    gpiod: Opaque,
}

fn raw_request(chip: &fs::File, offsets: &[u32], flags: u64, event_buffer_size: u32) -> OwnedFd {
    let mut request = line_request {
        offsets: [0; 64],
        consumer: *b"bench\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        config: line_config { flags, rest: [0; 66] },
        num_lines: offsets.len() as u32,
        event_buffer_size,
        padding: [0; 5],
        fd: -1,
    };
    request.offsets[..offsets.len()].copy_from_slice(offsets);
    // SAFETY: the struct that the call reads and writes.
    let ret = unsafe { libc::ioctl(chip.as_raw_fd(), GET_LINE, &mut request) };
    assert_eq!(ret, 0, "GPIO_V2_GET_LINE_IOCTL: {}", std::io::Error::last_os_error());
    // SAFETY: just made for us.
    unsafe { OwnedFd::from_raw_fd(request.fd) }
}

/// The configuration of a request for libgpiod: made once, and not in the time of an arm.
fn gpiod_config(offsets: &[u32], direction: c_int, edge: c_int, event_buffer: usize) -> (Opaque, Opaque) {
    // SAFETY: objects that are checked and live to the end.
    unsafe {
        let settings = made(gpiod_line_settings_new(), "settings");
        assert_eq!(gpiod_line_settings_set_direction(settings, direction), 0);
        assert_eq!(gpiod_line_settings_set_edge_detection(settings, edge), 0);
        let lines = made(gpiod_line_config_new(), "line config");
        assert_eq!(gpiod_line_config_add_line_settings(lines, offsets.as_ptr(), offsets.len(), settings), 0);
        let request = made(gpiod_request_config_new(), "request config");
        gpiod_request_config_set_event_buffer_size(request, event_buffer);
        (request, lines)
    }
}

impl Chips {
    fn ours(&self, offsets: &[u32], direction: u32) -> Opaque {
        let config = config(direction, 0, 0);
        // SAFETY: as the header asks.
        let group = unsafe {
            gpiodref_request_group(self.ours, offsets.as_ptr(), offsets.len(), &config, c"bench".as_ptr())
        };
        made(group, "gpiodref_request_group")
    }

    fn gpiod(&self, offsets: &[u32], direction: c_int) -> Opaque {
        let (request, lines) = gpiod_config(offsets, direction, 1, 0);
        // SAFETY: objects that live.
        made(unsafe { gpiod_chip_request_lines(self.gpiod, request, lines) }, "gpiod_chip_request_lines")
    }
}

/// All comparisons, in this process.
pub(crate) fn measure() -> Vec<Measured> {
    let sim = Sim::new("bench", LINES, &[]);
    let node = format!("/dev/{}", sim.chip());
    let path = CString::new(node.clone()).expect("a path");
    // SAFETY: a path.
    let chips = unsafe {
        Chips {
            ours: made(gpiodref_chip_open(path.as_ptr()), "gpiodref_chip_open"),
            raw: fs::File::options().read(true).write(true).open(&node).expect("the chip"),
            gpiod: made(gpiod_chip_open(path.as_ptr()), "gpiod_chip_open"),
        }
    };
    let mut all = Vec::new();
    all.extend(one(&chips));
    all.extend(several(&chips, 8, "8 lines"));
    all.extend(several(&chips, 64, "64 lines"));
    all.push(request(&chips));
    all.push(drain(&chips, &sim));
    all
}

#[expect(
    clippy::undocumented_unsafe_blocks,
    reason = "SAFETY: objects and file descriptors that live as long as the arms"
)]
fn one(chips: &Chips) -> [Measured; 2] {
    let output = config(2, 0, 0);
    // SAFETY: as the header asks.
    let ours =
        made(unsafe { gpiodref_request(chips.ours, 0, &output, c"bench".as_ptr()) }, "gpiodref_request");
    let raw = raw_request(&chips.raw, &[1], OUTPUT, 0);
    let raw = raw.as_raw_fd();
    let gpiod = chips.gpiod(&[2], 3);
    let toggled = |value: &mut c_int| {
        *value ^= 1;
        *value
    };
    let (mut a, mut b, mut c) = (0, 0, 0);
    let set = row(
        "set",
        "1 line",
        1.03,
        [
            arm(|| unsafe { assert_eq!(gpiodref_set_value(ours, toggled(&mut a)), 0) }),
            arm(|| unsafe {
                let mut values = line_values { bits: toggled(&mut b) as u64, mask: 1 };
                assert_eq!(libc::ioctl(raw, SET_VALUES, &mut values), 0);
            }),
            arm(|| unsafe { assert_eq!(gpiod_line_request_set_value(gpiod, 2, toggled(&mut c)), 0) }),
        ],
    );
    let get = row(
        "get",
        "1 line",
        1.03,
        [
            arm(|| unsafe { assert!(gpiodref_get_value(ours) >= 0) }),
            arm(|| unsafe {
                let mut values = line_values { bits: 0, mask: 1 };
                assert_eq!(libc::ioctl(raw, GET_VALUES, &mut values), 0);
                std::hint::black_box(values.bits);
            }),
            arm(|| unsafe { assert!(gpiod_line_request_get_value(gpiod, 2) >= 0) }),
        ],
    );
    // SAFETY: released once.
    unsafe {
        gpiodref_put(ours);
        gpiod_line_request_release(gpiod);
        libc::close(raw);
    }
    [set, get]
}

#[expect(
    clippy::undocumented_unsafe_blocks,
    reason = "SAFETY: objects and file descriptors that live as long as the arms"
)]
fn several(chips: &Chips, n: u32, input: &'static str) -> [Measured; 2] {
    let offsets = |arm: u32| (0..n).map(|i| arm * 64 + i).collect::<Vec<_>>();
    let all = u64::MAX >> (64 - n);
    let ours = chips.ours(&offsets(0), 2);
    let raw = raw_request(&chips.raw, &offsets(1), OUTPUT, 0);
    let gpiod = chips.gpiod(&offsets(2), 3);
    let (mut a, mut b, mut high) = (0u64, 0u64, [0 as c_int; 64]);
    let set = row(
        "set",
        input,
        1.05,
        [
            arm(|| unsafe {
                a = !a;
                assert_eq!(gpiodref_group_set_values(ours, all, a & all), 0);
            }),
            arm(|| unsafe {
                b = !b;
                let mut values = line_values { bits: b & all, mask: all };
                assert_eq!(libc::ioctl(raw.as_raw_fd(), SET_VALUES, &mut values), 0);
            }),
            arm(|| unsafe {
                high.iter_mut().for_each(|value| *value ^= 1);
                assert_eq!(gpiod_line_request_set_values(gpiod, high.as_ptr()), 0);
            }),
        ],
    );
    let mut got = [0 as c_int; 64];
    let get = row(
        "get",
        input,
        1.05,
        [
            arm(|| unsafe {
                let mut values = 0;
                assert_eq!(gpiodref_group_get_values(ours, all, &mut values), 0);
                std::hint::black_box(values);
            }),
            arm(|| unsafe {
                let mut values = line_values { bits: 0, mask: all };
                assert_eq!(libc::ioctl(raw.as_raw_fd(), GET_VALUES, &mut values), 0);
                std::hint::black_box(values.bits);
            }),
            arm(|| unsafe { assert_eq!(gpiod_line_request_get_values(gpiod, got.as_mut_ptr()), 0) }),
        ],
    );
    // SAFETY: released once.
    unsafe {
        gpiodref_group_put(ours);
        gpiod_line_request_release(gpiod);
    }
    [set, get]
}

#[expect(
    clippy::undocumented_unsafe_blocks,
    reason = "SAFETY: objects and file descriptors that live as long as the arms"
)]
fn request(chips: &Chips) -> Measured {
    let output = config(2, 0, 0);
    let (request, lines) = gpiod_config(&[2], 3, 1, 0);
    row(
        "request and release",
        "1 line",
        1.1,
        [
            arm(|| unsafe {
                gpiodref_put(made(
                    gpiodref_request(chips.ours, 0, &output, c"bench".as_ptr()),
                    "gpiodref_request",
                ));
            }),
            arm(|| drop(raw_request(&chips.raw, &[1], OUTPUT, 0))),
            arm(|| unsafe {
                gpiod_line_request_release(made(
                    gpiod_chip_request_lines(chips.gpiod, request, lines),
                    "libgpiod",
                ));
            }),
        ],
    )
}

/// Edges that wait to be read, per arm and round.
const EDGES: u32 = 1000;
/// The first is the warm-up.
const ROUNDS: usize = 8;

fn drain(chips: &Chips, sim: &Sim) -> Measured {
    let input = config(1, 3, 1024);
    // SAFETY: as the header asks.
    let ours =
        made(unsafe { gpiodref_request(chips.ours, 0, &input, c"bench".as_ptr()) }, "gpiodref_request");
    let raw = raw_request(&chips.raw, &[1], INPUT | BOTH_EDGES, 1024);
    let (request, lines) = gpiod_config(&[2], 2, 4, 1024);
    // SAFETY: objects that live; the buffer is as large as the kernel's batches.
    let (gpiod, buffer) = unsafe {
        let gpiod = gpiod_chip_request_lines(chips.gpiod, request, lines);
        (made(gpiod, "gpiod_chip_request_lines"), made(gpiod_edge_event_buffer_new(64), "a buffer"))
    };
    let mut events = vec![gpiodref_event::default(); EDGES as usize];
    let mut raw_events = vec![line_event { timestamp_ns: 0, rest: [0; 10] }; 64];
    // SAFETY: an open file descriptor each.
    for fd in [raw.as_raw_fd(), unsafe { gpiod_line_request_get_fd(gpiod) }] {
        // SAFETY: as above.
        assert_eq!(unsafe { libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK) }, 0);
    }
    let mut arms: [&mut dyn FnMut() -> usize; 3] = [
        // SAFETY: room for as many events.
        &mut || unsafe { gpiodref_read_events(ours, events.as_mut_ptr(), events.len()) }.max(0) as usize,
        &mut || {
            // SAFETY: room for 64 events, of 48 bytes.
            all(|| unsafe { libc::read(raw.as_raw_fd(), raw_events.as_mut_ptr().cast(), 64 * 48) } / 48)
        },
        // SAFETY: a request and a buffer that live.
        &mut || all(|| unsafe { gpiod_line_request_read_edge_events(gpiod, buffer, 64) } as isize),
    ];
    let mut ns = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        for ((offset, arm), ns) in (0..).zip(&mut arms).zip(&mut ns) {
            toggle(sim, offset, EDGES);
            let start = running();
            let got = arm();
            let took = (running() - start).as_nanos() as f64 / got as f64;
            if round > 0 {
                ns.push(took);
            }
            assert!(got > EDGES as usize / 2, "{got} of {EDGES} edges came");
        }
    }
    let ratio = median(ns[0].iter().zip(&ns[1]).map(|(ours, raw)| ours / raw).collect());
    let ns = ns.map(median).to_vec();
    Measured { what: "drain queued edges, each", input: "1000 edges", goal: 1.1, ns, ratio }
}

/// What comes from `read`, which gives 64 as long as there are so many.
fn all(mut read: impl FnMut() -> isize) -> usize {
    let mut sum = 0;
    loop {
        let got = read().max(0) as usize;
        sum += got;
        if got < 64 {
            return sum;
        }
    }
}
