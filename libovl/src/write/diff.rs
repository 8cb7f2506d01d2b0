// SPDX-License-Identifier: MIT OR Apache-2.0
//! The difference between two trees, a line for each node or property that is not the same.

use super::dts::value_text;
use crate::error::{Error, Result};
use crate::slab::NodePtr;
use crate::tree::{Inner, Tree};
use std::fmt::Write;

/// What counts as a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiffOptions {
    /// Nodes and properties in another order are no difference.
    pub any_order: bool,
}

impl Tree {
    /// What leads from `a` to `b`: lines of `- path`, `+ path` for nodes, `- path: prop = value`, `+ path: prop = value` for
    /// properties, `~ path: order of …` where the same things come in another order. Empty if the trees are equal.
    ///
    /// # Errors
    /// [`Error::Gone`] never for trees with a handle.
    pub fn diff(a: &Tree, b: &Tree, options: DiffOptions) -> Result<String> {
        if a == b {
            return Ok(String::new());
        }
        // Always locked in the same order, so that two calls with the arguments swapped cannot wait for each other's writer.
        let (first, second) = if address(a) < address(b) { (a, b) } else { (b, a) };
        let (first, second) = (first.read(), second.read());
        let (of_a, of_b) = if address(a) < address(b) { (&first, &second) } else { (&second, &first) };
        let gone = || Error::Gone("the tree is gone".into());
        let mut diff = Diff { a: of_a, b: of_b, options, out: String::new() };
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
    out: String,
}

impl Diff<'_> {
    fn nodes(&mut self, a: NodePtr, b: NodePtr) {
        let (ta, tb) = (&self.a.token, &self.b.token);
        let path = a.path(ta);
        for prop in a.props(ta) {
            let name = prop.name(ta);
            let now = b.prop(tb, name.as_bytes()).map(|prop| prop.data(tb));
            if now != Some(prop.data(ta)) {
                self.prop('-', &path, name, prop.data(ta));
                if let Some(now) = now {
                    self.prop('+', &path, name, now);
                }
            }
        }
        for prop in b.props(tb) {
            let name = prop.name(tb);
            if a.prop(ta, name.as_bytes()).is_none() {
                self.prop('+', &path, name, prop.data(tb));
            }
        }
        let names = |inner: &Inner, node: NodePtr| -> Vec<String> {
            node.props(&inner.token).map(|prop| prop.name(&inner.token).to_string()).collect()
        };
        self.order(&path, "properties", names(self.a, a), names(self.b, b));
        for child in a.children(ta) {
            match self.b.find_child(b, child.name_bytes()) {
                Some(same) => self.nodes(child, same),
                None => {
                    let _ = writeln!(self.out, "- {}", child.path(ta));
                }
            }
        }
        for child in b.children(tb).filter(|child| self.a.find_child(a, child.name_bytes()).is_none()) {
            self.added(child);
        }
        let names = |inner: &Inner, node: NodePtr| -> Vec<String> {
            node.children(&inner.token).map(|child| child.name(&inner.token).to_string()).collect()
        };
        self.order(&path, "nodes", names(self.a, a), names(self.b, b));
    }

    /// A node that only `b` has, with everything in it.
    fn added(&mut self, node: NodePtr) {
        let token = &self.b.token;
        for node in node.subtree(token) {
            let path = node.path(token);
            let _ = writeln!(self.out, "+ {path}");
            for prop in node.props(token) {
                self.prop('+', &path, prop.name(token), prop.data(token));
            }
        }
    }

    fn prop(&mut self, sign: char, path: &str, name: &str, value: &[u8]) {
        let value = if value.is_empty() { String::new() } else { format!(" = {}", value_text(value)) };
        let _ = writeln!(self.out, "{sign} {path}: {name}{value}");
    }

    /// A line if what both have comes in another order.
    fn order(&mut self, path: &str, what: &str, mut a: Vec<String>, mut b: Vec<String>) {
        if self.options.any_order {
            return;
        }
        let in_a: hashbrown::HashSet<String> = a.iter().cloned().collect();
        let in_b: hashbrown::HashSet<String> = b.iter().cloned().collect();
        a.retain(|name| in_b.contains(name));
        b.retain(|name| in_a.contains(name));
        if a != b {
            let _ = writeln!(self.out, "~ {path}: order of {what}");
        }
    }
}
