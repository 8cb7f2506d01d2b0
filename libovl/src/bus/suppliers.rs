// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a device needs: the device above it, and those that its node refers to (clocks, gpios, interrupts, *-supply and so on).

use super::state::Slots;
use crate::refs::{interrupt_parent, references};
use crate::slab::NodePtr;
use crate::tree::{is_available, Inner};

/// Where a reference leads.
pub(super) enum Leads {
    /// To a device, or into one.
    To(u64),
    /// To a node without a device: the reason why.
    Nowhere(String),
}

/// The device of the next node above that has one.
pub(super) fn parent(inner: &Inner, slots: &Slots, node: NodePtr) -> Option<u64> {
    node.ancestors(&inner.token).skip(1).find_map(|above| slots.at(above))
}

/// Calls `visit` with the property and the target of each reference that makes another device a supplier of this one: those in the
/// node and in what is below it and has no device of its own. Left out are both ends of a link (`remote-endpoint`), which tell
/// nothing of who needs whom, and references to where the device is itself.
pub(super) fn each(inner: &Inner, slots: &Slots, device: NodePtr, visit: &mut dyn FnMut(&str, Leads)) {
    below(inner, slots, device, device, visit);
}

fn below(inner: &Inner, slots: &Slots, device: NodePtr, node: NodePtr, visit: &mut dyn FnMut(&str, Leads)) {
    let token = &inner.token;
    for found in references(inner, node) {
        let name = found.prop.name(token);
        if matches!(name, "remote-endpoint" | "post-init-providers") {
            continue;
        }
        match found.target {
            Some(target) => reference(inner, slots, device, target, name, visit),
            None => visit(name, Leads::Nowhere(format!("phandle {:#x}, which no node has", found.phandle))),
        }
    }
    if inner.prop(node, b"interrupts").is_some() {
        if let Some(target) = interrupt_parent(inner, node) {
            reference(inner, slots, device, target, "interrupts", visit);
        }
    }
    for child in node.children(token) {
        if slots.at(child).is_none() && is_available(child, token) {
            below(inner, slots, device, child, visit);
        }
    }
}

fn reference(
    inner: &Inner,
    slots: &Slots,
    device: NodePtr,
    target: NodePtr,
    name: &str,
    visit: &mut dyn FnMut(&str, Leads),
) {
    let token = &inner.token;
    let is_above = |above: NodePtr, below: NodePtr| below.ancestors(token).any(|node| node == above);
    if is_above(target, device) || is_above(device, target) {
        return;
    }
    let missing = |what| Leads::Nowhere(format!("{}, which {what}", target.path(token)));
    // A device is available, and all nodes above it that count.
    let mut all = target.ancestors(token);
    let found = loop {
        let Some(node) = all.next() else { break None };
        match slots.at(node) {
            Some(seq) => break Some((node, seq)),
            None if !is_available(node, token) => return visit(name, missing("is disabled")),
            None => {}
        }
    };
    match found {
        Some((at, seq)) if !is_above(at, device) => visit(name, Leads::To(seq)),
        _ => visit(name, missing("has no device")),
    }
}
