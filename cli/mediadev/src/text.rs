// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices and graphs as text, in the form that `media-ctl -p` has made familiar.

use crate::topology::{Flow, Graph};
use mediadev::uapi::v4l2::FrameFormat;
use mediadev::{formats, names, uapi, EntityInfo, Info, LinkInfo, PadInfo, Topology};
use std::fmt::{Display, Write};

/// A version of the kernel: "6.12.0".
pub(crate) fn version(number: u32) -> String {
    format!("{}.{}.{}", number >> 16, number >> 8 & 0xff, number & 0xff)
}

/// What a device says of itself, a line each.
pub(crate) fn info(info: &Info) -> String {
    let mut out = String::new();
    for (what, value) in [
        ("driver", info.driver().to_string_lossy().into_owned()),
        ("model", info.model().to_string_lossy().into_owned()),
        ("serial", info.serial().to_string_lossy().into_owned()),
        ("bus info", info.bus_info().to_string_lossy().into_owned()),
        ("hw revision", format!("{:#x}", info.raw().hw_revision)),
        ("driver version", version(info.raw().driver_version)),
    ] {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{what:16}{value}");
    }
    out
}

/// What stands before the entities.
pub(crate) fn head(info: &Info) -> String {
    format!(
        "Media controller API version {}\n\nMedia device information\n------------------------\n{}\nDevice topology\n",
        version(info.raw().media_version),
        self::info(info)
    )
}

/// An entity with its pads, what flows through them, and the links there.
pub(crate) fn entity(graph: &Graph, entity: &EntityInfo) -> String {
    let topology = &graph.topology;
    let many = |count: u32, what: &str| format!("{count} {what}{}", if count > 1 { "s" } else { "" });
    let begin = format!("- entity {}: ", entity.id);
    let (name, pads, links) =
        (entity.name().to_string_lossy(), many(entity.num_pads, "pad"), many(entity.num_links, "link"));
    let mut out = format!("{begin}{name} ({pads}, {links})\n");
    let (kind, subtype) = names::type_and_subtype(topology.old_type(entity));
    let space = " ".repeat(begin.len());
    let _ = writeln!(out, "{space}type {kind} subtype {subtype} flags {:x}", entity.flags);
    if let Ok(path) = topology.devnode(entity.id) {
        let _ = writeln!(out, "{space}device node name {path}");
    }
    for pad in topology.pads_of(entity.id) {
        let _ = writeln!(out, "\tpad{}: {}", pad.index, direction(&pad));
        if let Some(flow) = graph.flows.get(&pad.id) {
            let _ = writeln!(out, "\t\t{flow}");
        }
        topology.links_of(pad.id).for_each(|link| self::link(topology, &pad, &link, &mut out));
    }
    out.push('\n');
    out
}

fn direction(pad: &PadInfo) -> String {
    let known = [(uapi::PAD_SINK, "Sink"), (uapi::PAD_SOURCE, "Source")];
    let names = known.iter().filter(|(flag, _)| pad.flags & flag != 0).map(|(_, name)| *name);
    names.collect::<Vec<_>>().join(",")
}

fn link(topology: &Topology, pad: &PadInfo, link: &LinkInfo, out: &mut String) {
    let (arrow, id, index) = match link.source_id == pad.id {
        true => ("->", link.sink_entity, link.sink_pad),
        false => ("<-", link.source_entity, link.source_pad),
    };
    let name = topology.entity_by_id(id).map(|entity| entity.name().to_string_lossy().into_owned());
    let (name, flags) = (name.unwrap_or_default(), names::link_flags(link.flags));
    let _ = writeln!(out, "\t\t{arrow} \"{name}\":{index} [{flags}]");
}

impl Display for Flow {
    /// More than can be set: bounds too, each rectangle in a line of its own.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[")?;
        if let Some(format) = &self.settings.format {
            write!(f, "fmt:{}/{}x{}", formats::code(format.code), format.width, format.height)?;
        }
        if let Some(interval) = &self.settings.interval {
            write!(f, "{interval}")?;
        }
        if let Some(format) = &self.settings.format {
            tuning(format, f)?;
        }
        for (word, rect) in [
            ("crop.bounds", self.crop_bounds),
            ("crop", self.settings.crop),
            ("compose.bounds", self.compose_bounds),
            ("compose", self.settings.compose),
        ] {
            if let Some(rect) = rect {
                write!(f, "\n\t\t {word}:{rect}")?;
            }
        }
        f.write_str("]")
    }
}

/// What belongs to a format; how colours are coded goes without saying where there are none.
fn tuning(format: &FrameFormat, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    if format.field != 0 {
        write!(f, " field:{}", formats::field(format.field))?;
    }
    if format.colorspace == 0 {
        return Ok(());
    }
    write!(f, " colorspace:{}", formats::colorspace(format.colorspace))?;
    for (word, number, name) in [
        ("xfer", format.xfer_func, formats::transfer as fn(u32) -> _),
        ("ycbcr", format.ycbcr_enc, formats::encoding),
        ("quantization", format.quantization, formats::quantization),
    ] {
        if number != 0 {
            write!(f, " {word}:{}", name(number.into()))?;
        }
    }
    Ok(())
}
