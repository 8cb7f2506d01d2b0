// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tree as devicetree source: labels from `/__symbols__`, values as what they look like, origins as comments.

use crate::changeset::title;
use crate::error::{Error, Result};
use crate::slab::{NodePtr, PropPtr};
use crate::tree::{strings, text, Inner, Tree};
use hashbrown::HashMap;
use std::fmt::Write;

/// How source is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DtsOptions {
    /// Nodes and properties sorted by name instead of in the tree's order, for comparing.
    pub sorted: bool,
    /// A comment at each node and value that an overlay brought, with its id and name (O24).
    pub origins: bool,
}

impl Tree {
    /// The tree as source that `dtc` compiles to an equal tree: the same nodes, properties and bytes.
    ///
    /// Labels are written in front of their nodes; `/__symbols__` stays a node like any other, so compile it without `-@`.
    ///
    /// # Errors
    /// [`Error::Gone`] never for a tree with a handle.
    pub fn to_dts(&self, options: DtsOptions) -> Result<String> {
        let inner = self.read();
        let base = inner.base.as_ref().ok_or_else(|| Error::Gone("the tree is gone".into()))?;
        let mut out = String::from("/dts-v1/;\n\n");
        let blob = base.blob();
        let layout = base.layout();
        for i in 0..layout.reservation_count {
            let at = layout.reservations + i * 16;
            let number = |at: usize| u64::from_be_bytes(blob[at..at + 8].try_into().expect("eight bytes"));
            let _ = writeln!(out, "/memreserve/ {:#x} {:#x};", number(at), number(at + 8));
        }
        let labels = labels(&inner);
        Source { inner: &inner, options, labels, out: &mut out }.node(base.root(), 0);
        Ok(out)
    }
}

/// The labels of each node that has any.
fn labels(inner: &Inner) -> HashMap<NodePtr, Vec<&str>> {
    let mut labels: HashMap<NodePtr, Vec<&str>> = HashMap::new();
    let token = &inner.token;
    for symbol in inner.symbols.iter().flat_map(|symbols| symbols.props(token)) {
        let node = text(symbol.data(token)).and_then(|path| inner.by_path(path).ok());
        let label = symbol.name(token);
        if let Some(node) = node.filter(|_| is_label(label)) {
            labels.entry(node).or_default().push(label);
        }
    }
    labels
}

fn is_label(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

struct Source<'t> {
    inner: &'t Inner,
    options: DtsOptions,
    labels: HashMap<NodePtr, Vec<&'t str>>,
    out: &'t mut String,
}

impl Source<'_> {
    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n('\t', depth));
    }

    /// The comment behind something that is not of the base.
    fn origin(&mut self, id: i32, is_made: bool) {
        if self.options.origins && id != 0 {
            let name = self.inner.layers.get(&id).and_then(|layer| layer.name.as_deref());
            // A file name may have what would end the comment.
            let title = title(id, is_made, name).replace("*/", "* /").replace(['\n', '\r'], " ");
            let _ = write!(self.out, " /* {title} */");
        }
    }

    fn node(&mut self, node: NodePtr, depth: usize) {
        let inner = self.inner;
        let token = &inner.token;
        self.indent(depth);
        for label in self.labels.remove(&node).unwrap_or_default() {
            let _ = write!(self.out, "{label}: ");
        }
        let name = node.name(token);
        let _ = write!(self.out, "{} {{", if depth == 0 { "/" } else { name });
        self.origin(node.origin(), node.is_made());
        self.out.push('\n');
        let mut props: Vec<PropPtr> = node.props(token).collect();
        let mut children: Vec<NodePtr> = node.children(token).collect();
        if self.options.sorted {
            props.sort_by_key(|prop| prop.name(token));
            children.sort_by_key(|child| child.name(token));
        }
        for &prop in &props {
            self.prop(prop, node.origin(), depth + 1);
        }
        for (i, &child) in children.iter().enumerate() {
            if i > 0 || !props.is_empty() {
                self.out.push('\n');
            }
            self.node(child, depth + 1);
        }
        self.indent(depth);
        self.out.push_str("};\n");
    }

    fn prop(&mut self, prop: PropPtr, of_node: i32, depth: usize) {
        let inner = self.inner;
        self.indent(depth);
        self.out.push_str(prop.name(&inner.token));
        self.out.push_str(&assigned(prop.data(&inner.token)));
        self.out.push(';');
        if prop.origin() != of_node {
            match prop.origin() {
                0 => {}
                id => self.origin(id, prop.is_made()),
            }
        }
        self.out.push('\n');
    }
}

/// ` = …`, or nothing for an empty value.
pub(crate) fn assigned(value: &[u8]) -> String {
    match value {
        [] => String::new(),
        value => format!(" = {}", value_text(value)),
    }
}

/// A value as source: strings, cells or bytes, whichever it looks like; nothing for an empty one.
pub fn value_text(value: &[u8]) -> String {
    let mut out = String::new();
    if value.is_empty() {
        return out;
    }
    if is_strings(value) {
        for (i, string) in strings(value).enumerate() {
            let _ = write!(out, "{}\"", if i > 0 { ", " } else { "" });
            for &byte in string {
                match byte {
                    b'"' | b'\\' => {
                        let _ = write!(out, "\\{}", byte as char);
                    }
                    _ => out.push(byte as char),
                }
            }
            out.push('"');
        }
    } else if value.len().is_multiple_of(4) {
        for (i, cell) in value.chunks_exact(4).enumerate() {
            let cell = u32::from_be_bytes(cell.try_into().expect("four bytes"));
            let _ = write!(out, "{}{cell:#x}", if i > 0 { " " } else { "<" });
        }
        out.push('>');
    } else {
        for (i, byte) in value.iter().enumerate() {
            let _ = write!(out, "{}{byte:02x}", if i > 0 { " " } else { "[" });
        }
        out.push(']');
    }
    out
}

/// Printable, terminated, and no string empty.
fn is_strings(value: &[u8]) -> bool {
    value.last() == Some(&0)
        && strings(value).all(|string| !string.is_empty() && string.iter().all(|b| (b' '..=b'~').contains(b)))
}
