// SPDX-License-Identifier: MIT OR Apache-2.0
//! The difference between two trees: each node or property that is not the same, or an overlay that makes the one of the other.

mod json;
mod neutral;
mod overlay;

pub use overlay::Missing;

use crate::error::{Error, Result};
use crate::slab::{NodePtr, PropPtr};
use crate::tree::{Inner, Tree};
use crate::write::assigned;
use hashbrown::HashMap;
use neutral::Neutral;
use std::sync::Arc;

/// What counts as a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiffOptions {
    /// Nodes and properties in another order are no difference.
    pub any_order: bool,
    /// Other numbers for phandles are no difference, as long as each reference leads to the same path. Which properties hold
    /// references is known for those of the common bindings. A cell (one of the first 32) of a property with a vendor's name
    /// ("rockchip,grf") is taken for one if wherever both trees have it, it leads to a node, and if different numbers
    /// lead to nodes of the same path more often than to others.
    pub any_phandles: bool,
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

impl Difference {
    /// The path of the node that it is about.
    pub fn path(&self) -> &str {
        match self {
            Difference::NodeRemoved { path }
            | Difference::NodeAdded { path }
            | Difference::Order { path, .. } => path,
            Difference::PropRemoved { path, .. } | Difference::PropAdded { path, .. } => path,
        }
    }

    /// Differences as text, a line each.
    pub fn lines(differences: &[Difference]) -> String {
        differences.iter().map(|difference| format!("{difference}\n")).collect()
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
        Ok(Difference::lines(&Tree::differences(a, b, options)?))
    }

    /// What leads from `a` to `b`, in the order of `a`. Empty if the trees are equal.
    ///
    /// # Errors
    /// [`Error::Gone`] never for trees with a handle.
    pub fn differences(a: &Tree, b: &Tree, options: DiffOptions) -> Result<Vec<Difference>> {
        if a == b {
            return Ok(Vec::new());
        }
        with_both(a, b, |a, b| {
            let neutral = match options.any_phandles {
                true => Some(Neutral::of(a, b)?),
                false => None,
            };
            let mut diff = Diff { a, b, neutral, options, out: Vec::new() };
            diff.nodes(root(a)?, root(b)?);
            Ok(diff.out)
        })
    }
}

/// Runs `read` with both trees locked for reading, always in the same order, so that two calls with the arguments swapped
/// cannot wait for each other's writer.
fn with_both<T>(a: &Tree, b: &Tree, read: impl FnOnce(&Inner, &Inner) -> Result<T>) -> Result<T> {
    let address = |tree: &Tree| Arc::as_ptr(tree.core()).addr();
    match address(a).cmp(&address(b)) {
        std::cmp::Ordering::Less => {
            let of_a = a.read();
            read(&of_a, &b.read())
        }
        std::cmp::Ordering::Equal => {
            let of_both = a.read();
            read(&of_both, &of_both)
        }
        std::cmp::Ordering::Greater => {
            let of_b = b.read();
            read(&a.read(), &of_b)
        }
    }
}

fn root(inner: &Inner) -> Result<NodePtr> {
    inner.root().ok_or_else(|| Error::Gone("the tree is gone".into()))
}

struct Diff<'t> {
    a: &'t Inner,
    b: &'t Inner,
    neutral: Option<Neutral<'t>>,
    options: DiffOptions,
    out: Vec<Difference>,
}

impl Diff<'_> {
    fn nodes(&mut self, a: NodePtr, b: NodePtr) {
        let (ta, tb) = (&self.a.token, &self.b.token);
        let path = a.path(ta);
        let counts = |prop: &PropPtr| self.neutral.is_none() || !is_phandle_name(*prop);
        let of_a = numbered(a.props(ta).filter(counts), |p| p.name(ta));
        let of_b = numbered(b.props(tb).filter(counts), |p| p.name(tb));
        let (in_a, in_b) = (by_name(&of_a), by_name(&of_b));
        for (key, prop) in &of_a {
            let now = in_b.get(key).copied();
            if !now.is_some_and(|now| self.equal((a, *prop), (b, now))) {
                self.removed(&path, key.0, prop.data(ta));
                if let Some(now) = now {
                    self.added(&path, key.0, now.data(tb));
                }
            }
        }
        for (key, prop) in of_b.iter().filter(|(key, _)| !in_a.contains_key(key)) {
            self.added(&path, key.0, prop.data(tb));
        }
        let names = |of: &Numbered<PropPtr>| of.iter().map(|(key, _)| key.0.to_string()).collect();
        self.order(&path, "properties", names(&of_a), names(&of_b));
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
        let names = |of: &Numbered<NodePtr>| of.iter().map(|(key, _)| key.0.to_string()).collect();
        self.order(&path, "nodes", names(&of_a), names(&of_b));
    }

    fn equal(&self, a: (NodePtr, PropPtr), b: (NodePtr, PropPtr)) -> bool {
        match &self.neutral {
            Some(neutral) => neutral.equal(a, b),
            None => a.1.data(&self.a.token) == b.1.data(&self.b.token),
        }
    }

    /// A node that only `b` has, with everything in it.
    fn node_added(&mut self, node: NodePtr) {
        let token = &self.b.token;
        for node in node.subtree(token) {
            let path = node.path(token);
            self.out.push(Difference::NodeAdded { path: path.clone() });
            let all = self.neutral.is_none();
            for prop in node.props(token).filter(|&prop| all || !is_phandle_name(prop)) {
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

/// Whether it is the property with the node's own phandle.
fn is_phandle_name(prop: PropPtr) -> bool {
    prop.is_named(b"phandle") || prop.is_named(b"linux,phandle")
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
