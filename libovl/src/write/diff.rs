// SPDX-License-Identifier: MIT OR Apache-2.0
//! The difference between two trees: each node or property that is not the same.

use super::dts::assigned;
use crate::error::{Error, Result};
use crate::slab::NodePtr;
use crate::tree::{Inner, Tree};
use hashbrown::HashMap;

/// What counts as a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiffOptions {
    /// Nodes and properties in another order are no difference.
    pub any_order: bool,
}

/// One thing that is not the same in two trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A node that only the first tree has, with everything in it.
    NodeRemoved {
        /// Its path.
        path: String,
    },
    /// A node that only the second tree has. What is in it follows, each as a difference of its own.
    NodeAdded {
        /// Its path.
        path: String,
    },
    /// A property that the second tree has not, or with another value.
    PropRemoved {
        /// The node's path.
        path: String,
        /// The property.
        name: String,
        /// Its value in the first tree.
        value: Vec<u8>,
    },
    /// A property that the first tree has not, or with another value.
    PropAdded {
        /// The node's path.
        path: String,
        /// The property.
        name: String,
        /// Its value in the second tree.
        value: Vec<u8>,
    },
    /// The same things in another order.
    Order {
        /// The path of the node that they are in.
        path: String,
        /// "nodes" or "properties".
        of: &'static str,
    },
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, path, name, value) = match self {
            Difference::NodeRemoved { path } => return write!(f, "- {path}"),
            Difference::NodeAdded { path } => return write!(f, "+ {path}"),
            Difference::Order { path, of } => return write!(f, "~ {path}: order of {of}"),
            Difference::PropRemoved { path, name, value } => ('-', path, name, value),
            Difference::PropAdded { path, name, value } => ('+', path, name, value),
        };
        write!(f, "{sign} {path}: {name}{}", assigned(value))
    }
}

impl Tree {
    /// What leads from `a` to `b`, as text: the lines of [`differences`](Self::differences), `- path`, `+ path` for nodes,
    /// `- path: prop = value`, `+ path: prop = value` for properties, `~ path: order of …` where the same things come in
    /// another order. Empty if the trees are equal.
    ///
    /// # Errors
    /// As [`differences`](Self::differences).
    pub fn diff(a: &Tree, b: &Tree, options: DiffOptions) -> Result<String> {
        Ok(Tree::differences(a, b, options)?.iter().map(|difference| format!("{difference}\n")).collect())
    }

    /// What leads from `a` to `b`, in the order of `a`. Empty if the trees are equal.
    ///
    /// # Errors
    /// [`Error::Gone`] never for trees with a handle.
    pub fn differences(a: &Tree, b: &Tree, options: DiffOptions) -> Result<Vec<Difference>> {
        if a == b {
            return Ok(Vec::new());
        }
        // Always locked in the same order, so that two calls with the arguments swapped cannot wait for each other's writer.
        let (first, second) = if address(a) < address(b) { (a, b) } else { (b, a) };
        let (first, second) = (first.read(), second.read());
        let (of_a, of_b) = if address(a) < address(b) { (&first, &second) } else { (&second, &first) };
        let gone = || Error::Gone("the tree is gone".into());
        let mut diff = Diff { a: of_a, b: of_b, options, out: Vec::new() };
        diff.nodes(of_a.root().ok_or_else(gone)?, of_b.root().ok_or_else(gone)?);
        Ok(diff.out)
    }
}

fn address(tree: &Tree) -> usize {
    std::sync::Arc::as_ptr(tree.core()) as usize
}

struct Diff<'t> {
    a: &'t Inner,
    b: &'t Inner,
    options: DiffOptions,
    out: Vec<Difference>,
}

impl Diff<'_> {
    fn nodes(&mut self, a: NodePtr, b: NodePtr) {
        let (ta, tb) = (&self.a.token, &self.b.token);
        let path = a.path(ta);
        let (of_a, of_b) = (numbered(a.props(ta), |p| p.name(ta)), numbered(b.props(tb), |p| p.name(tb)));
        let (in_a, in_b) = (by_name(&of_a), by_name(&of_b));
        for (key, prop) in &of_a {
            let now = in_b.get(key).map(|prop| prop.data(tb));
            if now != Some(prop.data(ta)) {
                self.removed(&path, key.0, prop.data(ta));
                if let Some(now) = now {
                    self.added(&path, key.0, now);
                }
            }
        }
        for (key, prop) in of_b.iter().filter(|(key, _)| !in_a.contains_key(key)) {
            self.added(&path, key.0, prop.data(tb));
        }
        let names = |inner: &Inner, node: NodePtr| -> Vec<String> {
            node.props(&inner.token).map(|prop| prop.name(&inner.token).to_string()).collect()
        };
        self.order(&path, "properties", names(self.a, a), names(self.b, b));
        let (of_a, of_b) =
            (numbered(a.children(ta), |n| n.name(ta)), numbered(b.children(tb), |n| n.name(tb)));
        let (in_a, in_b) = (by_name(&of_a), by_name(&of_b));
        for (key, child) in &of_a {
            match in_b.get(key) {
                Some(&same) => self.nodes(*child, same),
                None => self.out.push(Difference::NodeRemoved { path: child.path(ta) }),
            }
        }
        for (_, child) in of_b.iter().filter(|(key, _)| !in_a.contains_key(key)) {
            self.node_added(*child);
        }
        let names = |inner: &Inner, node: NodePtr| -> Vec<String> {
            node.children(&inner.token).map(|child| child.name(&inner.token).to_string()).collect()
        };
        self.order(&path, "nodes", names(self.a, a), names(self.b, b));
    }

    /// A node that only `b` has, with everything in it.
    fn node_added(&mut self, node: NodePtr) {
        let token = &self.b.token;
        for node in node.subtree(token) {
            let path = node.path(token);
            self.out.push(Difference::NodeAdded { path: path.clone() });
            for prop in node.props(token) {
                self.added(&path, prop.name(token), prop.data(token));
            }
        }
    }

    fn removed(&mut self, path: &str, name: &str, value: &[u8]) {
        self.out.push(Difference::PropRemoved { path: path.into(), name: name.into(), value: value.into() });
    }

    fn added(&mut self, path: &str, name: &str, value: &[u8]) {
        self.out.push(Difference::PropAdded { path: path.into(), name: name.into(), value: value.into() });
    }

    /// Notes if what both have comes in another order.
    fn order(&mut self, path: &str, of: &'static str, mut a: Vec<String>, mut b: Vec<String>) {
        if self.options.any_order {
            return;
        }
        let in_a: hashbrown::HashSet<String> = a.iter().cloned().collect();
        let in_b: hashbrown::HashSet<String> = b.iter().cloned().collect();
        a.retain(|name| in_b.contains(name));
        b.retain(|name| in_a.contains(name));
        if a != b {
            self.out.push(Difference::Order { path: path.into(), of });
        }
    }
}

/// Things by their name, and by how many of that name came before: a sloppy tree has some twice.
type Numbered<'n, T> = Vec<((&'n str, usize), T)>;

fn numbered<'n, T: Copy>(things: impl Iterator<Item = T>, name: impl Fn(T) -> &'n str) -> Numbered<'n, T> {
    let mut seen = HashMap::new();
    let number = |thing| {
        let count = seen.entry(name(thing)).or_insert(0);
        *count += 1;
        ((name(thing), *count), thing)
    };
    things.map(number).collect()
}

fn by_name<'n, T: Copy>(things: &Numbered<'n, T>) -> HashMap<(&'n str, usize), T> {
    things.iter().copied().collect()
}
