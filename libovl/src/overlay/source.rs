// SPDX-License-Identifier: MIT OR Apache-2.0
//! The overlay as it came: its own little tree, in which its fix-ups are paths.

use super::Mode;
use crate::error::Result;
use crate::slab::{Keep, NodePtr, PropPtr, Token};
use crate::tree::{Alike, But, ChildIndex, Core, PropIndex, WIDE};
use hashbrown::HashSet;
use std::cell::RefCell;
use std::sync::Arc;

/// An unflattened overlay that is not part of a tree yet.
pub(super) struct Source {
    pub(super) keep: Keep,
    /// Its children by name.
    pub(super) index: ChildIndex,
    /// Nodes that have an elder sibling of the same name.
    pub(super) twins: HashSet<NodePtr>,
    wide: PropIndex,
    alike: RefCell<Alike>,
}

impl Source {
    pub(super) fn new(core: &Arc<Core>, blob: &[u8], token: &Token) -> Result<Source> {
        let keep = Keep::unflatten(core, blob, false)?;
        let mut index = ChildIndex::default();
        let mut twins = HashSet::new();
        let mut wide = PropIndex::default();
        index.reserve(keep.layout().nodes, token);
        for node in keep.nodes() {
            if node.prop_count(token) > WIDE {
                wide.add_all(node, token);
            }
            if let Some(parent) = node.parent(token) {
                if !index.insert(parent, node, token) {
                    twins.insert(node);
                }
            }
        }
        Ok(Source { keep, index, twins, wide, alike: RefCell::default() })
    }

    pub(super) fn root(&self) -> NodePtr {
        self.keep.root()
    }

    /// A child of one of the names with a meaning in overlays. Linux takes it with any unit address too.
    pub(super) fn special(&self, token: &Token, parent: NodePtr, name: &str, mode: Mode) -> Option<NodePtr> {
        let exact = self.index.find(parent, name.as_bytes(), token);
        if exact.is_some() || mode != Mode::Linux {
            return exact;
        }
        self.alike(token, parent, name.as_bytes(), But::Address)
    }

    /// A child by name. Linux does not mind upper and lower case here.
    pub(super) fn child(&self, token: &Token, parent: NodePtr, name: &[u8], mode: Mode) -> Option<NodePtr> {
        let exact = self.index.find(parent, name, token);
        if exact.is_some() || mode != Mode::Linux {
            return exact;
        }
        self.alike(token, parent, name, But::Case)
    }

    /// A node by its path in the overlay; libfdt lets unit addresses be left out.
    pub(super) fn by_path(&self, token: &Token, path: &str, mode: Mode) -> Option<NodePtr> {
        let path = path.strip_prefix('/')?;
        path.split('/').try_fold(self.root(), |node, name| {
            match mode == Mode::Libfdt && !name.contains('@') {
                true => self.alike(token, node, name.as_bytes(), But::AnyAddress),
                false => self.index.find(node, name.as_bytes(), token),
            }
        })
    }

    /// The property of a node of this overlay.
    pub(super) fn prop(&self, token: &Token, node: NodePtr, name: &str) -> Option<PropPtr> {
        match node.prop_count(token) > WIDE {
            true => self.wide.find(node, name.as_bytes()),
            false => node.own_props(token).find(|prop| prop.is_named(name.as_bytes())),
        }
    }

    fn alike(&self, token: &Token, parent: NodePtr, name: &[u8], but: But) -> Option<NodePtr> {
        self.alike.borrow_mut().find(parent, name, but, token).0
    }
}
