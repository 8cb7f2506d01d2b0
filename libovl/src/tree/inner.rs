// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the tree's lock protects, and the four changes that everything else is made of: attach, detach, push, drop.

use super::index::{alike_of_few, Alike, But, ChildIndex, PhandleIndex, PropIndex, WIDE};
use crate::changeset::Layer;
use crate::slab::{Keep, NodePtr, NodeRef, PropPtr, PropRef, Token};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

pub(crate) const SYMBOLS: &[u8] = b"__symbols__";

/// A tree's structure, indexes and layers.
pub(crate) struct Inner {
    pub(crate) token: Token,
    /// The base: none before it is installed and after the last handle of the tree is gone.
    pub(crate) base: Option<Keep>,
    pub(crate) children: ChildIndex,
    pub(crate) phandles: PhandleIndex,
    /// The properties of attached nodes that are wide.
    wide: PropIndex,
    alike: Mutex<Alike>,
    /// `/__symbols__`, and the slab it came with if an overlay needed one where the base has none (O9).
    pub(crate) symbols: Option<NodePtr>,
    pub(crate) made_symbols: Option<Keep>,
    /// The overlays and changesets that are applied, by id.
    pub(crate) layers: BTreeMap<i32, Layer>,
    /// Those that listeners are just being told of.
    pub(crate) pending: BTreeSet<i32>,
    /// How often the tree has changed.
    pub(crate) generation: u64,
    /// The first and the last id given out here, for telling a stale id from one that never was.
    pub(crate) ids: Option<(i32, i32)>,
    base_phandle: u32,
    /// The highest phandle of each layer that has any.
    layer_phandles: BTreeSet<(u32, i32)>,
}

impl Inner {
    pub(crate) fn empty() -> Inner {
        Inner {
            token: Token(()),
            base: None,
            children: ChildIndex::default(),
            phandles: PhandleIndex::default(),
            wide: PropIndex::default(),
            alike: Mutex::default(),
            symbols: None,
            made_symbols: None,
            layers: BTreeMap::new(),
            pending: BTreeSet::new(),
            generation: 0,
            ids: None,
            base_phandle: 0,
            layer_phandles: BTreeSet::new(),
        }
    }

    /// Makes a base that was just unflattened the content of this still empty tree.
    pub(crate) fn install(&mut self, base: Keep) {
        self.children.reserve(base.layout().nodes, &self.token);
        self.phandles.reserve(base.layout().nodes);
        for node in base.nodes() {
            if let Some(parent) = node.parent(&self.token) {
                self.children.insert(parent, node, &self.token);
            }
            self.phandles.insert(node.phandle(&self.token), node);
            if self.is_wide(node) {
                self.wide.add_all(node, &self.token);
            }
        }
        self.base_phandle = self.phandles.max();
        self.symbols = self.find_child(base.root(), SYMBOLS);
        self.base = Some(base);
    }

    /// Takes everything out, for the end of the tree. What has to be dropped without the lock is handed out.
    pub(crate) fn clear(&mut self, nodes: &mut Vec<NodeRef>) -> Inner {
        if let Some(root) = self.base.as_ref().map(Keep::root) {
            let all: Vec<NodePtr> = root.subtree(&self.token).collect();
            nodes.reserve(all.len());
            nodes.extend(all.into_iter().map(|node| node.set_detached(&mut self.token)));
        }
        std::mem::replace(self, Inner::empty())
    }

    /// The root, unless the tree is gone.
    pub(crate) fn root(&self) -> Option<NodePtr> {
        self.base.as_ref().map(Keep::root)
    }

    /// The child of exactly this name.
    #[inline]
    pub(crate) fn find_child(&self, parent: NodePtr, name: &[u8]) -> Option<NodePtr> {
        self.children.find(parent, name, &self.token)
    }

    /// The highest phandle in the tree.
    pub(crate) fn max_phandle(&self) -> u32 {
        self.layer_phandles.last().map_or(0, |&(phandle, _)| phandle).max(self.base_phandle)
    }

    /// Remembers, or with `present` false forgets, the highest phandle that an overlay or changeset brings.
    pub(crate) fn note_max_phandle(&mut self, id: i32, phandle: u32, present: bool) {
        match present {
            true if phandle > 0 => {
                self.layer_phandles.insert((phandle, id));
            }
            true => {}
            false => {
                self.layer_phandles.remove(&(phandle, id));
            }
        }
    }

    /// What the layer `id` has brought stays for good, its phandles too.
    pub(crate) fn settle_max_phandle(&mut self, id: i32, phandle: u32) {
        self.note_max_phandle(id, phandle, false);
        self.base_phandle = self.base_phandle.max(phandle);
    }

    /// The first two children called `name` but for one thing, in nodes that are attached.
    pub(crate) fn alike(&self, parent: NodePtr, name: &[u8], but: But) -> (Option<NodePtr>, Option<NodePtr>) {
        if !parent.is_attached(&self.token) {
            return (None, None);
        }
        alike_of_few(parent, name, but, &self.token)
            .unwrap_or_else(|| kref::sync::lock(&self.alike).find(parent, name, but, &self.token))
    }

    fn forget_alike(&mut self) {
        self.alike.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner()).forget();
    }

    /// The `/__symbols__` that overlays needed stays behind all other nodes: its place says nothing of which came first.
    pub(crate) fn move_made_symbols_last(&mut self) {
        if let (Some(symbols), Some(_), Some(root)) = (self.symbols, &self.made_symbols, self.root()) {
            symbols.unlink(&mut self.token);
            symbols.link_below(root, None, &mut self.token);
        }
    }

    fn is_symbols(&self, node: NodePtr) -> bool {
        node.name_bytes() == SYMBOLS
            && self.root().and_then(|root| self.find_child(root, SYMBOLS)) == Some(node)
    }

    /// Makes `node` and all that is below it part of the tree, in front of `next` or as the last child of `parent`. The tree
    /// takes over one reference of each node.
    pub(crate) fn attach(&mut self, parent: NodePtr, node: NodePtr, next: Option<NodePtr>) {
        self.forget_alike();
        node.link_below(parent, next, &mut self.token);
        let mut next = Some(node);
        while let Some(this) = next {
            this.set_attached(&mut self.token);
            let parent = this.parent(&self.token).expect("it was just linked");
            self.children.insert(parent, this, &self.token);
            self.phandles.insert(this.phandle(&self.token), this);
            if self.is_wide(this) {
                self.wide.add_all(this, &self.token);
            }
            next = this.next_in(node, &self.token);
        }
        if self.is_symbols(node) {
            self.symbols = Some(node);
        }
    }

    /// Takes `node` and all that is below it out of the tree, and hands out the tree's references. With `returns`
    /// they stay linked with each other, for when they are put back: whoever does that keeps them.
    pub(crate) fn detach(&mut self, node: NodePtr, returns: bool, taken: &mut Vec<NodeRef>) {
        self.forget_alike();
        let was_symbols = self.symbols == Some(node);
        let all: Vec<NodePtr> = node.subtree(&self.token).collect();
        for &this in &all {
            taken.push(this.set_detached(&mut self.token));
        }
        for &this in &all {
            if this.prop_count(&self.token) > WIDE {
                self.wide.remove_all(this, &self.token);
            }
            let parent = this.parent(&self.token).expect("the root stays");
            self.children.remove(parent, this, &self.token);
            self.phandles.remove(this.phandle(&self.token), this);
        }
        node.unlink(&mut self.token);
        if !returns {
            all.into_iter().for_each(|this| this.forget_links(&mut self.token));
        }
        if was_symbols {
            self.symbols = self.root().and_then(|root| self.find_child(root, SYMBOLS));
        }
    }

    fn is_wide(&self, node: NodePtr) -> bool {
        node.is_attached(&self.token) && node.prop_count(&self.token) > WIDE
    }

    /// The property of this name that is in force on a node. Its cost does not grow with the node.
    pub(crate) fn prop(&self, node: NodePtr, name: &[u8]) -> Option<PropPtr> {
        match self.is_wide(node) {
            true => self.wide.find(node, name),
            false => node.prop(&self.token, name),
        }
    }

    /// The property of `/__symbols__` for a label.
    pub(crate) fn symbol(&self, label: &str) -> Option<PropPtr> {
        self.prop(self.symbols?, label.as_bytes())
    }

    /// Puts a property in force on a node, or with `hides` the absence of one. The node takes over one reference.
    pub(crate) fn push_prop(&mut self, node: NodePtr, prop: PropPtr, hides: bool) {
        let before = self.prop(node, prop.name(&self.token).as_bytes());
        let was_wide = self.is_wide(node);
        node.push_prop(&mut self.token, prop, before, hides);
        self.prop_has_changed(node, prop, (!hides).then_some(prop), was_wide);
    }

    /// Takes a property out of a node, whether it is in force or covered, and hands out the node's reference.
    pub(crate) fn drop_prop(&mut self, node: NodePtr, prop: PropPtr) -> Option<PropRef> {
        let was_wide = self.is_wide(node);
        let dropped = node.drop_prop(&mut self.token, prop)?;
        self.prop_has_changed(node, prop, dropped.now, was_wide);
        Some(dropped.prop)
    }

    /// Instead of what `prop` was or is, `now` is in force.
    fn prop_has_changed(&mut self, node: NodePtr, prop: PropPtr, now: Option<PropPtr>, was_wide: bool) {
        if was_wide {
            match now {
                Some(now) => self.wide.set(node, now, &self.token),
                None => self.wide.remove(node, prop, &self.token),
            }
            if !self.is_wide(node) {
                self.wide.remove_all(node, &self.token);
            }
        } else if self.is_wide(node) {
            self.wide.add_all(node, &self.token);
        }
        self.phandle_may_have_changed(node, prop);
    }

    fn phandle_may_have_changed(&mut self, node: NodePtr, prop: PropPtr) {
        if !prop.is_named(b"phandle") && !prop.is_named(b"linux,phandle") {
            return;
        }
        // As when a blob is read: the first that is a number counts.
        let number = |prop: PropPtr| {
            let named = prop.is_named(b"phandle") || prop.is_named(b"linux,phandle");
            let data = prop.data(&self.token).try_into().ok().filter(|_| named)?;
            Some(u32::from_be_bytes(data)).filter(|&phandle| phandle != 0)
        };
        let now = node.props(&self.token).find_map(number).unwrap_or(0);
        let before = node.phandle(&self.token);
        if now != before {
            let is_attached = node.is_attached(&self.token);
            if is_attached {
                self.phandles.remove(before, node);
            }
            node.set_phandle(&mut self.token, now);
            if is_attached {
                self.phandles.insert(now, node);
            }
        }
    }
}
