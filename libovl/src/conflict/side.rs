// SPDX-License-Identifier: MIT OR Apache-2.0
//! One of the two overlays: where its fragments go, and what its references mean.

use crate::error::{invalid, Result};
use crate::fdt::MAX_PATH;
use crate::slab::{NodePtr, PropPtr};
use crate::tree::{cells, strings, text, Inner};
use hashbrown::HashMap;

/// What a cell of the overlay refers to.
#[derive(Clone, Copy)]
pub(super) enum To<'t> {
    Label(&'t str),
    Own(NodePtr),
}

/// Where something is: below the root, or below what only a name stands for ("&uart0").
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Empty for the root.
    pub(super) start: String,
    pub(super) path: Vec<String>,
}

impl Place {
    /// The place at an absolute path.
    fn at(path: &str) -> Place {
        let names = path.split('/').filter(|name| !name.is_empty());
        Place { start: String::new(), path: names.map(str::to_string).collect() }
    }

    fn named(start: String) -> Place {
        Place { start, path: Vec::new() }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.start.as_str(), self.path.is_empty()) {
            ("", true) => f.write_str("/"),
            (start, _) => {
                f.write_str(start)?;
                self.path.iter().try_for_each(|name| write!(f, "/{name}"))
            }
        }
    }
}

pub(super) struct Side<'t> {
    pub(super) inner: &'t Inner,
    pub(super) base: Option<&'t Inner>,
    /// Fragments with their `__overlay__`.
    pub(super) fragments: Vec<(NodePtr, NodePtr)>,
    /// Labels that it brings, and the nodes of the overlay that they stand for.
    pub(super) labels: HashMap<&'t str, NodePtr>,
    /// Labels that it refers to, in their order.
    pub(super) uses: Vec<&'t str>,
    /// The cells of each property that are references.
    references: HashMap<(NodePtr, &'t str), Vec<(usize, To<'t>)>>,
}

impl<'t> Side<'t> {
    pub(super) fn new(inner: &'t Inner, base: Option<&'t Inner>, which: &str) -> Result<Side<'t>> {
        let token = &inner.token;
        let Some(root) = inner.root() else { return Err(invalid!("the {which} overlay is gone")) };
        let overlay = |fragment: NodePtr| Some((fragment, inner.find_child(fragment, b"__overlay__")?));
        let fragments: Vec<_> = root.children(token).filter_map(overlay).collect();
        if fragments.is_empty() {
            return Err(invalid!("the {which} overlay: no fragment with __overlay__"));
        }
        let symbols = inner.symbols.into_iter().flat_map(|symbols| symbols.props(token));
        let own = |path: &str| inner.by_path(path).ok().filter(|_| path.starts_with('/'));
        let labels = symbols.filter_map(|symbol| Some((symbol.name(token), own(text(symbol.data(token))?)?)));
        let labels = labels.collect();
        let mut side = Side { inner, base, fragments, labels, uses: Vec::new(), references: HashMap::new() };
        if let Some(fixups) = inner.find_child(root, b"__fixups__") {
            side.read_labels(fixups);
        }
        if let Some(local) = inner.find_child(root, b"__local_fixups__") {
            side.read_local(local, root);
        }
        Ok(side)
    }

    fn read_labels(&mut self, fixups: NodePtr) {
        let token = &self.inner.token;
        for fixup in fixups.props(token) {
            let label = fixup.name(token);
            self.uses.push(label);
            for place in strings(fixup.data(token)) {
                let mut parts = std::str::from_utf8(place).unwrap_or_default().splitn(3, ':');
                let (Some(path), Some(name), Some(offset)) = (parts.next(), parts.next(), parts.next())
                else {
                    continue;
                };
                let node = self.inner.by_path(path).ok().filter(|_| path.starts_with('/'));
                if let (Some(node), Ok(offset)) = (node, offset.parse()) {
                    self.refers(node, name, offset, To::Label(label));
                }
            }
        }
    }

    fn read_local(&mut self, local: NodePtr, node: NodePtr) {
        let token = &self.inner.token;
        for fixup in local.props(token) {
            let name = fixup.name(token);
            let Some(prop) = self.inner.prop(node, name.as_bytes()) else { continue };
            for offset in cells(fixup.data(token)) {
                let offset = offset as usize;
                let number = prop.data(token).get(offset..).and_then(|rest| cells(rest).next());
                if let Some(target) = number.and_then(|number| self.inner.phandles.find(number)) {
                    self.refers(node, name, offset, To::Own(target));
                }
            }
        }
        for child in local.children(token) {
            if let Some(same) = self.inner.find_child(node, child.name_bytes()) {
                self.read_local(child, same);
            }
        }
    }

    fn refers(&mut self, node: NodePtr, name: &str, offset: usize, to: To<'t>) {
        // The key lives as long as the overlay.
        if let Some(prop) = self.inner.prop(node, name.as_bytes()) {
            let key = (node, prop.name(&self.inner.token));
            if offset.checked_add(4).is_some_and(|end| end <= prop.data(&self.inner.token).len()) {
                self.references.entry(key).or_default().push((offset, to));
            }
        }
    }

    /// The references in a property, by offset.
    pub(super) fn references(&self, node: NodePtr, prop: PropPtr) -> Vec<(usize, To<'t>)> {
        let name = prop.name(&self.inner.token);
        let mut found = self.references.get(&(node, name)).cloned().unwrap_or_default();
        found.sort_by_key(|&(offset, _)| offset);
        found
    }

    /// Where a fragment goes. Two overlays may target each other, round and round: `depth` ends that.
    pub(super) fn target(&self, fragment: NodePtr, other: &Side<'t>, depth: usize) -> Place {
        let token = &self.inner.token;
        let value = |name: &[u8]| self.inner.prop(fragment, name);
        if let Some(target) = value(b"target") {
            if let Some(&(_, to)) = self.references(fragment, target).first() {
                return self.place_of(to, other, depth);
            }
            let number = cells(target.data(token)).next().unwrap_or(0);
            let known = self.base.and_then(|base| Some((base, base.phandles.find(number)?)));
            return match known {
                Some((base, node)) => Place::at(&node.path(&base.token)),
                None => Place::named(format!("phandle {number:#x}")),
            };
        }
        let Some(path) = value(b"target-path").and_then(|prop| text(prop.data(token))) else {
            return Place::named(format!("{} without a target", fragment.name(token)));
        };
        let known = self.base.and_then(|base| Some((base, base.by_path(path).ok()?)));
        match known {
            Some((base, node)) => Place::at(&node.path(&base.token)),
            None if path.starts_with('/') && path.len() <= MAX_PATH => Place::at(path),
            // An alias, or what nobody can have as a path.
            None => Place::named(path.into()),
        }
    }

    /// Where the node is that a reference leads to.
    pub(super) fn place_of(&self, to: To<'t>, other: &Side<'t>, depth: usize) -> Place {
        match to {
            To::Own(node) => self.place_of_own(node, other, depth),
            To::Label(label) => {
                let known = self.base.and_then(|base| Some((base, base.by_label(label).ok()?)));
                match (known, other.labels.get(label)) {
                    (Some((base, node)), _) => Place::at(&node.path(&base.token)),
                    (None, Some(&node)) if depth < 8 => other.place_of_own(node, self, depth + 1),
                    _ => Place::named(format!("&{label}")),
                }
            }
        }
    }

    /// Where a node of the overlay will be.
    fn place_of_own(&self, node: NodePtr, other: &Side<'t>, depth: usize) -> Place {
        let token = &self.inner.token;
        let mut above: Vec<NodePtr> = node.ancestors(token).collect();
        above.reverse();
        match above[..] {
            [_, fragment, overlay, ref tail @ ..] if overlay.name_bytes() == b"__overlay__" && depth < 8 => {
                let mut place = self.target(fragment, other, depth + 1);
                place.path.extend(tail.iter().map(|node| node.name(token).to_string()));
                place
            }
            _ => Place::named(format!("{} of the overlay", node.path(token))),
        }
    }
}
