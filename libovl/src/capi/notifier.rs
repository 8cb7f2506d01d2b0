// SPDX-License-Identifier: MIT OR Apache-2.0
//! Listeners, and what they are told.

use super::{callback, guard, none, ovl_changeset, ovl_destroy, ovl_node, ovl_prop, ovl_tree};
use crate::{Action, Error, Event, EventKind, Notifier, StateChange};
use cabi::{Failure, Plain};
use std::ffi::{c_int, c_void};

/// ovl_event_kind(): something is about to be applied. An error refuses.
pub const OVL_EVENT_PRE_APPLY: u32 = 1;
/// ovl_event_kind(): it has been applied.
pub const OVL_EVENT_POST_APPLY: u32 = 2;
/// ovl_event_kind(): it is not applied, though OVL_EVENT_PRE_APPLY said so.
pub const OVL_EVENT_ABORT_APPLY: u32 = 3;
/// ovl_event_kind(): something is about to be removed or reverted. An error refuses.
pub const OVL_EVENT_PRE_REMOVE: u32 = 4;
/// ovl_event_kind(): it has been removed or reverted.
pub const OVL_EVENT_POST_REMOVE: u32 = 5;
/// ovl_event_kind(): it is not removed, though OVL_EVENT_PRE_REMOVE said so.
pub const OVL_EVENT_ABORT_REMOVE: u32 = 6;
/// ovl_event_kind(): a node has come into the tree.
pub const OVL_EVENT_ATTACH_NODE: u32 = 7;
/// ovl_event_kind(): a node has gone.
pub const OVL_EVENT_DETACH_NODE: u32 = 8;
/// ovl_event_kind(): a property has come.
pub const OVL_EVENT_ADD_PROP: u32 = 9;
/// ovl_event_kind(): a property has gone.
pub const OVL_EVENT_REMOVE_PROP: u32 = 10;
/// ovl_event_kind(): a property has got another value.
pub const OVL_EVENT_UPDATE_PROP: u32 = 11;

/// ovl_event_state_change(): the device that the node may stand for has come.
pub const OVL_STATE_ADDED: u32 = 1;
/// ovl_event_state_change(): it has gone.
pub const OVL_STATE_REMOVED: u32 = 2;

/// A listener's registration. Not counted.
pub struct ovl_notifier {
    _private: [u8; 0],
}

/// What a listener is told. Valid during the call.
pub struct ovl_event {
    _private: [u8; 0],
}

/// A listener. Returns 0, or a negative errno.
pub type ovl_notifier_callback =
    Option<unsafe extern "C-unwind" fn(event: *const ovl_event, user_data: *mut c_void) -> c_int>;

/// Has \p callback called for everything that is applied to a tree or removed from it from now on, overlays and changesets alike. A
/// higher \p priority is told first; of equal ones, who came first.
///
/// Each change is told as OVL_EVENT_PRE_APPLY; then, when all of it is in the tree, each node and property by itself, in order;
/// then OVL_EVENT_POST_APPLY. A removal is told as OVL_EVENT_PRE_REMOVE; each node and property, backward and the other way round, but for
/// values that others cover; OVL_EVENT_POST_REMOVE. A negative errno from a PRE event refuses the change: who was told before gets the
/// ABORT event, in reverse order. A negative errno from another event is returned to who makes the change, and undoes nothing; the
/// others are told all the same. Who registers in between is told from the next change on.
///
/// The callback runs on the thread that makes the change, with no lock held. It may call everything, apply and remove other overlays
/// and changesets, drop the last references, unregister itself, and wait for threads that do any of this. What is in progress cannot
/// be removed or reverted meanwhile: -EBUSY. If the tree was changed during a PRE event, by the callback or another thread, what was
/// told is done if it still can be done just so; otherwise all hear the ABORT event, and it is planned and told anew, four times at
/// most, then it is -EBUSY.
///
/// \p destroy, which may be NULL, is called with \p user_data once, when the callback is unregistered, no thread is in it and no change
/// is under way that began before; also if this function fails. The registration does not keep the tree, and outlives it.
///
/// Returns a registration (end it with ovl_notifier_unregister()), or NULL with errno: EINVAL for a NULL tree or callback.
#[no_mangle]
pub unsafe extern "C" fn ovl_notifier_register(
    tree: *mut ovl_tree,
    priority: c_int,
    callback: ovl_notifier_callback,
    user_data: *mut c_void,
    destroy: ovl_destroy,
) -> *mut ovl_notifier {
    guard(|| {
        let listener = self::callback(callback, user_data, destroy, "callback")?;
        let notifier = super::tree(tree)?.listen(priority, move |event| {
            let event: *const Event<'_> = event;
            // SAFETY: the promise of who registered it; the event is there during the call.
            match unsafe { listener.function()(event.cast(), listener.user_data()) } {
                0.. => Ok(()),
                errno => Err(refused(errno.saturating_neg())),
            }
        });
        Ok(Box::into_raw(Box::new(notifier)).cast::<ovl_notifier>())
    })
}

fn refused(errno: c_int) -> Error {
    let sentence = std::io::Error::from_raw_os_error(errno).to_string();
    Error::Listener { errno, sentence }
}

/// Ends a registration; NULL is allowed. Also when its tree is gone.
///
/// It waits for nobody, so that it may be called from anywhere, the callback included: no call starts any more when it returns, and
/// one that runs on another thread goes on to its end. \p destroy of ovl_notifier_register() tells when nobody is in it.
#[no_mangle]
pub unsafe extern "C" fn ovl_notifier_unregister(notifier: *mut ovl_notifier) {
    guard(|| {
        if !notifier.is_null() {
            // SAFETY: the caller's promise: it comes from ovl_notifier_register(), and this is its end.
            drop(unsafe { Box::from_raw(notifier.cast::<Notifier>()) });
        }
        Ok(())
    });
}

fn event<'e>(raw: *const ovl_event) -> Result<&'e Event<'e>, Failure> {
    // SAFETY: the caller's promise: NULL, or what a callback was given and has not returned from.
    unsafe { raw.cast::<Event<'e>>().as_ref() }.ok_or_else(|| Failure::invalid("event is NULL"))
}

/// What the event tells: OVL_EVENT_…; 0 with errno EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_event_kind(event: *const ovl_event) -> u32 {
    guard(|| {
        Ok(Plain(match self::event(event)?.kind() {
            EventKind::PreApply => OVL_EVENT_PRE_APPLY,
            EventKind::PostApply => OVL_EVENT_POST_APPLY,
            EventKind::AbortApply => OVL_EVENT_ABORT_APPLY,
            EventKind::PreRemove => OVL_EVENT_PRE_REMOVE,
            EventKind::PostRemove => OVL_EVENT_POST_REMOVE,
            EventKind::AbortRemove => OVL_EVENT_ABORT_REMOVE,
            EventKind::Change(Action::Attach) => OVL_EVENT_ATTACH_NODE,
            EventKind::Change(Action::Detach) => OVL_EVENT_DETACH_NODE,
            EventKind::Change(Action::Add) => OVL_EVENT_ADD_PROP,
            EventKind::Change(Action::Remove) => OVL_EVENT_REMOVE_PROP,
            EventKind::Change(Action::Update) => OVL_EVENT_UPDATE_PROP,
        }))
    })
}

/// The id of the overlay or changeset, or -EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_event_id(event: *const ovl_event) -> c_int {
    guard(|| Ok(self::event(event)?.id()))
}

/// All that is applied or removed together, as a view: to be looked at with ovl_changeset_count() and ovl_changeset_entry(), and kept for
/// as long as one likes. Nothing changes it any more, and what it shows stays readable. To add to it, apply or revert it is
/// -EINVAL.
///
/// Returns a reference (drop it with ovl_changeset_put()), or NULL with errno EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_event_changeset(event: *const ovl_event) -> *mut ovl_changeset {
    guard(|| Ok(self::event(event)?.changeset().clone()))
}

/// The node that has changed.
///
/// Returns a reference (drop it with ovl_node_put()), or NULL with errno: ENOENT the event is that of the whole change, EINVAL a NULL
/// argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_event_node(event: *const ovl_event) -> *mut ovl_node {
    guard(|| self::event(event)?.node().cloned().ok_or_else(none))
}

/// The property as it is now.
///
/// Returns a reference (drop it with ovl_prop_put()), or NULL with errno: ENOENT there is none now, EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_event_prop(event: *const ovl_event) -> *mut ovl_prop {
    guard(|| self::event(event)?.prop().cloned().ok_or_else(none))
}

/// The property as it was before.
///
/// Returns a reference (drop it with ovl_prop_put()), or NULL with errno: ENOENT there was none, EINVAL a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_event_before(event: *const ovl_event) -> *mut ovl_prop {
    guard(|| self::event(event)?.before().cloned().ok_or_else(none))
}

/// Whether with the whole of the change the device that the node may stand for has come (OVL_STATE_ADDED: it is in the tree, and its
/// "status" is missing, "okay" or "ok") or gone (OVL_STATE_REMOVED). Told once for each node, with the last event that concerns it.
///
/// Returns that, or 0, or -EINVAL for a NULL argument.
#[no_mangle]
pub unsafe extern "C" fn ovl_event_state_change(event: *const ovl_event) -> c_int {
    guard(|| {
        Ok(match self::event(event)?.state_change() {
            None => 0,
            Some(StateChange::Added) => OVL_STATE_ADDED,
            Some(StateChange::Removed) => OVL_STATE_REMOVED,
        })
    })
}
