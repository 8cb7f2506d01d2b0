// SPDX-License-Identifier: MIT OR Apache-2.0
//! Symbols: the overlay's labels become labels of the tree (O9).

use super::plan::Plan;
use super::Mode;
use crate::error::{invalid, Error, Result};
use crate::fdt::Writer;
use crate::slab::{Keep, NodePtr};
use crate::tree::{text, Core};
use std::sync::Arc;

/// A slab with nothing but an empty `/__symbols__`.
pub(super) fn empty(core: &Arc<Core>) -> Result<Keep> {
    let mut writer = Writer::new();
    writer.begin("__symbols__");
    writer.end();
    let blob = writer.finish(&[], 0);
    Keep::unflatten(core, &blob, false)
}

/// Where a symbol of an overlay leads.
enum Place<'p> {
    /// Into what a fragment adds, or to its target where `tail` is empty.
    Fragment { name: &'p str, tail: &'p str },
    /// To something that will not be in the tree: a fragment itself, say.
    Nowhere,
}

fn place(path: &str) -> Option<Place<'_>> {
    let (name, rest) = path.strip_prefix('/')?.split_once('/').unwrap_or((&path[1..], ""));
    Some(match rest.strip_prefix("__overlay__") {
        Some("") => Place::Fragment { name, tail: "" },
        Some(tail) if tail.starts_with('/') => Place::Fragment { name, tail: &tail[1..] },
        _ => Place::Nowhere,
    })
}

impl<'t> Plan<'t> {
    /// Plans an entry in the tree's `/__symbols__` for each of the overlay's.
    pub(super) fn merge_symbols(&mut self, symbols: NodePtr) -> Result<()> {
        let token = &self.inner.token;
        if self.inner.symbols.is_none() {
            self.makes_symbols = self.mode == Mode::Libfdt || symbols.own_props(token).next().is_some();
        }
        let mut seen = hashbrown::HashSet::new();
        for prop in symbols.own_props(token) {
            let label = prop.name(token);
            if self.mode == Mode::Linux && matches!(label, "name" | "phandle" | "linux,phandle") {
                continue;
            }
            let path = match self.symbol_path(label, prop.data(token)) {
                Ok(Some(path)) => path,
                Ok(None) => continue,
                Err(error) => {
                    self.fail(error)?;
                    continue;
                }
            };
            let known = self.inner.symbol(label).is_some();
            let double = self.mode != Mode::Libfdt && (known || !seen.insert(label));
            if double || !self.make_symbol(label.as_bytes(), path) {
                self.fail(invalid!("{}: the label \"{label}\" is in /__symbols__ already", self.title))?;
            }
        }
        Ok(())
    }

    /// The value that the symbol will have, or none if it leads to nothing that will be in the tree.
    fn symbol_path(&self, label: &str, value: &'t [u8]) -> Result<Option<Vec<u8>>> {
        let token = &self.inner.token;
        let title = self.title;
        // Linux answers a symbol that it cannot translate as if memory had run out.
        let refuse = |why: &str| {
            let sentence = format!("{title}: label \"{label}\": {why}");
            Err(match self.mode {
                Mode::Linux => Error::NoMemory(sentence),
                _ => Error::Invalid(sentence),
            })
        };
        let Some(path) = text(value).filter(|path| path.starts_with('/')) else {
            return refuse("its entry in the overlay's /__symbols__ is not a path");
        };
        let (name, tail) = match place(path) {
            Some(Place::Fragment { name, tail }) => (name, tail),
            _ if self.mode == Mode::Linux => return refuse("it leads to nothing that is applied"),
            _ => return Ok(None),
        };
        let fragment = self.source.index.find(self.source.root(), name.as_bytes(), token);
        let Some(&target) = fragment.and_then(|fragment| self.targets.get(&fragment)) else {
            return match self.has_problems() {
                true => Ok(None),
                false => refuse(&format!("{path} is not in a fragment of the overlay")),
            };
        };
        // libfdt takes `target-path` as it stands, and ends the path of a target itself in a slash.
        let written = fragment
            .filter(|_| self.mode == Mode::Libfdt)
            .filter(|&f| self.source.prop(token, f, "target").is_none_or(|p| p.data(token) == [0; 4]))
            .and_then(|f| text(self.source.prop(token, f, "target-path")?.data(token)))
            .map(str::to_string);
        let mut result = written.unwrap_or_else(|| self.path(target));
        let top = result == "/";
        if self.mode == Mode::Libfdt || !tail.is_empty() {
            if !top {
                result.push('/');
            }
            result.push_str(tail);
        }
        result.push('\0');
        Ok(Some(result.into_bytes()))
    }
}
