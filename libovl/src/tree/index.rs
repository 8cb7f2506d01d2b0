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

/// Nodes with more properties than this are worth an index of them; `/__symbols__` is one, mostly.
pub(crate) const WIDE: usize = 32;

/// Finds a property of a wide node by its name.
#[derive(Default)]
pub(crate) struct PropIndex {
    table: HashTable<(u64, NodePtr, PropPtr)>,
    hasher: DefaultHashBuilder,
}

impl PropIndex {
    fn hash_of(&self, node: NodePtr, name: &[u8]) -> u64 {
        self.hasher.hash_one((node.address(), name))
    }

    pub(crate) fn find(&self, node: NodePtr, name: &[u8]) -> Option<PropPtr> {
        let hash = self.hash_of(node, name);
        let found = self.table.find(hash, |&(h, n, prop)| h == hash && n == node && prop.is_named(name));
        found.map(|&(_, _, prop)| prop)
    }

    fn entry(
        &mut self,
        node: NodePtr,
        prop: PropPtr,
        token: &Token,
    ) -> (Entry<'_, (u64, NodePtr, PropPtr)>, u64) {
        let name = prop.name(token).as_bytes();
        let hash = self.hash_of(node, name);
        let same = |&(h, n, p): &(u64, NodePtr, PropPtr)| h == hash && n == node && p.is_named(name);
        (self.table.entry(hash, same, |&(hash, _, _)| hash), hash)
    }

    /// Enters all properties of a node. Of several with one name the first counts, as everywhere.
    pub(crate) fn add_all(&mut self, node: NodePtr, token: &Token) {
        self.table.reserve(node.prop_count(token), |&(hash, _, _)| hash);
        for prop in node.props(token) {
            if let (Entry::Vacant(vacant), hash) = self.entry(node, prop, token) {
                vacant.insert((hash, node, prop));
            }
        }
    }

    /// Makes `prop` the one that its name leads to.
    pub(crate) fn set(&mut self, node: NodePtr, prop: PropPtr, token: &Token) {
        match self.entry(node, prop, token) {
            (Entry::Vacant(vacant), hash) => {
                vacant.insert((hash, node, prop));
            }
            (Entry::Occupied(mut occupied), _) => occupied.get_mut().2 = prop,
        }
    }

    pub(crate) fn remove(&mut self, node: NodePtr, prop: PropPtr, token: &Token) {
        if let (Entry::Occupied(occupied), _) = self.entry(node, prop, token) {
            occupied.remove();
        }
    }

    pub(crate) fn remove_all(&mut self, node: NodePtr, token: &Token) {
        node.props(token).for_each(|prop| self.remove(node, prop, token));
    }
}

/// In what a name may differ from the one that is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum But {
    /// It has a unit address.
    Address,
    /// It may have a unit address.
    AnyAddress,
    /// Upper and lower case.
    Case,
}

impl But {
    /// What is equal in names that are alike; none for a name that is like no other.
    fn key(self, name: &[u8]) -> Option<Box<[u8]>> {
        match self {
            But::Address => memchr::memchr(b'@', name).map(|at| name[..at].into()),
            But::AnyAddress => Some(name[..memchr::memchr(b'@', name).unwrap_or(name.len())].into()),
            But::Case => Some(name.to_ascii_lowercase().into()),
        }
    }

    fn is_alike(self, child: NodePtr, name: &[u8]) -> bool {
        let rest = || child.name_bytes().strip_prefix(name).map(|rest| rest.first());
        match self {
            But::Address => rest() == Some(Some(&b'@')),
            But::AnyAddress => matches!(rest(), Some(None | Some(&b'@'))),
            But::Case => child.name_bytes().eq_ignore_ascii_case(name),
        }
    }
}

type Likes = HashMap<Box<[u8]>, (NodePtr, Option<NodePtr>)>;

/// So many children are looked at one by one; of more it is remembered which are alike.
const FEW: usize = 64;

/// The first two children of `parent` that are called `name` but for one thing, if it has few: no lock is needed then.
pub(crate) fn alike_of_few(
    parent: NodePtr,
    name: &[u8],
    but: But,
    token: &Token,
) -> Option<(Option<NodePtr>, Option<NodePtr>)> {
    if parent.children(token).nth(FEW).is_some() {
        return None;
    }
    let mut alike = parent.children(token).filter(|&child| but.is_alike(child, name));
    Some((alike.next(), alike.next()))
}

/// Finds children by something like their names. It looks at few one by one, but where there are many it remembers them
/// until something changes: a hostile tree must not make every look-up a long walk.
#[derive(Default)]
pub(crate) struct Alike {
    known: HashMap<(NodePtr, But), Likes>,
}

impl Alike {
    /// The first two children of `parent` that are called `name`, but for one thing.
    pub(crate) fn find(
        &mut self,
        parent: NodePtr,
        name: &[u8],
        but: But,
        token: &Token,
    ) -> (Option<NodePtr>, Option<NodePtr>) {
        if let Some(found) = alike_of_few(parent, name, but, token) {
            return found;
        }
        let likes = self.known.entry((parent, but)).or_insert_with(|| {
            let mut likes = Likes::new();
            for child in parent.children(token) {
                let Some(key) = but.key(child.name_bytes()) else { continue };
                likes
                    .entry(key)
                    .and_modify(|(_, second)| {
                        second.get_or_insert(child);
                    })
                    .or_insert((child, None));
            }
            likes
        });
        let asked = if but == But::Case { name.to_ascii_lowercase() } else { name.to_vec() };
        likes.get(asked.as_slice()).map_or((None, None), |&(first, second)| (Some(first), second))
    }

    /// Forgets everything, because something changes.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }
}
