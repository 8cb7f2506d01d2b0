// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a device says of itself.

use crate::error::{error, Result};
use crate::uapi;
use std::ffi::CStr;

/// What a device says of itself. Its texts end with NUL, and nothing stands behind that.
#[derive(Clone, Copy, Debug)]
pub struct Info(uapi::DeviceInfo);

impl Info {
    /// Of a device of this process. A text that is too long is refused.
    pub fn new(driver: &str, model: &str, bus_info: &str) -> Result<Self> {
        let mut raw = <uapi::DeviceInfo as uapi::Plain>::zero();
        fill(&mut raw.driver, driver, "driver")?;
        fill(&mut raw.model, model, "model")?;
        fill(&mut raw.bus_info, bus_info, "bus_info")?;
        Ok(Info(raw))
    }

    /// The same with this serial number.
    pub fn with_serial(mut self, serial: &str) -> Result<Self> {
        fill(&mut self.0.serial, serial, "serial")?;
        Ok(self)
    }

    /// What the kernel, or a C program, said.
    pub fn of(mut raw: uapi::DeviceInfo) -> Self {
        terminate(&mut raw.driver);
        terminate(&mut raw.model);
        terminate(&mut raw.serial);
        terminate(&mut raw.bus_info);
        raw.reserved = [0; 31];
        Info(raw)
    }

    /// With versions, where none are given: those of the kernel that this library knows best.
    pub(crate) fn complete(mut self) -> Self {
        const KERNEL: u32 = 6 << 16 | 12 << 8;
        for version in [&mut self.0.media_version, &mut self.0.driver_version] {
            if *version == 0 {
                *version = KERNEL;
            }
        }
        self
    }

    /// As the kernel tells it.
    pub fn raw(&self) -> &uapi::DeviceInfo {
        &self.0
    }

    /// The driver's name.
    pub fn driver(&self) -> &CStr {
        text(&self.0.driver)
    }

    /// What the device is.
    pub fn model(&self) -> &CStr {
        text(&self.0.model)
    }

    /// Which one of its model it is.
    pub fn serial(&self) -> &CStr {
        text(&self.0.serial)
    }

    /// Where it is: "platform:vimc".
    pub fn bus_info(&self) -> &CStr {
        text(&self.0.bus_info)
    }
}

fn text(bytes: &[u8]) -> &CStr {
    CStr::from_bytes_until_nul(bytes).unwrap_or_default()
}

/// A text ends with NUL, and nothing else stands behind that.
fn terminate(text: &mut [u8]) {
    let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len() - 1);
    text[end..].fill(0);
}

fn fill(room: &mut [u8], text: &str, what: &str) -> Result<()> {
    if text.len() >= room.len() || text.contains('\0') {
        let most = room.len() - 1;
        return Err(error!(
            Invalid,
            "{what} is {text:?}: it has at most {most} bytes, and no NUL among them"
        ));
    }
    room.fill(0);
    room[..text.len()].copy_from_slice(text.as_bytes());
    Ok(())
}

impl std::fmt::Display for Info {
    /// `vimc (platform:vimc)`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.driver().to_string_lossy())?;
        match self.bus_info().to_string_lossy() {
            bus if bus.is_empty() => Ok(()),
            bus => write!(f, " ({bus})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_whole_and_end() {
        let info = Info::new("vimc", "VIMC MDEV", "platform:vimc").unwrap().with_serial("1").unwrap();
        assert_eq!((info.driver(), info.model(), info.bus_info()), (c"vimc", c"VIMC MDEV", c"platform:vimc"));
        assert_eq!((info.serial(), &*info.to_string()), (c"1", "vimc (platform:vimc)"));
        let long = Info::new("0123456789abcdef", "", "").unwrap_err();
        assert_eq!(
            long.to_string(),
            "driver is \"0123456789abcdef\": it has at most 15 bytes, and no NUL among them"
        );
        assert!(Info::new("a\0b", "", "").is_err());
        let mut raw = *info.raw();
        raw.driver = [b'x'; 16];
        raw.model[2] = 0;
        raw.reserved = [1; 31];
        let read = Info::of(raw);
        assert_eq!((read.driver(), read.model()), (c"xxxxxxxxxxxxxxx", c"VI"));
        assert_eq!((read.raw().model[3], read.raw().reserved), (0, [0; 31]));
    }
}
