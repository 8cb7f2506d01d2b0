// SPDX-License-Identifier: MIT OR Apache-2.0
//! On a device that lives in this process.

use crate::c::*;
use crate::{answer, device, made, PRIVATE};
use benches::measure::{arm, compare as times};
use benches::table::{time, Row, Table};
use std::hint::black_box;
use std::ptr::{null_mut, without_provenance_mut};

#[expect(
    clippy::undocumented_unsafe_blocks,
    reason = "SAFETY: objects that live as long as the arms, and each reference that is added is dropped"
)]
pub(crate) fn compare(mut table: Table) {
    let device = device();
    let figures = times(&mut [arm(|| unsafe {
        mediadev_file_close(made(mediadev_file_open(device), "mediadev_file_open"));
    })]);
    table.row(Row {
        what: "open and close a handle",
        ours: time(figures[0].ns),
        goal: Some(("under 300 ns".into(), figures[0].ns < 300.0)),
        ..Row::default()
    });

    let file = made(unsafe { mediadev_file_open(device) }, "mediadev_file_open");
    let plain: Ioctl = black_box(answer);
    let mut count = 0;
    let mut next = || {
        count += 1;
        without_provenance_mut(count)
    };
    let mut other = 0;
    let mut another = || {
        other += 1;
        without_provenance_mut(other)
    };
    let figures = times(&mut [
        arm(|| unsafe { mediadev_file_ioctl(file, PRIVATE, next()) }),
        arm(|| unsafe { plain(file, PRIVATE, another(), null_mut()) }),
    ]);
    let more = figures[0].ns - figures[1].ns;
    table.row(Row {
        what: "a call of the provider's, through the guards of the boundary and the handle",
        ours: time(figures[0].ns),
        peer: time(figures[1].ns),
        result: format!("{more:.1} ns more"),
        goal: Some(("at most 30 ns more".into(), more <= 30.0)),
        ..Row::default()
    });

    let object = made(unsafe { c11_new() }, "c11_new");
    let figures = times(&mut [
        arm(|| unsafe { mediadev_device_put(mediadev_device_get(device)) }),
        arm(|| unsafe { mediadev_file_put(mediadev_file_get(file)) }),
        arm(|| unsafe { c11_put(c11_get(object)) }),
    ]);
    let c11 = &figures[2];
    for (what, ours) in [
        ("get and put of a reference to a device", &figures[0]),
        ("get and put of a reference to a handle", &figures[1]),
    ] {
        let ratio = ours.times_first / c11.times_first;
        table.row(Row {
            what,
            ours: time(ours.ns),
            others: format!("C11 atomics {}", time(c11.ns)),
            result: format!("{ratio:.2} of the time of C11's"),
            goal: Some(("at most 1.1 × C11's".into(), ratio <= 1.1)),
            ..Row::default()
        });
    }
    table.end();
}
