// SPDX-License-Identifier: MIT OR Apache-2.0
//! A layer as listeners see it (O20): a list of all nodes and properties that change, with references to them, that nothing can
//! change any more.

use super::layer::{Entry, Kind, Layer};
use super::Action;
use crate::slab::{Node, NodePtr, Prop, PropPtr};
use crate::tree::{is_available, Inner};
use hashbrown::{HashMap, HashSet};

/// See the module's description.
pub(crate) struct View {
    pub(crate) id: i32,
    pub(crate) kind: Kind,
    pub(crate) name: Option<String>,
    pub(crate) entries: Vec<Change>,
}

/// One change to one node or property.
pub(crate) struct Change {
    pub(crate) action: Action,
    pub(crate) node: Node,
    pub(crate) now: Option<Prop>,
    pub(crate) before: Option<Prop>,
    /// The property of the node's list that makes the change.
    by: Option<PropPtr>,
}

impl Change {
    /// Whether a device may come or go with it.
    pub(crate) fn concerns_state(&self) -> bool {
        let prop = self.now.as_ref().or(self.before.as_ref());
        matches!(self.action, Action::Attach | Action::Detach)
            || prop.is_some_and(|prop| prop.name() == "status")
    }

    /// Whether another layer's value covers it, so that it makes no difference now.
    pub(crate) fn is_covered(&self, inner: &Inner) -> bool {
        self.by.is_some_and(|prop| self.node.ptr().is_covered(&inner.token, prop))
    }
}

impl View {
    /// What a layer will change that is not in the tree yet.
    pub(crate) fn of_plan(id: i32, layer: &Layer, before: &[Option<PropPtr>], inner: &Inner) -> View {
        let mut view = View::of(id, layer);
        for (&entry, &before) in layer.entries.iter().zip(before) {
            view.add(entry, before, |node, all| all.extend(node.subtree(&inner.token)));
        }
        view
    }

    /// What a layer that is in the tree has changed, compared with what will be there without it.
    pub(crate) fn of_layer(id: i32, layer: &Layer, inner: &Inner) -> View {
        let mut view = View::of(id, layer);
        let attached = layer.entries.iter().filter_map(|entry| match entry {
            Entry::Attach { node, .. } => Some(*node),
            _ => None,
        });
        let roots: HashSet<NodePtr> = attached.collect();
        for &entry in &layer.entries {
            let before = match entry {
                Entry::Push { node, prop } | Entry::Hide { node, prop } => node.below(&inner.token, prop),
                _ => None,
            };
            view.add(entry, before, |node, all| collect(node, layer, &roots, inner, all));
        }
        view
    }

    fn of(id: i32, layer: &Layer) -> View {
        let entries = Vec::with_capacity(layer.entries.len());
        View { id, kind: layer.kind, name: layer.name.clone(), entries }
    }

    fn add(&mut self, entry: Entry, before: Option<PropPtr>, below: impl Fn(NodePtr, &mut Vec<NodePtr>)) {
        let of_node =
            |action, node| Change { action, node: Node::new(node), now: None, before: None, by: None };
        match entry {
            Entry::Attach { node, .. } | Entry::Detach { node, .. } => {
                let mut all = Vec::new();
                below(node, &mut all);
                match entry {
                    Entry::Attach { .. } => {
                        self.entries.extend(all.into_iter().map(|node| of_node(Action::Attach, node)));
                    }
                    // What is inside goes first.
                    _ => self.entries.extend(all.into_iter().rev().map(|node| of_node(Action::Detach, node))),
                }
            }
            Entry::Push { node, prop } => {
                let action = if before.is_some() { Action::Update } else { Action::Add };
                let (now, before) = (Some(Prop::new(prop)), before.map(Prop::new));
                self.entries.push(Change { action, node: Node::new(node), now, before, by: Some(prop) });
            }
            Entry::Hide { node, prop } => {
                let before = before.map(Prop::new);
                let node = Node::new(node);
                self.entries.push(Change { action: Action::Remove, node, now: None, before, by: Some(prop) });
            }
        }
    }

    /// Whether each node that a device may stand for is attached and available.
    pub(crate) fn states(&self, inner: &Inner) -> Vec<bool> {
        let state = |change: &Change| {
            let node = change.node.ptr();
            change.concerns_state() && node.is_attached(&inner.token) && is_available(node, &inner.token)
        };
        self.entries.iter().map(state).collect()
    }
}

/// The node and what is below it, but for what is in the list by itself, and for what came later.
fn collect(node: NodePtr, layer: &Layer, roots: &HashSet<NodePtr>, inner: &Inner, all: &mut Vec<NodePtr>) {
    all.push(node);
    for child in node.children(&inner.token) {
        let later = inner.layers.get(&child.origin()).is_some_and(|other| other.came > layer.came);
        if !later && !roots.contains(&child) {
            collect(child, layer, roots, inner, all);
        }
    }
}

/// The value that each entry of a plan will replace.
pub(crate) fn replaced(entries: &[Entry], inner: &Inner) -> Vec<Option<PropPtr>> {
    let mut props: HashMap<(NodePtr, &[u8]), Option<PropPtr>> = HashMap::new();
    let mut before = |entry: &Entry| match *entry {
        Entry::Push { node, prop } | Entry::Hide { node, prop } => {
            let name = prop.name(&inner.token).as_bytes();
            let now = matches!(entry, Entry::Push { .. }).then_some(prop);
            props.insert((node, name), now).unwrap_or_else(|| inner.prop(node, name))
        }
        Entry::Attach { .. } | Entry::Detach { .. } => None,
    };
    entries.iter().map(&mut before).collect()
}
