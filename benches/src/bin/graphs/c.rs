// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C functions of libmediadev and the kernel's calls that are compared.
#![allow(unsafe_code, non_camel_case_types)]

use std::ffi::{c_char, c_int, c_uint, c_void};

/// An object that only C knows.
pub(crate) type Opaque = *mut c_void;

#[repr(C)]
pub(crate) struct mediadev_info {
    pub(crate) size: usize,
    pub(crate) driver: [u8; 16],
    pub(crate) model: [u8; 32],
    pub(crate) serial: [u8; 40],
    pub(crate) bus_info: [u8; 32],
    pub(crate) versions: [u32; 3],
}

/// A private call of a provider.
pub(crate) type Ioctl =
    unsafe extern "C" fn(file: Opaque, request: u32, arg: *mut c_void, user_data: Opaque) -> c_int;

#[repr(C)]
pub(crate) struct mediadev_ops {
    pub(crate) size: usize,
    pub(crate) link_setup: Opaque,
    pub(crate) link_notify: Opaque,
    pub(crate) open: Opaque,
    pub(crate) close: Opaque,
    pub(crate) ioctl: Option<Ioctl>,
    pub(crate) rest: [Opaque; 6],
}

#[repr(C)]
pub(crate) struct mediadev_entity_info {
    pub(crate) size: usize,
    pub(crate) id: u32,
    pub(crate) function: u32,
    pub(crate) flags: u32,
    pub(crate) num_pads: u32,
    pub(crate) num_links: u32,
    pub(crate) name: [u8; 64],
}

#[repr(C)]
pub(crate) struct mediadev_pad_info {
    pub(crate) size: usize,
    pub(crate) id: u32,
    pub(crate) entity_id: u32,
    pub(crate) index: u32,
    pub(crate) flags: u32,
}

#[link(name = "mediadev", kind = "dylib")]
extern "C" {
    pub(crate) fn mediadev_last_error() -> *const c_char;
    pub(crate) fn mediadev_open(key: *const c_char) -> Opaque;
    pub(crate) fn mediadev_node_put(node: Opaque);
    pub(crate) fn mediadev_node_name(node: Opaque) -> *const c_char;
    pub(crate) fn mediadev_topology_read(node: Opaque) -> Opaque;
    pub(crate) fn mediadev_topology_put(topology: Opaque);
    pub(crate) fn mediadev_topology_find(
        topology: Opaque,
        glob: *const c_char,
        info: *mut mediadev_entity_info,
    ) -> c_int;
    pub(crate) fn mediadev_topology_pad_of(
        topology: Opaque,
        entity_id: u32,
        index: u32,
        info: *mut mediadev_pad_info,
    ) -> c_int;
    pub(crate) fn mediadev_setup_link(node: Opaque, source: u32, sink: u32, flags: u32) -> c_int;
    pub(crate) fn mediadev_device_new(
        info: *const mediadev_info,
        ops: *const mediadev_ops,
        user_data: Opaque,
    ) -> Opaque;
    pub(crate) fn mediadev_device_get(device: Opaque) -> Opaque;
    pub(crate) fn mediadev_device_put(device: Opaque);
    pub(crate) fn mediadev_register(device: Opaque) -> c_int;
    pub(crate) fn mediadev_entity_add(
        device: Opaque,
        name: *const c_char,
        function: u32,
        pad_flags: *const u32,
        n: usize,
    ) -> Opaque;
    pub(crate) fn mediadev_entity_put(entity: Opaque);
    pub(crate) fn mediadev_link_add(
        source: Opaque,
        source_pad: c_uint,
        sink: Opaque,
        sink_pad: c_uint,
        flags: u32,
    ) -> c_int;
    pub(crate) fn mediadev_file_open(device: Opaque) -> Opaque;
    pub(crate) fn mediadev_file_get(file: Opaque) -> Opaque;
    pub(crate) fn mediadev_file_put(file: Opaque);
    pub(crate) fn mediadev_file_close(file: Opaque);
    pub(crate) fn mediadev_file_ioctl(file: Opaque, request: u32, arg: *mut c_void) -> c_int;
    pub(crate) fn mediadev_export_cuse(device: Opaque, name: *const c_char) -> Opaque;
    pub(crate) fn mediadev_export_start(export: Opaque) -> c_int;
}

#[link(name = "c11", kind = "static")]
extern "C" {
    pub(crate) fn c11_new() -> Opaque;
    pub(crate) fn c11_get(object: Opaque) -> Opaque;
    pub(crate) fn c11_put(object: Opaque);
}

/// `media_device_info`
pub(crate) type device_info = [u32; 64];
/// `media_v2_entity`
pub(crate) type entity = [u32; 24];
/// `media_v2_interface`
pub(crate) type interface = [u32; 28];
/// `media_v2_pad`
pub(crate) type pad = [u32; 8];
/// `media_v2_link`
pub(crate) type link = [u32; 10];

/// Of `media_v2_topology` one kind of thing: how many there are, and where they are to be written.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct array {
    pub(crate) count: u32,
    pub(crate) reserved: u32,
    pub(crate) at: u64,
}

/// `media_v2_topology`: entities, interfaces, pads, links.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct topology {
    pub(crate) version: u64,
    pub(crate) arrays: [array; 4],
}

/// `media_pad_desc`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct pad_desc {
    pub(crate) entity: u32,
    pub(crate) index: u16,
    pub(crate) gap: u16,
    pub(crate) flags: u32,
    pub(crate) reserved: [u32; 2],
}

/// `media_link_desc`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct link_desc {
    pub(crate) source: pad_desc,
    pub(crate) sink: pad_desc,
    pub(crate) flags: u32,
    pub(crate) reserved: [u32; 2],
}

pub(crate) const DEVICE_INFO: libc::Ioctl = libc::_IOWR::<device_info>(0x7c, 0x00);
pub(crate) const SETUP_LINK: libc::Ioctl = libc::_IOWR::<link_desc>(0x7c, 0x03);
pub(crate) const G_TOPOLOGY: libc::Ioctl = libc::_IOWR::<topology>(0x7c, 0x04);
pub(crate) const PAD_SINK: u32 = 1;
pub(crate) const PAD_SOURCE: u32 = 2;
pub(crate) const LINK_ENABLED: u32 = 1;
