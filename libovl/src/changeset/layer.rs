// SPDX-License-Identifier: MIT OR Apache-2.0
//! A layer: what an overlay or a program's changeset has changed, as a list of entries. They are put in forward and taken out
//! backward; nothing else changes a tree.

use super::Item;
use crate::error::{busy, Error, Result};
use crate::slab::{Keep, NodePtr, NodeRef, PropPtr};
use crate::tree::{Core, Inner, Taken};
use hashbrown::HashSet;
use std::sync::Arc;

/// One change.
#[derive(Clone, Copy)]
pub(crate) enum Entry {
    /// `node` becomes the last child of `parent`, with all that is below it.
    Attach { parent: NodePtr, node: NodePtr },
    /// `node` goes, with all that is below it.
    Detach { parent: NodePtr, node: NodePtr },
    /// A property is put in force.
    Push { node: NodePtr, prop: PropPtr },
    /// A property goes; `prop` has its name and stands for its absence.
    Hide { node: NodePtr, prop: PropPtr },
}

/// Who made a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Overlay,
    Changeset,
}

/// What is in the tree of an overlay or a changeset, and what has to stay for it.
pub(crate) struct Layer {
    pub(crate) kind: Kind,
    pub(crate) name: Option<String>,
    pub(crate) entries: Vec<Entry>,
    /// An overlay's own slabs.
    pub(crate) keeps: Vec<Keep>,
    /// What a changeset refers to.
    pub(crate) items: Option<Arc<Vec<Item>>>,
    /// The tree's references to what was detached and may come back, and to what has to stay for taking the layer out.
    pub(crate) held: Vec<NodeRef>,
    /// Phandles outside of the overlay that it refers to.
    pub(crate) references: Vec<u32>,
    /// Nodes of earlier overlays that it found where it has some itself, with the overlays that brought them.
    pub(crate) stands_on: Vec<(i32, NodePtr)>,
    /// The highest phandle that it brings, if that is the highest of all.
    pub(crate) max_phandle: u32,
    /// The tree's generation when it came: ids are given out before listeners are asked, and may come in another order.
    pub(crate) came: u64,
    /// No layer below this id came later.
    pub(crate) later_from: i32,
}

/// What messages call an overlay or a changeset that is in the tree.
pub(crate) fn title(id: i32, is_changeset: bool, name: Option<&str>) -> String {
    match (is_changeset, name) {
        (true, _) => format!("changeset {id}"),
        (false, Some(name)) => format!("overlay {id} ({name})"),
        (false, None) => format!("overlay {id}"),
    }
}

impl Layer {
    pub(crate) fn new(kind: Kind) -> Layer {
        Layer {
            kind,
            name: None,
            entries: Vec::new(),
            keeps: Vec::new(),
            items: None,
            held: Vec::new(),
            references: Vec::new(),
            stands_on: Vec::new(),
            max_phandle: 0,
            came: 0,
            later_from: 0,
        }
    }

    pub(crate) fn title(&self, id: i32) -> String {
        title(id, self.kind == Kind::Changeset, self.name.as_deref())
    }

    /// The nodes that it added or took away, and those that it changed.
    pub(crate) fn touched(&self) -> impl Iterator<Item = NodePtr> + use<'_> {
        self.entries.iter().map(|&entry| match entry {
            Entry::Attach { node, .. }
            | Entry::Detach { node, .. }
            | Entry::Push { node, .. }
            | Entry::Hide { node, .. } => node,
        })
    }
}

impl Inner {
    /// Puts a layer into the tree. It cannot fail: everything was checked. What a changeset's nodes had from when it was
    /// applied before is handed out.
    pub(crate) fn put_in(&mut self, id: i32, mut layer: Layer, taken: &mut Taken) {
        self.generation += 1;
        let is_changeset = layer.kind == Kind::Changeset;
        if is_changeset {
            // Its own nodes went with all that they had, for those who hold them.
            for &entry in &layer.entries {
                if let Entry::Push { node, prop } | Entry::Hide { node, prop } = entry {
                    if node.is_made() && node.has_prop(&self.token, prop) {
                        taken.props.extend(self.drop_prop(node, prop));
                    }
                }
            }
        }
        for &entry in &layer.entries {
            match entry {
                Entry::Attach { parent, node } => {
                    if is_changeset {
                        node.subtree(&self.token).for_each(NodePtr::hold);
                    }
                    self.attach(parent, node, None);
                }
                Entry::Detach { parent, node } => {
                    layer.held.extend(NodeRef::get(parent));
                    node.leave_place(&mut self.token, id);
                    self.detach(node, true, &mut layer.held);
                }
                Entry::Push { node, prop } | Entry::Hide { node, prop } => {
                    if is_changeset {
                        prop.hold();
                    }
                    self.push_prop(node, prop, matches!(entry, Entry::Hide { .. }));
                }
            }
        }
        self.move_made_symbols_last();
        self.note_max_phandle(id, layer.max_phandle, true);
        let (first, last) = self.ids.unwrap_or((id, id));
        self.ids = Some((first.min(id), last.max(id)));
        layer.came = self.generation;
        layer.later_from = self.pending.first().map_or(id, |&pending| pending.min(id)) + 1;
        self.layers.insert(id, layer);
    }

    /// Takes a layer out of the tree, the last entry first. Nothing of another one depends on it.
    pub(crate) fn take_out(&mut self, id: i32, taken: &mut Taken) {
        self.generation += 1;
        let mut layer = self.layers.remove(&id).expect("the caller saw it");
        for &entry in layer.entries.iter().rev() {
            match entry {
                // A changeset that nobody can revert any more has detached it.
                Entry::Attach { node, .. } if !node.is_attached(&self.token) => {}
                Entry::Attach { node, .. } => {
                    let returns = node.taken_by(&self.token) == id;
                    self.detach(node, returns, &mut taken.nodes);
                }
                Entry::Detach { parent, node } => {
                    let next = node.close_place(parent, &mut self.token, id, true);
                    node.subtree(&self.token).for_each(NodePtr::hold);
                    self.attach(parent, node, next);
                }
                // A node of its own goes as it is: its holders keep all that it had (O18).
                Entry::Push { node, .. } | Entry::Hide { node, .. } if node.origin() == id => {}
                Entry::Push { node, prop } | Entry::Hide { node, prop } => {
                    taken.props.extend(self.drop_prop(node, prop));
                }
            }
        }
        self.note_max_phandle(id, layer.max_phandle, false);
        self.drop_unused_symbols(taken);
        taken.nodes.append(&mut layer.held);
        taken.keeps.append(&mut layer.keeps);
        taken.layer = Some(layer);
    }

    /// What a changeset has changed stays for good, as part of the base, since nobody can revert it any more: what it replaced
    /// goes.
    fn settle(&mut self, id: i32, taken: &mut Taken) {
        let Some(mut layer) = self.layers.remove(&id) else { return };
        self.generation += 1;
        for &entry in &layer.entries {
            match entry {
                Entry::Attach { .. } => {}
                Entry::Detach { parent, node } => {
                    node.close_place(parent, &mut self.token, id, false);
                    if !node.is_attached(&self.token) {
                        let all: Vec<NodePtr> = node.subtree(&self.token).collect();
                        for node in all {
                            node.forget_links(&mut self.token);
                            self.leave_to_layers(node);
                        }
                    }
                }
                Entry::Push { node, prop } | Entry::Hide { node, prop } => {
                    let layers = &self.layers;
                    let lives = |prop: PropPtr| layers.contains_key(&prop.origin());
                    node.settle_prop(&mut self.token, prop, lives, &mut taken.props);
                }
            }
        }
        layer.items.iter().flat_map(|items| items.iter()).for_each(|item| item.settle(id));
        self.settle_max_phandle(id, layer.max_phandle);
        taken.nodes.append(&mut layer.held);
        taken.layer = Some(layer);
    }

    /// Layers that have put properties on a node which goes for good still take them off it when they go.
    fn leave_to_layers(&mut self, node: NodePtr) {
        for prop in node.all_props(&self.token) {
            if let Some(layer) = self.layers.get_mut(&prop.origin()) {
                layer.held.extend(NodeRef::get(node));
            }
        }
    }

    /// The `/__symbols__` that an overlay needed goes with the last symbol in it.
    fn drop_unused_symbols(&mut self, taken: &mut Taken) {
        let (Some(symbols), Some(_)) = (self.symbols, &self.made_symbols) else { return };
        if symbols.prop_count(&self.token) == 0 && symbols.links(&self.token).first.is_none() {
            self.detach(symbols, false, &mut taken.nodes);
            taken.keeps.extend(self.made_symbols.take());
        }
    }

    /// The layers that came later than this one.
    fn later<'i>(&'i self, layer: &'i Layer) -> impl Iterator<Item = (i32, &'i Layer)> {
        let later = self.layers.range(layer.later_from..).map(|(&id, later)| (id, later));
        later.filter(|(_, later)| later.came > layer.came)
    }

    /// O16: a later layer is inside of this one's nodes, has them too, has taken them away, or refers to one of its phandles.
    pub(crate) fn check_dependants(&self, id: i32, layer: &Layer) -> Result<()> {
        let returns = |entry: &Entry| matches!(entry, Entry::Detach { .. });
        if self.later(layer).next().is_none() && !layer.entries.iter().any(returns) {
            return Ok(());
        }
        let token = &self.token;
        let refuse = |by: &str, how: &str, node: NodePtr| {
            let what = if layer.kind == Kind::Overlay { "removed" } else { "reverted" };
            Err(busy!("{} cannot be {what}: {by} {how} {}", layer.title(id), node.path(token)))
        };
        let later = |id: i32| {
            let later = self.layers.get(&id).filter(|later| later.came > layer.came);
            later.map(|later| later.title(id))
        };
        let mut phandles: Vec<(u32, NodePtr)> = Vec::new();
        for &entry in &layer.entries {
            match entry {
                Entry::Attach { node: root, .. } => {
                    if let Some(later) = root.ancestors(token).find_map(|node| later(node.taken_by(token))) {
                        return refuse(&later, "has detached", root);
                    }
                    for node in root.subtree(token) {
                        if let Some(later) = later(node.origin()) {
                            return refuse(&later, "has added", node);
                        }
                        if let Some(later) = node.open_places(token).find_map(later) {
                            return refuse(&later, "has detached a child of", node);
                        }
                        let set_by = || node.all_props(token).map(PropPtr::origin).find_map(later);
                        if let Some(later) = (!node.has_own_props(token)).then(set_by).flatten() {
                            return refuse(&later, "has set properties of", node);
                        }
                        phandles.push((node.phandle(token), node));
                    }
                }
                Entry::Detach { parent, node } => {
                    if !parent.is_attached(token) {
                        let sentence =
                            format!("{}: {} is not there any more", layer.title(id), parent.path(token));
                        return Err(Error::Gone(sentence));
                    }
                    // Unless it goes with this one, or is the node itself, elsewhere.
                    let there = self.find_child(parent, node.name_bytes());
                    let own = |there: &NodePtr| {
                        let attaches =
                            |entry: &Entry| matches!(entry, Entry::Attach { node, .. } if node == there);
                        layer.entries.iter().any(attaches)
                    };
                    if let Some(there) = there.filter(|there| !own(there)) {
                        let by = later(there.origin()).unwrap_or_else(|| "something".into());
                        return refuse(&by, "has taken the place of", there);
                    }
                }
                Entry::Push { node, prop }
                    if prop.is_named(b"phandle") || prop.is_named(b"linux,phandle") =>
                {
                    phandles.push((node.phandle(token), node));
                }
                Entry::Push { .. } | Entry::Hide { .. } => {}
            }
        }
        phandles.sort_unstable();
        for (later, other) in self.later(layer) {
            for reference in &other.references {
                if let Ok(found) = phandles.binary_search_by_key(reference, |&(phandle, _)| phandle) {
                    return refuse(&other.title(later), "refers to", phandles[found].1);
                }
            }
            if let Some(&(_, node)) = other.stands_on.iter().find(|&&(owner, _)| owner == id) {
                return refuse(&other.title(later), "stands on", node);
            }
        }
        Ok(())
    }

    /// O15: a node that this overlay touched equals, contains or lies inside one that a later one touched.
    pub(crate) fn check_overlaps(&self, id: i32, layer: &Layer) -> Result<()> {
        let token = &self.token;
        if self.later(layer).any(|(_, later)| later.kind == Kind::Changeset) {
            self.check_dependants(id, layer)?;
        }
        let own: HashSet<NodePtr> = layer.touched().collect();
        let mut later: Vec<(i32, &Layer)> = self.later(layer).collect();
        later.sort_unstable_by_key(|(_, later)| std::cmp::Reverse(later.came));
        for (later, other) in later {
            let others: HashSet<NodePtr> = other.touched().collect();
            let overlap = meets(&own, &others, self).or_else(|| meets(&others, &own, self));
            if let Some(node) = overlap {
                return Err(busy!(
                    "{} cannot be removed: {} is on top of it at {}",
                    layer.title(id),
                    other.title(later),
                    node.path(token)
                ));
            }
        }
        Ok(())
    }
}

/// A node of `a` that is a node of `b` or inside of one.
fn meets(a: &HashSet<NodePtr>, b: &HashSet<NodePtr>, inner: &Inner) -> Option<NodePtr> {
    a.iter().copied().find(|node| node.ancestors(&inner.token).any(|above| b.contains(&above)))
}

impl Core {
    /// What the changeset `id` has changed stays for good.
    pub(crate) fn settle(&self, id: i32) {
        let mut taken = Taken::default();
        {
            let _change = self.begin_change();
            self.write().settle(id, &mut taken);
        }
        taken.let_go(self);
    }
}
