// SPDX-License-Identifier: MIT OR Apache-2.0
//! A plain overlay of one whose parameters are set, as Raspberry Pi's loader leaves it to the kernel: what is disabled is gone,
//! fragments that extend other fragments are part of them, and labels are the overlay's own unless it exports them.

use super::document::{Document, Prop, Ref};
use crate::error::{invalid, Result};
use crate::fdt::word;
use hashbrown::{HashMap, HashSet};

impl<'b> Document<'b> {
    pub(super) fn finish(&mut self) -> Result<()> {
        self.extend_fragments()?;
        self.keep_exported();
        let top = self.nodes[0].children.clone();
        let gone = |&node: &usize| {
            let name = &*self.nodes[node].name;
            matches!(name, "__overrides__" | "__exports__") || self.child(node, "__dormant__").is_some()
        };
        top.into_iter().filter(gone).collect::<Vec<_>>().into_iter().for_each(|node| self.take_out(node));
        Ok(())
    }

    /// Merges the fragments that target something in the overlay itself, before all others.
    fn extend_fragments(&mut self) -> Result<()> {
        // Phandles of nodes that became part of others, and those that these have.
        let mut moved = Vec::new();
        for fragment in self.nodes[0].children.clone() {
            let (Some(body), Some(target)) =
                (self.child(fragment, "__overlay__"), self.prop(fragment, "target"))
            else {
                continue;
            };
            let ([(0, Ref::Local)], 4) = (&target.refs[..], target.value.len()) else { continue };
            let phandle = word(&target.value, 0);
            let Some(into) = self.by_phandle(phandle) else { continue };
            if self.ancestors(into).any(|node| node == fragment) || !self.is_attached(into) {
                return Err(invalid!(
                    "{}: {}: it targets itself, or a fragment that is part of another",
                    self.title,
                    self.nodes[fragment].name
                ));
            }
            self.merge(body, into, &mut moved);
            self.take_out(fragment);
        }
        // The last first: where a node went on to another one is known by then.
        let mut now: HashMap<u32, u32> = HashMap::new();
        for &(old, new) in moved.iter().rev() {
            now.insert(old, now.get(&new).copied().unwrap_or(new));
        }
        for (node, _) in self.subtree(0)? {
            for prop in &mut self.nodes[node].props {
                for &(at, _) in prop.refs.iter().filter(|(_, of)| *of == Ref::Local) {
                    if let Some(phandle) = now.get(&word(&prop.value, at)) {
                        prop.value.to_mut()[at..at + 4].copy_from_slice(&phandle.to_be_bytes());
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes a node, with everything in it, part of another one.
    fn merge(&mut self, from: usize, into: usize, moved: &mut Vec<(u32, u32)>) {
        let mut todo = vec![(from, into)];
        while let Some((from, into)) = todo.pop() {
            self.merged.insert(from, into);
            for prop in std::mem::take(&mut self.nodes[from].props) {
                let is_phandle = matches!(prop.name, "phandle" | "linux,phandle") && prop.value.len() == 4;
                let phandle_of = |prop: &Prop| (prop.value.len() == 4).then(|| word(&prop.value, 0));
                match self.prop(into, prop.name) {
                    Some(there) if is_phandle => {
                        if let (Some(old), Some(new)) = (phandle_of(&prop), phandle_of(there)) {
                            moved.push((old, new));
                        }
                    }
                    Some(there) => *there = prop,
                    None => self.nodes[into].props.push(prop),
                }
            }
            for child in std::mem::take(&mut self.nodes[from].children) {
                let Some(same) = self.child(into, &self.nodes[child].name) else {
                    self.nodes[child].parent = Some(into);
                    self.nodes[into].children.push(child);
                    continue;
                };
                todo.push((child, same));
            }
        }
    }

    /// Takes the labels out that `/__exports__` does not name.
    fn keep_exported(&mut self) {
        let exported: HashSet<&str> = match self.child(0, "__exports__") {
            Some(exports) => self.nodes[exports].props.iter().map(|prop| prop.name).collect(),
            None => HashSet::new(),
        };
        let Some(symbols) = self.child(0, "__symbols__") else { return };
        self.nodes[symbols].props.retain(|prop| exported.contains(prop.name));
        if self.nodes[symbols].props.is_empty() {
            self.take_out(symbols);
        }
    }
}
