// SPDX-License-Identifier: MIT OR Apache-2.0
//! Removing: what an overlay brought goes, exactly that, and only if nothing later stands on it (O14 to O17).

use crate::changeset::{transact, Kind, Layer};
use crate::error::{busy, not_found, Error, Result};
use crate::tree::{Inner, Tree};
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
    /// overlay or changeset that depends on this one, and the node, or if listeners are just being told of it; [`Error::Listener`]
    /// if one refuses. [`Error::Afterwards`] if the overlay is removed and a listener failed then.
    pub fn remove(&self, id: i32, mode: RemoveMode) -> Result<()> {
        let find = |inner: &Inner| find(inner, id, mode);
        transact::remove(self.core(), id, find, |inner, layer| check(inner, id, layer, mode))
    }

    /// Removes all overlays, the last one first. Returns how many there were.
    ///
    /// # Errors
    /// Those of [`remove`](Self::remove) for the first one that cannot be removed: what was applied before it stays.
    pub fn remove_all(&self) -> Result<usize> {
        // Whoever calls may lose the tree to a listener (K5).
        let tree = self.clone();
        let mut ids = tree.overlays();
        ids.sort_by_key(|id| tree.read().layers.get(id).map(|layer| layer.came));
        for &id in ids.iter().rev() {
            tree.remove(id, RemoveMode::Default)?;
        }
        Ok(ids.len())
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
            if let Some(layer) = inner.layers.get(&id) {
                return Err(busy!("{} is still applied", layer.title(id)));
            }
            if id != 0 && inner.ids.is_none_or(|(first, last)| !(first..=last).contains(&id)) {
                return Err(not_found!("there never was an overlay {id} in this tree"));
            }
            (inner.ids.map_or(0, |(_, last)| last), inner.layers.keys().copied().chain([0]).collect())
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

/// Whether there is such an overlay.
pub(super) fn find(inner: &Inner, id: i32, mode: RemoveMode) -> Result<()> {
    if inner.layers.get(&id).is_some_and(|layer| layer.kind == Kind::Overlay) {
        return Ok(());
    }
    let sentence = format!("no overlay {id} is applied");
    Err(match mode {
        RemoveMode::Default => Error::NotFound(sentence),
        RemoveMode::Linux => Error::Gone(sentence),
    })
}

/// Whether it can be removed.
pub(super) fn check(inner: &Inner, id: i32, layer: &Layer, mode: RemoveMode) -> Result<()> {
    match mode {
        RemoveMode::Default => inner.check_dependants(id, layer),
        RemoveMode::Linux => inner.check_overlaps(id, layer),
    }
}
