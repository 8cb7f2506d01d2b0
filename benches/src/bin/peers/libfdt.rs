// SPDX-License-Identifier: MIT OR Apache-2.0
//! The functions of libfdt that libovl is compared with.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_int, c_void, CStr};

#[link(name = "fdt")]
extern "C" {
    fn fdt_check_full(fdt: *const c_void, size: usize) -> c_int;
    fn fdt_node_offset_by_phandle(fdt: *const c_void, phandle: u32) -> c_int;
    fn fdt_path_offset(fdt: *const c_void, path: *const c_char) -> c_int;
    fn fdt_open_into(fdt: *const c_void, buf: *mut c_void, size: c_int) -> c_int;
    fn fdt_overlay_apply(fdt: *mut c_void, overlay: *mut c_void) -> c_int;
    fn fdt_pack(fdt: *mut c_void) -> c_int;
}

/// Checks a blob, and builds nothing.
pub(crate) fn check(blob: &[u8]) {
    // SAFETY: the blob is readable for its length.
    let ret = unsafe { fdt_check_full(blob.as_ptr().cast(), blob.len()) };
    assert_eq!(ret, 0, "fdt_check_full");
}

/// Finds a node of a checked blob by its phandle.
pub(crate) fn by_phandle(blob: &[u8], phandle: u32) {
    // SAFETY: `check` accepted the blob, so libfdt stays inside of it.
    let ret = unsafe { fdt_node_offset_by_phandle(blob.as_ptr().cast(), phandle) };
    assert!(ret >= 0, "fdt_node_offset_by_phandle");
}

/// Finds a node of a checked blob by its path.
pub(crate) fn by_path(blob: &[u8], path: &CStr) {
    // SAFETY: `check` accepted the blob, so libfdt stays inside of it; the path ends with its NUL.
    let ret = unsafe { fdt_path_offset(blob.as_ptr().cast(), path.as_ptr()) };
    assert!(ret >= 0, "fdt_path_offset");
}

/// Applies an overlay from blob to blob, as fdtoverlay does. Both are blobs that `check` accepted.
pub(crate) fn overlay(base: &[u8], overlay: &[u8]) -> Vec<u8> {
    // What is merged is smaller than the overlay but for paths in /__symbols__.
    let mut out = vec![0; base.len() + 2 * overlay.len() + 4096];
    let mut copy = overlay.to_vec();
    let fdt: *mut c_void = out.as_mut_ptr().cast();
    // SAFETY: `out` is writable for the length given, and libfdt keeps to the length that fdt_open_into() notes in the header;
    // the copy of the overlay is changed in place and does not grow.
    let ret = unsafe {
        fdt_open_into(base.as_ptr().cast(), fdt, out.len() as c_int)
            | fdt_overlay_apply(fdt, copy.as_mut_ptr().cast())
            | fdt_pack(fdt)
    };
    assert_eq!(ret, 0, "fdt_overlay_apply");
    let size = u32::from_be_bytes([out[4], out[5], out[6], out[7]]);
    out.truncate(size as usize);
    out
}
