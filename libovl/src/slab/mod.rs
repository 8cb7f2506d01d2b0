// SPDX-License-Identifier: MIT OR Apache-2.0
//! The slab: what one blob becomes when it is unflattened, and the only place that knows its memory.
//!
//! One allocation holds a header, all property entries, all node entries and the copy of the blob, in which names and
//! values stay. An entry is what a handle points at, and has a count of its own. Everything is freed together, when the
//! last entry is dead and nobody keeps the slab as a whole ([`Keep`]).
//!
//! ```text
//! | Slab | PropEntry … | NodeEntry … | blob |      every entry knows its distance from the start
//! ```
//!
//! Who counts what:
//! - a node in the tree is held once by the tree, and once by every handle;
//! - a property is held once by the node whose list it is in (in force, or below one that is), and once by every handle;
//! - a slab counts its living entries, and its `Keep`s.
//!
//! What changes after publication (links, lists, phandles) is [`Locked`]: it is reached only with the tree's [`Token`],
//! which lives inside the tree's lock.
//!
//! This file has the memory and how a blob fills it; `node.rs`, `edits.rs` and `prop.rs` have what can be done with an
//! entry, `handle.rs` the counted handles.

#![allow(unsafe_code)]

mod edits;
mod handle;
mod node;
mod prop;

pub(crate) use handle::{let_go, NodeRef, PropRef, SlabPtr};
pub use handle::{Node, Prop};

use crate::error::{Error, Result};
use crate::fdt::{self, word, Layout, Visitor};
use crate::tree::Core;
use edits::Edits;
use kref::Kref;
use std::alloc;
use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::Arc;

/// Proof of holding the lock of a tree: shared for reading, exclusive for writing. Each tree has one.
pub(crate) struct Token(pub(crate) ());

/// A field that the tree's lock protects.
///
/// The token must be that of the tree which the entry belongs to. Handles use the lock of their own slab's tree, and
/// where two objects meet (a base node for an overlay) the trees are compared first.
struct Locked<T>(UnsafeCell<T>);

// SAFETY: shared access needs a `&Token`, exclusive access a `&mut Token`; the lock around the token orders them.
unsafe impl<T: Send> Sync for Locked<T> {}

impl<T> Locked<T> {
    #[inline]
    fn get<'t>(&self, _: &'t Token) -> &'t T {
        // SAFETY: `&Token` excludes any `&mut Token`, so no exclusive reference exists. The entry lives as long as its
        // slab, which outlives the lock's guard (see `NodePtr`).
        unsafe { &*self.0.get() }
    }

    #[inline]
    fn get_mut<'t>(&self, _: &'t mut Token) -> &'t mut T {
        // SAFETY: there is one `&mut Token` per tree at a time, and the reference keeps it borrowed.
        unsafe { &mut *self.0.get() }
    }

    #[inline]
    fn set(&self, token: &mut Token, value: T) {
        *self.get_mut(token) = value;
    }
}

/// The header of a slab. Like the entries it is laid out as it stands here: packaging/gdb reads it in programs and core dumps.
#[repr(C)]
pub(crate) struct Slab {
    live: AtomicUsize,
    nodes: u32,
    props: u32,
    /// The overlay that brought it; 0 for the base and for what is not yet applied.
    origin: AtomicI32,
    /// Its one node or property was made by a program's changeset.
    made: bool,
    core: Arc<Core>,
    /// The last part of this allocation.
    blob: NonNull<[u8]>,
    layout: Layout,
}

#[repr(C)]
struct PropEntry {
    refs: Kref,
    /// Distance from the slab's start, in units of four bytes; also in [`NodeEntry`].
    distance: u32,
    /// Offset of the value in the slab's blob. The two words in front of it are its length and the offset of its name, as
    /// the format has them; the check has seen both.
    value: u32,
}

#[repr(C)]
struct NodeEntry {
    refs: Kref,
    distance: u32,
    name: u32,
    name_len: u32,
    /// The properties that came with the node: a range of the slab's.
    first_prop: u32,
    prop_count: u32,
    phandle: Locked<u32>,
    attached: Locked<bool>,
    links: Locked<Links>,
    edits: Locked<Option<Box<Edits>>>,
}

/// A node's neighbours.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Links {
    pub(crate) parent: Option<NodePtr>,
    pub(crate) first: Option<NodePtr>,
    pub(crate) last: Option<NodePtr>,
    pub(crate) next: Option<NodePtr>,
    pub(crate) prev: Option<NodePtr>,
}

const PROPS_START: usize = size_of::<Slab>().next_multiple_of(8);
/// Blobs get this many bytes more, so that a word can be read at every name.
const PADDING: usize = 8;

fn nodes_start(props: usize) -> usize {
    (PROPS_START + props * size_of::<PropEntry>()).next_multiple_of(8)
}

fn blob_start(nodes: usize, props: usize) -> Option<usize> {
    nodes.checked_mul(size_of::<NodeEntry>())?.checked_add(nodes_start(props))
}

fn block(nodes: usize, props: usize, blob: usize) -> Option<alloc::Layout> {
    let size = blob_start(nodes, props)?.checked_add(blob)?;
    // Distances are 32 bits in units of four.
    (size / 4 <= u32::MAX as usize).then(|| alloc::Layout::from_size_align(size, 8).ok())?
}

/// A pointer to a node, for use inside of this library.
///
/// It is only stored where something keeps its slab alive: in the tree (the node is attached, or the overlay that brought
/// it is listed and keeps the slab), in a plan (which keeps the new slab), or behind a handle.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodePtr(NonNull<NodeEntry>);

/// A pointer to a property, under the same conditions.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PropPtr(NonNull<PropEntry>);

macro_rules! entry_pointer {
    ($pointer:ty, $entry:ty) => {
        // SAFETY: the entries are `Sync` (counts are atomic, the rest is immutable or `Locked`), and live while pointed at.
        unsafe impl Send for $pointer {}
        // SAFETY: as above.
        unsafe impl Sync for $pointer {}

        impl $pointer {
            #[inline]
            fn entry(&self) -> &$entry {
                // SAFETY: whoever stores such a pointer keeps the slab alive, see `NodePtr`.
                unsafe { self.0.as_ref() }
            }

            #[inline]
            fn slab(self) -> NonNull<Slab> {
                let distance = self.entry().distance as usize * 4;
                // SAFETY: the entry is `distance` bytes into its slab's block.
                unsafe { self.0.cast::<u8>().sub(distance).cast() }
            }

            #[inline]
            fn header(&self) -> &Slab {
                // SAFETY: as in `entry`.
                unsafe { self.slab().as_ref() }
            }

            /// A number that nothing else alive in the process has.
            #[inline]
            pub(crate) fn address(self) -> usize {
                self.0.as_ptr() as usize
            }

            /// The overlay or changeset that brought it, 0 for the base (O24).
            pub(crate) fn origin(self) -> i32 {
                self.header().origin.load(Ordering::Relaxed)
            }

            /// Whether a program's changeset brought it, not an overlay. It came alone then.
            pub(crate) fn is_made(self) -> bool {
                self.header().made
            }

            /// Says which changeset brought it, from now on.
            pub(crate) fn set_origin(self, id: i32) {
                set_origin(self.slab(), id);
            }
        }
    };
}
entry_pointer!(NodePtr, NodeEntry);
entry_pointer!(PropPtr, PropEntry);

impl Slab {
    #[inline]
    fn blob(&self) -> &[u8] {
        // SAFETY: the blob is the slab's own. Once published it never changes; before that only its plan patches it, and
        // holds no reference into it meanwhile.
        unsafe { self.blob.as_ref() }
    }

    /// Memory for a slab with all entries still to be written, and a copy of `blob`.
    fn allocate(
        core: &Arc<Core>,
        props: usize,
        blob: &[u8],
        layout: Layout,
        made: bool,
    ) -> Result<NonNull<Slab>> {
        let nodes = layout.nodes;
        let len = blob.len() + PADDING;
        let no_memory = || Error::NoMemory(format!("{nodes} nodes, {props} properties, {len} bytes"));
        let memory = block(nodes, props, len).ok_or_else(no_memory)?;
        // SAFETY: the size is not zero, it contains at least the header.
        let block = NonNull::new(unsafe { alloc::alloc(memory) }).ok_or_else(no_memory)?;
        let start = block.cast::<Slab>();
        // SAFETY: the block was laid out to have room for the header in front and `len` bytes at the end; both sources
        // are elsewhere.
        unsafe {
            let place = block.add(blob_start(nodes, props).expect("it is inside of the block"));
            place.copy_from_nonoverlapping(NonNull::from(blob).cast(), blob.len());
            place.add(blob.len()).write_bytes(0, PADDING);
            start.write(Slab {
                live: AtomicUsize::new(1),
                nodes: nodes as u32,
                props: props as u32,
                origin: AtomicI32::new(0),
                made,
                core: core.clone(),
                blob: NonNull::slice_from_raw_parts(place, len),
                layout,
            });
        }
        Ok(start)
    }

    fn node_at(slab: NonNull<Slab>, index: usize) -> NodePtr {
        // SAFETY: callers pass an index below `nodes`; the block was laid out for that many.
        unsafe {
            let start = nodes_start(slab.as_ref().props as usize);
            NodePtr(slab.cast::<u8>().add(start).cast::<NodeEntry>().add(index))
        }
    }

    fn prop_at(slab: NonNull<Slab>, index: usize) -> PropPtr {
        // SAFETY: callers pass an index below `props`.
        PropPtr(unsafe { slab.cast::<u8>().add(PROPS_START).cast::<PropEntry>().add(index) })
    }

    /// Says that `dead` entries or keeps are gone, and frees everything if they were the last.
    fn dead(slab: NonNull<Slab>, dead: usize) {
        // SAFETY: the caller's entries were alive until now, and so is the slab.
        let header = unsafe { slab.as_ref() };
        if header.live.fetch_sub(dead, Ordering::Release) != dead {
            return;
        }
        // Not a fence, which ThreadSanitizer does not know.
        header.live.load(Ordering::Acquire);
        let (nodes, props) = (header.nodes as usize, header.props as usize);
        let memory = block(nodes, props, header.blob.len()).expect("it was allocated so");
        let core = header.core.clone();
        let origin = header.origin.load(Ordering::Relaxed);
        let listed = core.slabs.unlist(SlabPtr(slab));
        // SAFETY: no entry is alive, nobody keeps the slab, and reports do not find it any more: nothing points into it.
        unsafe {
            slab.drop_in_place();
            alloc::dealloc(slab.cast::<u8>().as_ptr(), memory);
        }
        if listed {
            core.slabs.freed(origin);
        }
    }
}

/// A hold on a slab as a whole: the tree's on what it was made from, an overlay's on its own, a plan's on a new one.
pub(crate) struct Keep(NonNull<Slab>);

// SAFETY: a published slab's blob does not change. A slab may be kept and let go from any thread; its count is atomic.
unsafe impl Send for Keep {}
// SAFETY: as above.
unsafe impl Sync for Keep {}

impl Drop for Keep {
    fn drop(&mut self) {
        Slab::dead(self.0, 1);
    }
}

impl Keep {
    fn header(&self) -> &Slab {
        // SAFETY: it is kept.
        unsafe { self.0.as_ref() }
    }

    /// Checks `blob` completely (O1) and unflattens it. All entries are alive if `alive`; an overlay's are not, until
    /// [`Keep::adopt`] says which become part of the tree.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::NoMemory`].
    pub(crate) fn unflatten(core: &Arc<Core>, blob: &[u8], alive: bool) -> Result<Keep> {
        Keep::unflatten_as(core, blob, alive, false)
    }

    fn unflatten_as(core: &Arc<Core>, blob: &[u8], alive: bool, made: bool) -> Result<Keep> {
        let mut notes = Notes::default();
        // At worst everything is a node of twelve bytes, with three notes. What is not used is not touched either.
        let room = blob.len() / 4;
        notes.0.try_reserve_exact(room).map_err(|_| Error::NoMemory(format!("{room} words of notes")))?;
        let layout = fdt::walk(blob, &mut notes)?;
        let (nodes, props) = (layout.nodes, layout.props);
        let keep = Keep(Slab::allocate(core, props, &blob[..layout.totalsize], layout, made)?);
        keep.fill(&notes, alive);
        if alive {
            keep.header().live.fetch_add(nodes + props, Ordering::Relaxed);
        }
        Ok(keep)
    }

    /// A slab with nothing but a node without properties, which a program will attach.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a name that no node can have, [`Error::NoMemory`].
    pub(crate) fn of_node(core: &Arc<Core>, name: &str) -> Result<Node> {
        let mut writer = fdt::Writer::new();
        writer.begin(name);
        writer.end();
        let mut keep = Keep::unflatten_as(core, &writer.finish(&[], 0), false, true)?;
        let node = keep.root();
        keep.adopt(node, &Token(()));
        Ok(Node::from_ref(NodeRef::owned(node)))
    }

    /// A property that no blob has.
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub(crate) fn of_prop(core: &Arc<Core>, name: &str, value: &[u8]) -> Result<Prop> {
        let keep = Keep::of_props(core, &[(name.as_bytes(), value)], true)?;
        Ok(Prop::from_ref(PropRef::owned(Slab::prop_at(keep.0, 0))))
    }

    /// A slab with nothing but properties, all of them alive, for values that no blob has.
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub(crate) fn of_props<V: AsRef<[u8]>>(
        core: &Arc<Core>,
        props: &[(&[u8], V)],
        made: bool,
    ) -> Result<Keep> {
        let mut blob = Vec::new();
        let mut values = Vec::with_capacity(props.len());
        for (name, value) in props {
            let value = value.as_ref();
            let at = blob.len() as u32;
            blob.extend_from_slice(name);
            blob.push(0);
            blob.extend_from_slice(&(value.len() as u32).to_be_bytes());
            blob.extend_from_slice(&at.to_be_bytes());
            values.push(blob.len() as u32);
            blob.extend_from_slice(value);
        }
        let keep = Keep(Slab::allocate(core, props.len(), &blob, Layout::empty(), made)?);
        values.into_iter().enumerate().for_each(|(i, value)| keep.write_prop(i, value, true));
        keep.header().live.fetch_add(props.len(), Ordering::Relaxed);
        Ok(keep)
    }

    #[inline]
    fn write_prop(&self, index: usize, value: u32, alive: bool) {
        let distance = ((PROPS_START + index * size_of::<PropEntry>()) / 4) as u32;
        let entry = PropEntry { refs: Kref::new(alive as u32), distance, value };
        // SAFETY: the index is in bounds, and nobody else knows the slab yet.
        unsafe { Slab::prop_at(self.0, index).0.write(entry) };
    }

    /// Writes all entries, from what the check has met.
    fn fill(&self, notes: &Notes, alive: bool) {
        let slab = self.header();
        let (blob, layout) = (slab.blob(), &slab.layout);
        let nodes_start = nodes_start(layout.props);
        let first_node = Slab::node_at(self.0, 0).0;
        let (mut node, mut prop) = (0usize, 0usize);
        let mut token = Token(());
        let mut current: Option<NodePtr> = None;
        let mut notes = notes.0.iter().copied();
        while let Some(mut note) = notes.next() {
            // Runs of properties, as in the check.
            while note & 3 <= PHANDLE {
                let value = (note & !3) as usize;
                self.write_prop(prop, value as u32, alive);
                prop += 1;
                if note & 3 == PHANDLE {
                    let current = current.expect("properties are inside of nodes");
                    // SAFETY: `current` was written below, and nobody else knows it yet.
                    let phandle = unsafe { current.0.as_ref() }.phandle.get_mut(&mut token);
                    if *phandle == 0 {
                        *phandle = word(blob, value);
                    }
                }
                note = notes.next().expect("an end behind every property");
            }
            if note != END {
                let (name, len) = (note & !3, notes.next().expect("a length behind every name"));
                // SAFETY: in bounds, since the layout counted the nodes.
                let this = NodePtr(unsafe { first_node.add(node) });
                let mut links = Links { parent: current, ..Links::default() };
                if let Some(parent) = current {
                    // SAFETY: written in an earlier round, and not known to anybody else.
                    let parent = unsafe { &mut *parent.0.as_ptr() };
                    if links_of(parent).first.is_none() {
                        parent.prop_count = prop as u32 - parent.first_prop;
                    }
                    let of_parent = links_of(parent);
                    links.prev = of_parent.last.replace(this);
                    match links.prev {
                        Some(prev) => {
                            // SAFETY: as above.
                            unsafe { prev.0.as_ref() }.links.get_mut(&mut token).next = Some(this);
                        }
                        None => of_parent.first = Some(this),
                    }
                }
                let entry = NodeEntry {
                    refs: Kref::new(alive as u32),
                    distance: ((nodes_start + node * size_of::<NodeEntry>()) / 4) as u32,
                    name,
                    name_len: len,
                    first_prop: prop as u32,
                    prop_count: 0,
                    phandle: Locked(UnsafeCell::new(0)),
                    attached: Locked(UnsafeCell::new(alive)),
                    links: Locked(UnsafeCell::new(links)),
                    edits: Locked(UnsafeCell::new(None)),
                };
                // SAFETY: in bounds, and not known to anybody else.
                unsafe { this.0.write(entry) };
                node += 1;
                current = Some(this);
            } else {
                let ended = current.expect("as many ends as nodes");
                // SAFETY: as above.
                let ended = unsafe { &mut *ended.0.as_ptr() };
                if links_of(ended).first.is_none() {
                    ended.prop_count = prop as u32 - ended.first_prop;
                }
                current = links_of(ended).parent;
            }
        }
        debug_assert_eq!((node, prop), (layout.nodes, layout.props));
    }

    /// The root of what was unflattened.
    pub(crate) fn root(&self) -> NodePtr {
        debug_assert!(self.header().nodes > 0);
        Slab::node_at(self.0, 0)
    }

    /// All nodes, in document order.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodePtr> + use<'_> {
        (0..self.header().nodes as usize).map(|i| Slab::node_at(self.0, i))
    }

    /// All properties, in document order.
    pub(crate) fn props(&self) -> impl Iterator<Item = PropPtr> + use<'_> {
        (0..self.header().props as usize).map(|i| Slab::prop_at(self.0, i))
    }

    /// Whether the property came with this slab.
    pub(crate) fn owns(&self, prop: PropPtr) -> bool {
        prop.slab() == self.0
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.header().layout
    }

    pub(crate) fn blob(&self) -> &[u8] {
        self.header().blob()
    }

    /// Says which overlay it belongs to, before anybody else can see it.
    pub(crate) fn set_origin(&self, id: i32) {
        set_origin(self.0, id);
    }

    /// Makes a node of an overlay that nobody knows yet, and all that is below it, part of what lives.
    pub(crate) fn adopt_subtree(&mut self, node: NodePtr) {
        let token = &Token(());
        node.subtree(token).for_each(|node| self.adopt(node, token));
    }

    /// Makes a node of an overlay, and the properties that it came with, part of what lives.
    fn adopt(&mut self, node: NodePtr, token: &Token) {
        // SAFETY: `&mut self` and the dead count say that nobody else uses these entries yet.
        unsafe { (*node.0.as_ptr()).refs = Kref::new(1) };
        let mut living = 1;
        for prop in node.own_props(token) {
            // SAFETY: as above.
            unsafe { (*prop.0.as_ptr()).refs = Kref::new(1) };
            living += 1;
        }
        self.header().live.fetch_add(living, Ordering::Relaxed);
    }

    /// Makes a single property of an overlay part of what lives.
    pub(crate) fn adopt_prop(&mut self, prop: PropPtr) {
        // SAFETY: as in `adopt`.
        unsafe { (*prop.0.as_ptr()).refs = Kref::new(1) };
        self.header().live.fetch_add(1, Ordering::Relaxed);
    }

    /// Writes a word into the value of `prop`, which must be of this slab and not yet published.
    ///
    /// False if the value has no four bytes at `offset`.
    pub(crate) fn patch(&mut self, prop: PropPtr, offset: usize, value: u32) -> bool {
        let range = prop.value_range();
        if prop.slab() != self.0 || offset.checked_add(4).is_none_or(|end| end > range.len()) {
            return false;
        }
        let at = range.start + offset;
        debug_assert!(at + 4 <= self.blob().len());
        let bytes = value.to_be_bytes();
        // SAFETY: the value is inside of the blob, which only this plan knows; it holds no reference to these bytes.
        unsafe {
            self.header().blob.cast::<u8>().add(at).copy_from_nonoverlapping(NonNull::from(&bytes).cast(), 4)
        };
        true
    }

    /// Sets the phandle of an unpublished node.
    pub(crate) fn set_phandle(&mut self, node: NodePtr, phandle: u32) {
        // SAFETY: as in `adopt`.
        unsafe { *(*node.0.as_ptr()).phandle.0.get_mut() = phandle };
    }
}

/// Says which overlay or changeset a slab belongs to, from now on.
fn set_origin(slab: NonNull<Slab>, id: i32) {
    // SAFETY: the caller has something of the slab.
    let header = unsafe { slab.as_ref() };
    let before = header.origin.swap(id, Ordering::Relaxed);
    header.core.slabs.list(SlabPtr(slab), before, id);
}

fn links_of(entry: &mut NodeEntry) -> &mut Links {
    entry.links.0.get_mut()
}

/// What the check has met, packed: an offset with the kind in its lowest two bits, for a node with the length of its name
/// behind it.
#[derive(Default)]
struct Notes(Vec<u32>);

const PROP: u32 = 0;
const PHANDLE: u32 = 1;
const BEGIN: u32 = 2;
const END: u32 = 3;

impl Visitor for Notes {
    #[inline(always)]
    fn begin(&mut self, name: usize, len: usize) {
        self.0.push(name as u32 | BEGIN);
        self.0.push(len as u32);
    }

    #[inline(always)]
    fn prop(&mut self, value: usize, is_phandle: bool) {
        self.0.push(value as u32 | if is_phandle { PHANDLE } else { PROP });
    }

    #[inline(always)]
    fn end(&mut self) {
        self.0.push(END);
    }
}
