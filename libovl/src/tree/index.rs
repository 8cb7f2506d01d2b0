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
#[derive(Default)]
pub(crate) struct ChildIndex {
    table: HashTable<NodePtr>,
    hasher: DefaultHashBuilder,
    shadowed: Vec<(NodePtr, NodePtr)>,
}

fn is_child(node: NodePtr, parent: NodePtr, name: &[u8], token: &Token) -> bool {
    node.name_bytes() == name && node.parent(token) == Some(parent)
}

impl ChildIndex {
    fn hash_of(hasher: &DefaultHashBuilder, parent: NodePtr, name: &[u8]) -> u64 {
        hasher.hash_one((parent.address(), name))
    }

    pub(crate) fn reserve(&mut self, additional: usize, token: &Token) {
        self.table.reserve(additional, rehash(&self.hasher, token));
    }

    #[inline]
    pub(crate) fn find(&self, parent: NodePtr, name: &[u8], token: &Token) -> Option<NodePtr> {
        let hash = Self::hash_of(&self.hasher, parent, name);
        self.table.find(hash, |&node| is_child(node, parent, name, token)).copied()
    }

    /// Enters a node that is linked to its parent. False, and no change in what is found, if that already has a child of
    /// this name.
    #[inline]
    pub(crate) fn insert(&mut self, parent: NodePtr, child: NodePtr, token: &Token) -> bool {
        let name = child.name_bytes();
        let hash = Self::hash_of(&self.hasher, parent, name);
        let same = |&node: &NodePtr| is_child(node, parent, name, token);
        match self.table.entry(hash, same, rehash(&self.hasher, token)) {
            Entry::Vacant(vacant) => {
                vacant.insert(child);
                true
            }
            Entry::Occupied(_) => {
                self.shadowed.push((parent, child));
                false
            }
        }
    }

    /// Takes out a node that is still linked to its parent.
    pub(crate) fn remove(&mut self, parent: NodePtr, child: NodePtr, token: &Token) {
        let name = child.name_bytes();
        let hash = Self::hash_of(&self.hasher, parent, name);
        let Ok(found) = self.table.find_entry(hash, |&node| node == child) else {
            self.shadowed.retain(|&(_, node)| node != child);
            return;
        };
        found.remove();
        let heir = self.shadowed.iter().position(|&(p, node)| p == parent && node.name_bytes() == name);
        if let Some(heir) = heir {
            let (parent, child) = self.shadowed.remove(heir);
            self.insert(parent, child, token);
        }
    }
}

/// The hash of a node that is in the table already.
fn rehash<'t>(hasher: &'t DefaultHashBuilder, token: &'t Token) -> impl Fn(&NodePtr) -> u64 + 't {
    move |node| {
        let parent = node.parent(token).expect("a child has a parent");
        ChildIndex::hash_of(hasher, parent, node.name_bytes())
    }
}

/// Finds a node by its phandle.
///
/// Compilers number phandles from 1 on, so most are an index; a blob that does not gets a map, as its numbers may be any.
#[derive(Default)]
pub(crate) struct PhandleIndex {
    dense: Vec<Option<NodePtr>>,
    sparse: HashMap<u32, NodePtr>,
    shadowed: Vec<(u32, NodePtr)>,
}

impl PhandleIndex {
    /// Prepares for `nodes` nodes, numbered from 1 on or a little sparser.
    pub(crate) fn reserve(&mut self, nodes: usize) {
        self.dense.resize(self.dense.len().max(nodes + 1), None);
    }

    #[inline]
    pub(crate) fn find(&self, phandle: u32) -> Option<NodePtr> {
        match self.dense.get(phandle as usize) {
            Some(&found) => found,
            None => self.sparse.get(&phandle).copied(),
        }
    }

    /// Numbers that stand for "none" are not entered.
    #[inline]
    pub(crate) fn insert(&mut self, phandle: u32, node: NodePtr) {
        if !is_phandle(phandle) {
            return;
        }
        if self.find(phandle).is_some() {
            self.shadowed.push((phandle, node));
        } else if let Some(place) = self.dense.get_mut(phandle as usize) {
            *place = Some(node);
        } else {
            self.sparse.insert(phandle, node);
        }
    }

    pub(crate) fn remove(&mut self, phandle: u32, node: NodePtr) {
        if self.find(phandle) != Some(node) {
            self.shadowed.retain(|&entry| entry != (phandle, node));
            return;
        }
        match self.dense.get_mut(phandle as usize) {
            Some(place) => *place = None,
            None => {
                self.sparse.remove(&phandle);
            }
        }
        if let Some(heir) = self.shadowed.iter().position(|&(p, _)| p == phandle) {
            let (phandle, node) = self.shadowed.remove(heir);
            self.insert(phandle, node);
        }
    }

    pub(crate) fn max(&self) -> u32 {
        let dense = self.dense.iter().rposition(Option::is_some).unwrap_or(0) as u32;
        self.sparse.keys().copied().max().unwrap_or(0).max(dense)
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

    /// Empties it, and prepares for `labels` labels.
    pub(crate) fn reset(&mut self, labels: usize) {
        self.table.clear();
        self.table.reserve(labels, |&(hash, _)| hash);
    }
}
