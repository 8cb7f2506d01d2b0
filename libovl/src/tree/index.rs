// SPDX-License-Identifier: MIT OR Apache-2.0
//! The indexes of a live tree: children by name, nodes by phandle, labels. Their cost does not grow with the tree.
//!
//! A sloppy base may have two siblings of one name or one phandle twice: the first in the document is found, as with
//! every other reader of such a tree; the others wait in the shadow until it goes.

use crate::slab::{NodePtr, PropPtr, Token};
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use std::hash::BuildHasher;

/// Finds the child of a node by its full name.
///
/// The hash is kept beside each entry, so that neither growing nor a collision touches the nodes.
#[derive(Default)]
pub(crate) struct ChildIndex {
    table: HashTable<(u64, NodePtr, NodePtr)>,
    hasher: DefaultHashBuilder,
    shadowed: Vec<(NodePtr, NodePtr)>,
}

impl ChildIndex {
    pub(crate) fn reserve(&mut self, additional: usize) {
        self.table.reserve(additional, |&(hash, ..)| hash);
    }

    fn hash(&self, parent: NodePtr, name: &[u8]) -> u64 {
        self.hasher.hash_one((parent.address(), name))
    }

    #[inline]
    pub(crate) fn find(&self, parent: NodePtr, name: &[u8]) -> Option<NodePtr> {
        let hash = self.hash(parent, name);
        self.table
            .find(hash, |&(h, p, child)| h == hash && p == parent && child.name_bytes() == name)
            .map(|&(_, _, child)| child)
    }

    /// False, and no change in what is found, if `parent` already has a child of this name.
    #[inline]
    pub(crate) fn insert(&mut self, parent: NodePtr, child: NodePtr) -> bool {
        let name = child.name_bytes();
        let hash = self.hash(parent, name);
        let same = |&(h, p, c): &(u64, NodePtr, NodePtr)| h == hash && p == parent && c.name_bytes() == name;
        match self.table.entry(hash, same, |&(hash, ..)| hash) {
            Entry::Vacant(vacant) => {
                vacant.insert((hash, parent, child));
                true
            }
            Entry::Occupied(_) => {
                self.shadowed.push((parent, child));
                false
            }
        }
    }

    pub(crate) fn remove(&mut self, parent: NodePtr, child: NodePtr) {
        let name = child.name_bytes();
        let hash = self.hash(parent, name);
        let Ok(found) = self.table.find_entry(hash, |&(h, _, c)| h == hash && c == child) else {
            self.shadowed.retain(|&(_, c)| c != child);
            return;
        };
        found.remove();
        let heir = self.shadowed.iter().position(|&(p, c)| p == parent && c.name_bytes() == name);
        if let Some(heir) = heir {
            let (parent, child) = self.shadowed.remove(heir);
            self.insert(parent, child);
        }
    }
}

/// Finds a node by its phandle.
#[derive(Default)]
pub(crate) struct PhandleIndex {
    map: HashMap<u32, NodePtr>,
    shadowed: Vec<(u32, NodePtr)>,
}

impl PhandleIndex {
    pub(crate) fn reserve(&mut self, additional: usize) {
        self.map.reserve(additional);
    }

    #[inline]
    pub(crate) fn find(&self, phandle: u32) -> Option<NodePtr> {
        self.map.get(&phandle).copied()
    }

    /// Numbers that stand for "none" are not entered.
    #[inline]
    pub(crate) fn insert(&mut self, phandle: u32, node: NodePtr) {
        if !is_phandle(phandle) {
            return;
        }
        match self.map.entry(phandle) {
            hashbrown::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(node);
            }
            hashbrown::hash_map::Entry::Occupied(_) => self.shadowed.push((phandle, node)),
        }
    }

    pub(crate) fn remove(&mut self, phandle: u32, node: NodePtr) {
        if self.find(phandle) != Some(node) {
            self.shadowed.retain(|&entry| entry != (phandle, node));
            return;
        }
        self.map.remove(&phandle);
        if let Some(heir) = self.shadowed.iter().position(|&(p, _)| p == phandle) {
            let (phandle, node) = self.shadowed.remove(heir);
            self.insert(phandle, node);
        }
    }

    pub(crate) fn max(&self) -> u32 {
        self.map.keys().copied().max().unwrap_or(0)
    }
}

/// Whether a number can be a node's phandle: not "none", and not "unresolved".
pub(crate) fn is_phandle(number: u32) -> bool {
    (1..=crate::fdt::MAX_PHANDLE).contains(&number)
}

/// Finds the property of `/__symbols__` for a label.
#[derive(Default)]
pub(crate) struct LabelIndex {
    table: HashTable<(u64, PropPtr)>,
    hasher: DefaultHashBuilder,
}

impl LabelIndex {
    pub(crate) fn find(&self, label: &[u8]) -> Option<PropPtr> {
        let hash = self.hasher.hash_one(label);
        self.table.find(hash, |&(h, prop)| h == hash && prop.is_named(label)).map(|&(_, prop)| prop)
    }

    /// Makes `prop` the one that its label leads to.
    pub(crate) fn set(&mut self, prop: PropPtr, token: &Token) {
        let label = prop.name(token).as_bytes();
        let hash = self.hasher.hash_one(label);
        match self.table.entry(hash, |&(h, p)| h == hash && p.is_named(label), |&(hash, _)| hash) {
            Entry::Vacant(vacant) => {
                vacant.insert((hash, prop));
            }
            Entry::Occupied(mut occupied) => occupied.get_mut().1 = prop,
        }
    }

    pub(crate) fn remove(&mut self, label: &[u8]) {
        let hash = self.hasher.hash_one(label);
        if let Ok(found) = self.table.find_entry(hash, |&(h, prop)| h == hash && prop.is_named(label)) {
            found.remove();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.table.clear();
    }
}
