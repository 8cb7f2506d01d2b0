// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a device says of itself.

use super::versioned;
use crate::uapi::{self, Plain};
use crate::Info;
use cabi::arg::Versioned;
use cabi::Failure;
use std::ffi::c_char;

/// What a device says of itself. Set \p size to its size; members may be added at its end. The texts end with NUL; a version is
/// major << 16 | minor << 8 | patch.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mediadev_info {
    /// sizeof(struct mediadev_info)
    pub size: usize,
    /// The driver's name
    pub driver: [c_char; 16],
    /// What the device is
    pub model: [c_char; 32],
    /// Which one of its model it is
    pub serial: [c_char; 40],
    /// Where it is: "platform:vimc"
    pub bus_info: [c_char; 32],
    /// The version of the media interface that it has
    pub media_version: u32,
    /// The device's own version
    pub hw_revision: u32,
    /// The driver's version
    pub driver_version: u32,
}

// SAFETY: a repr(C) struct of integers, with the size in front.
unsafe impl Versioned for mediadev_info {
    const FIRST_SIZE: usize = size_of::<mediadev_info>();
}

impl mediadev_info {
    /// What the caller says. A text without an end is refused, for what stands behind it would be read as if it belonged to it.
    pub(super) fn read(raw: *const Self) -> Result<Info, Failure> {
        let given = versioned(raw, "info")?.ok_or_else(|| Failure::invalid("info is NULL"))?;
        let info = uapi::DeviceInfo {
            driver: bytes(given.driver, "info->driver")?,
            model: bytes(given.model, "info->model")?,
            serial: bytes(given.serial, "info->serial")?,
            bus_info: bytes(given.bus_info, "info->bus_info")?,
            media_version: given.media_version,
            hw_revision: given.hw_revision,
            driver_version: given.driver_version,
            ..uapi::DeviceInfo::zero()
        };
        Ok(Info::of(info))
    }
}

impl From<&Info> for mediadev_info {
    fn from(info: &Info) -> Self {
        let raw = info.raw();
        mediadev_info {
            size: size_of::<Self>(),
            driver: raw.driver.map(|byte| byte as c_char),
            model: raw.model.map(|byte| byte as c_char),
            serial: raw.serial.map(|byte| byte as c_char),
            bus_info: raw.bus_info.map(|byte| byte as c_char),
            media_version: raw.media_version,
            hw_revision: raw.hw_revision,
            driver_version: raw.driver_version,
        }
    }
}

fn bytes<const N: usize>(text: [c_char; N], name: &str) -> Result<[u8; N], Failure> {
    match text.contains(&0) {
        true => Ok(text.map(|c| c as u8)),
        false => Err(Failure::invalid(format!("{name} does not end with NUL"))),
    }
}
