// SPDX-License-Identifier: MIT OR Apache-2.0
//! The names of functions, interface types and flags: those of `linux/media.h` without their prefix, as media-ctl writes flags.
//! What has no name yet is its number, in hexadecimal, and can be read back.

use crate::uapi;
use std::borrow::Cow;

pub(crate) type Names = &'static [(u32, &'static str)];

const FUNCTIONS: Names = &[
    (0x0000_0000, "UNKNOWN"),
    (0x0000_0001, "DTV_DEMOD"),
    (0x0000_0002, "TS_DEMUX"),
    (0x0000_0003, "DTV_CA"),
    (0x0000_0004, "DTV_NET_DECAP"),
    (0x0000_1001, "IO_DTV"),
    (0x0000_1002, "IO_VBI"),
    (0x0000_1003, "IO_SWRADIO"),
    (0x0000_2001, "IF_VID_DECODER"),
    (0x0000_2002, "IF_AUD_DECODER"),
    (0x0000_3001, "AUDIO_CAPTURE"),
    (0x0000_3002, "AUDIO_PLAYBACK"),
    (0x0000_3003, "AUDIO_MIXER"),
    (0x0000_4001, "PROC_VIDEO_COMPOSER"),
    (0x0000_4002, "PROC_VIDEO_PIXEL_FORMATTER"),
    (0x0000_4003, "PROC_VIDEO_PIXEL_ENC_CONV"),
    (0x0000_4004, "PROC_VIDEO_LUT"),
    (0x0000_4005, "PROC_VIDEO_SCALER"),
    (0x0000_4006, "PROC_VIDEO_STATISTICS"),
    (0x0000_4007, "PROC_VIDEO_ENCODER"),
    (0x0000_4008, "PROC_VIDEO_DECODER"),
    (0x0000_4009, "PROC_VIDEO_ISP"),
    (0x0000_5001, "VID_MUX"),
    (0x0000_5002, "VID_IF_BRIDGE"),
    (0x0000_6001, "DV_DECODER"),
    (0x0000_6002, "DV_ENCODER"),
    (uapi::FUNCTION_IO_V4L, "IO_V4L"),
    (uapi::FUNCTION_OLD_SUBDEV_BASE, "V4L2_SUBDEV_UNKNOWN"),
    (0x0002_0001, "CAM_SENSOR"),
    (0x0002_0002, "FLASH"),
    (0x0002_0003, "LENS"),
    (0x0002_0004, "ATV_DECODER"),
    (uapi::FUNCTION_TUNER, "TUNER"),
];

const INTERFACES: Names = &[
    (0x100, "DVB_FE"),
    (0x101, "DVB_DEMUX"),
    (0x102, "DVB_DVR"),
    (0x103, "DVB_CA"),
    (0x104, "DVB_NET"),
    (uapi::INTERFACE_V4L_VIDEO, "V4L_VIDEO"),
    (0x201, "V4L_VBI"),
    (0x202, "V4L_RADIO"),
    (uapi::INTERFACE_V4L_SUBDEV, "V4L_SUBDEV"),
    (0x204, "V4L_SWRADIO"),
    (0x205, "V4L_TOUCH"),
    (0x300, "ALSA_PCM_CAPTURE"),
    (0x301, "ALSA_PCM_PLAYBACK"),
    (0x302, "ALSA_CONTROL"),
    (0x303, "ALSA_COMPRESS"),
    (0x304, "ALSA_RAWMIDI"),
    (0x305, "ALSA_HWDEP"),
    (0x306, "ALSA_SEQUENCER"),
    (0x307, "ALSA_TIMER"),
];

const ENTITY_FLAGS: Names = &[(uapi::ENTITY_DEFAULT, "DEFAULT"), (uapi::ENTITY_CONNECTOR, "CONNECTOR")];

const PAD_FLAGS: Names = &[
    (uapi::PAD_SINK, "SINK"),
    (uapi::PAD_SOURCE, "SOURCE"),
    (uapi::PAD_MUST_CONNECT, "MUST_CONNECT"),
    (uapi::PAD_INTERNAL, "INTERNAL"),
];

const LINK_FLAGS: Names =
    &[(uapi::LINK_ENABLED, "ENABLED"), (uapi::LINK_IMMUTABLE, "IMMUTABLE"), (uapi::LINK_DYNAMIC, "DYNAMIC")];

/// What an entity does: "CAM_SENSOR".
pub fn function(number: u32) -> Cow<'static, str> {
    named(FUNCTIONS, number)
}

/// The function that has this name, or this number.
pub fn function_called(name: &str) -> Option<u32> {
    called(FUNCTIONS, name)
}

/// What an interface is: "V4L_VIDEO".
pub fn interface(number: u32) -> Cow<'static, str> {
    named(INTERFACES, number)
}

/// The interface type that has this name, or this number.
pub fn interface_called(name: &str) -> Option<u32> {
    called(INTERFACES, name)
}

/// The flags of an entity: "DEFAULT,CONNECTOR"; empty for none.
pub fn entity_flags(flags: u32) -> String {
    joined(ENTITY_FLAGS, flags)
}

/// The flags of a pad: "SINK,MUST_CONNECT"; empty for none.
pub fn pad_flags(flags: u32) -> String {
    joined(PAD_FLAGS, flags)
}

/// The flags of a link: "ENABLED,IMMUTABLE"; empty for none. Which kind of link it is is not among them.
pub fn link_flags(flags: u32) -> String {
    joined(LINK_FLAGS, flags & !uapi::LINK_TYPE)
}

/// The type and subtype that `media-ctl -p` prints of an entity of this function that the first version of the interface
/// describes: "V4L2 subdev" and "Sensor".
pub fn type_and_subtype(function: u32) -> (&'static str, &'static str) {
    const NODES: [&str; 5] = ["Unknown", "V4L", "FB", "ALSA", "DVB"];
    const SUBDEVS: [&str; 6] = ["Unknown", "Sensor", "Flash", "Lens", "Decoder", "Tuner"];
    let subtype = (function & 0xffff) as usize;
    let of = |all: &'static [&'static str]| all.get(subtype).copied().unwrap_or("Unknown");
    match function & 0x00ff_0000 {
        uapi::FUNCTION_OLD_BASE => ("Node", of(&NODES)),
        uapi::FUNCTION_OLD_SUBDEV_BASE => ("V4L2 subdev", of(&SUBDEVS)),
        _ => ("Unknown", "Unknown"),
    }
}

pub(crate) fn named(names: Names, number: u32) -> Cow<'static, str> {
    match names.iter().find(|(n, _)| *n == number) {
        Some((_, name)) => (*name).into(),
        None => format!("{number:#x}").into(),
    }
}

pub(crate) fn called(names: Names, name: &str) -> Option<u32> {
    let known = names.iter().find(|(_, n)| n.eq_ignore_ascii_case(name)).map(|(number, _)| *number);
    known.or_else(|| match name.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => name.parse().ok(),
    })
}

fn joined(names: Names, flags: u32) -> String {
    let mut all: Vec<Cow<'_, str>> = Vec::new();
    let mut rest = flags;
    for (flag, name) in names {
        if flags & flag != 0 {
            all.push((*name).into());
            rest &= !flag;
        }
    }
    if rest != 0 {
        all.push(format!("{rest:#x}").into());
    }
    all.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m12_what_has_no_name_is_its_number() {
        assert_eq!(function(0x2_0001), "CAM_SENSOR");
        assert_eq!(function(0x7fff_0001), "0x7fff0001");
        assert_eq!(interface(0x203), "V4L_SUBDEV");
        assert_eq!(interface(0x999), "0x999");
        assert_eq!(pad_flags(0x15), "SINK,MUST_CONNECT,0x10");
        assert_eq!(link_flags(uapi::LINK_INTERFACE | 3), "ENABLED,IMMUTABLE");
        assert_eq!((entity_flags(0), entity_flags(1)), (String::new(), "DEFAULT".into()));
    }

    #[test]
    fn what_is_written_can_be_read() {
        for number in FUNCTIONS.iter().map(|(n, _)| *n).chain([0x7fff_0001]) {
            assert_eq!(function_called(&function(number)), Some(number));
        }
        for number in INTERFACES.iter().map(|(n, _)| *n).chain([0x999]) {
            assert_eq!(interface_called(&interface(number)), Some(number));
        }
        assert_eq!(function_called("cam_sensor"), Some(0x2_0001));
        assert_eq!(
            (function_called("4097"), function_called("CAM"), function_called("0xg")),
            (Some(4097), None, None)
        );
    }

    #[test]
    fn types_are_media_ctl_s() {
        assert_eq!(type_and_subtype(0x2_0001), ("V4L2 subdev", "Sensor"));
        assert_eq!(type_and_subtype(0x2_0000), ("V4L2 subdev", "Unknown"));
        assert_eq!(type_and_subtype(0x2_00ff), ("V4L2 subdev", "Unknown"));
        assert_eq!(type_and_subtype(0x1_0001), ("Node", "V4L"));
        assert_eq!(type_and_subtype(0x1_ffff), ("Node", "Unknown"));
        assert_eq!(type_and_subtype(0x4001), ("Unknown", "Unknown"));
    }
}
