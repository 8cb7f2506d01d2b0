// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes the notations, as they can be read back.

use super::{EntityName, FormatSetup, Interval, LinkSetup, PadName, PadSettings, Rect, Route, RouteSetup};
use crate::formats;
use std::fmt;

impl fmt::Display for EntityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntityName::Id(id) => write!(f, "{id}"),
            EntityName::Name(name) if name.contains('"') => write!(f, "'{name}'"),
            EntityName::Name(name) => write!(f, "\"{name}\""),
        }
    }
}

impl fmt::Display for PadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.entity, self.index)
    }
}

impl fmt::Display for LinkSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}[{}]", self.source, self.sink, self.flags)
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({},{})/{}x{}", self.left, self.top, self.width, self.height)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}/{}", self.numerator, self.denominator)
    }
}

impl fmt::Display for PadSettings {
    /// `[fmt:SRGGB8_1X8/640x480@1/30 field:none colorspace:srgb crop:(0,0)/640x480]`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        let mut gap = "";
        if let Some(format) = &self.format {
            write!(f, "fmt:{}/{}x{}", formats::code(format.code), format.width, format.height)?;
        }
        if let Some(interval) = &self.interval {
            write!(f, "{interval}")?;
        }
        if self.format.is_some() || self.interval.is_some() {
            gap = " ";
        }
        if let Some(format) = &self.format {
            let tuned = [
                ("field", format.field, formats::field(format.field)),
                ("colorspace", format.colorspace, formats::colorspace(format.colorspace)),
                ("xfer", format.xfer_func.into(), formats::transfer(format.xfer_func.into())),
                ("ycbcr", format.ycbcr_enc.into(), formats::encoding(format.ycbcr_enc.into())),
                (
                    "quantization",
                    format.quantization.into(),
                    formats::quantization(format.quantization.into()),
                ),
            ];
            for (word, _, name) in tuned.iter().filter(|(_, number, _)| *number != 0) {
                write!(f, " {word}:{name}")?;
            }
        }
        for (word, rectangle) in [("crop", self.crop), ("compose", self.compose)] {
            if let Some(rectangle) = rectangle {
                write!(f, "{}{word}:{rectangle}", std::mem::replace(&mut gap, " "))?;
            }
        }
        f.write_str("]")
    }
}

impl fmt::Display for FormatSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stream {
            0 => write!(f, "{}{}", self.pad, self.settings),
            stream => write!(f, "{}/{stream}{}", self.pad, self.settings),
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Route { sink_pad, sink_stream, source_pad, source_stream, flags } = self;
        write!(f, "{sink_pad}/{sink_stream}->{source_pad}/{source_stream}[{flags}]")
    }
}

impl fmt::Display for RouteSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let routes: Vec<_> = self.routes.iter().map(Route::to_string).collect();
        write!(f, "{}[{}]", self.entity, routes.join(","))
    }
}
