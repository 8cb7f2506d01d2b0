// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the changes of the tree mean for its devices (O20): what goes is removed before it goes, while everything is still there; what
//! comes is made when all of it is there.

use super::state::{At, Dropped, State};
use super::Core;
use crate::changeset::{Action, Change};
use crate::error::{Error, Result};
use crate::notifier::{Event, EventKind, Notifier};
use crate::slab::NodePtr;
use crate::tree::Inner;
use hashbrown::HashSet;
use kref::sync::lock;
use std::sync::Arc;

/// Has the bus hear what changes. It is asked last, so that nobody else refuses when the devices are gone already.
pub(super) fn listen(core: &Arc<Core>) -> Notifier {
    let weak = Arc::downgrade(core);
    core.tree.listen(i32::MIN, move |event| match weak.upgrade() {
        Some(core) => hear(&core, event),
        None => Ok(()),
    })
}

fn hear(core: &Arc<Core>, event: &Event<'_>) -> Result<()> {
    let (id, changes) = (event.id(), &event.changeset().viewed().entries);
    let goes = |change: &&Change| match event.kind() {
        EventKind::PreApply => change.action == Action::Detach,
        EventKind::PreRemove => change.action == Action::Attach,
        _ => false,
    };
    match event.kind() {
        EventKind::PreApply | EventKind::PreRemove => {
            let nodes: Vec<NodePtr> = changes.iter().filter(goes).map(|change| change.node.ptr()).collect();
            if nodes.is_empty() {
                return Ok(());
            }
            ask(core, &nodes)?;
            core.change(|state, _, batch, dropped| {
                // What gives up a device that goes is not tried again before that is gone.
                state.holds.insert(id);
                for node in nodes {
                    if let Some(seq) = state.slots.at(node) {
                        state.leave(seq, batch, false, dropped);
                    }
                }
                Ok(())
            })
        }
        EventKind::Change(_) => Ok(()),
        _ => core.change(|state, inner, batch, dropped| {
            state.holds.remove(&id);
            changed(state, inner, changes, batch, dropped);
            Ok(())
        }),
    }
}

/// Whether the drivers let these nodes go.
fn ask(core: &Core, nodes: &[NodePtr]) -> Result<()> {
    let bound: Vec<_> = {
        let state = lock(&core.state);
        let slots = nodes.iter().filter_map(|&node| state.slots.get(state.slots.at(node)?));
        let bound = slots.filter(|slot| matches!(slot.at, At::Bound(_)));
        bound.filter_map(|slot| Some((slot.device.clone(), slot.driver.clone()?))).collect()
    };
    for (device, driver) in bound {
        if let Err(errno) = driver.ops.can_remove(&device) {
            let (path, driver) = (device.node().path(), driver.compatible.to_string_lossy().into_owned());
            let why = std::io::Error::from_raw_os_error(errno);
            let sentence = format!("the driver ({driver}) of device {path} keeps it: {why}");
            return Err(Error::Listener { errno, sentence });
        }
    }
    Ok(())
}

/// Makes the devices that there should be after a change, and has the others leave.
fn changed(state: &mut State, inner: &Inner, changes: &[Change], batch: u64, dropped: &mut Dropped) {
    let token = &inner.token;
    let is_of = |change: &Change, name: &str| {
        change.now.as_ref().or(change.before.as_ref()).is_some_and(|prop| prop.name() == name)
    };
    let moved = |change: &&Change| matches!(change.action, Action::Attach | Action::Detach);
    let nodes: HashSet<NodePtr> = changes.iter().filter(moved).map(|change| change.node.ptr()).collect();
    for change in changes {
        let node = change.node.ptr();
        let top = moved(&change) && !node.parent(token).is_some_and(|parent| nodes.contains(&parent));
        let again = !moved(&change) && is_of(change, "compatible");
        if top || again || !moved(&change) && is_of(change, "status") {
            state.update(inner, node, batch, dropped);
        }
        if let Some(seq) = state.slots.at(node).filter(|_| again) {
            state.restart(seq, batch, dropped);
        }
    }
}
