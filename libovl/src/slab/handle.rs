// SPDX-License-Identifier: MIT OR Apache-2.0
//! Counted handles: what keeps an entry alive, and what happens when the last one goes.

use super::{NodeEntry, NodePtr, PropEntry, PropPtr, Slab, Token};
use crate::tree::Core;
use kref::track;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::Arc;

/// One reference to a node, not seen by the tracker: the tree's own, and those of reports.
pub(crate) struct NodeRef(NodePtr);

/// One reference to a property, not seen by the tracker.
pub(crate) struct PropRef(PropPtr);

impl NodeRef {
    /// A new reference, unless the node is dead (K1).
    pub(crate) fn get(node: NodePtr) -> Option<NodeRef> {
        node.entry().refs.get().then(|| NodeRef(node))
    }

    /// The reference that the caller already owns: the tree's, when a node was taken out of it.
    pub(crate) fn owned(node: NodePtr) -> NodeRef {
        NodeRef(node)
    }

    pub(crate) fn ptr(&self) -> NodePtr {
        self.0
    }
}

impl NodePtr {
    /// Adds a reference for the tree, to what is alive.
    pub(crate) fn hold(self) {
        std::mem::forget(NodeRef::get(self).expect("a living node"));
    }
}

impl PropPtr {
    /// Adds a reference for a node's list, to what is alive.
    pub(crate) fn hold(self) {
        std::mem::forget(PropRef::get(self).expect("a living property"));
    }
}

/// Puts one reference of a node, in the one or the other way of its count; with the last one, those on its properties too. Returns how many entries of the node's
/// own slab died; properties of other slabs are handed out in `foreign`.
///
/// Only nodes outside of the tree get here with the last reference, and no look-up leads to them.
#[inline]
fn put_node(node: NodePtr, put: impl Fn(&kref::Kref) -> bool, foreign: &mut Vec<PropRef>) -> usize {
    let entry = node.entry();
    if !put(&entry.refs) {
        return 0;
    }
    if track::on() {
        track::released(node.address());
    }
    // SAFETY: the count is zero and the node is not in the tree, so nobody else can reach its fields.
    let edits = unsafe { (*entry.edits.0.get()).take() };
    let mut dead = 1 + node.own_range().filter(|prop| put(&prop.entry().refs)).count();
    for prop in edits.into_iter().flat_map(|edits| edits.into_props()) {
        if prop.slab() == node.slab() {
            dead += usize::from(put(&prop.entry().refs));
        } else {
            foreign.push(PropRef(prop));
        }
    }
    dead
}

impl Drop for NodeRef {
    fn drop(&mut self) {
        let slab = self.0.slab();
        match put_node(self.0, kref::Kref::put, &mut Vec::new()) {
            0 => {}
            dead => Slab::dead(slab, dead),
        }
    }
}

/// Drops the tree's references on all of these nodes at once.
///
/// Reports are the only ones that can still find such nodes; while they are kept out, no atomic read-modify-write is
/// needed for what nobody else holds.
pub(crate) fn let_go(core: &Core, nodes: Vec<NodeRef>) {
    let mut dead: Vec<(NonNull<Slab>, usize)> = Vec::new();
    let mut foreign = Vec::new();
    {
        let _no_reports = core.slabs.lock();
        for node in nodes {
            let node = ManuallyDrop::new(node).0;
            let slab = node.slab();
            let count = put_node(node, kref::Kref::put_unlisted, &mut foreign);
            match dead.last_mut() {
                Some((of, sum)) if *of == slab => *sum += count,
                _ => dead.push((slab, count)),
            }
        }
    }
    // A slab may be in the list twice, the first time not with its last entries: `dead` says so in order.
    for (slab, count) in dead.into_iter().filter(|&(_, count)| count > 0) {
        Slab::dead(slab, count);
    }
}

impl PropRef {
    /// A new reference, unless the property is dead (K1).
    pub(crate) fn get(prop: PropPtr) -> Option<PropRef> {
        prop.entry().refs.get().then(|| PropRef(prop))
    }

    /// The reference that the caller already owns: the list's, when a property was taken out of it.
    pub(crate) fn owned(prop: PropPtr) -> PropRef {
        PropRef(prop)
    }

    pub(crate) fn ptr(&self) -> PropPtr {
        self.0
    }
}

impl Drop for PropRef {
    fn drop(&mut self) {
        if self.0.entry().refs.put() {
            if track::on() {
                track::released(self.0.address());
            }
            Slab::dead(self.0.slab(), 1);
        }
    }
}

/// A node of a live tree, held.
///
/// Its name, properties and values stay readable as long as it is held, also when the overlay that brought it, or the
/// whole tree, is gone (O18). `Clone` takes another reference, dropping puts it.
pub struct Node(NodeRef);

/// A property and its value, held. The value never changes: an update puts another property in its place.
pub struct Prop(PropRef);

macro_rules! handle {
    ($handle:ident, $reference:ident, $pointer:ident, $entry:ident, $what:literal) => {
        impl $handle {
            /// A handle to what is alive: the caller has a reference, or the tree's lock and found it in the tree.
            pub(crate) fn new(pointer: $pointer) -> $handle {
                $handle::from_ref($reference::get(pointer).expect(concat!("a living ", $what)))
            }

            /// A handle that takes over a reference.
            pub(crate) fn from_ref(reference: $reference) -> $handle {
                if track::on() {
                    track::took(reference.0.address(), $what);
                }
                $handle(reference)
            }

            #[inline]
            pub(crate) fn ptr(&self) -> $pointer {
                self.0 .0
            }

            /// Gives the reference away as a pointer for C. [`from_raw`](Self::from_raw) takes it back.
            pub fn into_raw(self) -> *mut std::ffi::c_void {
                let raw = self.ptr().0.as_ptr().cast();
                std::mem::forget(self);
                raw
            }

            /// Takes back the reference that [`into_raw`](Self::into_raw) gave away.
            ///
            /// # Safety
            /// `raw` comes from `into_raw`, and the reference has not been taken back before.
            pub unsafe fn from_raw(raw: NonNull<std::ffi::c_void>) -> Self {
                $handle($reference($pointer(raw.cast::<$entry>())))
            }
        }

        impl Clone for $handle {
            fn clone(&self) -> Self {
                $handle::new(self.ptr())
            }
        }

        impl PartialEq for $handle {
            /// The same object, not an equal one.
            fn eq(&self, other: &Self) -> bool {
                self.ptr() == other.ptr()
            }
        }

        impl Eq for $handle {}

        impl Drop for $handle {
            fn drop(&mut self) {
                if track::on() {
                    track::dropped(self.ptr().address());
                }
            }
        }
    };
}
handle!(Node, NodeRef, NodePtr, NodeEntry, "node");
handle!(Prop, PropRef, PropPtr, PropEntry, "property");

/// Everything alive in a slab, with the references that each had.
type Living = (Vec<(NodeRef, u32)>, Vec<(PropRef, u32)>);

/// A slab on its tree's list of slabs, from when its owner is known until just before it is freed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SlabPtr(pub(super) NonNull<Slab>);

// SAFETY: the list's lock keeps what is listed alive, and what is done with it is atomic.
unsafe impl Send for SlabPtr {}

impl SlabPtr {
    /// References to everything alive in the slab, each with the count that was found, for a report.
    ///
    /// The caller holds the lock of the list, which keeps the slab from being freed, and drops what it got only after
    /// it has let go of that lock.
    pub(crate) fn living(self) -> Living {
        // SAFETY: a listed slab is there: `Slab::dead` takes it off the list before it frees it.
        let header = unsafe { self.0.as_ref() };
        let nodes = (0..header.nodes as usize).map(|i| Slab::node_at(self.0, i));
        let props = (0..header.props as usize).map(|i| Slab::prop_at(self.0, i));
        (
            nodes.filter_map(|n| Some((NodeRef::get(n)?, n.entry().refs.count() - 1))).collect(),
            props.filter_map(|p| Some((PropRef::get(p)?, p.entry().refs.count() - 1))).collect(),
        )
    }
}

/// Reading needs the tree's token, and a handle knows its tree.
impl Node {
    /// Runs `read` with the tree locked for reading.
    pub(crate) fn read<T>(&self, read: impl FnOnce(NodePtr, &Token) -> T) -> T {
        let inner = self.core().read();
        read(self.ptr(), &inner.token)
    }

    /// The tree that the node belongs to.
    pub(crate) fn core(&self) -> &Arc<Core> {
        // SAFETY: the handle keeps the slab, and so what it refers to, for as long as the result borrows the handle.
        let slab: &Slab = unsafe { self.ptr().slab().as_ref() };
        &slab.core
    }
}
