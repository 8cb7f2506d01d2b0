// SPDX-License-Identifier: MIT OR Apache-2.0
//! Resolving: the overlay's phandles move behind the tree's, and its references become numbers (O6, O7).

use super::plan::Plan;
use super::Mode;
use crate::error::{invalid, not_found, Error, Result};
use crate::fdt::MAX_PHANDLE;
use crate::slab::{NodePtr, PropPtr};
use crate::tree::{is_phandle, text};

/// Linux leaves a phandle of this value alone.
const LINUX_ILLEGAL: u32 = 0xdead_beef;

/// A cell's value, or none where the property has no four bytes there.
pub(super) fn cell(data: &[u8], offset: usize) -> Option<u32> {
    let bytes = data.get(offset..offset.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().expect("four bytes")))
}

impl Plan<'_> {
    /// Resolves everything in the overlay that is a phandle.
    pub(super) fn resolve(&mut self) -> Result<()> {
        let highest = self.inner.max_phandle();
        let delta = match self.mode {
            Mode::Libfdt => highest,
            Mode::Default | Mode::Linux => highest.wrapping_add(1),
        };
        self.max_phandle = highest;
        self.move_phandles(delta)?;
        let token = &self.inner.token;
        let root = self.source.root();
        if let Some(fixups) = self.source.special(token, root, "__local_fixups__", self.mode) {
            self.local_references(fixups, root, delta)?;
        }
        self.labels()
    }

    /// The number behind `delta`. Linux lets it wrap.
    fn moved(&self, phandle: u32, delta: u32, of: impl Fn(&Self) -> String) -> Result<u32> {
        match self.mode {
            Mode::Linux => Ok(phandle.wrapping_add(delta)),
            _ => phandle.checked_add(delta).filter(|&sum| sum <= MAX_PHANDLE).ok_or_else(|| {
                Error::Overflow(format!(
                    "{}: {}: phandle {phandle:#x} cannot be moved by {delta:#x}: no numbers left",
                    self.title,
                    of(self)
                ))
            }),
        }
    }

    fn move_phandles(&mut self, delta: u32) -> Result<()> {
        let token = &self.inner.token;
        let nodes: Vec<NodePtr> = self.source.keep.nodes().filter(|n| n.phandle(token) != 0).collect();
        for node in nodes {
            let old = node.phandle(token);
            if self.mode == Mode::Linux && old == LINUX_ILLEGAL {
                continue;
            }
            let new = match self.moved(old, delta, |plan| node.path(&plan.inner.token)) {
                Ok(new) => new,
                Err(error) => {
                    self.fail(error)?;
                    continue;
                }
            };
            self.source.keep.set_phandle(node, new);
            for prop in node.own_props(token) {
                if prop.is_named(b"phandle") || prop.is_named(b"linux,phandle") {
                    self.source.keep.patch(prop, 0, new);
                }
            }
            self.max_phandle = self.max_phandle.max(new);
        }
        Ok(())
    }

    /// `fixups` has, for each property of `node`, the offsets of cells that refer to a node of this overlay.
    fn local_references(&mut self, fixups: NodePtr, node: NodePtr, delta: u32) -> Result<()> {
        let token = &self.inner.token;
        for fixup in fixups.own_props(token) {
            let name = fixup.name(token);
            if self.mode == Mode::Linux && matches!(name, "name" | "phandle" | "linux,phandle") {
                continue;
            }
            if let Err(error) = self.local_reference(fixup, node, name, delta) {
                self.fail(error)?;
            }
        }
        for child in fixups.children(token) {
            match self.source.child(token, node, child.name_bytes(), self.mode) {
                Some(same) => self.local_references(child, same, delta)?,
                None => self.fail(invalid!(
                    "{}: /__local_fixups__ names a node {} that the overlay does not have",
                    self.title,
                    child.path(token).replacen("/__local_fixups__", "", 1)
                ))?,
            }
        }
        Ok(())
    }

    fn local_reference(&mut self, fixup: PropPtr, node: NodePtr, name: &str, delta: u32) -> Result<()> {
        let token = &self.inner.token;
        let place = |plan: &Self| format!("{}: {}: property \"{name}\"", plan.title, node.path(token));
        let offsets = fixup.data(token);
        if !offsets.len().is_multiple_of(4) || (offsets.is_empty() && self.mode == Mode::Linux) {
            return Err(invalid!("{}: its entry in /__local_fixups__ is not a list of offsets", place(self)));
        }
        let Some(prop) = self.source.prop(token, node, name) else {
            return Err(invalid!("{} is named in /__local_fixups__, but does not exist", place(self)));
        };
        if prop == fixup {
            return Err(invalid!("{}: a fix-up for itself", place(self)));
        }
        for offset in offsets.chunks_exact(4) {
            let offset = cell(offset, 0).expect("four bytes") as usize;
            let Some(phandle) = cell(prop.data(token), offset) else {
                return Err(invalid!("{}: no reference fits at offset {offset}", place(self)));
            };
            let moved =
                self.moved(phandle, delta, |_| format!("{}: property \"{name}\"", node.path(token)))?;
            self.source.keep.patch(prop, offset, moved);
            self.local_cells.push((prop, offset));
        }
        Ok(())
    }

    /// `/__fixups__` has, for each label, the places that refer to it.
    fn labels(&mut self) -> Result<()> {
        let token = &self.inner.token;
        let root = self.source.root();
        let Some(fixups) = self.source.special(token, root, "__fixups__", self.mode) else { return Ok(()) };
        if self.inner.symbols.is_none() && self.mode == Mode::Linux {
            return self.fail(invalid!("{}: the base has no /__symbols__", self.title));
        }
        for fixup in fixups.own_props(token) {
            let label = fixup.name(token);
            if self.mode == Mode::Linux && label == "name" {
                continue;
            }
            let places = fixup.data(token);
            let phandle = match self.phandle_of_label(label, places) {
                Ok(phandle) => phandle,
                Err(error) => {
                    self.fail(error)?;
                    continue;
                }
            };
            if is_phandle(phandle) {
                self.references.push(phandle);
            }
            if places.last() != Some(&0) {
                self.fail(invalid!("{}: label \"{label}\": its fix-ups are not strings", self.title))?;
                continue;
            }
            for place in crate::tree::strings(places) {
                if let Err(error) = self.patch_place(label, place, phandle, fixup) {
                    self.fail(error)?;
                }
            }
        }
        Ok(())
    }

    /// The phandle of the node that a label of the base stands for; a new one if that has none.
    fn phandle_of_label(&mut self, label: &str, places: &[u8]) -> Result<u32> {
        let inner = self.inner;
        let user = || {
            let place = String::from_utf8_lossy(places.split(|&b| b == 0).next().unwrap_or_default());
            match place.split(':').collect::<Vec<_>>()[..] {
                [path, prop, _] => match path.strip_prefix('/').and_then(|path| path.split('/').next()) {
                    Some(fragment) if path.matches('/').count() == 1 => {
                        format!("{fragment}: label \"{label}\" (used by property \"{prop}\")")
                    }
                    Some(fragment) => {
                        format!("{fragment}: label \"{label}\" (used by {path}, property \"{prop}\")")
                    }
                    None => format!("label \"{label}\" (used by {place})"),
                },
                _ => format!("label \"{label}\""),
            }
        };
        let title = self.title;
        if inner.symbols.is_none() {
            return Err(invalid!(
                "{title}: {}: the base has no /__symbols__; compile it with dtc -@, or give the fragment a target-path",
                user()
            ));
        }
        let Some(symbol) = inner.symbol(label) else {
            let sentence = format!("{title}: {} is not in /__symbols__ of the base", user());
            return Err(match self.mode {
                Mode::Libfdt => Error::NotFound(sentence),
                _ => Error::Invalid(sentence),
            });
        };
        let node = match text(symbol.data(&inner.token)) {
            Some(path) if self.mode == Mode::Linux => self.exact_path(path),
            Some(path) => inner.by_path(path).ok(),
            None => None,
        };
        let Some(node) = node else {
            let sentence = format!("{title}: {}: /__symbols__ leads to no node", user());
            return Err(match self.mode {
                Mode::Default => Error::Invalid(sentence),
                _ => Error::NotFound(sentence),
            });
        };
        match (node.phandle(&inner.token), self.mode) {
            (0, Mode::Default) => self.give_phandle(node),
            (0, Mode::Libfdt) => Err(not_found!("{title}: {}: its node has no phandle", user())),
            (phandle, _) => Ok(phandle),
        }
    }

    /// A new phandle for a node of the tree that has none (O7). It belongs to the overlay that needs it.
    fn give_phandle(&mut self, node: NodePtr) -> Result<u32> {
        if let Some(&phandle) = self.given.get(&node) {
            return Ok(phandle);
        }
        let phandle =
            self.max_phandle.checked_add(1).filter(|&phandle| phandle <= MAX_PHANDLE).ok_or_else(|| {
                Error::Overflow(format!(
                    "{}: no phandle left for {}",
                    self.title,
                    node.path(&self.inner.token)
                ))
            })?;
        self.max_phandle = phandle;
        self.given.insert(node, phandle);
        self.phandles.insert(phandle, node);
        self.make_prop(node, b"phandle", phandle.to_be_bytes().to_vec());
        Ok(phandle)
    }

    /// Writes a phandle at a place `path:property:offset`.
    fn patch_place(&mut self, label: &str, place: &[u8], phandle: u32, fixup: PropPtr) -> Result<()> {
        let token = &self.inner.token;
        let title = self.title;
        let malformed = || {
            let shown = String::from_utf8_lossy(place);
            invalid!("{title}: label \"{label}\": the fix-up \"{shown}\" is not path:property:offset")
        };
        let mut parts = std::str::from_utf8(place).map_err(|_| malformed())?.splitn(3, ':');
        let (Some(path), Some(name), Some(offset)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed());
        };
        let digits = if self.mode == Mode::Linux { offset.trim_start_matches('+') } else { offset };
        let offset: i32 = digits.parse().map_err(|_| malformed())?;
        let Some(node) = self.source.by_path(token, path, self.mode) else {
            return match self.mode {
                Mode::Linux => Ok(()),
                Mode::Libfdt => Err(malformed()),
                Mode::Default => Err(not_found!(
                    "{title}: label \"{label}\" is used by {path}, which the overlay does not have"
                )),
            };
        };
        let Some(prop) = self.source.prop(token, node, name) else {
            return Err(not_found!(
                "{title}: label \"{label}\" is used by {path}, property \"{name}\", which does not exist"
            ));
        };
        // A hostile overlay has fix-ups for its fix-ups: what is being read may not be written.
        let offset_of = usize::try_from(offset).ok().filter(|_| prop != fixup);
        match offset_of.is_some_and(|offset| self.source.keep.patch(prop, offset, phandle)) {
            true => Ok(()),
            false => Err(invalid!(
                "{}: label \"{label}\": no reference fits at offset {offset} of {path}, property \"{name}\"",
                self.title
            )),
        }
    }
}
