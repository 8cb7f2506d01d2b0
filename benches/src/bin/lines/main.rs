// SPDX-License-Identifier: MIT OR Apache-2.0
//! libgpiodref beside libgpiod 2 and the bare ioctl, as a Markdown table.
//!
//!     lines system      on a chip of the kernel's gpio-sim, which it makes (root, a kernel with gpio-sim)
//!     lines process     on the simulated chip in the process, and its references beside C11's
//!
//! All three are called through their C functions. Each has lines of its own on the same chip. Rounds of all arms alternate; a
//! figure is the median over the rounds, a ratio the median of the rounds' ratios. What `system` prints is the median of several
//! processes (`lines system-once`): an emulator can take twice as long for the same code at another address.
#![allow(unsafe_code)]

mod c;
mod system;

use benches::measure::{arm, compare};
use benches::table::{time, Row, Table};
use c::*;
use std::ffi::{CStr, CString};

/// What a pointer result that must not be NULL says when it is.
fn made(pointer: Opaque, what: &str) -> Opaque {
    // SAFETY: the library's last error is a C string.
    let why = || unsafe { CStr::from_ptr(gpiodref_last_error()) }.to_string_lossy().into_owned();
    assert!(!pointer.is_null(), "{what}: {} {}", std::io::Error::last_os_error(), why());
    pointer
}

/// A config for libgpiodref.
fn config(direction: u32, edge: u32, event_buffer: u32) -> gpiodref_config {
    gpiodref_config {
        size: size_of::<gpiodref_config>(),
        direction,
        edge,
        event_buffer,
        ..Default::default()
    }
}

fn main() {
    let table = || Table::new("libgpiodref", "the bare ioctl");
    match std::env::args().nth(1).as_deref() {
        Some("system") => system::compare_often(table()),
        Some("system-once") => benches::often::print(&system::measure()),
        Some("process") => process(table()),
        _ => {
            eprintln!("usage: lines system|process");
            std::process::exit(2);
        }
    }
}

/// On a chip that lives in this process.
fn process(mut table: Table) {
    let label = CString::from(c"bench");
    let chip = gpiodref_chip_config {
        size: size_of::<gpiodref_chip_config>(),
        label: label.as_ptr(),
        num_lines: 64,
        names: std::ptr::null(),
        remove_policy: 0,
        remove_timeout_ms: 0,
    };
    let output = config(2, 0, 0);
    // SAFETY: the arguments are what the header asks for, and what is made is checked and lives to the end.
    let desc = unsafe {
        let sim = made(gpiodref_sim_new(&chip), "gpiodref_sim_new");
        let chip = made(gpiodref_sim_chip(sim), "gpiodref_sim_chip");
        made(gpiodref_request(chip, 0, &output, c"bench".as_ptr()), "gpiodref_request")
    };
    let mut value = 0;
    // SAFETY: `desc` is held.
    let set = || unsafe {
        value ^= 1;
        assert_eq!(gpiodref_set_value(desc, value), 0);
    };
    let figures = compare(&mut [arm(set)]);
    table.row(Row {
        what: "set one line of the simulated chip",
        ours: time(figures[0].ns),
        goal: Some(("under 50 ns".into(), figures[0].ns < 50.0)),
        ..Row::default()
    });

    // SAFETY: as above.
    let get = || unsafe { gpiodref_get_value(desc) };
    let figures = compare(&mut [arm(get)]);
    table.row(Row {
        what: "get one line of the simulated chip",
        ours: time(figures[0].ns),
        ..Row::default()
    });

    // SAFETY: it takes nothing.
    let object = made(unsafe { c11_new() }, "c11_new");
    let figures = compare(&mut [
        // SAFETY: as above; each reference that is added is dropped.
        arm(|| unsafe { gpiodref_put(gpiodref_get(desc)) }),
        // SAFETY: as above.
        arm(|| unsafe { c11_put(c11_get(object)) }),
    ]);
    let ratio = 1.0 / figures[1].times_first;
    table.row(Row {
        what: "get and put of a reference",
        ours: time(figures[0].ns),
        others: format!("C11 atomics {}", time(figures[1].ns)),
        result: format!("{ratio:.2} of the time of C11's"),
        goal: Some(("at most 1.1 × C11's".into(), ratio <= 1.1)),
        ..Row::default()
    });
    table.end();
}
