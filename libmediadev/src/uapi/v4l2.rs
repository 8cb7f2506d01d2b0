// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's interface of sub-devices as it lies in memory: structs and request numbers of `linux/v4l2-subdev.h`.

use super::{Plain, READ, WRITE};

/// The format of what flows through a pad.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct FrameFormat {
    pub width: u32,
    pub height: u32,
    pub code: u32,
    pub field: u32,
    pub colorspace: u32,
    pub ycbcr_enc: u16,
    pub quantization: u16,
    pub xfer_func: u16,
    pub flags: u16,
    pub reserved: [u16; 10],
}

/// The format of a pad.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct PadFormat {
    pub which: u32,
    pub pad: u32,
    pub format: FrameFormat,
    pub stream: u32,
    pub reserved: [u32; 7],
}

/// A rectangle of a pad.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Selection {
    pub which: u32,
    pub pad: u32,
    pub target: u32,
    pub flags: u32,
    pub left: i32,
    pub top: i32,
    pub width: u32,
    pub height: u32,
    pub stream: u32,
    pub reserved: [u32; 7],
}

/// The time from one frame to the next.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct FrameInterval {
    pub pad: u32,
    pub numerator: u32,
    pub denominator: u32,
    pub stream: u32,
    pub which: u32,
    pub reserved: [u32; 7],
}

/// A way through a sub-device.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Route {
    pub sink_pad: u32,
    pub sink_stream: u32,
    pub source_pad: u32,
    pub source_stream: u32,
    pub flags: u32,
    pub reserved: [u32; 5],
}

/// Where the ways through a sub-device are, and how many.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Routing {
    pub which: u32,
    pub len_routes: u32,
    pub routes: u64,
    pub num_routes: u32,
    pub reserved: [u32; 11],
}

/// What a program knows of.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct ClientCapability {
    pub capabilities: u64,
}

plain! {
    FrameFormat: 48
    PadFormat: 88
    Selection: 64
    FrameInterval: 48
    Route: 40
    Routing: 64
    ClientCapability: 8
}

/// As the media interface's numbers, with the letter V.
const fn request(number: u32, size: usize) -> u32 {
    super::request_of(b'V', READ | WRITE, number, size)
}

/// Tells the format of a pad.
pub const G_FMT: u32 = request(4, size_of::<PadFormat>());
/// Sets the format of a pad.
pub const S_FMT: u32 = request(5, size_of::<PadFormat>());
/// Tells the time from one frame to the next.
pub const G_FRAME_INTERVAL: u32 = request(21, size_of::<FrameInterval>());
/// Sets the time from one frame to the next.
pub const S_FRAME_INTERVAL: u32 = request(22, size_of::<FrameInterval>());
/// Tells the ways through a sub-device.
pub const G_ROUTING: u32 = request(38, size_of::<Routing>());
/// Sets the ways through a sub-device.
pub const S_ROUTING: u32 = request(39, size_of::<Routing>());
/// Tells a rectangle of a pad.
pub const G_SELECTION: u32 = request(61, size_of::<Selection>());
/// Sets a rectangle of a pad.
pub const S_SELECTION: u32 = request(62, size_of::<Selection>());
/// Says what the program knows of.
pub const S_CLIENT_CAP: u32 = request(102, size_of::<ClientCapability>());

/// What is set counts, and not only for this program to try.
pub const ACTIVE: u32 = 1;
/// The part of what comes in that is taken.
pub const CROP: u32 = 0;
/// What [`CROP`] can be at most.
pub const CROP_BOUNDS: u32 = 2;
/// Where it is put in what goes out.
pub const COMPOSE: u32 = 0x100;
/// What [`COMPOSE`] can be at most.
pub const COMPOSE_BOUNDS: u32 = 0x102;
/// Data flows this way.
pub const ROUTE_ACTIVE: u32 = 1;
/// The program knows that there are several streams at a pad.
pub const CLIENT_STREAMS: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_numbers_are_the_kernel_s() {
        let all = [
            G_FMT,
            S_FMT,
            G_FRAME_INTERVAL,
            S_FRAME_INTERVAL,
            G_ROUTING,
            S_ROUTING,
            G_SELECTION,
            S_SELECTION,
            S_CLIENT_CAP,
        ];
        let wanted = [
            0xc058_5604,
            0xc058_5605,
            0xc030_5615,
            0xc030_5616,
            0xc040_5626,
            0xc040_5627,
            0xc040_563d,
            0xc040_563e,
            0xc008_5666,
        ];
        assert_eq!(all.map(|n| format!("{n:#x}")), wanted.map(|n: u32| format!("{n:#x}")));
    }
}
