// SPDX-License-Identifier: MIT OR Apache-2.0
//! Parameters of a devicetree blob: Raspberry Pi's `/__overrides__`.
//!
//! A parameter is a property of `/__overrides__`. Its value lists targets, each a phandle and a text such as "gpios:4" that
//! says which property of that node is set, and as what. Setting parameters makes a new blob of a blob, an overlay or a base;
//! what is done with the result is not this module's concern. So all modes of applying, the dry run and the check of two
//! overlays take an overlay with parameters as they take any other.
//!
//! What the targets of a parameter can say is in `declaration.rs`, what may be given for a value in `value.rs`. `document.rs`
//! is the blob as something that can be edited: references are kept at the bytes that they are in, so that they follow what is
//! renamed, moved or copied. `set.rs` sets, and `finish.rs` makes a plain overlay of one whose parameters are set.

mod declaration;
mod document;
mod finish;
mod set;
mod value;

use crate::error::{invalid, Error, Result};
use declaration::{Atom, Entry, Rule, Target};
use document::{Document, Ref};

/// So many targets of parameters are looked at in one call. A target takes seven bytes in a blob, and the path of its node up to
/// [`MAX_PATH`](crate::fdt::MAX_PATH) bytes in a list.
const MAX_TARGETS: usize = 4096;

/// A parameter of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// What it sets, in this order.
    pub targets: Vec<ParamTarget>,
}

/// One thing that a parameter sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamTarget {
    /// As what the value is written.
    pub kind: ParamKind,
    /// The path of the node in the blob; "/" for fragments.
    pub node: String,
    /// The property; for fragments what is done to them, such as "+1-2".
    pub property: String,
    /// What is written.
    pub rule: ParamRule,
}

/// As what a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// A string; "status", "bootargs" and "name" in their own way.
    String,
    /// A number, big-endian, into a part of the property.
    Integer {
        /// 8, 16, 32 or 64.
        bits: u8,
        /// In bytes.
        offset: u32,
    },
    /// A property that is there or not.
    Bool {
        /// There if the value is false.
        inverted: bool,
    },
    /// Bytes, written in hexadecimal.
    Bytes,
    /// Fragments of the overlay that are enabled and disabled.
    Fragments,
}

/// What is written into a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamRule {
    /// The value that the user gives.
    Given,
    /// Always this.
    Fixed(String),
    /// What a table has for the value that the user gives.
    Table(Vec<ParamEntry>),
}

/// An entry of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamEntry {
    /// The value that the user gives; none for all that have no entry.
    pub key: Option<String>,
    /// What is written for it; none for the user's own value.
    pub value: Option<String>,
}

impl std::fmt::Display for ParamKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ParamKind::String => f.write_str("string"),
            ParamKind::Integer { bits, .. } => write!(f, "u{bits}"),
            ParamKind::Bool { inverted: false } => f.write_str("bool"),
            ParamKind::Bool { inverted: true } => f.write_str("inverted"),
            ParamKind::Bytes => f.write_str("bytes"),
            ParamKind::Fragments => f.write_str("fragments"),
        }
    }
}

impl std::fmt::Display for ParamRule {
    /// As it is declared: "", "=okay", "{a=alpha,b,=other}".
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ParamRule::Given => Ok(()),
            ParamRule::Fixed(value) => write!(f, "={value}"),
            ParamRule::Table(entries) => {
                f.write_str("{")?;
                for (i, entry) in entries.iter().enumerate() {
                    f.write_str(if i > 0 { "," } else { "" })?;
                    f.write_str(entry.key.as_deref().unwrap_or_default())?;
                    match entry.value.as_deref() {
                        None => {}
                        Some(value) if value.contains([',', '}', ' ', '\'']) => write!(f, "='{value}'")?,
                        Some(value) => write!(f, "={value}")?,
                    }
                }
                f.write_str("}")
            }
        }
    }
}

/// The parameters of a blob, in its order; none if it has no `/__overrides__`. `name` is what messages call the blob.
///
/// # Errors
/// [`Error::Malformed`]; [`Error::Invalid`] a parameter that cannot be understood, with its name; [`Error::TooBig`] more than
/// 4,096 targets.
pub fn params(blob: &[u8], name: Option<&str>) -> Result<Vec<Param>> {
    let document = Document::read(blob, name)?;
    let mut found = Vec::new();
    let mut left = MAX_TARGETS;
    for parameter in &document.overrides {
        let targets = document.targets(parameter, &mut left)?;
        let targets = targets.iter().map(|target| document.described(parameter.name, target));
        found.push(Param { name: parameter.name.into(), targets: targets.collect::<Result<_>>()? });
    }
    Ok(found)
}

/// The parameters of a blob as text: a line for each target with parameter, kind, offset, node, property and rule, separated by
/// tabs. A parameter without a target has a line with its name only.
///
/// # Errors
/// As [`params`].
pub fn params_text(blob: &[u8], name: Option<&str>) -> Result<String> {
    let mut text = String::new();
    for param in params(blob, name)? {
        let parameter = field(&param.name);
        if param.targets.is_empty() {
            text += &format!("{parameter}\t\t\t\t\t\n");
        }
        for ParamTarget { kind, node, property, rule } in &param.targets {
            let offset = match kind {
                ParamKind::Integer { offset, .. } => offset.to_string(),
                _ => String::new(),
            };
            let (property, rule) = (field(property), field(&rule.to_string()));
            text += &format!("{parameter}\t{kind}\t{offset}\t{node}\t{property}\t{rule}\n");
        }
    }
    Ok(text)
}

/// Text in which nothing looks like the end of a field.
fn field(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect()
}

/// Sets parameters of a blob and returns the new one. A setting is "name=value", or "name", which is "name=true". They are made
/// in their order; one that is set twice has the last value.
///
/// An overlay becomes a plain one: only the fragments that are enabled are left, those that extend other fragments are part of
/// them, and of its labels those that it exports. A base keeps its parameters.
///
/// # Errors
/// Sentences that name blob, parameter, node, property and what was expected. [`Error::NotFound`] no such parameter or fragment;
/// [`Error::Overflow`] a number that does not fit; [`Error::Invalid`] a value that is none for its target, a declaration that
/// cannot be understood, a target that the blob does not have; [`Error::TooBig`] too many targets, or more than a mebibyte to
/// add; [`Error::Malformed`], [`Error::NoMemory`].
pub fn set_params(blob: &[u8], name: Option<&str>, settings: &[&str]) -> Result<Vec<u8>> {
    let mut document = Document::read(blob, name)?;
    let mut left = MAX_TARGETS;
    for setting in settings {
        let (parameter, value) = setting.split_once('=').unwrap_or((setting, "true"));
        document.set(parameter, value, &mut left)?;
    }
    if document.is_overlay {
        document.finish()?;
    }
    let new = document.write()?;
    match crate::fdt::check(&new) {
        Ok(()) => Ok(new),
        // Names that came together can make a path too long.
        Err(error) => Err(invalid!("{}: with its parameters set: {error}", document.title)),
    }
}

impl<'b> Document<'b> {
    /// The targets of a parameter, understood.
    fn targets(&self, parameter: &document::Override<'b>, left: &mut usize) -> Result<Vec<Target<'b>>> {
        let targets = declaration::parse(parameter.value, &parameter.refs)
            .map_err(|reason| self.wrong(parameter.name, &reason))?;
        match left.checked_sub(targets.len()) {
            Some(fewer) => *left = fewer,
            None => {
                return Err(Error::TooBig(format!(
                    "{}: parameter \"{}\": more than {MAX_TARGETS} targets",
                    self.title, parameter.name
                )))
            }
        }
        Ok(targets)
    }

    fn wrong(&self, parameter: &str, reason: &str) -> Error {
        invalid!("{}: parameter \"{parameter}\": {reason}", self.title)
    }

    /// The node that a target is in.
    fn node_of(&self, parameter: &str, target: &Target) -> Result<usize> {
        let property = target.property;
        match target.of {
            Some(Ref::Label(label)) => Err(self.wrong(
                parameter,
                &format!("its target \"{property}\" is in &{label} of the base, and has to be in the overlay itself"),
            )),
            _ => self.by_phandle(target.phandle).ok_or_else(|| {
                let phandle = target.phandle;
                self.wrong(
                    parameter,
                    &format!("its target \"{property}\" is in phandle {phandle:#x}, which no node has"),
                )
            }),
        }
    }

    fn described(&self, parameter: &str, target: &Target) -> Result<ParamTarget> {
        let shown = |atom: &Atom| match *atom {
            Atom::Text(text) => text.to_string(),
            Atom::Cell(_, Some(Ref::Label(label))) => format!("&{label}"),
            Atom::Cell(phandle, Some(Ref::Local)) => match self.by_phandle(phandle) {
                Some(node) => format!("&{{{}}}", self.path(node)),
                None => phandle.to_string(),
            },
            Atom::Cell(number, None) => number.to_string(),
        };
        let entry = |entry: &Entry| ParamEntry {
            key: entry.key.map(String::from),
            value: entry.value.as_ref().map(shown),
        };
        let node = match target.kind {
            ParamKind::Fragments => 0,
            _ => self.node_of(parameter, target)?,
        };
        Ok(ParamTarget {
            kind: target.kind,
            node: self.path(node),
            property: target.property.into(),
            rule: match &target.rule {
                Rule::Given => ParamRule::Given,
                Rule::Fixed(atom) => ParamRule::Fixed(shown(atom)),
                Rule::Table(entries) => ParamRule::Table(entries.iter().map(entry).collect()),
            },
        })
    }
}
