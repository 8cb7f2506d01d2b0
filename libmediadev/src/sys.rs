// SPDX-License-Identifier: MIT OR Apache-2.0
//! The few things of the system that std has no word for.
#![allow(unsafe_code)]

use crate::error::{error, Error, Kind, Result};
use std::ffi::CStr;

/// Whether a name matches the shell's pattern.
pub(crate) fn matches(glob: &CStr, name: &CStr) -> bool {
    // SAFETY: two C strings, which are only read.
    unsafe { libc::fnmatch(glob.as_ptr(), name.as_ptr(), 0) == 0 }
}

/// The path of a character device, as the system calls it now.
pub(crate) fn device_node(major: u32, minor: u32) -> Result<String> {
    let about = format!("/sys/dev/char/{major}:{minor}/uevent");
    let told = std::fs::read_to_string(&about).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => error!(NotFound, "no device has the numbers {major}:{minor}"),
        _ => Error::new(Kind::Call(e.raw_os_error().unwrap_or(libc::EIO)), format!("{about}: {e}")),
    })?;
    let name = told.lines().find_map(|line| line.strip_prefix("DEVNAME="));
    name.map(|name| format!("/dev/{name}"))
        .ok_or_else(|| error!(NotFound, "the device {major}:{minor} has no node"))
}
