// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a layer comes into the tree and out of it, an overlay's like a changeset's: planned, told, committed, told.
//!
//! Whoever plans or commits has the right to change the tree. While listeners are told nobody has it, so that they, and threads
//! that they wait for, may change the tree themselves. If they did, the plan is looked at again: it is committed as it was told
//! if it still holds. Otherwise those who were told hear that it is off, and it is planned and told anew.

use super::check::{check, Rule, Wanted};
use super::layer::{Entry, Kind, Layer};
use super::view::{replaced, View};
use super::Changeset;
use crate::error::{busy, Error, Result};
use crate::notifier::{Audience, EventKind, StateChange};
use crate::slab::{let_go, Keep, NodePtr, NodeRef, PropRef};
use crate::tree::{Core, Inner, Taken};
use hashbrown::HashSet;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::Arc;

/// How often a plan is made anew that others have thwarted.
const ROUNDS: usize = 4;

/// The last id that was given out in this process: ids are never used again, not even by another tree (K7).
static LAST_ID: AtomicI32 = AtomicI32::new(0);

fn next_id() -> Result<i32> {
    let step = |last: i32| last.checked_add(1);
    match LAST_ID.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step) {
        Ok(last) => Ok(last + 1),
        Err(_) => Err(Error::Overflow("no overlay id left in this process".into())),
    }
}

/// A complete plan, ready to be committed.
pub(crate) struct Prepared {
    pub(crate) layer: Layer,
    /// The tree has no `/__symbols__`, and the overlay needs one.
    pub(crate) symbols: Option<Keep>,
    /// Symbols that others have brought meanwhile are in the way.
    pub(crate) new_symbols: bool,
    /// How many nodes it brings.
    pub(crate) nodes: usize,
}

impl Prepared {
    /// Makes what an overlay brings alive, with the reference that the tree will have. From then on it is committed or given up.
    fn bring_to_life(&mut self) {
        let layer = &mut self.layer;
        let Some((keep, made)) = layer.keeps.split_first_mut() else { return };
        for &entry in &layer.entries {
            match entry {
                Entry::Attach { node, .. } => keep.adopt_subtree(node),
                // What no blob has is alive from the start.
                Entry::Push { prop, .. } if made.iter().any(|made| made.owns(prop)) => {}
                Entry::Push { prop, .. } => keep.adopt_prop(prop),
                Entry::Detach { .. } | Entry::Hide { .. } => unreachable!("overlays take nothing away"),
            }
        }
        if let Some(symbols) = &mut self.symbols {
            symbols.adopt_subtree(symbols.root());
        }
    }

    /// Says whose it is. Reports find it from then on, so the caller has the tree's lock.
    fn belong_to(&self, id: i32, core: &Core, inner: &Inner) {
        self.layer.keeps.iter().for_each(|keep| keep.set_origin(id));
        for item in self.layer.items.iter().flat_map(|items| items.iter()) {
            item.belong_to(id, inner);
        }
        if let Some(name) = &self.layer.name {
            core.slabs.set_name(id, name);
        }
        // It belongs to no single overlay: it stays as long as any has symbols.
        self.symbols.iter().for_each(|symbols| symbols.set_origin(0));
    }

    /// Drops what `bring_to_life` has made alive.
    fn give_up(self, core: &Core) {
        let (mut nodes, mut props) = (Vec::new(), Vec::new());
        if self.layer.kind == Kind::Overlay {
            let inner = core.read();
            for &entry in &self.layer.entries {
                match entry {
                    Entry::Attach { node, .. } => {
                        nodes.extend(node.subtree(&inner.token).map(NodeRef::owned))
                    }
                    Entry::Push { prop, .. } => props.push(PropRef::owned(prop)),
                    Entry::Detach { .. } | Entry::Hide { .. } => {}
                }
            }
            nodes.extend(self.symbols.as_ref().map(|symbols| NodeRef::owned(symbols.root())));
        }
        let_go(core, nodes);
        drop(props);
    }

    fn commit(self, id: i32, inner: &mut Inner, taken: &mut Taken) {
        inner.children.reserve(self.nodes, &inner.token);
        if let Some(symbols) = self.symbols {
            let root = inner.root().expect("the caller has seen it");
            inner.attach(root, symbols.root(), None);
            inner.made_symbols = Some(symbols);
        }
        inner.put_in(id, self.layer, taken);
    }

    /// Lets listeners see where what it brings will be, and keeps its phandles from being given to others.
    fn announce(&self, id: i32, inner: &mut Inner) {
        inner.pending.insert(id);
        inner.note_max_phandle(id, self.layer.max_phandle, true);
        for &entry in &self.layer.entries {
            if let Entry::Attach { parent, node } = entry {
                let above = parent.path(&inner.token);
                let path = format!("{}/{}", above.trim_end_matches('/'), node.name(&inner.token));
                node.keep_path(&mut inner.token, Some(path));
            }
        }
    }

    /// The nodes of the tree that it refers to.
    fn refers_to(&self) -> impl Iterator<Item = NodePtr> + use<'_> {
        let of_entries = self.layer.entries.iter().map(|&entry| match entry {
            Entry::Attach { parent: node, .. }
            | Entry::Detach { parent: node, .. }
            | Entry::Push { node, .. }
            | Entry::Hide { node, .. } => node,
        });
        of_entries.chain(self.layer.stands_on.iter().map(|&(_, node)| node))
    }

    /// Whether it can be committed as it is, though the tree has changed.
    fn still_holds(&self, inner: &Inner) -> bool {
        let layer = &self.layer;
        let made_symbols = self.symbols.as_ref().map(Keep::root);
        if made_symbols.is_some() && inner.symbols.is_some() {
            return false;
        }
        let wanted = layer
            .entries
            .iter()
            .filter(|entry| !matches!(entry, Entry::Push { node, .. } if made_symbols == Some(*node)));
        let wanted: Vec<Wanted> = wanted
            .map(|&entry| match entry {
                Entry::Attach { parent, node } => {
                    Wanted { rule: Rule::Attach, node, parent: Some(parent), prop: None }
                }
                Entry::Detach { node, .. } => Wanted { rule: Rule::Detach, node, parent: None, prop: None },
                Entry::Push { node, prop } => {
                    let is_new = self.new_symbols && inner.symbols == Some(node);
                    let rule = if is_new { Rule::Add } else { Rule::Set };
                    Wanted { rule, node, parent: None, prop: Some(prop) }
                }
                Entry::Hide { node, prop } => {
                    Wanted { rule: Rule::Remove, node, parent: None, prop: Some(prop) }
                }
            })
            .collect();
        // It may give a node of the tree the phandle that it refers to it by.
        let gives = |entry: &Entry, phandle: u32| match entry {
            Entry::Push { prop, .. } => {
                prop.is_named(b"phandle") && prop.data(&inner.token) == phandle.to_be_bytes()
            }
            _ => false,
        };
        let found = |phandle: &u32| {
            inner.phandles.find(*phandle).is_some()
                || layer.entries.iter().any(|entry| gives(entry, *phandle))
        };
        check(inner, &wanted).is_ok()
            && layer.references.iter().all(found)
            && layer.stands_on.iter().all(|(_, node)| node.is_attached(&inner.token))
    }
}

/// What is in progress: until this is dropped, it can neither be removed nor reverted.
struct Pending<'c> {
    core: &'c Core,
    id: i32,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.core.write().pending.remove(&self.id);
    }
}

/// A plan that was told: given up unless it is taken out.
struct Announced<'c> {
    core: &'c Core,
    id: i32,
    prepared: Option<Prepared>,
    /// What it refers to, while others may change the tree.
    _holds: Vec<NodeRef>,
}

impl Drop for Announced<'_> {
    fn drop(&mut self) {
        if let Some(prepared) = self.prepared.take() {
            self.core.write().note_max_phandle(self.id, prepared.layer.max_phandle, false);
            prepared.give_up(self.core);
        }
    }
}

fn gone() -> Error {
    Error::Gone("the tree is gone".into())
}

/// Applies what `prepare` plans, and returns the id that it got.
pub(crate) fn apply(
    core: &Arc<Core>,
    prepare: impl Fn(&Arc<Core>, &Inner) -> Result<Prepared>,
) -> Result<i32> {
    match core.listeners.now() {
        None => apply_quietly(core, prepare),
        Some(listeners) => {
            // Whoever calls may lose what it holds to a listener (K5).
            let core = core.clone();
            apply_told(&core, &listeners, prepare)
        }
    }
}

fn apply_quietly(core: &Arc<Core>, prepare: impl Fn(&Arc<Core>, &Inner) -> Result<Prepared>) -> Result<i32> {
    let mut taken = Taken::default();
    let id;
    {
        let _change = core.begin_change();
        let mut prepared = prepare(core, &core.read())?;
        id = next_id()?;
        prepared.bring_to_life();
        let mut inner = core.write();
        prepared.belong_to(id, core, &inner);
        prepared.commit(id, &mut inner, &mut taken);
    }
    taken.let_go(core);
    Ok(id)
}

fn apply_told(
    core: &Arc<Core>,
    listeners: &Audience,
    prepare: impl Fn(&Arc<Core>, &Inner) -> Result<Prepared>,
) -> Result<i32> {
    for _ in 0..ROUNDS {
        let mut announced = Announced { core, id: 0, prepared: None, _holds: Vec::new() };
        let (view, generation) = {
            let _change = core.begin_change();
            let mut prepared = prepare(core, &core.read())?;
            announced.id = next_id()?;
            prepared.bring_to_life();
            {
                let mut inner = core.write();
                prepared.belong_to(announced.id, core, &inner);
                prepared.announce(announced.id, &mut inner);
            }
            let inner = core.read();
            announced._holds = prepared.refers_to().filter_map(NodeRef::get).collect();
            let before = replaced(&prepared.layer.entries, &inner);
            let view = View::of_plan(announced.id, &prepared.layer, &before, &inner);
            announced.prepared = Some(prepared);
            (view, inner.generation)
        };
        let id = announced.id;
        let _pending = Pending { core, id };
        let view = Changeset::view(core, view);
        listeners.ask(EventKind::PreApply, EventKind::AbortApply, &view)?;

        let mut taken = Taken::default();
        let committed = {
            let _change = core.begin_change();
            let mut inner = core.write();
            let prepared = announced.prepared.as_ref().expect("not taken out yet");
            if inner.root().is_none() {
                Err(gone())
            } else if inner.generation != generation && !prepared.still_holds(&inner) {
                Ok(None)
            } else {
                let changes = &view.viewed().entries;
                let before = view.viewed().states(&inner);
                let prepared = announced.prepared.take().expect("just seen");
                prepared.commit(id, &mut inner, &mut taken);
                let after = view.viewed().states(&inner);
                debug_assert_eq!(before.len(), changes.len());
                Ok(Some((before, after)))
            }
        };
        taken.let_go(core);
        match committed {
            Ok(Some((before, after))) => {
                let told = tell_changes(listeners, &view, (&before, &after), None);
                let told = told.and(listeners.tell(EventKind::PostApply, &view));
                return told.map(|()| id).map_err(|error| afterwards(&view, &error, id));
            }
            Ok(None) => {
                let _ = listeners.tell(EventKind::AbortApply, &view);
            }
            Err(error) => {
                let _ = listeners.tell(EventKind::AbortApply, &view);
                return Err(error);
            }
        }
    }
    Err(busy!("the tree has changed each of the {ROUNDS} times that listeners were told what was planned"))
}

fn afterwards(changeset: &Changeset, error: &Error, id: i32) -> Error {
    let sentence = format!("{} is done, but a listener failed: {error}", changeset.title());
    Error::Afterwards { id, errno: error.errno(), sentence }
}

/// Tells each change of a changeset: forward, or backward and inverted, without those that are `covered`.
fn tell_changes(
    listeners: &Audience,
    changeset: &Changeset,
    states: (&[bool], &[bool]),
    covered: Option<&[bool]>,
) -> Result<()> {
    let changes = &changeset.viewed().entries;
    let mut order: Vec<usize> = (0..changes.len()).collect();
    if let Some(covered) = covered {
        order.reverse();
        order.retain(|&i| !covered[i]);
    }
    // The last one that concerns a node's state tells it.
    let mut telling = vec![None; changes.len()];
    let mut known: HashSet<NodePtr> = HashSet::new();
    for &i in order.iter().rev() {
        let (before, after) = (states.0[i], states.1[i]);
        if before != after && known.insert(changes[i].node.ptr()) {
            telling[i] = Some(if after { StateChange::Added } else { StateChange::Removed });
        }
    }
    let mut result = Ok(());
    for i in order {
        result = result.and(listeners.tell_change(changeset, &changes[i], covered.is_some(), telling[i]));
    }
    result
}

/// Takes a layer out, if `find` lets it and nothing stands against it by `check`.
pub(crate) fn remove(
    core: &Arc<Core>,
    id: i32,
    find: impl Fn(&Inner) -> Result<()>,
    check: impl Fn(&Inner, &Layer) -> Result<()>,
) -> Result<()> {
    match core.listeners.now() {
        None => {
            let mut taken = Taken::default();
            {
                let _change = core.begin_change();
                {
                    let inner = core.read();
                    check(&inner, find_layer(&inner, id, &find)?)?;
                }
                core.write().take_out(id, &mut taken);
            }
            taken.let_go(core);
            Ok(())
        }
        Some(listeners) => remove_told(&core.clone(), &listeners, id, find, check),
    }
}

fn find_layer(inner: &Inner, id: i32, find: impl Fn(&Inner) -> Result<()>) -> Result<&Layer> {
    let layer = inner.layers.get(&id);
    if inner.pending.contains(&id) {
        let what = layer.map_or_else(|| format!("overlay or changeset {id}"), |layer| layer.title(id));
        return Err(busy!("{what} is in progress: listeners are being told of it"));
    }
    find(inner)?;
    layer.ok_or_else(gone)
}

fn remove_told(
    core: &Arc<Core>,
    listeners: &Audience,
    id: i32,
    find: impl Fn(&Inner) -> Result<()>,
    check: impl Fn(&Inner, &Layer) -> Result<()>,
) -> Result<()> {
    let (view, generation) = {
        let _change = core.begin_change();
        let (view, generation) = {
            let inner = core.read();
            (View::of_layer(id, find_layer(&inner, id, find)?, &inner), inner.generation)
        };
        core.write().pending.insert(id);
        (view, generation)
    };
    let _pending = Pending { core, id };
    let mut view = Changeset::view(core, view);
    listeners.ask(EventKind::PreRemove, EventKind::AbortRemove, &view)?;

    let mut taken = Taken::default();
    let removed = {
        let _change = core.begin_change();
        let mut inner = core.write();
        let layer = inner.layers.get(&id).ok_or_else(gone);
        match layer.and_then(|layer| check(&inner, layer).map(|()| layer)) {
            Err(error) => Err(error),
            Ok(layer) => {
                // What lies below its values may have changed, or what is inside of its nodes.
                let told = (inner.generation != generation).then(|| View::of_layer(id, layer, &inner));
                let told = told.map(|view| Changeset::view(core, view));
                let now = told.as_ref().unwrap_or(&view).viewed();
                let covered: Vec<bool> = now.entries.iter().map(|change| change.is_covered(&inner)).collect();
                let before = now.states(&inner);
                inner.take_out(id, &mut taken);
                let after = now.states(&inner);
                Ok((told, covered, before, after))
            }
        }
    };
    taken.let_go(core);
    let (covered, before, after) = match removed {
        Ok((told, covered, before, after)) => {
            view = told.unwrap_or(view);
            (covered, before, after)
        }
        Err(error) => {
            let _ = listeners.tell(EventKind::AbortRemove, &view);
            return Err(error);
        }
    };
    let told = tell_changes(listeners, &view, (&before, &after), Some(&covered));
    let told = told.and(listeners.tell(EventKind::PostRemove, &view));
    told.map_err(|error| afterwards(&view, &error, id))
}
