// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which nodes have devices: every one that has `compatible` and is available, with all nodes above it up to one below which the
//! bus is populated.

use super::state::{Dropped, State};
use crate::slab::{Node, NodePtr, Token};
use crate::tree::{is_available, Inner};
use kref::track;

impl State {
    /// From now on there are devices below a node, or none.
    pub(super) fn mark(&mut self, inner: &Inner, node: NodePtr, on: bool, batch: u64, dropped: &mut Dropped) {
        let token = &inner.token;
        self.unmark(token, node, dropped);
        if self.reaches_below(token, node) != on {
            let held = track::with_tag(super::device::BUS, || Node::new(node));
            self.marks.insert(node, (held, on));
        }
        for child in node.children(token) {
            self.sync(inner, child, on, batch, dropped);
        }
    }

    /// Makes the devices that there should be of a node and of what is below it, and has the others leave. To be called when
    /// something has changed that it depends on.
    pub(super) fn update(&mut self, inner: &Inner, top: NodePtr, batch: u64, dropped: &mut Dropped) {
        let token = &inner.token;
        if !top.is_attached(token) {
            self.unmark(token, top, dropped);
        }
        let above = top.parent(token).is_some_and(|parent| self.reaches_below(token, parent));
        self.sync(inner, top, above, batch, dropped);
    }

    /// `above`: whether there are devices where the node is.
    fn sync(&mut self, inner: &Inner, node: NodePtr, above: bool, batch: u64, dropped: &mut Dropped) {
        let token = &inner.token;
        let here = above && node.is_attached(token) && is_available(node, token);
        match self.slots.at(node) {
            None if here && inner.prop(node, b"compatible").is_some() => self.add(node),
            None => {}
            Some(seq) if here && inner.prop(node, b"compatible").is_some() => self.stay(seq),
            Some(seq) => self.leave(seq, batch, false, dropped),
        }
        let below = self.marks.get(&node).map_or(here, |&(_, on)| on);
        for child in node.children(token) {
            self.sync(inner, child, below, batch, dropped);
        }
    }

    /// Whether there are devices below a node.
    fn reaches_below(&self, token: &Token, node: NodePtr) -> bool {
        for above in node.ancestors(token) {
            if let Some(&(_, on)) = self.marks.get(&above) {
                return on;
            }
            if !is_available(above, token) {
                return false;
            }
        }
        false
    }

    /// Forgets what was said of a node and of what is below it.
    fn unmark(&mut self, token: &Token, top: NodePtr, dropped: &mut Dropped) {
        let inside = |node: &NodePtr| node.ancestors(token).any(|above| above == top);
        let gone = self.marks.extract_if(|node, _| inside(node));
        dropped.nodes.extend(gone.map(|(_, (node, _))| node));
    }
}
