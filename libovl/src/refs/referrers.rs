// SPDX-License-Identifier: MIT OR Apache-2.0
//! The other way round: what refers to nodes that are to go, and would dangle then.

use super::of_prop;
use crate::slab::{Node, NodePtr, PropPtr};
use crate::tree::{strings, Inner};

/// A property that refers to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// The path of the node that has the property.
    pub path: String,
    /// The property.
    pub property: String,
    /// The path of the node that it refers to.
    pub target: String,
    /// The phandle by which it does; none where it is a path, as in `/aliases`.
    pub phandle: Option<u32>,
}

impl std::fmt::Display for Referrer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Referrer { path, property, target, phandle } = self;
        write!(f, "{path}: property \"{property}\" refers to {target}")?;
        phandle.map_or(Ok(()), |phandle| write!(f, " (phandle {phandle:#x})"))
    }
}

impl Node {
    /// What refers to this node or to one below it, from elsewhere in the tree: by the phandles of the common bindings, and by the
    /// paths in `/aliases`, `/__symbols__` and `/chosen`. It would dangle without the node. Costs a pass over the tree; nothing
    /// refers to a node that is not in the tree any more.
    pub fn referrers(&self) -> Vec<Referrer> {
        let inner = self.core().read();
        let (node, token) = (self.ptr(), &inner.token);
        if !node.is_attached(token) {
            return Vec::new();
        }
        let goes = |other: NodePtr, _| other.ancestors(token).any(|above| above == node);
        inner.referrers(&|other| other == node, &|_| false, &goes)
    }
}

impl Inner {
    /// What refers to nodes that go, or, for references by phandle, that lose it. Nodes at which `leave` says so are not asked, with all below them, and neither are
    /// properties that `leaves` says so of.
    pub(crate) fn referrers(
        &self,
        leave: &dyn Fn(NodePtr) -> bool,
        leaves: &dyn Fn(PropPtr) -> bool,
        goes: &dyn Fn(NodePtr, Option<u32>) -> bool,
    ) -> Vec<Referrer> {
        let token = &self.token;
        let mut found = Vec::new();
        let Some(root) = self.root() else { return found };
        let mut next = Some(root);
        while let Some(node) = next {
            if leave(node) {
                next = self.behind(node, root);
                continue;
            }
            let by_path = node.parent(token) == Some(root)
                && matches!(node.name(token), "aliases" | "__symbols__" | "chosen");
            for prop in node.props(token).filter(|&prop| !leaves(prop)) {
                let mut tell = |target: NodePtr, phandle| {
                    found.push(Referrer {
                        path: node.path(token),
                        property: prop.name(token).into(),
                        target: target.path(token),
                        phandle,
                    });
                };
                for reference in of_prop(self, node, prop) {
                    if let Some(target) =
                        reference.target.filter(|&target| goes(target, Some(reference.phandle)))
                    {
                        tell(target, Some(reference.phandle));
                    }
                }
                for string in strings(prop.data(token)).filter(|_| by_path) {
                    // Behind a colon `stdout-path` has options.
                    let path = string.split(|&byte| byte == b':').next().unwrap_or_default();
                    let path = std::str::from_utf8(path).ok().filter(|path| path.starts_with('/'));
                    if let Some(target) =
                        path.and_then(|path| self.by_path(path).ok()).filter(|&node| goes(node, None))
                    {
                        tell(target, None);
                    }
                }
            }
            next = node.next_in(root, token);
        }
        found
    }

    /// The node behind all that is below this one.
    fn behind(&self, node: NodePtr, root: NodePtr) -> Option<NodePtr> {
        node.ancestors(&self.token)
            .take_while(|&above| above != root)
            .find_map(|node| node.links(&self.token).next)
    }
}
