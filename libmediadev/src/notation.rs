// SPDX-License-Identifier: MIT OR Apache-2.0
//! media-ctl's notations (M14): what is to be done to links, formats and routes, in words. They are read without a device, and
//! whatever is written here can be read back.
//!
//! ```text
//! links   = link { ',' link }                  link  = pad '->' pad '[' flags ']'
//! formats = format { ',' format }              pad   = entity ':' number
//! format  = pad [ '/' stream ] '[' { property } ']'
//! routes  = through { ',' through }            through = entity '[' [ route { ',' route } ] ']'
//! route   = pad-number '/' stream '->' pad-number '/' stream '[' flags ']'
//! entity  = number | '"' name '"' | "'" name "'"
//!
//! property = 'fmt:' code '/' size | 'field:' field | 'colorspace:' colorspace | 'xfer:' transfer | 'ycbcr:' encoding
//!          | 'quantization:' quantization | 'crop:' rectangle | 'compose:' rectangle | '@' numerator '/' denominator
//! rectangle = '(' left ',' top ')' '/' size    size = width 'x' height
//! ```
//!
//! As in media-ctl, space is allowed between all of these, `fmt:` may be left out of a first property that begins with a capital
//! letter, a space may stand for the slash behind the code, and a rectangle without a word is the crop. Unlike there, what has
//! no effect is refused, and so is what is told twice.

mod read;
mod write;

use crate::error::{error, Result};
use crate::topology::{EntityInfo, PadInfo, Topology};
use crate::uapi::v4l2::FrameFormat;
use read::Reader;
use std::fmt;

/// An entity, as somebody calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityName {
    /// By its id.
    Id(u32),
    /// By its name.
    Name(String),
}

/// A pad, as somebody calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PadName {
    /// Whose pad it is.
    pub entity: EntityName,
    /// Which of its pads.
    pub index: u32,
}

/// A link that is to have these flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkSetup {
    /// Where it comes from.
    pub source: PadName,
    /// Where it goes to.
    pub sink: PadName,
    /// 0 or [`LINK_ENABLED`](crate::uapi::LINK_ENABLED).
    pub flags: u32,
}

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Rect {
    pub left: i32,
    pub top: i32,
    pub width: u32,
    pub height: u32,
}

/// A time in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Interval {
    pub numerator: u32,
    pub denominator: u32,
}

/// What is to flow through a pad, or does; what is not told is None.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PadSettings {
    /// The format.
    pub format: Option<FrameFormat>,
    /// The part of what comes in that is taken.
    pub crop: Option<Rect>,
    /// Where it is put in what goes out.
    pub compose: Option<Rect>,
    /// From one frame to the next.
    pub interval: Option<Interval>,
}

/// A pad that is to have these settings, or has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatSetup {
    /// Which pad.
    pub pad: PadName,
    /// Which of its streams; 0 where there is one.
    pub stream: u32,
    /// What is to flow through it.
    pub settings: PadSettings,
}

/// A way through a sub-device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where it comes in.
    pub sink_pad: u32,
    /// Which of the streams there.
    pub sink_stream: u32,
    /// Where it goes out.
    pub source_pad: u32,
    /// Which of the streams there.
    pub source_stream: u32,
    /// 0 or [`ROUTE_ACTIVE`](crate::uapi::v4l2::ROUTE_ACTIVE).
    pub flags: u32,
}

/// The ways through a sub-device, all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteSetup {
    /// Which sub-device.
    pub entity: EntityName,
    /// The ways through it.
    pub routes: Vec<Route>,
}

/// Reads `'a':0 -> 'b':0[1], …`
pub fn links(text: &str) -> Result<Vec<LinkSetup>> {
    Reader::new(text, "links").list(Reader::link)
}

/// Reads `'a':0[fmt:SRGGB8_1X8/640x480 field:none crop:(0,0)/640x480 @1/30], …`
pub fn formats(text: &str) -> Result<Vec<FormatSetup>> {
    Reader::new(text, "formats").list(Reader::format)
}

/// Reads `'a'[0/0->1/0[1], 0/1->1/1[1]], …`
pub fn routes(text: &str) -> Result<Vec<RouteSetup>> {
    Reader::new(text, "routes").list(Reader::routes)
}

/// Reads `'a':0`.
pub fn pad(text: &str) -> Result<PadName> {
    Reader::new(text, "pad").only(Reader::pad)
}

/// Reads `'a'`.
pub fn entity(text: &str) -> Result<EntityName> {
    Reader::new(text, "entity").only(Reader::entity)
}

impl EntityName {
    /// How an entity can be called: by its name, or by its number where that would mean another one, or cannot be written.
    pub fn of(topology: &Topology, entity: &EntityInfo) -> EntityName {
        let name = entity.name().to_str().unwrap_or_default();
        let is_its = topology.entities().filter(|other| other.name() == entity.name()).count() == 1;
        match is_its && !name.is_empty() && !(name.contains('"') && name.contains('\'')) {
            true => EntityName::Name(name.to_owned()),
            false => EntityName::Id(entity.id),
        }
    }

    /// The entity that is called so. A name that several have is an error.
    pub fn find(&self, topology: &Topology) -> Result<EntityInfo> {
        let name = match self {
            EntityName::Id(id) => return topology.entity_by_id(*id),
            EntityName::Name(name) => name,
        };
        let mut called = topology.entities().filter(|entity| entity.name().to_bytes() == name.as_bytes());
        match (called.next(), called.next()) {
            (Some(entity), None) => Ok(entity),
            (Some(one), Some(other)) => {
                Err(error!(NotUnique, "entities {} and {} are both called {self}", one.id, other.id))
            }
            (None, _) => Err(error!(NotFound, "no entity is called {self}")),
        }
    }
}

impl PadName {
    /// How a pad can be called.
    pub fn of(topology: &Topology, pad: &PadInfo) -> Result<PadName> {
        let entity = topology.entity_by_id(pad.entity_id)?;
        Ok(PadName { entity: EntityName::of(topology, &entity), index: pad.index })
    }

    /// The pad that is called so.
    pub fn find(&self, topology: &Topology) -> Result<PadInfo> {
        topology.pad_of(self.entity.find(topology)?.id, self.index)
    }
}

/// All of them, with commas between them.
pub fn joined<T: fmt::Display>(all: &[T]) -> String {
    all.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
