// SPDX-License-Identifier: MIT OR Apache-2.0
//! The names of what flows through pads, as media-ctl writes them: media bus formats are those of `linux/media-bus-format.h`
//! without their prefix. What has no name yet is its number, in hexadecimal, and can be read back.

use crate::names::{called, named, Names};
use std::borrow::Cow;

const CODES: Names = &[
    (0x0001, "FIXED"),
    (0x1001, "RGB444_2X8_PADHI_BE"),
    (0x1002, "RGB444_2X8_PADHI_LE"),
    (0x1003, "RGB555_2X8_PADHI_BE"),
    (0x1004, "RGB555_2X8_PADHI_LE"),
    (0x1005, "BGR565_2X8_BE"),
    (0x1006, "BGR565_2X8_LE"),
    (0x1007, "RGB565_2X8_BE"),
    (0x1008, "RGB565_2X8_LE"),
    (0x1009, "RGB666_1X18"),
    (0x100a, "RGB888_1X24"),
    (0x100b, "RGB888_2X12_BE"),
    (0x100c, "RGB888_2X12_LE"),
    (0x100d, "ARGB8888_1X32"),
    (0x100e, "RBG888_1X24"),
    (0x100f, "RGB888_1X32_PADHI"),
    (0x1010, "RGB666_1X7X3_SPWG"),
    (0x1011, "RGB888_1X7X4_SPWG"),
    (0x1012, "RGB888_1X7X4_JEIDA"),
    (0x1013, "BGR888_1X24"),
    (0x1014, "GBR888_1X24"),
    (0x1015, "RGB666_1X24_CPADHI"),
    (0x1016, "RGB444_1X12"),
    (0x1017, "RGB565_1X16"),
    (0x1018, "RGB101010_1X30"),
    (0x1019, "RGB121212_1X36"),
    (0x101a, "RGB161616_1X48"),
    (0x101b, "BGR888_3X8"),
    (0x101c, "RGB888_3X8"),
    (0x101d, "RGB888_3X8_DELTA"),
    (0x101e, "RGB666_1X30_CPADLO"),
    (0x101f, "RGB888_1X30_CPADLO"),
    (0x1020, "RGB666_1X36_CPADLO"),
    (0x1021, "RGB888_1X36_CPADLO"),
    (0x1022, "RGB565_1X24_CPADHI"),
    (0x1023, "BGR666_1X18"),
    (0x1024, "BGR666_1X24_CPADHI"),
    (0x1025, "RGB666_2X9_BE"),
    (0x1026, "RGB101010_1X7X5_SPWG"),
    (0x1027, "RGB101010_1X7X5_JEIDA"),
    (0x1028, "RGB202020_1X60"),
    (0x2001, "Y8_1X8"),
    (0x2002, "UYVY8_1_5X8"),
    (0x2003, "VYUY8_1_5X8"),
    (0x2004, "YUYV8_1_5X8"),
    (0x2005, "YVYU8_1_5X8"),
    (0x2006, "UYVY8_2X8"),
    (0x2007, "VYUY8_2X8"),
    (0x2008, "YUYV8_2X8"),
    (0x2009, "YVYU8_2X8"),
    (0x200a, "Y10_1X10"),
    (0x200b, "YUYV10_2X10"),
    (0x200c, "YVYU10_2X10"),
    (0x200d, "YUYV10_1X20"),
    (0x200e, "YVYU10_1X20"),
    (0x200f, "UYVY8_1X16"),
    (0x2010, "VYUY8_1X16"),
    (0x2011, "YUYV8_1X16"),
    (0x2012, "YVYU8_1X16"),
    (0x2013, "Y12_1X12"),
    (0x2014, "YDYUYDYV8_1X16"),
    (0x2015, "UV8_1X8"),
    (0x2016, "YUV10_1X30"),
    (0x2017, "AYUV8_1X32"),
    (0x2018, "UYVY10_2X10"),
    (0x2019, "VYUY10_2X10"),
    (0x201a, "UYVY10_1X20"),
    (0x201b, "VYUY10_1X20"),
    (0x201c, "UYVY12_2X12"),
    (0x201d, "VYUY12_2X12"),
    (0x201e, "YUYV12_2X12"),
    (0x201f, "YVYU12_2X12"),
    (0x2020, "UYVY12_1X24"),
    (0x2021, "VYUY12_1X24"),
    (0x2022, "YUYV12_1X24"),
    (0x2023, "YVYU12_1X24"),
    (0x2024, "VUY8_1X24"),
    (0x2025, "YUV8_1X24"),
    (0x2026, "UYYVYY8_0_5X24"),
    (0x2027, "UYYVYY10_0_5X30"),
    (0x2028, "UYYVYY12_0_5X36"),
    (0x2029, "YUV12_1X36"),
    (0x202a, "YUV16_1X48"),
    (0x202b, "UYYVYY16_0_5X48"),
    (0x202c, "Y10_2X8_PADHI_LE"),
    (0x202d, "Y14_1X14"),
    (0x202e, "Y16_1X16"),
    (0x3001, "SBGGR8_1X8"),
    (0x3002, "SGRBG8_1X8"),
    (0x3003, "SBGGR10_2X8_PADHI_BE"),
    (0x3004, "SBGGR10_2X8_PADHI_LE"),
    (0x3005, "SBGGR10_2X8_PADLO_BE"),
    (0x3006, "SBGGR10_2X8_PADLO_LE"),
    (0x3007, "SBGGR10_1X10"),
    (0x3008, "SBGGR12_1X12"),
    (0x3009, "SGRBG10_DPCM8_1X8"),
    (0x300a, "SGRBG10_1X10"),
    (0x300b, "SBGGR10_DPCM8_1X8"),
    (0x300c, "SGBRG10_DPCM8_1X8"),
    (0x300d, "SRGGB10_DPCM8_1X8"),
    (0x300e, "SGBRG10_1X10"),
    (0x300f, "SRGGB10_1X10"),
    (0x3010, "SGBRG12_1X12"),
    (0x3011, "SGRBG12_1X12"),
    (0x3012, "SRGGB12_1X12"),
    (0x3013, "SGBRG8_1X8"),
    (0x3014, "SRGGB8_1X8"),
    (0x3015, "SBGGR10_ALAW8_1X8"),
    (0x3016, "SGBRG10_ALAW8_1X8"),
    (0x3017, "SGRBG10_ALAW8_1X8"),
    (0x3018, "SRGGB10_ALAW8_1X8"),
    (0x3019, "SBGGR14_1X14"),
    (0x301a, "SGBRG14_1X14"),
    (0x301b, "SGRBG14_1X14"),
    (0x301c, "SRGGB14_1X14"),
    (0x301d, "SBGGR16_1X16"),
    (0x301e, "SGBRG16_1X16"),
    (0x301f, "SGRBG16_1X16"),
    (0x3020, "SRGGB16_1X16"),
    (0x3021, "SBGGR20_1X20"),
    (0x3022, "SGBRG20_1X20"),
    (0x3023, "SGRBG20_1X20"),
    (0x3024, "SRGGB20_1X20"),
    (0x4001, "JPEG_1X8"),
    (0x5001, "S5C_UYVY_JPEG_1X8"),
    (0x6001, "AHSV8888_1X32"),
    (0x7001, "METADATA_FIXED"),
    (0x8001, "META_8"),
    (0x8002, "META_10"),
    (0x8003, "META_12"),
    (0x8004, "META_14"),
    (0x8005, "META_16"),
    (0x8006, "META_20"),
    (0x8007, "META_24"),
];

/// Shorter names that media-ctl reads too.
const SHORT_CODES: Names = &[
    (0x100d, "ARGB32"),
    (0x100e, "RBG24"),
    (0x100f, "RGB32"),
    (0x2001, "Y8"),
    (0x2002, "UYVY1_5X8"),
    (0x2004, "YUYV1_5X8"),
    (0x2006, "UYVY2X8"),
    (0x2008, "YUYV2X8"),
    (0x200a, "Y10"),
    (0x200f, "UYVY"),
    (0x2011, "YUYV"),
    (0x2013, "Y12"),
    (0x2017, "AYUV32"),
    (0x2024, "VUY24"),
    (0x3001, "SBGGR8"),
    (0x3002, "SGRBG8"),
    (0x3007, "SBGGR10"),
    (0x3008, "SBGGR12"),
    (0x3009, "SGRBG10_DPCM8"),
    (0x300a, "SGRBG10"),
    (0x300b, "SBGGR10_DPCM8"),
    (0x300c, "SGBRG10_DPCM8"),
    (0x300d, "SRGGB10_DPCM8"),
    (0x300e, "SGBRG10"),
    (0x300f, "SRGGB10"),
    (0x3010, "SGBRG12"),
    (0x3011, "SGRBG12"),
    (0x3012, "SRGGB12"),
    (0x3013, "SGBRG8"),
    (0x3014, "SRGGB8"),
];

const FIELDS: Names = &[
    (0, "any"),
    (1, "none"),
    (2, "top"),
    (3, "bottom"),
    (4, "interlaced"),
    (5, "seq-tb"),
    (6, "seq-bt"),
    (7, "alternate"),
    (8, "interlaced-tb"),
    (9, "interlaced-bt"),
];

const COLORSPACES: Names = &[
    (0, "default"),
    (1, "smpte170m"),
    (2, "smpte240m"),
    (3, "rec709"),
    (5, "470m"),
    (6, "470bg"),
    (7, "jpeg"),
    (8, "srgb"),
    (9, "oprgb"),
    (10, "bt2020"),
    (11, "raw"),
    (12, "dcip3"),
];

const TRANSFERS: Names = &[
    (0, "default"),
    (1, "709"),
    (2, "srgb"),
    (3, "oprgb"),
    (4, "smpte240m"),
    (5, "none"),
    (6, "dcip3"),
    (7, "smpte2084"),
];

const ENCODINGS: Names = &[
    (0, "default"),
    (1, "601"),
    (2, "709"),
    (3, "xv601"),
    (4, "xv709"),
    (6, "bt2020"),
    (7, "bt2020c"),
    (8, "smpte240m"),
];

const QUANTIZATIONS: Names = &[(0, "default"), (1, "full-range"), (2, "lim-range")];

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $(#[$called_doc:meta])* $called:ident: $table:ident;)*) => { $(
        $(#[$doc])*
        pub fn $name(number: u32) -> Cow<'static, str> {
            named($table, number)
        }

        $(#[$called_doc])*
        pub fn $called(name: &str) -> Option<u32> {
            called($table, name)
        }
    )* };
}

names! {
    /// How fields make up a frame: "none".
    field,
    /// The order of fields that has this name, or this number.
    field_called: FIELDS;
    /// What its numbers mean as colours: "srgb".
    colorspace,
    /// The colorspace that has this name, or this number.
    colorspace_called: COLORSPACES;
    /// How light becomes a number: "709".
    transfer,
    /// The transfer function that has this name, or this number.
    transfer_called: TRANSFERS;
    /// How colours become luminance and chrominance: "601".
    encoding,
    /// The encoding that has this name, or this number.
    encoding_called: ENCODINGS;
    /// Which numbers there are: "full-range".
    quantization,
    /// The quantization that has this name, or this number.
    quantization_called: QUANTIZATIONS;
}

/// What a media bus carries: "SRGGB8_1X8".
pub fn code(number: u32) -> Cow<'static, str> {
    named(CODES, number)
}

/// The media bus format that has this name, one of media-ctl's shorter ones ("SRGGB8"), or this number.
pub fn code_called(name: &str) -> Option<u32> {
    let short = SHORT_CODES.iter().find(|(_, short)| short.eq_ignore_ascii_case(name));
    short.map(|(number, _)| *number).or_else(|| called(CODES, name))
}

/// All media bus formats that have a name.
pub fn codes() -> impl Iterator<Item = (u32, &'static str)> {
    CODES.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn m14_what_is_written_can_be_read() {
        let unknown = [0x7fff, 0x0001_0000];
        for number in CODES.iter().chain(SHORT_CODES).map(|(n, _)| *n).chain(unknown) {
            assert_eq!(code_called(&code(number)), Some(number));
        }
        for (number, short) in SHORT_CODES {
            assert_eq!(code_called(short), Some(*number));
            assert!(code(*number).starts_with(|c| short.starts_with(c)), "{short} is {}", code(*number));
        }
        for number in 0..20 {
            assert_eq!(field_called(&field(number)), Some(number));
            assert_eq!(colorspace_called(&colorspace(number)), Some(number));
            assert_eq!(quantization_called(&quantization(number)), Some(number));
            // "709" is a name before it is a number.
            assert_eq!(transfer_called(&transfer(number)), Some(number));
            assert_eq!(encoding_called(&encoding(number)), Some(number));
        }
        assert_eq!(
            (code_called("srggb8"), code_called("SRGGB"), code(0x9999)),
            (Some(0x3014), None, "0x9999".into())
        );
    }

    #[test]
    fn a_name_has_one_number_and_a_number_one_name() {
        for table in [CODES, SHORT_CODES, FIELDS, COLORSPACES, TRANSFERS, ENCODINGS, QUANTIZATIONS] {
            let names: BTreeSet<_> = table.iter().map(|(_, name)| name).collect();
            let numbers: BTreeSet<_> = table.iter().map(|(number, _)| number).collect();
            assert_eq!((names.len(), numbers.len()), (table.len(), table.len()));
        }
    }
}
