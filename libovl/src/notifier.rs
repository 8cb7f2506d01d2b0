// SPDX-License-Identifier: MIT OR Apache-2.0
//! Listeners (O20 to O22): who is told of what changes, before and after, and may refuse.
//!
//! They are called on the thread that makes the change, with no lock held and without the right to change the tree, so that a
//! listener may do whatever any thread may do, and may wait for other threads that do.

use crate::changeset::{Action, Change, Changeset};
use crate::error::{Error, Result};
use crate::slab::{Node, Prop};
use crate::tree::{Core, Tree};
use kref::Revocable;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// Something is about to be applied. An error refuses.
    PreApply,
    /// It has been applied.
    PostApply,
    /// It is not applied, though [`PreApply`](Self::PreApply) said so.
    AbortApply,
    /// Something is about to be removed or reverted. An error refuses.
    PreRemove,
    /// It has been removed.
    PostRemove,
    /// It is not removed, though [`PreRemove`](Self::PreRemove) said so.
    AbortRemove,
    /// A node or property has changed, on the way between the two.
    Change(Action),
}

/// What became of the device that a node may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StateChange {
    /// The node is in the tree and available now.
    Added,
    /// It was, and is not any more.
    Removed,
}

/// What a listener is told.
pub struct Event<'e> {
    kind: EventKind,
    changeset: &'e Changeset,
    change: Option<&'e Change>,
    /// It is told the other way round.
    inverted: bool,
    state: Option<StateChange>,
}

impl<'e> Event<'e> {
    /// What it tells.
    pub fn kind(&self) -> EventKind {
        self.kind
    }

    /// The id of the overlay or changeset.
    pub fn id(&self) -> i32 {
        self.changeset.id()
    }

    /// Everything that is applied or removed together, as a view that nothing changes any more and whose references hold: clone it
    /// to keep it.
    pub fn changeset(&self) -> &'e Changeset {
        self.changeset
    }

    /// The node that has changed, of a [`Change`](EventKind::Change).
    pub fn node(&self) -> Option<&'e Node> {
        self.change.map(|change| &change.node)
    }

    /// The value that is in force now.
    pub fn prop(&self) -> Option<&'e Prop> {
        let change = self.change?;
        if self.inverted {
            change.before.as_ref()
        } else {
            change.now.as_ref()
        }
    }

    /// The value that was in force before.
    pub fn before(&self) -> Option<&'e Prop> {
        let change = self.change?;
        if self.inverted {
            change.now.as_ref()
        } else {
            change.before.as_ref()
        }
    }

    /// Whether with all of the changeset the device that the node may stand for has come or gone: told once for each node, with
    /// the last event that could say so.
    pub fn state_change(&self) -> Option<StateChange> {
        self.state
    }
}

type Call = Box<dyn Fn(&Event<'_>) -> Result<()> + Send + Sync>;

struct Listener {
    priority: i32,
    link: Revocable,
    call: Call,
}

impl Listener {
    /// None if it was unregistered.
    fn call(&self, event: &Event<'_>) -> Option<Result<()>> {
        let _running = self.link.enter().ok()?;
        Some((self.call)(event))
    }
}

/// Those who listen to a tree. A list is never changed, so that events go to the same ones from first to last.
#[derive(Default)]
pub(crate) struct Listeners {
    any: AtomicBool,
    list: Mutex<Arc<Vec<Arc<Listener>>>>,
}

impl Listeners {
    /// Those who listen now; none if nobody does.
    pub(crate) fn now(&self) -> Option<Audience> {
        self.any.load(Ordering::Acquire).then(|| Audience(kref::sync::lock(&self.list).clone()))
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Arc<Listener>>)) {
        let before;
        {
            let mut list = kref::sync::lock(&self.list);
            let mut new = Vec::clone(&list);
            change(&mut new);
            self.any.store(!new.is_empty(), Ordering::Release);
            before = std::mem::replace(&mut *list, Arc::new(new));
        }
        // What a listener drops with itself may be anything.
        drop(before);
    }
}

/// Those who are told of one change.
pub(crate) struct Audience(Arc<Vec<Arc<Listener>>>);

impl Audience {
    /// Asks all of them, the highest priority first. After an error those who were asked before are told `abort`.
    pub(crate) fn ask(&self, kind: EventKind, abort: EventKind, changeset: &Changeset) -> Result<()> {
        let event = Event { kind, changeset, change: None, inverted: false, state: None };
        for (asked, listener) in self.0.iter().enumerate() {
            if let Some(Err(error)) = listener.call(&event) {
                let event = Event { kind: abort, ..event };
                for before in self.0[..asked].iter().rev() {
                    let _ = before.call(&event);
                }
                let sentence = format!("{}: a listener refuses: {error}", changeset.title());
                return Err(Error::Listener { errno: error.errno(), sentence });
            }
        }
        Ok(())
    }

    /// Tells all of them. Returns the first error.
    pub(crate) fn tell(&self, kind: EventKind, changeset: &Changeset) -> Result<()> {
        self.deliver(&Event { kind, changeset, change: None, inverted: false, state: None })
    }

    /// Tells them of one change of the changeset, as it was made or the other way round.
    pub(crate) fn tell_change(
        &self,
        changeset: &Changeset,
        change: &Change,
        inverted: bool,
        state: Option<StateChange>,
    ) -> Result<()> {
        let action = if inverted { change.action.inverse() } else { change.action };
        let kind = EventKind::Change(action);
        self.deliver(&Event { kind, changeset, change: Some(change), inverted, state })
    }

    fn deliver(&self, event: &Event<'_>) -> Result<()> {
        let mut result = Ok(());
        for listener in self.0.iter() {
            if let Some(Err(error)) = listener.call(event) {
                result = result.and(Err(error));
            }
        }
        result
    }
}

/// A listener's registration. Dropping it unregisters.
///
/// That waits for nobody: no call starts afterwards, one that is running on another thread goes on to its end. The closure is
/// dropped once no thread is in it and no delivery that began before is under way any more.
pub struct Notifier {
    core: Arc<Core>,
    listener: Arc<Listener>,
}

impl Tree {
    /// Has `listener` called for everything that is applied to this tree or removed from it from now on. A higher priority is
    /// told first; of equal ones, who came first.
    ///
    /// It runs on the thread that makes the change, with no lock held: it may call everything, and wait for threads that do; only
    /// what is in progress cannot be removed or reverted ([`Error::Busy`]). An error from a `Pre…` event refuses the change; those
    /// who were told are then told the matching `Abort…`. An error from another event is returned to who made the change, and
    /// undoes nothing.
    ///
    /// The registration does not keep the tree.
    pub fn listen(
        &self,
        priority: i32,
        listener: impl Fn(&Event<'_>) -> Result<()> + Send + Sync + 'static,
    ) -> Notifier {
        let listener = Arc::new(Listener { priority, link: Revocable::new(), call: Box::new(listener) });
        let new = listener.clone();
        self.core().listeners.change(|list| {
            let place = list.partition_point(|other| other.priority >= priority);
            list.insert(place, new);
        });
        Notifier { core: self.core().clone(), listener }
    }
}

impl Notifier {
    /// Whether the caller is inside of a call of this listener.
    pub fn is_inside(&self) -> bool {
        self.listener.link.is_inside()
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.listener.link.revoke();
        self.core.listeners.change(|list| list.retain(|other| !Arc::ptr_eq(other, &self.listener)));
    }
}
