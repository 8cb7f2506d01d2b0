// SPDX-License-Identifier: MIT OR Apache-2.0
//! Setting a parameter: the value that each target gets of what the user gives, and what writing it brings with it.

use super::declaration::{operations, Atom, Entry, Rule, Target};
use super::document::{Document, Ref};
use super::value::{bytes_of, hexadecimal, number, BYTES, NUMBERS};
use super::ParamKind;
use crate::error::{not_found, Error, Result};
use std::borrow::Cow;

impl<'b> Document<'b> {
    /// Sets a parameter. `left` is how many targets may still be looked at.
    pub(super) fn set(&mut self, name: &str, value: &str, left: &mut usize) -> Result<()> {
        let Some(parameter) = self.overrides.iter().find(|parameter| parameter.name == name) else {
            let names: Vec<&str> = self.overrides.iter().map(|parameter| parameter.name).take(50).collect();
            return Err(match names.len() {
                0 => not_found!(
                    "{}: no parameter \"{name}\": it has no parameters at all (/__overrides__)",
                    self.title
                ),
                _ => not_found!("{}: no parameter \"{name}\" among {}", self.title, names.join(", ")),
            });
        };
        let targets = self.targets(parameter, left)?;
        for target in &targets {
            let written = chosen(&target.rule, value).map_err(|keys| {
                let keys: Vec<&str> = keys.iter().filter_map(|entry| entry.key).collect();
                let place = self.place(name, target);
                Error::Invalid(format!(
                    "{place}: \"{value}\" is not in its table, which has {}",
                    keys.join(", ")
                ))
            })?;
            match target.kind {
                ParamKind::Fragments => self.switch(name, target, value)?,
                _ => {
                    let node = self.node_of(name, target)?;
                    self.put(name, target, node, written)?;
                }
            }
        }
        Ok(())
    }

    /// What a message calls a target.
    fn place(&self, parameter: &str, target: &Target) -> String {
        let (title, property) = (&self.title, target.property);
        match self.node_of(parameter, target) {
            _ if target.kind == ParamKind::Fragments => {
                format!("{title}: parameter \"{parameter}\": fragments \"{property}\"")
            }
            Ok(node) => {
                format!("{title}: parameter \"{parameter}\": {}: property \"{property}\"", self.path(node))
            }
            Err(_) => format!("{title}: parameter \"{parameter}\": property \"{property}\""),
        }
    }

    fn unfit(&self, parameter: &str, target: &Target, given: &str, expected: &str) -> Error {
        Error::Invalid(format!("{}: \"{given}\" is not {expected}", self.place(parameter, target)))
    }

    /// Writes a value into a property.
    fn put(&mut self, parameter: &str, target: &Target<'b>, node: usize, value: Atom<'_>) -> Result<()> {
        let name = target.property;
        let (given, of) = match value {
            Atom::Text(text) => (Cow::Borrowed(text), None),
            Atom::Cell(cell, of) => (Cow::Owned(cell.to_string()), of),
        };
        let numeric = || number(&given).ok_or_else(|| self.unfit(parameter, target, &given, NUMBERS));
        // A label is a number only when the overlay is applied.
        let of = match (of, target.kind) {
            (None, _) => None,
            (Some(of), ParamKind::Integer { bits: 32, .. }) => Some(self.kept(of)),
            (Some(_), _) => {
                return Err(self.unfit(
                    parameter,
                    target,
                    "a label",
                    "what fits there: only 32 bits can be one",
                ))
            }
        };
        match target.kind {
            ParamKind::String => self.put_string(parameter, target, node, &given),
            ParamKind::Bytes => {
                let bytes =
                    hexadecimal(&given).ok_or_else(|| self.unfit(parameter, target, &given, BYTES))?;
                self.set_value(node, name, bytes)
            }
            ParamKind::Bool { inverted } => match (numeric()? != 0) != inverted {
                true => self.set_value(node, name, Vec::new()),
                false => {
                    self.nodes[node].props.retain(|prop| prop.name != name);
                    Ok(())
                }
            },
            ParamKind::Integer { bits, offset } => {
                let number = numeric()?;
                let bytes = bytes_of(number, bits).ok_or_else(|| {
                    Error::Overflow(format!(
                        "{}: {number} does not fit {bits} bits",
                        self.place(parameter, target)
                    ))
                })?;
                // The number of a node without the property is only part of its name.
                if name != "reg" || self.prop(node, name).is_some() {
                    self.patch(node, name, offset as usize, &bytes, of)?;
                }
                match (name, offset) {
                    ("reg", 0) => self.put_address(parameter, target, node, &bytes),
                    _ => Ok(()),
                }
            }
            ParamKind::Fragments => unreachable!("they are no property"),
        }
    }

    /// The reference with a label that lives as long as the blob.
    fn kept(&self, of: Ref<'_>) -> Ref<'b> {
        match of {
            Ref::Local => Ref::Local,
            Ref::Label(label) => Ref::Label(
                self.labels.iter().copied().find(|&known| known == label).expect("it came from there"),
            ),
        }
    }

    fn put_string(&mut self, parameter: &str, target: &Target<'b>, node: usize, given: &str) -> Result<()> {
        if given.contains('\0') {
            return Err(self.unfit(parameter, target, "a value with NUL in it", "a string"));
        }
        let value = match target.property {
            "name" => return self.rename(parameter, target, node, given),
            "status" => match number(given) {
                Some(0) => "disabled\0".into(),
                Some(_) => "okay\0".into(),
                None => format!("{given}\0"),
            },
            "bootargs" => match self.prop(node, "bootargs").and_then(|prop| crate::tree::text(&prop.value)) {
                Some(before) if !before.is_empty() => format!("{before} {given}\0"),
                _ => format!("{given}\0"),
            },
            "target-path" if self.nodes[node].parent == Some(0) => {
                // A fragment that has both goes by its phandle.
                self.nodes[node].props.retain(|prop| prop.name != "target");
                format!("{given}\0")
            }
            _ => format!("{given}\0"),
        };
        self.set_value(node, target.property, value.into_bytes())
    }

    /// Puts a number in the place of the unit address, where the node has one.
    fn put_address(&mut self, parameter: &str, target: &Target, node: usize, bytes: &[u8]) -> Result<()> {
        let address = bytes.iter().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
        let Some((name, _)) = self.nodes[node].name.split_once('@') else { return Ok(()) };
        self.rename(parameter, target, node, &format!("{name}@{address:x}"))
    }

    fn rename(&mut self, parameter: &str, target: &Target, node: usize, name: &str) -> Result<()> {
        let printable = name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
        let Some(parent) = self.nodes[node].parent.filter(|_| printable && !name.is_empty()) else {
            return Err(self.unfit(parameter, target, name, "a name for the node"));
        };
        if self.child(parent, name).is_some_and(|other| other != node) {
            return Err(self.unfit(parameter, target, name, "free: another node beside it has that name"));
        }
        self.spend(name.len())?;
        self.nodes[node].name = Cow::Owned(name.into());
        Ok(())
    }

    /// Enables and disables fragments.
    fn switch(&mut self, parameter: &str, target: &Target, value: &str) -> Result<()> {
        // What is neither a number nor a word for one is true if it is there at all: a name that some other target gets.
        let on = number(value).map_or(!value.is_empty(), |number| number != 0);
        for (operation, number) in operations(target.property).expect("it was understood before") {
            let names = [format!("fragment@{number}"), format!("fragment-{number}")];
            let Some(fragment) = names.iter().find_map(|name| self.child(0, name)) else {
                return Err(not_found!("{}: no fragment@{number}", self.place(parameter, target)));
            };
            let enable = match operation {
                '+' => true,
                '-' => false,
                '=' => on,
                _ => !on,
            };
            let (from, to) = match enable {
                true => ("__dormant__", "__overlay__"),
                false => ("__overlay__", "__dormant__"),
            };
            match (self.child(fragment, from), self.child(fragment, to)) {
                (Some(body), None) => self.nodes[body].name = Cow::Borrowed(to),
                (None, Some(_)) => {}
                _ => {
                    return Err(Error::Invalid(format!(
                        "{}: fragment@{number} is not one with either __overlay__ or __dormant__",
                        self.place(parameter, target)
                    )))
                }
            }
        }
        Ok(())
    }
}

/// What a target gets for the user's value; the table if it has nothing for it.
fn chosen<'v, 'b: 'v, 't>(
    rule: &'t Rule<'b>,
    given: &'v str,
) -> std::result::Result<Atom<'v>, &'t [Entry<'b>]> {
    let entries = match rule {
        Rule::Given => return Ok(Atom::Text(given)),
        Rule::Fixed(atom) => return Ok(*atom),
        Rule::Table(entries) => entries,
    };
    let of_key = entries.iter().find(|entry| entry.key == Some(given));
    let entry = of_key.or_else(|| entries.iter().find(|entry| entry.key.is_none())).ok_or(&entries[..])?;
    Ok(entry.value.unwrap_or(Atom::Text(given)))
}
