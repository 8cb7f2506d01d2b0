// SPDX-License-Identifier: MIT OR Apache-2.0
//! The dry run of a removal: what refuses it, and what it would leave dangling.

use super::{remove, RemoveMode};
use crate::error::{busy, Error, Result};
use crate::refs::Referrer;
use crate::slab::NodePtr;
use crate::tree::Tree;

/// What the dry run of a removal found.
#[derive(Debug)]
pub struct RemoveReport {
    /// What refuses the removal.
    pub problem: Option<Error>,
    /// References to what would go, in nodes and properties that stay.
    pub dangling: Vec<Referrer>,
}

impl std::fmt::Display for RemoveReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problem.iter().try_for_each(|problem| writeln!(f, "problem: {problem}"))?;
        self.dangling.iter().try_for_each(|referrer| writeln!(f, "dangling: {referrer}"))
    }
}

impl Tree {
    /// Finds out what a removal would do, without doing it: what refuses it, and which references would dangle afterwards,
    /// because something refers to the overlay's nodes that is not known to. Costs a pass over the tree.
    ///
    /// # Errors
    /// [`Error::NotFound`], or in Linux's mode [`Error::Gone`], for an id that is not applied.
    pub fn check_remove(&self, id: i32, mode: RemoveMode) -> Result<RemoveReport> {
        let inner = self.read();
        let problem = if inner.pending.contains(&id) {
            Some(busy!("overlay {id} is in progress: listeners are being told of it"))
        } else {
            remove::find(&inner, id, mode)?;
            inner.layers.get(&id).and_then(|layer| remove::check(&inner, id, layer, mode).err())
        };
        let token = &inner.token;
        let loses_phandle = |node: NodePtr| {
            let props =
                [&b"phandle"[..], b"linux,phandle"].into_iter().filter_map(|name| inner.prop(node, name));
            props.into_iter().any(|prop| prop.origin() == id)
        };
        let goes = |node: NodePtr, by_phandle: Option<u32>| {
            node.ancestors(token).any(|above| above.origin() == id)
                || (by_phandle.is_some() && loses_phandle(node))
        };
        let dangling = inner.referrers(&|node| node.origin() == id, &|prop| prop.origin() == id, &goes);
        Ok(RemoveReport { problem, dangling })
    }
}
