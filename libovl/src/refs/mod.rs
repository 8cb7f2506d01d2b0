// SPDX-License-Identifier: MIT OR Apache-2.0
//! References: which nodes a node refers to, as far as the common bindings say which properties hold phandles.

mod referrers;
mod table;

pub use referrers::Referrer;

use crate::fdt::MAX_DEPTH;
use crate::slab::{Node, NodePtr, PropPtr};
use crate::tree::{cells, is_phandle, Inner};
use std::ops::Range;
use table::Form;

/// A phandle in a property, and what stands behind it.
#[derive(Debug)]
pub struct Reference {
    /// The property.
    pub property: String,
    /// Which entry of the property it is; empty entries are counted.
    pub index: usize,
    /// Where the phandle is in the property's value, in bytes.
    pub offset: usize,
    /// The phandle.
    pub phandle: u32,
    /// The node that it leads to; none if it dangles.
    pub node: Option<Node>,
    /// The cells behind the phandle, as many as the target says. None of a target that does not say it.
    pub args: Vec<u32>,
}

/// The same while a tree is locked, with the arguments as a range of the value's bytes.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) prop: PropPtr,
    pub(crate) index: usize,
    pub(crate) offset: usize,
    pub(crate) phandle: u32,
    pub(crate) target: Option<NodePtr>,
    pub(crate) args: Range<usize>,
}

impl Node {
    /// The references in the node's properties, in their order, as far as the common bindings say that they are some: clocks,
    /// gpios, interrupt-parent, *-supply, pinctrl-N and so on. Those of a vendor's own properties are not known.
    ///
    /// A list is read as far as it can be: it ends at a phandle whose target does not say how many cells follow.
    pub fn references(&self) -> Vec<Reference> {
        let inner = self.core().read();
        let token = &inner.token;
        references(&inner, self.ptr())
            .map(|found| Reference {
                property: found.prop.name(token).into(),
                index: found.index,
                offset: found.offset,
                phandle: found.phandle,
                node: found.target.map(Node::new),
                args: cells(&found.prop.data(token)[found.args]).collect(),
            })
            .collect()
    }

    /// The node that takes the node's `interrupts`, where that is not said in the property itself: `interrupt-parent` leads
    /// there, of the node or of the next one above that has it, or it is the next one above with `#interrupt-cells`.
    pub fn interrupt_parent(&self) -> Option<Node> {
        let inner = self.core().read();
        interrupt_parent(&inner, self.ptr()).map(Node::new)
    }
}

/// The references in a node's properties.
pub(crate) fn references(inner: &Inner, node: NodePtr) -> impl Iterator<Item = Found> + use<'_> {
    node.props(&inner.token).flat_map(move |prop| of_prop(inner, node, prop))
}

/// As Linux finds it: up, or to where `interrupt-parent` leads, until there is a node with `#interrupt-cells`.
pub(crate) fn interrupt_parent(inner: &Inner, node: NodePtr) -> Option<NodePtr> {
    let mut at = node;
    // Phandles may lead round and round.
    for _ in 0..2 * MAX_DEPTH {
        at = match inner.prop(at, b"interrupt-parent") {
            Some(prop) => inner.phandles.find(cells(prop.data(&inner.token)).next()?)?,
            None => at.parent(&inner.token)?,
        };
        if inner.prop(at, b"#interrupt-cells").is_some() {
            return Some(at);
        }
    }
    None
}

/// Whether the common bindings say that properties of this name hold references.
pub(crate) fn is_known(name: &str) -> bool {
    table::form(name).is_some()
}

/// The references in one property of a node.
pub(crate) fn of_prop(inner: &Inner, node: NodePtr, prop: PropPtr) -> Vec<Found> {
    let token = &inner.token;
    let Some(form) = table::form(prop.name(token)) else { return Vec::new() };
    // A hog's lines are its parent's, without a phandle in front.
    if prop.is_named(b"gpios") && inner.prop(node, b"gpio-hog").is_some() {
        return Vec::new();
    }
    let (value, []) = prop.data(token).as_chunks() else { return Vec::new() };
    let mut reader = Reader { inner, prop, value, at: 0, index: 0, found: Vec::new() };
    reader.read(node, form);
    reader.found
}

struct Reader<'t> {
    inner: &'t Inner,
    prop: PropPtr,
    /// Cells.
    value: &'t [[u8; 4]],
    /// The cell that is read next.
    at: usize,
    index: usize,
    found: Vec<Found>,
}

impl Reader<'_> {
    fn read(&mut self, node: NodePtr, form: Form) {
        // The cells in front of each phandle.
        let before = match form {
            Form::Map => 1,
            Form::InterruptMap => {
                match (self.number(node, "#address-cells"), self.number(node, "#interrupt-cells")) {
                    (address, Some(interrupt)) => address.unwrap_or(0).saturating_add(interrupt) as usize,
                    _ => return,
                }
            }
            _ => 0,
        };
        while self.at.checked_add(before).is_some_and(|at| at < self.value.len()) {
            self.at += before;
            let phandle = u32::from_be_bytes(self.value[self.at]);
            let target = self.inner.phandles.find(phandle).filter(|_| is_phandle(phandle));
            // An entry without a phandle has no arguments either.
            let behind = match phandle {
                0 if before == 0 => Some(0),
                _ => self.behind(form, target),
            };
            let start = self.at + 1;
            let end = start.checked_add(behind.unwrap_or(0)).filter(|&end| end <= self.value.len());
            if is_phandle(phandle) {
                let args = start * 4..end.unwrap_or(start) * 4;
                let (prop, index, offset) = (self.prop, self.index, self.at * 4);
                self.found.push(Found { prop, index, offset, phandle, target, args });
            }
            match (behind, end) {
                (Some(_), Some(end)) => self.at = end,
                _ => return,
            }
            self.index += 1;
        }
    }

    /// How many cells stand behind a phandle; none if that cannot be known.
    fn behind(&self, form: Form, target: Option<NodePtr>) -> Option<usize> {
        let count = match form {
            Form::Plain => 0,
            Form::First => return Some(self.value.len() - self.at - 1),
            Form::Map => 2,
            Form::Args { cells, or } => self.number(target?, cells).or(or)?,
            Form::InterruptMap => {
                let target = target?;
                let address = self.number(target, "#address-cells").unwrap_or(0);
                address.saturating_add(self.number(target, "#interrupt-cells")?)
            }
        };
        Some(count as usize)
    }

    fn number(&self, node: NodePtr, name: &str) -> Option<u32> {
        cells(self.inner.prop(node, name.as_bytes())?.data(&self.inner.token)).next()
    }
}
