// SPDX-License-Identifier: MIT OR Apache-2.0
//! libmediadev beside the bare ioctls, media-ctl and a minimal server, as Markdown tables.
//!
//!     graphs system      on the kernel's vimc, and through nodes of CUSE (root, a kernel with vimc and cuse)
//!     graphs process     on a device in the process
//!
//! The library is called through its C functions. Rounds of all arms alternate; a figure is the median over the rounds, a ratio the
//! median of the rounds' ratios. What `system` prints is the median of several processes (`graphs system-once`).
#![allow(unsafe_code)]

mod c;
mod cuse;
mod minimal;
mod process;
mod system;

use benches::table::Table;
use c::*;
use std::ffi::{c_int, c_void, CStr, CString};
use std::ptr::null_mut;

fn why() -> String {
    // SAFETY: the library's last error is a C string.
    unsafe { CStr::from_ptr(mediadev_last_error()) }.to_string_lossy().into_owned()
}

/// What a pointer result that must not be NULL says when it is.
fn made(pointer: Opaque, what: &str) -> Opaque {
    assert!(!pointer.is_null(), "{what}: {} {}", std::io::Error::last_os_error(), why());
    pointer
}

/// The same for a result that has to be 0.
fn done(result: c_int, what: &str) {
    assert_eq!(result, 0, "{what}: {}", why());
}

fn main() {
    let system = || Table::new("libmediadev", "the bare calls");
    match std::env::args().nth(1).as_deref() {
        Some("system") => system::compare_often(system()),
        Some("system-once") => benches::often::print(&system::measure()),
        Some("process") => process::compare(Table::new("libmediadev", "a plain call")),
        _ => {
            eprintln!("usage: graphs system|process");
            std::process::exit(2);
        }
    }
}

/// As many entities as vimc has.
const ENTITIES: usize = 11;

/// A private call of the device below.
const PRIVATE: u32 = b'x' as u32 * 256 + 1;

/// What the device does on [`PRIVATE`].
unsafe extern "C" fn answer(_: Opaque, request: u32, arg: *mut c_void, _: Opaque) -> c_int {
    (request as usize ^ arg.addr()) as c_int & 0x7f
}

/// A device of this process, registered: a chain of entities.
fn device() -> Opaque {
    let mut info = mediadev_info {
        size: size_of::<mediadev_info>(),
        driver: [0; 16],
        model: [0; 32],
        serial: [0; 40],
        bus_info: [0; 32],
        versions: [0; 3],
    };
    info.driver[..5].copy_from_slice(b"bench");
    info.model[..5].copy_from_slice(b"Bench");
    let ops = mediadev_ops {
        size: size_of::<mediadev_ops>(),
        link_setup: null_mut(),
        link_notify: null_mut(),
        open: null_mut(),
        close: null_mut(),
        ioctl: Some(answer),
        rest: [null_mut(); 6],
    };
    // SAFETY: the arguments are what the header asks for, and what is made is checked.
    unsafe {
        let device = made(mediadev_device_new(&info, &ops, null_mut()), "mediadev_device_new");
        let mut before = None;
        for i in 0..ENTITIES {
            let name = CString::new(format!("Entity {i}")).expect("a name");
            let pads = match i {
                0 => &[PAD_SOURCE][..],
                _ if i + 1 == ENTITIES => &[PAD_SINK],
                _ => &[PAD_SINK, PAD_SOURCE],
            };
            let entity = mediadev_entity_add(device, name.as_ptr(), 0x4001, pads.as_ptr(), pads.len());
            let entity = made(entity, "mediadev_entity_add");
            if let Some((before, pad)) = before.replace((entity, pads.len() as u32 - 1)) {
                done(mediadev_link_add(before, pad, entity, 0, LINK_ENABLED), "mediadev_link_add");
                mediadev_entity_put(before);
            }
        }
        before.into_iter().for_each(|(last, _)| mediadev_entity_put(last));
        done(mediadev_register(device), "mediadev_register");
        device
    }
}
