// SPDX-License-Identifier: MIT OR Apache-2.0
//! A difference as an overlay: applied to the first tree it makes the second one, but for order and the numbers of phandles.
//!
//! Each node that is there already and changes is the target of one fragment, by its path. New nodes with a phandle are
//! numbered from 1 on, and whoever applies the overlay moves these numbers behind those of the tree. A reference to a new node
//! is in `__local_fixups__`; one to a node that has a label and a phandle, in `__fixups__`; to one that has a phandle only, it is
//! that number; and to one that has none, the overlay brings the phandle.

use super::neutral::Neutral;
use super::{by_name, is_phandle_name, numbered, root, with_both};
use crate::error::{invalid, Error, Result};
use crate::fdt::{self, Writer};
use crate::slab::{NodePtr, PropPtr};
use crate::tree::{text, Inner, Tree};
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// What becomes of what the second tree lacks: an overlay cannot take anything away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// It is an error that names all of it.
    #[default]
    Refuse,
    /// Nodes get `status = "disabled"`, and keep their labels and aliases. Properties are refused.
    Disable,
    /// It stays.
    Keep,
}

impl Tree {
    /// An overlay that makes `b` of `a`, but for the order of nodes and properties and for the numbers of phandles: with
    /// [`DiffOptions`](super::DiffOptions) that pass over both, the result of applying it does not differ from `b`. Trees
    /// that are equal give an overlay that changes nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] with a line for each thing that an overlay cannot do: what `b` lacks, unless `missing` says otherwise; a
    /// changed `name`, `#address-cells` or `#size-cells`; a change in the second of two nodes of one name.
    /// [`Error::TooBig`] where the overlay would be nested too deep.
    pub fn diff_overlay(a: &Tree, b: &Tree, missing: Missing) -> Result<Vec<u8>> {
        with_both(a, b, |a, b| {
            let mut build = Build::new(a, b, missing)?;
            build.nodes(root(a)?, root(b)?, false);
            if !build.refused.is_empty() {
                return Err(invalid!("no overlay can do this:\n{}", build.refused.join("\n")));
            }
            build.number()?;
            build.write()
        })
    }
}

/// What is to be done at one node of `a`.
struct Fragment {
    target: NodePtr,
    /// Its counterpart, where it has one.
    of_b: Option<NodePtr>,
    props: Vec<PropPtr>,
    children: Vec<NodePtr>,
    disable: bool,
}

struct Build<'t> {
    a: &'t Inner,
    b: &'t Inner,
    neutral: Neutral<'t>,
    missing: Missing,
    fragments: Vec<Fragment>,
    by_target: HashMap<NodePtr, usize>,
    /// What an overlay cannot do.
    refused: Vec<String>,
    /// Numbers that nodes have in the overlay: new ones of `b`, and nodes of `a` that had none.
    of_new: HashMap<NodePtr, u32>,
    given: HashMap<NodePtr, u32>,
    /// A label of each node of `a` that has any.
    labels: HashMap<NodePtr, &'t str>,
}

/// The references of a node of the overlay to others of it, as `__local_fixups__` has them.
#[derive(Default)]
struct Local<'t> {
    name: &'t str,
    props: Vec<(&'t str, Vec<u8>)>,
    children: Vec<Local<'t>>,
}

impl Local<'_> {
    fn is_empty(&self) -> bool {
        self.props.is_empty() && self.children.is_empty()
    }

    fn write(&self, writer: &mut Writer) {
        writer.begin(self.name);
        self.props.iter().for_each(|(name, offsets)| writer.prop(name, offsets));
        self.children.iter().for_each(|child| child.write(writer));
        writer.end();
    }
}

/// `__fixups__`: for each label the places that refer to it.
type Fixups<'t> = BTreeMap<&'t str, Vec<u8>>;

impl<'t> Build<'t> {
    fn new(a: &'t Inner, b: &'t Inner, missing: Missing) -> Result<Self> {
        Ok(Build {
            a,
            b,
            neutral: Neutral::of(a, b)?,
            missing,
            fragments: Vec::new(),
            by_target: HashMap::new(),
            refused: Vec::new(),
            of_new: HashMap::new(),
            given: HashMap::new(),
            labels: HashMap::new(),
        })
    }

    /// The fragment for a node of `a`.
    fn fragment(&mut self, target: NodePtr, of_b: Option<NodePtr>) -> &mut Fragment {
        let next = self.fragments.len();
        let at = *self.by_target.entry(target).or_insert(next);
        if at == next {
            let (props, children) = (Vec::new(), Vec::new());
            self.fragments.push(Fragment { target, of_b, props, children, disable: false });
        }
        &mut self.fragments[at]
    }

    /// Finds what differs below two nodes of the same place. No path leads to a `hidden` one: an elder sibling has its name.
    fn nodes(&mut self, a: NodePtr, b: NodePtr, hidden: bool) {
        let (ta, tb) = (&self.a.token, &self.b.token);
        let path = a.path(ta);
        let of_a = numbered(a.props(ta).filter(|&prop| !is_phandle_name(prop)), |p| p.name(ta));
        let of_b = numbered(b.props(tb).filter(|&prop| !is_phandle_name(prop)), |p| p.name(tb));
        let (in_a, in_b) = (by_name(&of_a), by_name(&of_b));
        for (key, prop) in &of_a {
            if !in_b.contains_key(key) {
                self.prop_missing(*prop, &path);
            }
        }
        for &(key, prop) in &of_b {
            let before = in_a.get(&key);
            if before.is_some_and(|&before| self.neutral.equal((a, before), (b, prop))) {
                continue;
            }
            let why = match key {
                (_, 2..) => "the node has several properties of this name",
                ("name", _) => "an overlay cannot set it",
                ("#address-cells" | "#size-cells", _) if before.is_some() => "an overlay cannot change it",
                _ if hidden => "an elder sibling has the node's name",
                (_, _) => {
                    self.fragment(a, Some(b)).props.push(prop);
                    continue;
                }
            };
            self.refused.push(format!("{path}: property \"{}\": {why}", key.0));
        }
        let of_a = numbered(a.children(ta), |node| node.name(ta));
        let of_b = numbered(b.children(tb), |node| node.name(tb));
        let (in_a, in_b) = (by_name(&of_a), by_name(&of_b));
        for (key, child) in &of_a {
            match in_b.get(key) {
                Some(&same) => self.nodes(*child, same, hidden || key.1 > 1),
                None => self.node_missing(*child, hidden || key.1 > 1),
            }
        }
        for (key, child) in of_b.iter().filter(|(key, _)| !in_a.contains_key(key)) {
            if hidden || key.1 > 1 {
                self.refused.push(format!("{}: an elder sibling has its name", child.path(tb)));
            } else if let Some(twin) = child.subtree(tb).find(|node| has_twins(*node, self.b)) {
                let path = twin.path(tb);
                self.refused.push(format!("{path}: two of its nodes or properties have one name"));
            } else {
                self.fragment(a, Some(b)).children.push(*child);
            }
        }
    }

    fn node_missing(&mut self, node: NodePtr, hidden: bool) {
        let token = &self.a.token;
        let path = node.path(token);
        // These stand for no device, and nobody looks at a status of theirs.
        let no_device = matches!(path.as_str(), "/aliases" | "/chosen") || path.starts_with("/__");
        match self.missing {
            Missing::Keep => {}
            Missing::Disable if !hidden && !no_device => {
                let status = self.a.prop(node, b"status").map(|status| status.data(token));
                if status.is_none_or(|status| matches!(status, b"okay\0" | b"ok\0")) {
                    self.fragment(node, None).disable = true;
                }
            }
            _ => self.refused.push(format!("{path}: the second tree lacks this node")),
        }
    }

    fn prop_missing(&mut self, prop: PropPtr, path: &str) {
        let token = &self.a.token;
        // The label or alias of a node that is disabled.
        let of_disabled = || {
            let target = text(prop.data(token)).and_then(|path| self.a.by_path(path).ok());
            matches!(path, "/__symbols__" | "/aliases")
                && target.is_some_and(|node| !self.neutral.has_in_b(node))
        };
        match self.missing {
            Missing::Keep => {}
            Missing::Disable if of_disabled() => {}
            _ => {
                self.refused.push(format!("{path}: the second tree lacks property \"{}\"", prop.name(token)))
            }
        }
    }

    /// Gives out the numbers that phandles have in the overlay.
    fn number(&mut self) -> Result<()> {
        let token = &self.b.token;
        let new: Vec<NodePtr> =
            self.fragments.iter().flat_map(|fragment| &fragment.children).copied().collect();
        let new: Vec<NodePtr> = new.into_iter().flat_map(|node| node.subtree(token)).collect();
        let mut last = 0;
        for &node in new.iter().filter(|node| node.phandle(token) != 0) {
            last += 1;
            self.of_new.insert(node, last);
        }
        let changed =
            self.fragments.iter().filter_map(|fragment| Some((fragment.of_b?, fragment.props.clone())));
        let mut written: Vec<(NodePtr, Vec<PropPtr>)> = changed.collect();
        written.extend(new.into_iter().map(|node| (node, node.props(token).collect())));
        for (node, props) in written {
            let targets = props.into_iter().flat_map(|prop| self.neutral.spots_of_b(node, prop));
            for target in targets.filter_map(|(_, target)| target).collect::<Vec<_>>() {
                let Some(there) = self.neutral.in_a(target) else { continue };
                if there.phandle(&self.a.token) == 0 && !self.given.contains_key(&there) {
                    last += 1;
                    self.given.insert(there, last);
                    self.fragment(there, Some(target));
                }
            }
        }
        if self.fragments.is_empty() {
            // An overlay has a fragment, also one that changes nothing.
            self.fragment(root(self.a)?, None);
        }
        let token = &self.a.token;
        for symbol in self.a.symbols.iter().flat_map(|symbols| symbols.props(token)) {
            let Some(path) = text(symbol.data(token)) else { continue };
            let node = self.a.by_path(path).ok().filter(|node| node.phandle(token) != 0);
            if let Some(node) = node.filter(|node| node.path(token) == path) {
                self.labels.entry(node).or_insert(symbol.name(token));
            }
        }
        Ok(())
    }

    fn write(&self) -> Result<Vec<u8>> {
        let (mut writer, mut fixups) = (Writer::new(), Fixups::new());
        writer.begin("");
        let names: Vec<String> = (0..self.fragments.len()).map(|i| format!("fragment@{i}")).collect();
        let mut local = Local { name: "__local_fixups__", ..Local::default() };
        for (fragment, name) in self.fragments.iter().zip(&names) {
            writer.begin(name);
            writer.prop("target-path", format!("{}\0", fragment.target.path(&self.a.token)).as_bytes());
            writer.begin("__overlay__");
            let mut path = format!("/{name}/__overlay__");
            let mut of_overlay = Local { name: "__overlay__", ..Local::default() };
            if fragment.disable {
                writer.prop("status", b"disabled\0");
            }
            if let Some(number) = self.given.get(&fragment.target) {
                writer.prop("phandle", &number.to_be_bytes());
            }
            if let Some(node) = fragment.of_b {
                let props = fragment.props.iter().copied();
                self.write_props(&mut writer, node, props, &path, &mut of_overlay, &mut fixups);
            }
            for &child in &fragment.children {
                let of_child = self.write_node(&mut writer, child, &mut path, &mut fixups);
                of_overlay.children.extend(of_child);
            }
            writer.end();
            writer.end();
            if !of_overlay.is_empty() {
                local.children.push(Local { name, children: vec![of_overlay], ..Local::default() });
            }
        }
        if !fixups.is_empty() {
            writer.begin("__fixups__");
            fixups.iter().for_each(|(label, places)| writer.prop(label, places));
            writer.end();
        }
        if !local.is_empty() {
            local.write(&mut writer);
        }
        writer.end();
        if writer.finished_size(0) > u32::MAX as usize {
            return Err(Error::TooBig("the overlay does not fit a blob of 4 GiB".into()));
        }
        let blob = writer.finish(&[], 0);
        // In an overlay everything is two nodes deeper, and three in its tables.
        match fdt::check(&blob) {
            Ok(()) => Ok(blob),
            Err(error) => {
                Err(Error::TooBig(format!("the second tree does not fit into an overlay: {error}")))
            }
        }
    }

    /// Writes a new node with everything in it.
    fn write_node(
        &self,
        writer: &mut Writer,
        node: NodePtr,
        path: &mut String,
        fixups: &mut Fixups<'t>,
    ) -> Option<Local<'t>> {
        let token = &self.b.token;
        let name = node.name(token);
        let above = path.len();
        path.push('/');
        path.push_str(name);
        let mut local = Local { name, ..Local::default() };
        writer.begin(name);
        self.write_props(writer, node, node.props(token), path, &mut local, fixups);
        for child in node.children(token) {
            local.children.extend(self.write_node(writer, child, path, fixups));
        }
        writer.end();
        path.truncate(above);
        (!local.is_empty()).then_some(local)
    }

    /// Writes properties of a node of `b`, with their references as the overlay has them.
    fn write_props(
        &self,
        writer: &mut Writer,
        node: NodePtr,
        props: impl Iterator<Item = PropPtr>,
        path: &str,
        local: &mut Local<'t>,
        fixups: &mut Fixups<'t>,
    ) {
        let token = &self.b.token;
        for prop in props {
            let name = prop.name(token);
            let mut value = prop.data(token).to_vec();
            if let (true, 4, Some(number)) = (is_phandle_name(prop), value.len(), self.of_new.get(&node)) {
                value.copy_from_slice(&number.to_be_bytes());
            }
            let mut offsets = Vec::new();
            for (offset, target) in self.neutral.spots_of_b(node, prop) {
                let Some(target) = target else { continue };
                let there = self.neutral.in_a(target);
                let own = self.of_new.get(&target).or_else(|| self.given.get(&there?));
                let number = match (own, there) {
                    (Some(&own), _) => {
                        offsets.extend((offset as u32).to_be_bytes());
                        own
                    }
                    (None, Some(there)) => match self.labels.get(&there) {
                        // The parts of a fix-up are separated by colons.
                        Some(label) if !path.contains(':') && !name.contains(':') => {
                            let place = format!("{path}:{name}:{offset}\0");
                            fixups.entry(label).or_default().extend(place.as_bytes());
                            u32::MAX
                        }
                        _ => there.phandle(&self.a.token),
                    },
                    (None, None) => continue,
                };
                value[offset..offset + 4].copy_from_slice(&number.to_be_bytes());
            }
            writer.prop(name, &value);
            if !offsets.is_empty() {
                local.props.push((name, offsets));
            }
        }
    }
}

/// Whether two properties or two children have one name.
fn has_twins(node: NodePtr, inner: &Inner) -> bool {
    let token = &inner.token;
    numbered(node.props(token), |prop| prop.name(token)).iter().any(|(key, _)| key.1 > 1)
        || numbered(node.children(token), |child| child.name(token)).iter().any(|(key, _)| key.1 > 1)
}
