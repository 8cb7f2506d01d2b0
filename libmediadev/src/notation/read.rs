// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads the notations, from left to right; says what is wrong at which place.

use super::{EntityName, FormatSetup, Interval, LinkSetup, PadName, PadSettings, Rect, Route, RouteSetup};
use crate::error::{error, Result};
use crate::formats;
use crate::uapi::v4l2::FrameFormat;
use crate::uapi::Plain;

/// A text, and how far it has been read.
pub(super) struct Reader<'a> {
    text: &'a str,
    /// What the text is, for the error.
    what: &'static str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, what: &'static str) -> Self {
        Reader { text, what, at: 0 }
    }

    /// The one thing that the whole text is.
    pub(super) fn only<T>(mut self, item: impl Fn(&mut Self) -> Result<T>) -> Result<T> {
        let one = item(&mut self)?;
        self.end()?;
        Ok(one)
    }

    /// All things of the text, with commas between them.
    pub(super) fn list<T>(mut self, item: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
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

    pub(super) fn entity(&mut self) -> Result<EntityName> {
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

    pub(super) fn pad(&mut self) -> Result<PadName> {
        let entity = self.entity()?;
        self.expect(":")?;
        Ok(PadName { entity, index: self.number("a pad's number")? })
    }

    pub(super) fn link(&mut self) -> Result<LinkSetup> {
        let source = self.pad()?;
        self.expect("->")?;
        let sink = self.pad()?;
        Ok(LinkSetup { source, sink, flags: self.flags()? })
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

    pub(super) fn routes(&mut self) -> Result<RouteSetup> {
        let entity = self.entity()?;
        self.expect("[")?;
        let mut routes = Vec::new();
        while !self.takes("]") {
            if !routes.is_empty() {
                self.expect(",")?;
            }
            routes.push(self.route()?);
        }
        Ok(RouteSetup { entity, routes })
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

    pub(super) fn format(&mut self) -> Result<FormatSetup> {
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
