// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be done with a node entry: its name and its place among others.

use super::{Links, Node, NodePtr, NodeRef, Slab, Token};
use crate::tree::Core;
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

    /// The absolute path; for a node that is not in the tree, the one that it had or will have (O18, O20).
    pub(crate) fn path(self, token: &Token) -> String {
        let mut names = Vec::new();
        let mut node = self;
        let start = loop {
            if let Some(path) = node.kept_path(token) {
                break path;
            }
            match node.parent(token) {
                Some(parent) => {
                    names.push(node.name(token));
                    node = parent;
                }
                // A root, or a node that was never attached.
                None => break node.name(token),
            }
        };
        names.push(start.trim_end_matches('/'));
        names.reverse();
        match &names[..] {
            [""] => "/".to_string(),
            names => names.join("/"),
        }
    }

    /// Puts this node in front of `next`, or behind the last child of `parent`.
    pub(crate) fn link_below(self, parent: NodePtr, next: Option<NodePtr>, token: &mut Token) {
        let prev = match next {
            Some(next) => next.entry().links.get_mut(token).prev.replace(self),
            None => parent.entry().links.get_mut(token).last.replace(self),
        };
        let links = Links { parent: Some(parent), prev, next, ..self.links(token) };
        self.entry().links.set(token, links);
        match prev {
            Some(prev) => prev.entry().links.get_mut(token).next = Some(self),
            None => parent.entry().links.get_mut(token).first = Some(self),
        }
        parent.note_child(self, true, token);
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
        parent.note_child(self, false, token);
    }

    /// Forgets all neighbours, for what is out of the tree for good: they may be freed before this node is.
    pub(crate) fn forget_links(self, token: &mut Token) {
        self.entry().links.set(token, Links::default());
    }

    pub(crate) fn set_phandle(self, token: &mut Token, phandle: u32) {
        self.entry().phandle.set(token, phandle);
    }

    pub(crate) fn set_attached(self, token: &mut Token) {
        self.entry().attached.set(token, true);
        self.keep_path(token, None);
    }

    /// Says that the node is not in the tree any more, and hands out the tree's reference. Its path is kept where
    /// somebody else holds it, so call it before the node or one above it is unlinked.
    pub(crate) fn set_detached(self, token: &mut Token) -> NodeRef {
        if self.entry().refs.count() > 1 {
            let path = self.path(token);
            self.keep_path(token, Some(path));
        }
        self.entry().attached.set(token, false);
        NodeRef::owned(self)
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
