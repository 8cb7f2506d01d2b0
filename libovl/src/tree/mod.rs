// SPDX-License-Identifier: MIT OR Apache-2.0
//! The live tree: what is attached, found through indexes, changed under one lock.
//!
//! Readers take the lock shared for the time of one call. A writer prepares everything beside them and takes the lock
//! exclusively only to put its changes in, so that readers see the tree before or after them, never between (O23).

mod dir;
mod index;
mod inner;
mod lookup;
mod read;
mod released;

pub use read::PhandleArgs;

pub(crate) use index::{is_phandle, Alike, But, ChildIndex, PropIndex, WIDE};
pub(crate) use inner::Inner;
pub(crate) use lookup::{is_available, strings, text};
pub(crate) use read::cells;

use crate::bus::Listed;
use crate::error::{Error, Result};
use crate::fdt::Writer;
use crate::notifier::Listeners;
use crate::slab::{let_go, Keep, NodeRef};
use kref::Ref;
use released::Slabs;
use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// What a tree and everything that ever belonged to it share. It lives until the last of them is gone.
pub(crate) struct Core {
    lock: RwLock<Inner>,
    /// Held by whoever prepares a change, so that there is one at a time. Taken before `lock`.
    writer: Mutex<()>,
    pub(crate) slabs: Slabs,
    pub(crate) devices: Listed,
    pub(crate) listeners: Listeners,
}

impl Core {
    /// No code of the user runs while these locks are held, and a panic of ours ends before the tree is changed: what a
    /// poisoned lock protects is whole.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Inner> {
        kref::sync::read(&self.lock)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        kref::sync::write(&self.lock)
    }

    pub(crate) fn begin_change(&self) -> MutexGuard<'_, ()> {
        kref::sync::lock(&self.writer)
    }
}

/// The part of a tree that goes away with its last handle, while nodes may still be held.
pub(crate) struct Attached(Arc<Core>);

impl Drop for Attached {
    /// Detaches every node, the base's too.
    fn drop(&mut self) {
        let mut emptied = Vec::new();
        let kept = {
            let _change = self.0.begin_change();
            self.0.write().clear(&mut emptied)
        };
        let_go(&self.0, emptied);
        drop(kept);
    }
}

/// A live devicetree, shared by count. `Clone` makes another handle to the same tree.
///
/// When the last handle is dropped, all nodes are detached; those that somebody holds stay readable.
#[derive(Clone)]
pub struct Tree(Ref<Attached>);

impl Tree {
    /// A tree with nothing but an empty root.
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub fn new() -> Result<Tree> {
        let mut empty = Writer::new();
        empty.begin("");
        empty.end();
        Tree::from_fdt(&empty.finish(&[], 0))
    }

    /// Checks a blob completely and makes a live tree of it (O1). The blob is copied.
    ///
    /// # Errors
    /// [`Error::Malformed`] with check and offset; [`Error::NoMemory`].
    pub fn from_fdt(blob: &[u8]) -> Result<Tree> {
        let core = Arc::new(Core {
            lock: RwLock::new(Inner::empty()),
            writer: Mutex::new(()),
            slabs: Slabs::default(),
            devices: Listed::default(),
            listeners: Listeners::default(),
        });
        let base = Keep::unflatten(&core, blob, true)?;
        base.set_origin(0);
        core.write().install(base);
        Ok(Tree(Ref::new(Attached(core))))
    }

    /// Reads a `.dtb` file and makes a live tree of it; "-" is standard input.
    ///
    /// # Errors
    /// [`Error::Io`] with the path, and those of [`from_fdt`](Self::from_fdt).
    pub fn from_file(path: impl AsRef<Path>) -> Result<Tree> {
        Tree::from_fdt(&read_file(path)?)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.0.deref().0
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.core().read()
    }

    /// Gives the reference away as a pointer for C. [`from_raw`](Self::from_raw) takes it back.
    pub fn into_raw(self) -> *mut std::ffi::c_void {
        self.0.into_raw().as_ptr().cast()
    }

    /// Takes back the reference that [`into_raw`](Self::into_raw) gave away.
    ///
    /// # Safety
    /// `raw` comes from `into_raw`, and the reference has not been taken back before.
    #[allow(unsafe_code)]
    pub unsafe fn from_raw(raw: std::ptr::NonNull<std::ffi::c_void>) -> Tree {
        // SAFETY: the caller says where it comes from.
        Tree(unsafe { Ref::from_raw(raw.cast()) })
    }
}

impl PartialEq for Tree {
    /// The same tree, not an equal one.
    fn eq(&self, other: &Self) -> bool {
        Ref::ptr_eq(&self.0, &other.0)
    }
}

/// The bytes of a file, or of standard input for "-".
///
/// # Errors
/// [`Error::Io`] with the path.
pub fn read_file(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    let path = path.as_ref();
    let read = match path.as_os_str() == "-" {
        true => {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
        }
        false => std::fs::read(path),
    };
    read.map_err(|source| Error::Io { path: path.display().to_string(), source })
}

/// What a change took out of a tree, to be let go when no lock is held any more (K2).
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) nodes: Vec<NodeRef>,
    pub(crate) props: Vec<crate::slab::PropRef>,
    pub(crate) keeps: Vec<Keep>,
    pub(crate) layer: Option<crate::changeset::Layer>,
}

impl Taken {
    /// Drops everything. A changeset's references may be the last ones to what it lists, so they go last.
    pub(crate) fn let_go(self, core: &Core) {
        let Taken { nodes, props, keeps, layer } = self;
        let_go(core, nodes);
        drop((props, keeps, layer));
    }
}
