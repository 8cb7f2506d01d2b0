// SPDX-License-Identifier: MIT OR Apache-2.0
//! Committing a plan: the only part of an application that changes the tree, and it cannot fail.

use super::plan::{Change, Prepared};
use super::{Applied, Overlay};
use crate::error::{Error, Result};
use crate::slab::{Keep, PropPtr};
use crate::tree::Core;
use std::sync::atomic::{AtomicI32, Ordering};

/// The last id that was given out in this process: ids are never used again, not even by another tree (K7).
static LAST_ID: AtomicI32 = AtomicI32::new(0);

fn next_id() -> Result<i32> {
    let step = |last: i32| last.checked_add(1);
    match LAST_ID.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step) {
        Ok(last) => Ok(last + 1),
        Err(_) => Err(Error::Overflow("no overlay id left in this process".into())),
    }
}

/// Puts a plan into the tree. The caller holds the right to change it since before the plan was made.
pub(super) fn commit(core: &Core, prepared: Prepared, name: Option<&str>) -> Result<i32> {
    let Prepared { mut keep, changes, made, symbols, references, stands_on, max_phandle, nodes } = prepared;
    let id = next_id()?;
    keep.set_origin(id);
    if let Some(name) = name {
        core.slabs.set_name(id, name);
    }
    let made_props: Vec<PropPtr> = made.as_ref().map(|made| made.props().collect()).unwrap_or_default();
    if let Some(made) = &made {
        made.set_origin(id);
    }
    let mut guard = core.write();
    let inner = &mut *guard;
    inner.children.reserve(nodes, &inner.token);
    if let Some(mut symbols) = symbols {
        // It belongs to no single overlay: it stays as long as any has symbols.
        symbols.set_origin(0);
        let root = inner.root().expect("the caller has a handle of the tree");
        let node = symbols.root().links(&inner.token).first.expect("made with one child");
        symbols.adopt(node, &inner.token);
        inner.attach(root, node);
        inner.made_symbols = Some(symbols);
    }
    let mut applied = Vec::with_capacity(changes.len());
    for change in changes {
        applied.push(match change {
            Change::Attach { parent, node } => {
                adopt_subtree(&mut keep, node, inner);
                inner.attach(parent, node);
                Applied::Attached(node)
            }
            Change::Push { node, prop } => {
                keep.adopt_prop(prop);
                inner.push_prop(node, prop);
                Applied::Pushed(node, prop)
            }
            Change::Make { node, index } => {
                let node = node.or(inner.symbols).expect("made above if there was none");
                inner.push_prop(node, made_props[index]);
                Applied::Pushed(node, made_props[index])
            }
        });
    }
    inner.move_made_symbols_last();
    inner.note_max_phandle(id, max_phandle, true);
    inner.ids = Some((inner.ids.map_or(id, |(first, _)| first), id));
    let keeps = [Some(keep), made].into_iter().flatten().collect();
    let name = name.map(str::to_string);
    inner.overlays.insert(id, Overlay { name, keeps, changes: applied, references, stands_on, max_phandle });
    Ok(id)
}

fn adopt_subtree(keep: &mut Keep, node: crate::slab::NodePtr, inner: &crate::tree::Inner) {
    for new in node.subtree(&inner.token) {
        keep.adopt(new, &inner.token);
    }
}
