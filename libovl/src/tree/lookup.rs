// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finding nodes: by path and alias, phandle, label, compatible, and from one node to the next (O3).

use super::{But, Inner, Tree};
use crate::error::{invalid, not_found, Error, Result};
use crate::slab::{Node, NodePtr, Token};

impl Inner {
    fn alive_root(&self) -> Result<NodePtr> {
        self.root().ok_or_else(|| Error::Gone("the tree is gone".into()))
    }

    /// The child of this name; a name without unit address also stands for the only child with that name and any address.
    pub(crate) fn child(&self, parent: NodePtr, name: &str) -> Result<Option<NodePtr>> {
        if let Some(child) = self.find_child(parent, name.as_bytes()) {
            return Ok(Some(child));
        }
        if name.contains('@') {
            return Ok(None);
        }
        match self.alike(parent, name.as_bytes(), But::Address) {
            (Some(first), Some(second)) => Err(invalid!(
                "\"{name}\" is ambiguous in {}: {} and {}",
                parent.path(&self.token),
                first.name(&self.token),
                second.name(&self.token)
            )),
            (found, _) => Ok(found),
        }
    }

    /// What an alias stands for.
    pub(crate) fn alias(&self, alias: &str) -> Option<&str> {
        let aliases = self.find_child(self.root()?, b"aliases")?;
        text(self.prop(aliases, alias.as_bytes())?.data(&self.token))
    }

    /// Follows `path`: absolute, or starting with an alias. Empty components (a slash too many) are passed over.
    pub(crate) fn by_path(&self, path: &str) -> Result<NodePtr> {
        let root = self.alive_root()?;
        let (start, rest) = match path.strip_prefix('/') {
            Some(rest) => (root, rest),
            None => {
                let (alias, rest) = path.split_once('/').unwrap_or((path, ""));
                let target =
                    self.alias(alias).ok_or_else(|| not_found!("no alias \"{alias}\" in /aliases"))?;
                let target = target.strip_prefix('/').ok_or_else(|| {
                    invalid!("alias \"{alias}\" stands for \"{target}\", which is not an absolute path")
                })?;
                (self.descend(root, target, path)?, rest)
            }
        };
        self.descend(start, rest, path)
    }

    /// Follows the components of `path` down from `start`; `whole` is for the message.
    pub(crate) fn descend(&self, start: NodePtr, path: &str, whole: &str) -> Result<NodePtr> {
        let mut node = start;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            node = self
                .child(node, name)?
                .ok_or_else(|| not_found!("{whole}: no node \"{name}\" in {}", node.path(&self.token)))?;
        }
        Ok(node)
    }

    /// The path that a label stands for, as `/__symbols__` has it.
    pub(crate) fn label(&self, label: &str) -> Result<&str> {
        if self.symbols.is_none() {
            return Err(not_found!("label \"{label}\": the tree has no /__symbols__"));
        }
        let symbol =
            self.symbol(label).ok_or_else(|| not_found!("label \"{label}\" is not in /__symbols__"))?;
        text(symbol.data(&self.token))
            .ok_or_else(|| invalid!("label \"{label}\": its entry in /__symbols__ is not a path"))
    }

    pub(crate) fn by_label(&self, label: &str) -> Result<NodePtr> {
        self.by_path(self.label(label)?)
    }
}

/// A property's value as a single string.
pub(crate) fn text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value.strip_suffix(&[0])?).ok().filter(|text| !text.contains('\0'))
}

impl Tree {
    /// The root.
    ///
    /// # Errors
    /// None while the tree has a handle, as it has here; the signature is that of the other look-ups.
    pub fn root(&self) -> Result<Node> {
        let inner = self.read();
        inner.alive_root().map(Node::new)
    }

    /// Finds a node by its absolute path, or one that starts with an alias ("serial0/child"). Unit addresses may be left out
    /// where that is unambiguous. Costs one hash per component; one without its address, a pass over its siblings.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for an ambiguous path.
    pub fn node_by_path(&self, path: &str) -> Result<Node> {
        let inner = self.read();
        inner.by_path(path).map(Node::new)
    }

    /// Finds a node by its phandle. Costs one hash.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn node_by_phandle(&self, phandle: u32) -> Result<Node> {
        let inner = self.read();
        match inner.phandles.find(phandle) {
            Some(node) => Ok(Node::new(node)),
            None => Err(not_found!("no node with phandle {phandle:#x}")),
        }
    }

    /// Finds a node by its label in `/__symbols__`.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] where the entry of the label is not a path.
    pub fn node_by_label(&self, label: &str) -> Result<Node> {
        let inner = self.read();
        inner.by_label(label).map(Node::new)
    }

    /// Finds the next node behind `from` in document order, or the first one, that is compatible with `compatible`. Costs a
    /// pass over the tree from there on.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Gone`] if `from` is not in the tree any more; [`Error::Invalid`] if it is another tree's.
    pub fn node_by_compatible(&self, from: Option<&Node>, compatible: &str) -> Result<Node> {
        let inner = self.read();
        let root = inner.alive_root()?;
        let start = match from {
            None => Some(root),
            Some(node) if !self.owns(node) => {
                return Err(invalid!("{} is a node of another tree", node.name()))
            }
            Some(node) => attached(node.ptr(), &inner.token)?.next_in(root, &inner.token),
        };
        let mut all = std::iter::successors(start, |node| node.next_in(root, &inner.token));
        all.find(|node| is_compatible(*node, &inner.token, compatible))
            .map(Node::new)
            .ok_or_else(|| not_found!("no further node is compatible with \"{compatible}\""))
    }

    /// Whether the node belongs to this tree, or once did.
    pub fn owns(&self, node: &Node) -> bool {
        std::sync::Arc::ptr_eq(self.core(), node.ptr().core())
    }
}

/// The strings of a property like `compatible`, as far as they are terminated.
pub(crate) fn strings(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split_inclusive(|&b| b == 0).filter_map(|s| s.strip_suffix(&[0]))
}

pub(crate) fn is_compatible(node: NodePtr, token: &Token, compatible: &str) -> bool {
    node.prop(token, b"compatible").is_some_and(|prop| {
        strings(prop.data(token)).any(|have| have.eq_ignore_ascii_case(compatible.as_bytes()))
    })
}

/// Whether `status` is missing, "okay" or "ok".
pub(crate) fn is_available(node: NodePtr, token: &Token) -> bool {
    node.prop(token, b"status").is_none_or(|status| matches!(status.data(token), b"okay\0" | b"ok\0"))
}

fn attached(node: NodePtr, token: &Token) -> Result<NodePtr> {
    match node.is_attached(token) {
        true => Ok(node),
        false => Err(Error::Gone(format!("{} is not in the tree any more", node.path(token)))),
    }
}

impl Node {
    /// Whether the node is in the tree.
    pub fn is_attached(&self) -> bool {
        self.read(|node, token| node.is_attached(token))
    }

    /// The absolute path; for a node that is not in the tree any more, the one that it had (O18).
    pub fn path(&self) -> String {
        self.read(|node, token| node.path(token))
    }

    /// The phandle, 0 if it has none.
    pub fn phandle(&self) -> u32 {
        self.read(|node, token| node.phandle(token))
    }

    /// The parent; none for the root and for a node that is not in the tree any more.
    pub fn parent(&self) -> Option<Node> {
        self.neighbour(|node, token| node.parent(token))
    }

    /// The first child, if the node is in the tree and has one.
    pub fn first_child(&self) -> Option<Node> {
        self.neighbour(|node, token| node.links(token).first)
    }

    /// The next sibling, if the node is in the tree and has one.
    pub fn next_sibling(&self) -> Option<Node> {
        self.neighbour(|node, token| node.links(token).next)
    }

    /// The children, each as it is when the iterator comes to it.
    pub fn children(&self) -> impl Iterator<Item = Node> {
        std::iter::successors(self.first_child(), Node::next_sibling)
    }

    fn neighbour(&self, find: impl FnOnce(NodePtr, &Token) -> Option<NodePtr>) -> Option<Node> {
        self.read(|node, token| node.is_attached(token).then(|| find(node, token).map(Node::new))?)
    }

    /// The child of this name; its unit address may be left out where that is unambiguous.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for an ambiguous name; [`Error::Gone`] if the node is not in the tree any more.
    pub fn child(&self, name: &str) -> Result<Node> {
        let inner = self.core().read();
        let node = attached(self.ptr(), &inner.token)?;
        match inner.child(node, name)? {
            Some(child) => Ok(Node::new(child)),
            None => Err(not_found!("no node \"{name}\" in {}", node.path(&inner.token))),
        }
    }

    /// Whether `status` is missing, "okay" or "ok".
    pub fn is_available(&self) -> bool {
        self.read(is_available)
    }

    /// Whether one of the strings in `compatible` is this one, in upper or lower case.
    pub fn is_compatible(&self, compatible: &str) -> bool {
        self.read(|node, token| is_compatible(node, token, compatible))
    }
}
