// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which slabs of a tree are still there: what a wait for releases waits for, and what a report of holders looks through.

use crate::slab::SlabPtr;
use hashbrown::HashMap;
use kref::sync::{deadline, passed, wait};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// The living slabs of a tree, by owner.
#[derive(Default)]
pub(crate) struct Slabs {
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
pub(crate) struct State {
    listed: HashMap<SlabPtr, i32>,
    /// What is not yet freed of each overlay. A slab leaves `listed` just before, and this just after.
    remaining: HashMap<i32, Remaining>,
    /// How many threads wait, so that a release without any costs no system call.
    waiting: usize,
}

#[derive(Default)]
struct Remaining {
    slabs: usize,
    /// What the overlay was called, for reports after its removal.
    name: Option<String>,
}

impl Slabs {
    /// Keeps slabs from being freed, and so everything in them readable, as long as it is held.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        kref::sync::lock(&self.state)
    }

    /// Lists a slab, or makes it another owner's: it was that of `before`, if it is listed.
    pub(crate) fn list(&self, slab: SlabPtr, before: i32, owner: i32) {
        let mut state = self.lock();
        let was_listed = state.listed.insert(slab, owner).is_some();
        state.remaining.entry(owner).or_default().slabs += 1;
        if was_listed {
            state.forget_one(before);
            if state.waiting > 0 {
                self.freed.notify_all();
            }
        }
    }

    /// Remembers what the overlay of a listed slab is called, for as long as anything of it remains.
    pub(crate) fn set_name(&self, owner: i32, name: &str) {
        if let Some(remaining) = self.lock().remaining.get_mut(&owner) {
            remaining.name = Some(name.to_string());
        }
    }

    /// The slab is about to be freed. False if it was never listed.
    pub(crate) fn unlist(&self, slab: SlabPtr) -> bool {
        self.lock().listed.remove(&slab).is_some()
    }

    /// A listed slab has been freed.
    pub(crate) fn freed(&self, owner: i32) {
        let mut state = self.lock();
        state.forget_one(owner);
        if state.waiting > 0 {
            self.freed.notify_all();
        }
    }

    /// Waits until `is_released` holds of what remains. False when `timeout` is over before; without one it waits forever.
    pub(crate) fn wait(&self, timeout: Option<Duration>, is_released: impl Fn(&State) -> bool) -> bool {
        let deadline = deadline(timeout);
        let mut state = self.lock();
        state.waiting += 1;
        let released = loop {
            if is_released(&state) {
                break true;
            }
            if passed(deadline) {
                break false;
            }
            wait(&self.freed, state, deadline);
            state = self.lock();
        };
        state.waiting -= 1;
        released
    }
}

impl State {
    fn forget_one(&mut self, owner: i32) {
        if let Some(remaining) = self.remaining.get_mut(&owner) {
            remaining.slabs -= 1;
            if remaining.slabs == 0 {
                self.remaining.remove(&owner);
            }
        }
    }

    /// The owners of which something remains, in no order.
    pub(crate) fn owners(&self) -> impl Iterator<Item = i32> + use<'_> {
        self.remaining.keys().copied()
    }

    /// What an overlay of which something remains was called.
    pub(crate) fn name(&self, owner: i32) -> Option<&str> {
        self.remaining.get(&owner)?.name.as_deref()
    }

    /// The slabs with their owners, in no order.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (SlabPtr, i32)> + use<'_> {
        self.listed.iter().map(|(&slab, &owner)| (slab, owner))
    }
}
