// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who still holds what (K6): the report behind a wait that timed out.

use crate::changeset::title;
use crate::slab::{NodePtr, NodeRef, PropPtr, PropRef};
use crate::tree::Tree;
use hashbrown::HashMap;
use kref::track;
use std::fmt::Write;

impl Tree {
    /// All references that are held to nodes, values and devices of this tree, a line each: of the base, of applied overlays and of
    /// removed ones. Empty if there are none. With tracking on it names the holders. Costs a pass over everything.
    pub fn holders(&self) -> String {
        self.report_holders(|_| true)
    }

    /// The same for the slabs of some overlays.
    pub(super) fn report_holders(&self, concerns: impl Fn(i32) -> bool) -> String {
        let core = self.core();
        let inner = core.read();
        let token = &inner.token;
        // Everything alive is pinned, so that it can be looked at without the lock that releases need.
        let mut nodes: Vec<(i32, NodeRef, u32)> = Vec::new();
        let mut props: Vec<(i32, PropRef, u32)> = Vec::new();
        let mut kept_back = Vec::new();
        let slabs = core.slabs.lock();
        for (slab, owner) in slabs.listed() {
            let (of_nodes, of_props) = slab.living();
            // What listeners are just being told of is held by nobody but the plan.
            if inner.pending.contains(&owner) && !inner.layers.contains_key(&owner) {
                kept_back.push((of_nodes, of_props));
                continue;
            }
            nodes.extend(of_nodes.into_iter().map(|(node, count)| (owner, node, count)));
            props.extend(of_props.into_iter().map(|(prop, count)| (owner, prop, count)));
        }
        let names: HashMap<i32, String> =
            slabs.owners().filter_map(|id| Some((id, slabs.name(id)?.to_string()))).collect();
        drop(slabs);
        let listed: HashMap<PropPtr, NodePtr> = nodes
            .iter()
            .flat_map(|(_, node, _)| node.ptr().all_props(token).map(|prop| (prop, node.ptr())))
            .collect();
        let mut lines = Vec::new();
        let mut by_devices: HashMap<NodePtr, u32> = HashMap::new();
        let devices = core.devices.lock();
        for (&address, device) in &*devices {
            let node = device.node;
            *by_devices.entry(node).or_default() += 1;
            // One that nobody else holds stands here if it is what keeps a removed node.
            if concerns(node.origin()) && (device.held() > 0 || !node.is_attached(token)) {
                let what = format!("device {}", node.path(token));
                lines.push((node.origin(), what, device.held(), address, node.is_made()));
            }
        }
        drop(devices);
        for (owner, node, count) in &nodes {
            let node = node.ptr();
            let of_others = u32::from(node.is_attached(token)) + by_devices.get(&node).unwrap_or(&0);
            // A device may have gone, or come, since the nodes were counted.
            let held = count.saturating_sub(of_others);
            if held > 0 && concerns(*owner) {
                let what = format!("node {}", node.path(token));
                lines.push((*owner, what, held, node.address(), node.is_made()));
            }
        }
        for (owner, prop, count) in &props {
            let prop = prop.ptr();
            let node = listed.get(&prop);
            let held = count - u32::from(node.is_some());
            if held > 0 && concerns(*owner) {
                let of = node.map_or_else(String::new, |node| format!(" of {}", node.path(token)));
                let what = format!("property \"{}\"{of}", prop.name(token));
                lines.push((*owner, what, held, prop.address(), prop.is_made()));
            }
        }
        lines.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let mut report = String::new();
        for (owner, what, held, address, is_made) in lines {
            let owner = match owner {
                0 => "base".to_string(),
                id => title(id, is_made, names.get(&id).map(String::as_str)),
            };
            let plural = if held == 1 { "" } else { "s" };
            let _ = writeln!(report, "{owner}: {what}: {held} reference{plural}{}", who(address));
        }
        drop(inner);
        drop(kept_back);
        report
    }
}

/// The holders that the tracker knows.
fn who(address: usize) -> String {
    let line = |holder: track::Holder| {
        let tag = if holder.tag.is_empty() { "no tag" } else { &holder.tag };
        let backtrace = holder.backtrace.map(|trace| format!("\n{trace}")).unwrap_or_default();
        format!("{tag}, thread {}: {}{backtrace}", holder.thread, holder.count)
    };
    let holders: Vec<String> = track::holders(address).into_iter().map(line).collect();
    if holders.is_empty() {
        return String::new();
    }
    format!(" ({})", holders.join("; "))
}
