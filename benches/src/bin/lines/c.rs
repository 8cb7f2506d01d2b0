// SPDX-License-Identifier: MIT OR Apache-2.0
//! The C functions of libgpiodref, libgpiod 2 and the kernel that are compared.
#![allow(unsafe_code, non_camel_case_types, missing_docs)]

use std::ffi::{c_char, c_int, c_uint, c_void};

/// An object that only C knows.
pub(crate) type Opaque = *mut c_void;

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct gpiodref_config {
    pub(crate) size: usize,
    pub(crate) direction: u32,
    pub(crate) edge: u32,
    pub(crate) bias: u32,
    pub(crate) drive: u32,
    pub(crate) clock: u32,
    pub(crate) flags: u32,
    pub(crate) debounce_us: u32,
    pub(crate) value: i32,
    pub(crate) event_buffer: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct gpiodref_event {
    pub(crate) timestamp_ns: u64,
    pub(crate) kind: u32,
    pub(crate) offset: u32,
    pub(crate) line_seqno: u32,
    pub(crate) global_seqno: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct gpiodref_chip_config {
    pub(crate) size: usize,
    pub(crate) label: *const c_char,
    pub(crate) names: *const *const c_char,
    pub(crate) num_lines: u32,
    pub(crate) remove_policy: u32,
    pub(crate) remove_timeout_ms: i32,
}

#[link(name = "gpiodref", kind = "dylib")]
extern "C" {
    pub(crate) fn gpiodref_chip_open(key: *const c_char) -> Opaque;
    pub(crate) fn gpiodref_request(
        chip: Opaque,
        offset: c_uint,
        config: *const gpiodref_config,
        consumer: *const c_char,
    ) -> Opaque;
    pub(crate) fn gpiodref_request_group(
        chip: Opaque,
        offsets: *const c_uint,
        count: usize,
        config: *const gpiodref_config,
        consumer: *const c_char,
    ) -> Opaque;
    pub(crate) fn gpiodref_group_put(group: Opaque);
    pub(crate) fn gpiodref_get(desc: Opaque) -> Opaque;
    pub(crate) fn gpiodref_put(desc: Opaque);
    pub(crate) fn gpiodref_get_value(desc: Opaque) -> c_int;
    pub(crate) fn gpiodref_set_value(desc: Opaque, value: c_int) -> c_int;
    pub(crate) fn gpiodref_group_get_values(group: Opaque, mask: u64, values: *mut u64) -> c_int;
    pub(crate) fn gpiodref_group_set_values(group: Opaque, mask: u64, values: u64) -> c_int;
    pub(crate) fn gpiodref_read_events(desc: Opaque, events: *mut gpiodref_event, count: usize) -> c_int;
    pub(crate) fn gpiodref_sim_new(config: *const gpiodref_chip_config) -> Opaque;
    pub(crate) fn gpiodref_sim_chip(sim: Opaque) -> Opaque;
    pub(crate) fn gpiodref_last_error() -> *const c_char;
}

#[link(name = "gpiod", kind = "static")]
extern "C" {
    pub(crate) fn gpiod_chip_open(path: *const c_char) -> Opaque;
    pub(crate) fn gpiod_line_settings_new() -> Opaque;
    pub(crate) fn gpiod_line_settings_set_direction(settings: Opaque, direction: c_int) -> c_int;
    pub(crate) fn gpiod_line_settings_set_edge_detection(settings: Opaque, edge: c_int) -> c_int;
    pub(crate) fn gpiod_line_config_new() -> Opaque;
    pub(crate) fn gpiod_line_config_add_line_settings(
        config: Opaque,
        offsets: *const c_uint,
        count: usize,
        settings: Opaque,
    ) -> c_int;
    pub(crate) fn gpiod_request_config_new() -> Opaque;
    pub(crate) fn gpiod_request_config_set_event_buffer_size(config: Opaque, size: usize);
    pub(crate) fn gpiod_chip_request_lines(chip: Opaque, request: Opaque, lines: Opaque) -> Opaque;
    pub(crate) fn gpiod_line_request_release(request: Opaque);
    pub(crate) fn gpiod_line_request_get_value(request: Opaque, offset: c_uint) -> c_int;
    pub(crate) fn gpiod_line_request_set_value(request: Opaque, offset: c_uint, value: c_int) -> c_int;
    pub(crate) fn gpiod_line_request_get_values(request: Opaque, values: *mut c_int) -> c_int;
    pub(crate) fn gpiod_line_request_set_values(request: Opaque, values: *const c_int) -> c_int;
    pub(crate) fn gpiod_line_request_get_fd(request: Opaque) -> c_int;
    pub(crate) fn gpiod_edge_event_buffer_new(capacity: usize) -> Opaque;
    pub(crate) fn gpiod_line_request_read_edge_events(request: Opaque, buffer: Opaque, max: usize) -> c_int;
}

#[link(name = "c11", kind = "static")]
extern "C" {
    pub(crate) fn c11_new() -> Opaque;
    pub(crate) fn c11_get(object: Opaque) -> Opaque;
    pub(crate) fn c11_put(object: Opaque);
}

/// `gpio_v2_line_config`, of which only the flags are used here.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct line_config {
    pub(crate) flags: u64,
    pub(crate) rest: [u32; 66],
}

/// `gpio_v2_line_request`
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct line_request {
    pub(crate) offsets: [u32; 64],
    pub(crate) consumer: [u8; 32],
    pub(crate) config: line_config,
    pub(crate) num_lines: u32,
    pub(crate) event_buffer_size: u32,
    pub(crate) padding: [u32; 5],
    pub(crate) fd: i32,
}

/// `gpio_v2_line_values`
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct line_values {
    pub(crate) bits: u64,
    pub(crate) mask: u64,
}

/// `gpio_v2_line_event`
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct line_event {
    pub(crate) timestamp_ns: u64,
    pub(crate) rest: [u32; 10],
}

pub(crate) const GET_LINE: libc::Ioctl = libc::_IOWR::<line_request>(0xb4, 0x07);
pub(crate) const GET_VALUES: libc::Ioctl = libc::_IOWR::<line_values>(0xb4, 0x0e);
pub(crate) const SET_VALUES: libc::Ioctl = libc::_IOWR::<line_values>(0xb4, 0x0f);
pub(crate) const INPUT: u64 = 1 << 2;
pub(crate) const OUTPUT: u64 = 1 << 3;
pub(crate) const BOTH_EDGES: u64 = 3 << 4;
