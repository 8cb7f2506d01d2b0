// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's interface, version 2, as its structs and numbers are (`linux/gpio.h`): shapes only, and the calls.
#![allow(unsafe_code)]

use crate::error::Fault;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// Bytes of a name, NUL included.
pub(crate) const NAME_SIZE: usize = 32;
/// Lines of a request.
pub(crate) const LINES: usize = 64;
/// Attributes of a configuration: what differs from line to line.
pub(crate) const ATTRS: usize = 10;

pub(crate) type Name = [u8; NAME_SIZE];

bitflags::bitflags! {
    /// `gpio_v2_line_flag`
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub(crate) struct Flags: u64 {
        const USED = 1;
        const ACTIVE_LOW = 1 << 1;
        const INPUT = 1 << 2;
        const OUTPUT = 1 << 3;
        const EDGE_RISING = 1 << 4;
        const EDGE_FALLING = 1 << 5;
        const OPEN_DRAIN = 1 << 6;
        const OPEN_SOURCE = 1 << 7;
        const BIAS_PULL_UP = 1 << 8;
        const BIAS_PULL_DOWN = 1 << 9;
        const BIAS_DISABLED = 1 << 10;
        const EVENT_CLOCK_REALTIME = 1 << 11;
        const EVENT_CLOCK_HTE = 1 << 12;
    }
}

/// A struct of the kernel's: integers only, so that zeros are one and every bit pattern is.
///
/// # Safety
/// `#[repr(C)]`, integers and arrays of such structs, no padding.
pub(crate) unsafe trait Plain: Copy {
    /// All zeros.
    fn zeroed() -> Self {
        // SAFETY: the trait's promise.
        unsafe { std::mem::zeroed() }
    }
}

macro_rules! plain {
    ($($(#[$doc:meta])* struct $name:ident($size:literal) { $($field:ident: $type:ty,)* })*) => { $(
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy)]
        pub(crate) struct $name { $(pub(crate) $field: $type,)* }
        // The kernel's size; it is part of the number of every ioctl. As large as its parts, so without padding.
        const _: () = assert!(size_of::<$name>() == $size && $(size_of::<$type>() +)* 0 == $size);
        // SAFETY: integers only, without padding, as asserted.
        unsafe impl Plain for $name {}
    )* };
}

plain! {
    /// `gpiochip_info`
    struct ChipInfo(68) { name: Name, label: Name, lines: u32, }
    /// `gpio_v2_line_attribute`: `value` is flags, values or a period, as `id` says.
    struct Attribute(16) { id: u32, padding: u32, value: u64, }
    /// `gpio_v2_line_config_attribute`
    struct ConfigAttribute(24) { attr: Attribute, mask: u64, }
    /// `gpio_v2_line_config`
    struct LineConfig(272) { flags: u64, num_attrs: u32, padding: [u32; 5], attrs: [ConfigAttribute; ATTRS], }
    /// `gpio_v2_line_request`
    struct LineRequest(592) {
        offsets: [u32; LINES],
        consumer: Name,
        config: LineConfig,
        num_lines: u32,
        event_buffer_size: u32,
        padding: [u32; 5],
        fd: i32,
    }
    /// `gpio_v2_line_values`
    struct LineValues(16) { bits: u64, mask: u64, }
    /// `gpio_v2_line_info`
    struct Info(256) {
        name: Name,
        consumer: Name,
        offset: u32,
        num_attrs: u32,
        flags: u64,
        attrs: [Attribute; ATTRS],
        padding: [u32; 4],
    }
    /// `gpio_v2_line_info_changed`
    struct InfoChanged(288) { info: Info, timestamp_ns: u64, event_type: u32, padding: [u32; 5], }
    /// `gpio_v2_line_event`
    struct LineEvent(48) {
        timestamp_ns: u64,
        id: u32,
        offset: u32,
        seqno: u32,
        line_seqno: u32,
        padding: [u32; 6],
    }
}

/// `gpio_v2_line_attr_id`
pub(crate) const ATTR_FLAGS: u32 = 1;
pub(crate) const ATTR_VALUES: u32 = 2;
pub(crate) const ATTR_DEBOUNCE: u32 = 3;

/// An ioctl of the GPIO character device that reads and writes a `T`.
pub(crate) struct Call<T> {
    pub(crate) name: &'static str,
    number: libc::Ioctl,
    of: std::marker::PhantomData<fn(&mut T)>,
}

impl<T: Plain> Call<T> {
    const fn read_write(name: &'static str, number: u32) -> Self {
        Call { name, number: libc::_IOWR::<T>(MAGIC, number), of: std::marker::PhantomData }
    }

    /// Calls; `argument` is what the kernel left in it.
    pub(crate) fn on(&self, fd: BorrowedFd<'_>, argument: &mut T) -> Result<(), Fault> {
        // SAFETY: the number says the size of what the kernel reads and writes, and that is a T, of which every bit pattern is
        // one (Plain).
        match unsafe { libc::ioctl(fd.as_raw_fd(), self.number, std::ptr::from_mut(argument)) } {
            0.. => Ok(()),
            _ => Err(Fault::last(self.name)),
        }
    }
}

const MAGIC: u32 = 0xb4;

pub(crate) const GET_CHIPINFO: Call<ChipInfo> = Call {
    name: "GPIO_GET_CHIPINFO_IOCTL",
    number: libc::_IOR::<ChipInfo>(MAGIC, 0x01),
    of: std::marker::PhantomData,
};
pub(crate) const GET_LINEINFO: Call<Info> = Call::read_write("GPIO_V2_GET_LINEINFO_IOCTL", 0x05);
pub(crate) const WATCH_LINEINFO: Call<Info> = Call::read_write("GPIO_V2_GET_LINEINFO_WATCH_IOCTL", 0x06);
pub(crate) const GET_LINE: Call<LineRequest> = Call::read_write("GPIO_V2_GET_LINE_IOCTL", 0x07);
pub(crate) const SET_CONFIG: Call<LineConfig> = Call::read_write("GPIO_V2_LINE_SET_CONFIG_IOCTL", 0x0d);
pub(crate) const GET_VALUES: Call<LineValues> = Call::read_write("GPIO_V2_LINE_GET_VALUES_IOCTL", 0x0e);
pub(crate) const SET_VALUES: Call<LineValues> = Call::read_write("GPIO_V2_LINE_SET_VALUES_IOCTL", 0x0f);

/// Claims lines; the file descriptor that the kernel made is the caller's.
pub(crate) fn get_line(chip: BorrowedFd<'_>, request: &mut LineRequest) -> Result<OwnedFd, Fault> {
    request.fd = -1;
    GET_LINE.on(chip, request)?;
    // SAFETY: the kernel has just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(request.fd) })
}

/// Reads whole records, as many as are there and fit; none where none are.
pub(crate) fn read_records<'a, T: Plain>(
    fd: BorrowedFd<'_>,
    into: &'a mut [MaybeUninit<T>],
) -> Result<&'a [T], Fault> {
    // SAFETY: the kernel writes at most as many bytes as `into` has.
    let got = unsafe { libc::read(fd.as_raw_fd(), into.as_mut_ptr().cast(), size_of_val(into)) };
    match usize::try_from(got) {
        // SAFETY: so many bytes have been written, and any bytes are a T (Plain).
        Ok(bytes) => Ok(unsafe { std::slice::from_raw_parts(into.as_ptr().cast(), bytes / size_of::<T>()) }),
        Err(_) => match Fault::last("read") {
            Fault { errno: libc::EAGAIN, .. } => Ok(&[]),
            fault => Err(fault),
        },
    }
}

/// A name as text: up to its NUL, and readable whatever it holds.
pub(crate) fn text(name: &Name) -> String {
    let end = name.iter().position(|&byte| byte == 0).unwrap_or(NAME_SIZE);
    String::from_utf8_lossy(&name[..end]).into_owned()
}
