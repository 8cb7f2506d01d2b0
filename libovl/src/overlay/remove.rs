// SPDX-License-Identifier: MIT OR Apache-2.0
//! Removing: what an overlay brought goes, exactly that, and only if nothing later stands on it (O14 to O17).

use super::{title, Applied, Overlay};
use crate::error::{busy, not_found, Error, Result};
use crate::slab::{NodePtr, Token};
use crate::tree::{Core, Inner, Taken, Tree};
use hashbrown::HashSet;
use std::time::Duration;

/// Whose rules an overlay is removed by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RemoveMode {
    /// In any order, as long as no later overlay depends on this one (O16).
    #[default]
    Default,
    /// As Linux does: no later overlay may touch anything at, above or below what this one touched (O15).
    Linux,
}

impl Tree {
    /// Removes an overlay: nodes, properties and their order are what they would be without it. Never waits for those who hold
    /// nodes of it. Costs what is in the overlay.
    ///
    /// # Errors
    /// [`Error::NotFound`], or in Linux's mode [`Error::Gone`], for an id that is not applied; [`Error::Busy`] naming the later
    /// overlay that depends on this one, and the node.
    pub fn remove(&self, id: i32, mode: RemoveMode) -> Result<()> {
        let _change = self.core().begin_change();
        self.read().may_remove(id, mode)?;
        self.core().take_out(id);
        Ok(())
    }

    /// Removes all overlays, the last one first. Returns how many there were.
    pub fn remove_all(&self) -> usize {
        let _change = self.core().begin_change();
        let ids: Vec<i32> = self.read().overlays.keys().rev().copied().collect();
        ids.iter().for_each(|&id| self.core().take_out(id));
        ids.len()
    }

    /// Waits until nothing of a removed overlay is held any more and its memory is free; 0 stands for all that were removed.
    /// Without a timeout it waits forever. May be called from any thread.
    ///
    /// # Errors
    /// [`Error::TimedOut`] with what is still held, and by whom where references are tracked; [`Error::Busy`] if the overlay is
    /// still applied; [`Error::NotFound`] for an id that this tree never gave out.
    pub fn wait_released(&self, id: i32, timeout: Option<Duration>) -> Result<()> {
        // What is applied from now on is not meant by 0.
        let (last, applied): (i32, HashSet<i32>) = {
            let inner = self.read();
            if let Some(overlay) = inner.overlays.get(&id) {
                return Err(busy!("{} is still applied", title(id, overlay.name.as_deref())));
            }
            if id != 0 && inner.ids.is_none_or(|(first, last)| !(first..=last).contains(&id)) {
                return Err(not_found!("there never was an overlay {id} in this tree"));
            }
            (inner.ids.map_or(0, |(_, last)| last), inner.overlays.keys().copied().chain([0]).collect())
        };
        let concerns = |owner: i32| match id {
            0 => owner <= last && !applied.contains(&owner),
            id => owner == id,
        };
        match self.core().slabs.wait(timeout, |slabs| !slabs.owners().any(concerns)) {
            true => Ok(()),
            false => Err(Error::TimedOut(format!("still held:\n{}", self.report_holders(concerns)))),
        }
    }
}

impl Core {
    /// Takes an overlay out of the tree, and drops what the tree had of it. The caller has the right to change the tree.
    fn take_out(&self, id: i32) {
        let mut taken = Taken::default();
        {
            let mut guard = self.write();
            let inner = &mut *guard;
            let overlay = inner.overlays.remove(&id).expect("the caller saw it");
            for &change in overlay.changes.iter().rev() {
                match change {
                    Applied::Attached(node) => inner.detach(node, &mut taken),
                    // A node of the overlay goes as it is: its holders keep all that it had (O18).
                    Applied::Pushed(node, _) if node.origin() == id => {}
                    Applied::Pushed(node, prop) => inner.drop_prop(node, prop, &mut taken),
                }
            }
            inner.note_max_phandle(id, overlay.max_phandle, false);
            inner.drop_unused_symbols(&mut taken);
            taken.keeps.extend(overlay.keeps);
        }
        taken.let_go(self);
    }
}

impl Inner {
    /// Whether an overlay can be removed.
    pub(super) fn may_remove(&self, id: i32, mode: RemoveMode) -> Result<()> {
        let Some(overlay) = self.overlays.get(&id) else {
            let sentence = format!("no overlay {id} is applied");
            return Err(match mode {
                RemoveMode::Default => Error::NotFound(sentence),
                RemoveMode::Linux => Error::Gone(sentence),
            });
        };
        match mode {
            RemoveMode::Default => self.check_dependants(id, overlay),
            RemoveMode::Linux => self.check_overlaps(id, overlay),
        }
    }

    /// The `/__symbols__` that an overlay needed goes with the last symbol in it.
    fn drop_unused_symbols(&mut self, taken: &mut Taken) {
        let (Some(symbols), Some(_)) = (self.symbols, &self.made_symbols) else { return };
        if symbols.prop_count(&self.token) == 0 && symbols.links(&self.token).first.is_none() {
            self.detach(symbols, taken);
            taken.keeps.extend(self.made_symbols.take());
        }
    }

    /// O16: a later overlay is inside of this one's nodes, has them too, or refers to one of its phandles.
    fn check_dependants(&self, id: i32, overlay: &Overlay) -> Result<()> {
        if self.overlays.range(id + 1..).next().is_none() {
            return Ok(());
        }
        let token = &self.token;
        let refuse = |later: i32, how: &str, node: NodePtr| {
            let of_later = self.overlays.get(&later).and_then(|overlay| overlay.name.as_deref());
            Err(busy!(
                "{} cannot be removed: {} {how} {}",
                title(id, overlay.name.as_deref()),
                title(later, of_later),
                node.path(token)
            ))
        };
        let mut phandles: Vec<(u32, NodePtr)> = Vec::new();
        for &change in &overlay.changes {
            match change {
                Applied::Attached(root) => {
                    for node in root.subtree(token) {
                        if node.origin() != id {
                            return refuse(node.origin(), "has added", node);
                        }
                        if let Some(later) = node.foreign_prop(token) {
                            return refuse(later, "has set properties of", node);
                        }
                        phandles.push((node.phandle(token), node));
                    }
                }
                Applied::Pushed(node, prop)
                    if prop.is_named(b"phandle") || prop.is_named(b"linux,phandle") =>
                {
                    phandles.push((node.phandle(token), node));
                }
                Applied::Pushed(..) => {}
            }
        }
        phandles.sort_unstable();
        for (&later, other) in self.overlays.range(id + 1..) {
            for reference in &other.references {
                if let Ok(found) = phandles.binary_search_by_key(reference, |&(phandle, _)| phandle) {
                    return refuse(later, "refers to", phandles[found].1);
                }
            }
            if let Some(&(_, node)) = other.stands_on.iter().find(|&&(owner, _)| owner == id) {
                return refuse(later, "stands on", node);
            }
        }
        Ok(())
    }

    /// O15: a node that this overlay touched equals, contains or lies inside one that a later overlay touched.
    fn check_overlaps(&self, id: i32, overlay: &Overlay) -> Result<()> {
        let token = &self.token;
        let own: HashSet<NodePtr> = touched(overlay).collect();
        for (&later, other) in self.overlays.range(id + 1..).rev() {
            let others: HashSet<NodePtr> = touched(other).collect();
            let overlap = meets(&own, &others, token).or_else(|| meets(&others, &own, token));
            if let Some(node) = overlap {
                return Err(busy!(
                    "{} cannot be removed: {} is on top of it at {}",
                    title(id, overlay.name.as_deref()),
                    title(later, other.name.as_deref()),
                    node.path(token)
                ));
            }
        }
        Ok(())
    }
}

/// The nodes that an overlay added, and those that it changed.
fn touched(overlay: &Overlay) -> impl Iterator<Item = NodePtr> + use<'_> {
    overlay.changes.iter().map(|&change| match change {
        Applied::Attached(node) | Applied::Pushed(node, _) => node,
    })
}

/// A node of `a` that is a node of `b` or inside of one.
fn meets(a: &HashSet<NodePtr>, b: &HashSet<NodePtr>, token: &Token) -> Option<NodePtr> {
    a.iter().copied().find(|node| node.ancestors(token).any(|above| b.contains(&above)))
}
