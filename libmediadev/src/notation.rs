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

use crate::error::{error, Result};
use crate::formats;
use crate::topology::{EntityInfo, PadInfo, Topology};
use crate::uapi::v4l2::FrameFormat;
use crate::uapi::Plain;
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
    Reader::new(text, "links").list(|reader| {
        let source = reader.pad()?;
        reader.expect("->")?;
        let sink = reader.pad()?;
        Ok(LinkSetup { source, sink, flags: reader.flags()? })
    })
}

/// Reads `'a':0[fmt:SRGGB8_1X8/640x480 field:none crop:(0,0)/640x480 @1/30], …`
pub fn formats(text: &str) -> Result<Vec<FormatSetup>> {
    Reader::new(text, "formats").list(Reader::format)
}

/// Reads `'a'[0/0->1/0[1], 0/1->1/1[1]], …`
pub fn routes(text: &str) -> Result<Vec<RouteSetup>> {
    Reader::new(text, "routes").list(|reader| {
        let entity = reader.entity()?;
        reader.expect("[")?;
        let mut routes = Vec::new();
        while !reader.takes("]") {
            if !routes.is_empty() {
                reader.expect(",")?;
            }
            routes.push(reader.route()?);
        }
        Ok(RouteSetup { entity, routes })
    })
}

/// Reads `'a':0`.
pub fn pad(text: &str) -> Result<PadName> {
    let mut reader = Reader::new(text, "pad");
    let pad = reader.pad()?;
    reader.end()?;
    Ok(pad)
}

/// Reads `'a'`.
pub fn entity(text: &str) -> Result<EntityName> {
    let mut reader = Reader::new(text, "entity");
    let entity = reader.entity()?;
    reader.end()?;
    Ok(entity)
}

struct Reader<'a> {
    text: &'a str,
    /// What the text is, for the error.
    what: &'static str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, what: &'static str) -> Self {
        Reader { text, what, at: 0 }
    }

    fn list<T>(mut self, item: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut all = vec![item(&mut self)?];
        while self.takes(",") {
            all.push(item(&mut self)?);
        }
        self.end()?;
        Ok(all)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at =
            self.text.len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']).len();
    }

    /// The words at this place that these characters make up.
    fn word(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let word = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    fn takes(&mut self, token: &str) -> bool {
        self.skip_space();
        let is_there = self.rest().starts_with(token);
        self.at += if is_there { token.len() } else { 0 };
        is_there
    }

    fn expect(&mut self, token: &str) -> Result<()> {
        match self.takes(token) {
            true => Ok(()),
            false => Err(self.wrong(self.at, &format!("\"{token}\" is expected"))),
        }
    }

    fn end(&mut self) -> Result<()> {
        self.skip_space();
        match self.rest().is_empty() {
            true => Ok(()),
            false => Err(self.wrong(self.at, "the end is expected")),
        }
    }

    /// What is wrong, at which place, counted in characters from 1, and what stands there.
    fn wrong(&self, at: usize, why: &str) -> crate::Error {
        let column = self.text[..at].chars().count() + 1;
        let mut there = self.text[at..].chars();
        let some: String = there.by_ref().take(12).collect();
        let found = match (some.is_empty(), there.next()) {
            (true, _) => "nothing".to_owned(),
            (false, None) => format!("{some:?}"),
            (false, Some(_)) => format!("{some:?}…"),
        };
        error!(Invalid, "{}, character {column}: {why}, and here is {found}", self.what)
    }

    fn number(&mut self, what: &str) -> Result<u32> {
        self.skip_space();
        let at = self.at;
        let digits = self.word(|c| c.is_ascii_digit());
        match digits.parse() {
            Ok(number) => Ok(number),
            Err(_) if digits.is_empty() => Err(self.wrong(at, &format!("{what} is expected"))),
            Err(_) => Err(self.wrong(at, &format!("{what} is at most {}", u32::MAX))),
        }
    }

    fn signed(&mut self, what: &str) -> Result<i32> {
        self.skip_space();
        let at = self.at;
        let sign = if self.takes("-") { -1 } else { 1 };
        let number = i64::from(self.number(what)?) * sign;
        number.try_into().map_err(|_| self.wrong(at, &format!("{what} is from {} to {}", i32::MIN, i32::MAX)))
    }

    fn entity(&mut self) -> Result<EntityName> {
        self.skip_space();
        let at = self.at;
        let Some(quote) = self.rest().chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let id = self.number("an entity's number, or its name in quotes,")?;
            return Ok(EntityName::Id(id));
        };
        self.at += 1;
        let name = self.word(|c| c != quote).to_owned();
        if !self.rest().starts_with(quote) {
            return Err(self.wrong(at, "a name has no end"));
        }
        self.at += 1;
        Ok(EntityName::Name(name))
    }

    fn pad(&mut self) -> Result<PadName> {
        let entity = self.entity()?;
        self.expect(":")?;
        Ok(PadName { entity, index: self.number("a pad's number")? })
    }

    /// `[1]`, also in hexadecimal.
    fn flags(&mut self) -> Result<u32> {
        self.expect("[")?;
        self.skip_space();
        let at = self.at;
        let flags = match self.takes("0x") {
            true => {
                let digits = self.word(|c| c.is_ascii_hexdigit());
                u32::from_str_radix(digits, 16)
                    .map_err(|_| self.wrong(at, "flags are a number of 32 bits"))?
            }
            false => self.number("a number for the flags")?,
        };
        self.expect("]")?;
        Ok(flags)
    }

    fn route(&mut self) -> Result<Route> {
        let (sink_pad, sink_stream) = self.end_of_route("sink")?;
        self.expect("->")?;
        let (source_pad, source_stream) = self.end_of_route("source")?;
        Ok(Route { sink_pad, sink_stream, source_pad, source_stream, flags: self.flags()? })
    }

    fn end_of_route(&mut self, which: &str) -> Result<(u32, u32)> {
        let pad = self.number(&format!("the {which} pad's number"))?;
        self.expect("/")?;
        Ok((pad, self.number(&format!("the {which} stream's number"))?))
    }

    fn format(&mut self) -> Result<FormatSetup> {
        let pad = self.pad()?;
        let stream = if self.takes("/") { self.number("a stream's number")? } else { 0 };
        self.expect("[")?;
        let mut draft = Draft::default();
        self.skip_space();
        let mut is_code = self.rest().starts_with(|c: char| c.is_ascii_uppercase());
        while !self.takes("]") {
            self.property(std::mem::take(&mut is_code), &mut draft)?;
            // media-ctl's help has a comma between properties, and media-ctl has none.
            self.takes(",");
        }
        match draft {
            Draft { size: None, tuning: Some(at), .. } => {
                Err(self.wrong(at, "this belongs to a format, \"fmt:\""))
            }
            draft => Ok(FormatSetup { pad, stream, settings: draft.settings() }),
        }
    }

    fn property(&mut self, is_code: bool, draft: &mut Draft) -> Result<()> {
        let at = self.at;
        let twice = if is_code || self.takes("fmt:") {
            let code = self.called(
                "a media bus format",
                |c| c.is_ascii_alphanumeric() || c == '_',
                formats::code_called,
            )?;
            if !self.takes("/") && !self.text[..self.at].ends_with(' ') {
                self.expect("/")?;
            }
            draft.format.code = code;
            draft.size.replace(self.size()?).is_some()
        } else if self.takes("crop:") || self.rest().starts_with('(') {
            draft.rest.crop.replace(self.rectangle()?).is_some()
        } else if self.takes("compose:") {
            draft.rest.compose.replace(self.rectangle()?).is_some()
        } else if self.takes("@") {
            let numerator = self.number("the numerator of an interval")?;
            self.expect("/")?;
            let denominator = self.number("the denominator of an interval")?;
            draft.rest.interval.replace(Interval { numerator, denominator }).is_some()
        } else {
            self.tuning(at, draft)?
        };
        match twice {
            true => Err(self.wrong(at, "this is told twice")),
            false => Ok(()),
        }
    }

    /// What belongs to a format; whether it has been there before.
    fn tuning(&mut self, at: usize, draft: &mut Draft) -> Result<bool> {
        type Called = fn(&str) -> Option<u32>;
        const WORDS: [(&str, &str, Called); 5] = [
            ("field:", "an order of fields", formats::field_called),
            ("colorspace:", "a colorspace", formats::colorspace_called),
            ("xfer:", "a transfer function", formats::transfer_called),
            ("ycbcr:", "an encoding", formats::encoding_called),
            ("quantization:", "a quantization", formats::quantization_called),
        ];
        let Some(which) = WORDS.iter().position(|(word, ..)| self.takes(word)) else {
            return Err(self.wrong(self.at, "a property or \"]\" is expected"));
        };
        let (_, what, called) = WORDS[which];
        let start = self.at;
        let number = self.called(what, |c| c.is_ascii_alphanumeric() || c == '-', called)?;
        let narrow = u16::try_from(number);
        let small = || narrow.map_err(|_| self.wrong(start, &format!("{what} has 16 bits")));
        let format = &mut draft.format;
        match which {
            0 => format.field = number,
            1 => format.colorspace = number,
            2 => format.xfer_func = small()?,
            3 => format.ycbcr_enc = small()?,
            _ => format.quantization = small()?,
        }
        draft.tuning.get_or_insert(at);
        Ok(std::mem::replace(&mut draft.tuned[which], true))
    }

    fn called(
        &mut self,
        what: &str,
        is_part: impl Fn(char) -> bool,
        called: impl Fn(&str) -> Option<u32>,
    ) -> Result<u32> {
        self.skip_space();
        let at = self.at;
        let word = self.word(is_part);
        called(word).ok_or_else(|| self.wrong(at, &format!("{what} is expected")))
    }

    fn size(&mut self) -> Result<(u32, u32)> {
        let width = self.number("a width")?;
        self.expect("x")?;
        Ok((width, self.number("a height")?))
    }

    fn rectangle(&mut self) -> Result<Rect> {
        self.expect("(")?;
        let left = self.signed("the left edge")?;
        self.expect(",")?;
        let top = self.signed("the top edge")?;
        self.expect(")")?;
        self.expect("/")?;
        let (width, height) = self.size()?;
        Ok(Rect { left, top, width, height })
    }
}

/// Settings of which not all has been read.
struct Draft {
    format: FrameFormat,
    size: Option<(u32, u32)>,
    /// Which properties of the format have been told, and where the first one stands.
    tuned: [bool; 5],
    tuning: Option<usize>,
    rest: PadSettings,
}

impl Default for Draft {
    fn default() -> Self {
        let format = FrameFormat::zero();
        Draft { format, size: None, tuned: [false; 5], tuning: None, rest: PadSettings::default() }
    }
}

impl Draft {
    fn settings(self) -> PadSettings {
        let format = self.size.map(|(width, height)| FrameFormat { width, height, ..self.format });
        PadSettings { format, ..self.rest }
    }
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

/// All of them, with commas between them.
pub fn joined<T: fmt::Display>(all: &[T]) -> String {
    all.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
