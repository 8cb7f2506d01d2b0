// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be done with a node entry: its place among others, and its list of properties.

use super::{Edits, Links, Node, NodePtr, NodeRef, PropPtr, PropRef, Slab, Slot, Token};
use crate::tree::Core;
use hashbrown::hash_map::Entry;
use std::sync::Arc;

impl NodePtr {
    /// The tree that the node belongs to.
    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.header().core
    }

    #[inline]
    pub(crate) fn name_bytes(&self) -> &[u8] {
        let (at, len) = (self.entry().name as usize, self.entry().name_len as usize);
        &self.header().blob()[at..at + len]
    }

    /// The name with its unit address; empty for the root.
    pub(crate) fn name(self, _: &Token) -> &str {
        // SAFETY: the lifetime is that of the token's lock, which keeps the tree as it is, or of a plan. The check admits
        // ASCII names only.
        unsafe { std::str::from_utf8_unchecked(&*(self.name_bytes() as *const [u8])) }
    }

    pub(crate) fn same_slab(self, other: NodePtr) -> bool {
        self.slab() == other.slab()
    }

    #[inline]
    pub(crate) fn phandle(self, token: &Token) -> u32 {
        *self.entry().phandle.get(token)
    }

    #[inline]
    pub(crate) fn is_attached(self, token: &Token) -> bool {
        *self.entry().attached.get(token)
    }

    #[inline]
    pub(crate) fn links(self, token: &Token) -> Links {
        *self.entry().links.get(token)
    }

    #[inline]
    pub(crate) fn parent(self, token: &Token) -> Option<NodePtr> {
        self.links(token).parent
    }

    pub(crate) fn children(self, token: &Token) -> impl Iterator<Item = NodePtr> + use<'_> {
        std::iter::successors(self.links(token).first, |child| child.links(token).next)
    }

    /// The node itself, its parent, and so on up to the root.
    pub(crate) fn ancestors(self, token: &Token) -> impl Iterator<Item = NodePtr> + use<'_> {
        std::iter::successors(Some(self), |node| node.parent(token))
    }

    /// The node and everything below it, in document order.
    pub(crate) fn subtree(self, token: &Token) -> impl Iterator<Item = NodePtr> + use<'_> {
        std::iter::successors(Some(self), move |node| node.next_in(self, token))
    }

    /// The node behind this one in document order, inside of the subtree of `top`.
    pub(crate) fn next_in(self, top: NodePtr, token: &Token) -> Option<NodePtr> {
        let links = self.links(token);
        if links.first.is_some() {
            return links.first;
        }
        let mut node = self;
        while node != top {
            let links = node.links(token);
            if links.next.is_some() {
                return links.next;
            }
            node = links.parent?;
        }
        None
    }

    /// The absolute path; that which it had, for a node that was detached under somebody's hands (O18).
    pub(crate) fn path(self, token: &Token) -> String {
        if let Some(path) = self.entry().edits.get(token).as_ref().and_then(|edits| edits.path.as_ref()) {
            return path.to_string();
        }
        let mut names: Vec<&str> =
            self.ancestors(token).filter(|n| n.parent(token).is_some()).map(|n| n.name(token)).collect();
        names.push("");
        names.reverse();
        if names.len() == 1 {
            "/".to_string()
        } else {
            names.join("/")
        }
    }

    /// Puts this node behind the last child of `parent`.
    pub(crate) fn link_below(self, parent: NodePtr, token: &mut Token) {
        let last = parent.entry().links.get_mut(token).last.replace(self);
        let links = Links { parent: Some(parent), prev: last, ..self.links(token) };
        self.entry().links.set(token, Links { next: None, ..links });
        match last {
            Some(last) => last.entry().links.get_mut(token).next = Some(self),
            None => parent.entry().links.get_mut(token).first = Some(self),
        }
    }

    /// Takes this node from among its siblings.
    pub(crate) fn unlink(self, token: &mut Token) {
        let Links { parent, next, prev, .. } = self.links(token);
        let Some(parent) = parent else { return };
        match prev {
            Some(prev) => prev.entry().links.get_mut(token).next = next,
            None => parent.entry().links.get_mut(token).first = next,
        }
        match next {
            Some(next) => next.entry().links.get_mut(token).prev = prev,
            None => parent.entry().links.get_mut(token).last = prev,
        }
        let links = self.entry().links.get_mut(token);
        (links.parent, links.next, links.prev) = (None, None, None);
    }

    pub(crate) fn set_phandle(self, token: &mut Token, phandle: u32) {
        self.entry().phandle.set(token, phandle);
    }

    pub(crate) fn set_attached(self, token: &mut Token) {
        self.entry().attached.set(token, true);
    }

    /// Says that the node is not in the tree any more, and hands out the tree's reference. Its path is kept where
    /// somebody else holds it, so call it before the node or one above it is unlinked.
    pub(crate) fn set_detached(self, token: &mut Token) -> NodeRef {
        if self.entry().refs.count() > 1 {
            let path = self.path(token);
            self.edits(token).path = Some(path.into());
        }
        self.entry().attached.set(token, false);
        NodeRef::owned(self)
    }

    fn edits(self, token: &mut Token) -> &mut Edits {
        self.entry().edits.get_mut(token).get_or_insert_default()
    }

    /// The properties that the node came with.
    pub(super) fn own_range(&self) -> impl Iterator<Item = PropPtr> + use<'_> {
        let (first, count) = (self.entry().first_prop as usize, self.entry().prop_count as usize);
        let slab = self.slab();
        (first..first + count).map(move |i| Slab::prop_at(slab, i))
    }

    /// The properties that the node came with, whatever became of them.
    pub(crate) fn own_props(self, _: &Token) -> impl Iterator<Item = PropPtr> + use<'_> {
        let (first, count) = (self.entry().first_prop as usize, self.entry().prop_count as usize);
        let slab = self.slab();
        (first..first + count).map(move |i| Slab::prop_at(slab, i))
    }

    fn edited(self, token: &Token) -> Option<&Edits> {
        self.entry().edits.get(token).as_deref()
    }

    /// Whether the properties are those that the node came with, so that they are one piece of its blob.
    pub(crate) fn has_own_props(self, token: &Token) -> bool {
        self.edited(token).is_none_or(|edits| edits.over.is_empty() && edits.added.is_empty())
    }

    fn own_count(self) -> usize {
        self.entry().prop_count as usize
    }

    /// The place of a property that the node came with in its range.
    fn own_place(self, prop: PropPtr) -> Option<usize> {
        if prop.slab() != self.slab() || self.own_count() == 0 {
            return None;
        }
        let first = Slab::prop_at(self.slab(), self.entry().first_prop as usize).address();
        let place = prop.address().checked_sub(first)? / size_of::<super::PropEntry>();
        (place < self.own_count()).then_some(place)
    }

    pub(crate) fn prop_count(self, token: &Token) -> usize {
        self.own_count() + self.edited(token).map_or(0, |edits| edits.added.len())
    }

    /// The property in force at position `index` of the list.
    #[inline]
    pub(crate) fn prop_at(self, token: &Token, index: usize) -> Option<PropPtr> {
        let edits = self.edited(token);
        if index >= self.own_count() {
            return edits?.added.get(index - self.own_count()).map(Slot::top);
        }
        Some(match edits.and_then(|edits| edits.over.get(&(index as u32))) {
            Some(slot) => slot.top(),
            None => Slab::prop_at(self.slab(), self.entry().first_prop as usize + index),
        })
    }

    /// The properties in force, in order.
    pub(crate) fn props(self, token: &Token) -> impl Iterator<Item = PropPtr> + use<'_> {
        (0..self.prop_count(token)).filter_map(move |i| self.prop_at(token, i))
    }

    /// The property of this name that is in force.
    pub(crate) fn prop(self, token: &Token, name: &[u8]) -> Option<PropPtr> {
        self.props(token).find(|prop| prop.is_named(name))
    }

    /// Every property that the node holds, those below one in force included.
    pub(crate) fn all_props(self, token: &Token) -> impl Iterator<Item = PropPtr> + use<'_> {
        let edited = self
            .edited(token)
            .into_iter()
            .flat_map(|edits| edits.over.values().chain(&edits.added).flat_map(Slot::all));
        self.own_props(token).chain(edited)
    }

    /// The property behind `prev` in the list, for iteration in steps. If `prev` has been replaced meanwhile, its successor
    /// in force counts as `prev`.
    pub(crate) fn prop_behind(self, token: &Token, prev: PropPtr) -> Option<PropPtr> {
        let index = self.own_place(prev).or_else(|| {
            let name = prev.name(token).as_bytes();
            // Itself first: others may have its name.
            let itself = self.props(token).position(|p| p == prev);
            itself.or_else(|| self.props(token).position(|p| p.is_named(name)))
        })?;
        self.prop_at(token, index + 1)
    }

    /// Puts a property in force: over `before`, the one of the same name that is, or else behind the last. The list takes over
    /// one reference.
    pub(crate) fn push_prop(self, token: &mut Token, prop: PropPtr, before: Option<PropPtr>) {
        let own = before.and_then(|before| self.own_place(before));
        let edits = self.edits(token);
        edits.puts += 1;
        let now = edits.puts;
        let covered = before.and_then(|before| edits.places.get(&before).copied());
        if let Some(place) = own.map(|place| place as u32).or(covered) {
            edits.places.insert(prop, place);
            match edits.over.entry(place) {
                Entry::Occupied(mut slot) => slot.get_mut().push(now, prop),
                Entry::Vacant(place) => drop(place.insert(Slot::new(now, prop))),
            }
            return;
        }
        match before.and_then(|before| edits.added.iter_mut().rfind(|slot| slot.top() == before)) {
            Some(slot) => slot.push(now, prop),
            None => edits.added.push(Slot::new(now, prop)),
        }
    }

    /// Takes a property out, wherever it is: the one in force gives way to the one below it (O16). Hands out the list's
    /// reference, and what is in force now.
    pub(crate) fn drop_prop(self, token: &mut Token, prop: PropPtr) -> Option<(PropRef, Option<PropPtr>)> {
        let own = |place: u32| Slab::prop_at(self.slab(), (self.entry().first_prop + place) as usize);
        let edits = self.edits(token);
        let mut now = None;
        if let Some(place) = edits.places.remove(&prop) {
            let slot = edits.over.get_mut(&place)?;
            if slot.take(prop).is_none() {
                edits.over.remove(&place);
            }
            now = Some(edits.over.get(&place).map_or_else(|| own(place), Slot::top));
        } else {
            // What came last goes first, most often.
            let index = edits.added.iter_mut().rposition(|slot| match slot.take(prop) {
                Some(found) => {
                    now = found.then(|| slot.top());
                    found
                }
                None => true,
            })?;
            let slot = edits.added.remove(index);
            if slot.top() != prop {
                // It is where the oldest value left would have put it (O14).
                let place = edits.added.partition_point(|other| other.since() < slot.since());
                edits.added.insert(place, slot);
            }
        }
        if edits.over.is_empty() && edits.added.is_empty() && edits.path.is_none() {
            self.entry().edits.set(token, None);
        }
        Some((PropRef::owned(prop), now))
    }

    /// Whether an overlay other than the node's own has put properties on it; and which.
    pub(crate) fn foreign_prop(self, token: &Token) -> Option<i32> {
        if self.has_own_props(token) {
            return None;
        }
        self.all_props(token).map(PropPtr::origin).find(|&origin| origin != self.origin())
    }

    /// Where the tokens of the node and of the properties that it came with are in its blob, from BEGIN_NODE on.
    pub(crate) fn token_range(self) -> std::ops::Range<usize> {
        let entry = self.entry();
        let start = entry.name as usize - 4;
        let end = match entry.prop_count {
            0 => entry.name as usize + entry.name_len as usize + 1,
            count => Slab::prop_at(self.slab(), (entry.first_prop + count - 1) as usize).value_range().end,
        };
        start..crate::fdt::align4(end)
    }
}

impl Node {
    /// The name with its unit address ("uart@9000"); empty for the root.
    pub fn name(&self) -> &str {
        // SAFETY: the handle keeps the blob, for as long as the result borrows the handle.
        let name: &[u8] = unsafe { &*(self.ptr().name_bytes() as *const [u8]) };
        std::str::from_utf8(name).expect("the check admits ASCII names only")
    }

    /// The name as C wants it, with its NUL, inside of the blob.
    pub fn c_name(&self) -> &std::ffi::CStr {
        let at = self.ptr().entry().name as usize;
        // SAFETY: as in `name`.
        let blob: &[u8] = unsafe { &*(&self.ptr().header().blob()[at..] as *const [u8]) };
        std::ffi::CStr::from_bytes_until_nul(blob).expect("names are terminated")
    }

    /// The overlay that brought the node, 0 for the base (O24).
    pub fn origin(&self) -> i32 {
        self.ptr().origin()
    }
}
