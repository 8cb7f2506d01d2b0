// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changesets (O19): changes that a program lists, and that are checked, applied and reverted as one.
//!
//! An overlay and a program's changeset come into the tree by the same way, as a [`Layer`]: `layer.rs` puts the entries in and
//! takes them out, `check.rs` says whether it can be done, `transact.rs` tells listeners meanwhile, `view.rs` is what they see.

mod check;
mod layer;
pub(crate) mod transact;
mod values;
mod view;

pub(crate) use layer::{title, Entry, Kind, Layer};
pub(crate) use transact::Prepared;
pub(crate) use view::Change;

use crate::error::{busy, invalid, not_found, Error, Result};
use crate::fdt::MAX_PROP_NAME;
use crate::slab::{Keep, Node, Prop};
use crate::tree::{Core, Inner, Tree};
use check::{check, Rule, Wanted};
use kref::Ref;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard};
use view::View;

/// What is done to a node or a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A node comes into the tree.
    Attach,
    /// A node goes.
    Detach,
    /// A property comes.
    Add,
    /// A property goes.
    Remove,
    /// A property gets another value.
    Update,
}

impl Action {
    /// What undoes it.
    pub(crate) fn inverse(self) -> Action {
        match self {
            Action::Attach => Action::Detach,
            Action::Detach => Action::Attach,
            Action::Add => Action::Remove,
            Action::Remove => Action::Add,
            Action::Update => Action::Update,
        }
    }
}

/// An entry of a changeset, to look at.
#[derive(Debug)]
pub struct Changed {
    /// What is done.
    pub action: Action,
    /// To which node.
    pub node: Node,
    /// The value that the property gets.
    pub prop: Option<Prop>,
    /// The value that the property has before.
    pub before: Option<Prop>,
}

/// An entry as a program asked for it. It keeps what it refers to.
#[derive(Clone)]
pub(crate) struct Item {
    rule: Rule,
    node: Node,
    parent: Option<Node>,
    prop: Option<Prop>,
}

impl Item {
    fn wanted(&self) -> Wanted {
        let (parent, prop) = (self.parent.as_ref().map(Node::ptr), self.prop.as_ref().map(Prop::ptr));
        Wanted { rule: self.rule, node: self.node.ptr(), parent, prop }
    }

    /// Says whose its node or property is.
    fn belong_to(&self, id: i32, inner: &Inner) {
        let node = self.node.ptr();
        if self.rule == Rule::Attach && node.is_made() && !node.is_attached(&inner.token) {
            node.set_origin(id);
        }
        if let Some(prop) = &self.prop {
            prop.ptr().set_origin(id);
        }
    }

    /// It is the base's from now on.
    fn settle(&self, id: i32) {
        if self.node.ptr().origin() == id {
            self.node.ptr().set_origin(0);
        }
        if let Some(prop) = &self.prop {
            prop.ptr().set_origin(0);
        }
    }

    fn concerns(&self, node: &Node, name: &str) -> bool {
        self.node == *node && self.prop.as_ref().is_some_and(|prop| prop.name() == name)
    }
}

/// A list of changes to a live tree. `Clone` makes another handle to the same changeset.
///
/// It is filled, and applied when it is complete; every step of it can be reverted exactly, also when other changesets and
/// overlays have come later, as long as they do not depend on it. It keeps what it refers to. When the last handle of an applied
/// changeset is dropped, what it has changed stays for good, as if it had always been there: the values that it replaced go, and the
/// nodes that it detached.
///
/// Listeners get a changeset too, as a view that cannot be changed, applied or reverted.
#[derive(Clone)]
pub struct Changeset(Ref<Shared>);

pub(crate) struct Shared {
    core: Arc<Core>,
    role: Role,
}

enum Role {
    Program(Mutex<State>),
    View(View),
}

struct State {
    items: Arc<Vec<Item>>,
    phase: Phase,
    /// The last id.
    id: i32,
    /// What the entries replaced when they were applied.
    before: Vec<Option<Prop>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    InProgress,
    Applied,
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Role::Program(state) = &mut self.role {
            let state = state.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
            if state.phase == Phase::Applied {
                self.core.settle(state.id);
            }
        }
    }
}

fn in_progress() -> Error {
    busy!("the changeset is in progress")
}

impl Changeset {
    /// An empty changeset. It does not keep the tree.
    pub fn new(tree: &Tree) -> Changeset {
        let state = State { items: Arc::default(), phase: Phase::Open, id: 0, before: Vec::new() };
        Changeset(Ref::new(Shared { core: tree.core().clone(), role: Role::Program(Mutex::new(state)) }))
    }

    pub(crate) fn view(core: &Arc<Core>, view: View) -> Changeset {
        Changeset(Ref::new(Shared { core: core.clone(), role: Role::View(view) }))
    }

    /// What a listener sees.
    pub(crate) fn viewed(&self) -> &View {
        match &self.0.role {
            Role::View(view) => view,
            Role::Program(_) => unreachable!("listeners are given views"),
        }
    }

    fn state(&self) -> Result<MutexGuard<'_, State>> {
        match &self.0.role {
            Role::Program(state) => Ok(kref::sync::lock(state)),
            Role::View(_) => Err(invalid!("a listener's view of a changeset cannot be changed")),
        }
    }

    /// What messages call it.
    pub(crate) fn title(&self) -> String {
        match &self.0.role {
            Role::View(view) => title(view.id, view.kind == Kind::Changeset, view.name.as_deref()),
            Role::Program(state) => title(kref::sync::lock(state).id, true, None),
        }
    }

    /// The id under which it is applied, or was the last time; 0 before. Each time it is applied it gets another one, of the same
    /// kind as overlays' (O24).
    pub fn id(&self) -> i32 {
        match &self.0.role {
            Role::View(view) => view.id,
            Role::Program(state) => kref::sync::lock(state).id,
        }
    }

    /// Whether it is that of an overlay, as a listener may see it.
    pub fn is_overlay(&self) -> bool {
        matches!(&self.0.role, Role::View(view) if view.kind == Kind::Overlay)
    }

    /// The name that the overlay is applied under.
    pub fn name(&self) -> Option<&str> {
        match &self.0.role {
            Role::View(view) => view.name.as_deref(),
            Role::Program(_) => None,
        }
    }

    /// Whether it is applied.
    pub fn is_applied(&self) -> bool {
        match &self.0.role {
            Role::View(view) => self.0.core.read().layers.contains_key(&view.id),
            Role::Program(state) => kref::sync::lock(state).phase == Phase::Applied,
        }
    }

    fn add(&self, item: Item) -> Result<()> {
        let mut state = self.state()?;
        match state.phase {
            Phase::Open => {}
            Phase::InProgress => return Err(in_progress()),
            Phase::Applied => return Err(busy!("{}: it is applied", title(state.id, true, None))),
        }
        Arc::make_mut(&mut state.items).push(item);
        Ok(())
    }

    fn own(&self, node: &Node) -> Result<()> {
        match Arc::ptr_eq(node.core(), &self.0.core) {
            true => Ok(()),
            false => Err(invalid!("{} is a node of another tree", node.name())),
        }
    }

    /// Makes a node, to be attached as the last child of `parent`; without one it stays outside of the tree until
    /// [`attach_node`](Self::attach_node). What is put on it can be read from when the changeset is applied.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that no node can have, or a parent of another tree; [`Error::Busy`] if the changeset is applied.
    pub fn create_node(&self, parent: Option<&Node>, name: &str) -> Result<Node> {
        parent.map_or(Ok(()), |parent| self.own(parent))?;
        if name.is_empty() {
            return Err(invalid!("a node needs a name"));
        }
        let node = Keep::of_node(&self.0.core, name).map_err(|error| match error {
            Error::Malformed { check, .. } => invalid!("a node cannot be called \"{name}\": {check}"),
            error => error,
        })?;
        match parent {
            Some(parent) => self.attach_node(parent, &node)?,
            None => drop(self.state()?),
        }
        Ok(node)
    }

    /// Attaches a node as the last child of `parent`: one that [`create_node`](Self::create_node) has made, or that this
    /// changeset has detached elsewhere. Parents come before their children.
    ///
    /// # Errors
    /// As [`create_node`](Self::create_node), and [`Error::Invalid`] for another node: it is part of what it came with.
    pub fn attach_node(&self, parent: &Node, node: &Node) -> Result<()> {
        self.own(parent)?;
        self.own(node)?;
        let detached = |item: &Item| item.rule == Rule::Detach && item.node == *node;
        if !node.ptr().is_made() && !self.state()?.items.iter().any(detached) {
            return Err(invalid!("{}: neither made by a changeset nor detached by this one", node.path()));
        }
        let (node, parent) = (node.clone(), Some(parent.clone()));
        self.add(Item { rule: Rule::Attach, node, parent, prop: None })
    }

    /// Detaches a node, with all that is below it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a node of another tree; [`Error::Busy`] if the changeset is applied.
    pub fn detach_node(&self, node: &Node) -> Result<()> {
        self.own(node)?;
        self.add(Item { rule: Rule::Detach, node: node.clone(), parent: None, prop: None })
    }

    fn put(&self, rule: Rule, node: &Node, name: &str, value: &[u8]) -> Result<()> {
        self.own(node)?;
        if name.is_empty() || name.len() > MAX_PROP_NAME || !name.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(invalid!("{}: a property cannot be called \"{name}\"", node.path()));
        }
        if value.len() > u32::MAX as usize / 4 {
            return Err(Error::TooBig(format!(
                "{}: property \"{name}\": {} bytes",
                node.path(),
                value.len()
            )));
        }
        let prop = Some(Keep::of_prop(&self.0.core, name, value)?);
        self.add(Item { rule, node: node.clone(), parent: None, prop })
    }

    /// Adds a property, which must not be there yet. An absent one of the name keeps its place in the node.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that no property can have, or a node of another tree; [`Error::TooBig`]; [`Error::NoMemory`];
    /// [`Error::Busy`] if the changeset is applied. Whether it can be done is checked when it is applied.
    pub fn add_prop(&self, node: &Node, name: &str, value: &[u8]) -> Result<()> {
        self.put(Rule::Add, node, name, value)
    }

    /// Gives a property that is there another value.
    ///
    /// # Errors
    /// As [`add_prop`](Self::add_prop).
    pub fn update_prop(&self, node: &Node, name: &str, value: &[u8]) -> Result<()> {
        self.put(Rule::Update, node, name, value)
    }

    /// Gives a property a value, whether it is there or not.
    ///
    /// # Errors
    /// As [`add_prop`](Self::add_prop).
    pub fn set_prop(&self, node: &Node, name: &str, value: &[u8]) -> Result<()> {
        self.put(Rule::Set, node, name, value)
    }

    /// Removes a property, which must be there.
    ///
    /// # Errors
    /// As [`add_prop`](Self::add_prop).
    pub fn remove_prop(&self, node: &Node, name: &str) -> Result<()> {
        self.put(Rule::Remove, node, name, &[])
    }

    /// Checks everything, and applies all of it or nothing. Returns the id that it has from then on. Costs what is in the changeset.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::NotFound`], [`Error::Gone`], [`Error::Busy`], [`Error::Invalid`] or [`Error::TooBig`] for the first
    /// entry that cannot be made, with node and property; [`Error::Busy`] if it is applied already; [`Error::Listener`] if a listener
    /// refuses. [`Error::Afterwards`] if it is applied and a listener failed then.
    pub fn apply(&self) -> Result<i32> {
        // A listener may drop the last other handle (K5).
        let this = self.clone();
        let items = this.begin(Phase::Open, "it is applied already")?;
        let _ends = Ends(&this);
        let wanted: Vec<Wanted> = items.iter().map(Item::wanted).collect();
        let before = RefCell::new(Vec::new());
        let result = transact::apply(&this.0.core, |_, inner| {
            let (checked, max_phandle) = check(inner, &wanted)?;
            before.replace(checked.iter().map(|checked| checked.before.map(Prop::new)).collect());
            let nodes = wanted.iter().filter(|wanted| wanted.rule == Rule::Attach).count();
            let layer = Layer {
                entries: checked.iter().map(|checked| checked.entry).collect(),
                items: Some(items.clone()),
                max_phandle: if max_phandle > inner.max_phandle() { max_phandle } else { 0 },
                ..Layer::new(Kind::Changeset)
            };
            Ok(Prepared { layer, symbols: None, new_symbols: false, nodes })
        });
        if let Ok(id) | Err(Error::Afterwards { id, .. }) = result {
            let mut state = this.state()?;
            (state.id, state.before, state.phase) = (id, before.into_inner(), Phase::Applied);
        }
        result
    }

    /// Reverts everything that it has changed, exactly; it can be added to and applied again then.
    ///
    /// # Errors
    /// [`Error::Busy`] naming the later overlay or changeset that depends on it, and the node, or if it is in progress;
    /// [`Error::Invalid`] if it is not applied; [`Error::Gone`] if the tree is; [`Error::Listener`] if a listener refuses.
    /// [`Error::Afterwards`] if it is reverted and a listener failed then.
    pub fn revert(&self) -> Result<()> {
        let this = self.clone();
        this.begin(Phase::Applied, "it is not applied")?;
        let ends = Ends(&this);
        let id = this.id();
        let find = |inner: &Inner| match inner.layers.contains_key(&id) {
            true => Ok(()),
            false => Err(Error::Gone(format!("{}: the tree is gone", title(id, true, None)))),
        };
        let result =
            transact::remove(&this.0.core, id, find, |inner, layer| inner.check_dependants(id, layer));
        drop(ends);
        result
    }

    fn begin(&self, phase: Phase, otherwise: &str) -> Result<Arc<Vec<Item>>> {
        let mut state = self.state()?;
        match state.phase {
            Phase::InProgress => Err(in_progress()),
            now if now == phase => {
                state.phase = Phase::InProgress;
                Ok(state.items.clone())
            }
            _ => Err(invalid!(
                "the changeset cannot be {}: {otherwise}",
                match phase {
                    Phase::Open => "applied",
                    _ => "reverted",
                }
            )),
        }
    }

    /// How many entries it has. A listener's view has one for each node of what is attached or detached as a whole.
    pub fn count(&self) -> usize {
        match &self.0.role {
            Role::View(view) => view.entries.len(),
            Role::Program(state) => kref::sync::lock(state).items.len(),
        }
    }

    /// The entry at `index`: what it does, or with an applied changeset what it did.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn entry(&self, index: usize) -> Result<Changed> {
        let none = || not_found!("the changeset has no entry {index}");
        let state = match &self.0.role {
            Role::View(view) => {
                let Change { action, node, now, before, .. } = view.entries.get(index).ok_or_else(none)?;
                let (node, prop, before) = (node.clone(), now.clone(), before.clone());
                return Ok(Changed { action: *action, node, prop, before });
            }
            Role::Program(state) => kref::sync::lock(state),
        };
        let Item { rule, node, prop, .. } = state.items.get(index).ok_or_else(none)?;
        let before = match (state.phase, prop) {
            (Phase::Applied, _) => state.before[index].clone(),
            (_, None) => None,
            (_, Some(prop)) => value_before(&state.items, index, node, prop.name()),
        };
        let (action, prop) = match (rule, &before) {
            (Rule::Attach, _) => (Action::Attach, None),
            (Rule::Detach, _) => (Action::Detach, None),
            (Rule::Remove, _) => (Action::Remove, None),
            (Rule::Add, _) | (Rule::Set, None) => (Action::Add, prop.clone()),
            (Rule::Update, _) | (Rule::Set, Some(_)) => (Action::Update, prop.clone()),
        };
        Ok(Changed { action, node: node.clone(), prop, before })
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
    pub unsafe fn from_raw(raw: std::ptr::NonNull<std::ffi::c_void>) -> Changeset {
        // SAFETY: the caller says where it comes from.
        Changeset(unsafe { Ref::from_raw(raw.cast()) })
    }
}

impl PartialEq for Changeset {
    /// The same changeset, not an equal one.
    fn eq(&self, other: &Self) -> bool {
        Ref::ptr_eq(&self.0, &other.0)
    }
}

/// The value that a property has once the first `count` entries are made, in the tree as it is.
fn value_before(items: &[Item], count: usize, node: &Node, name: &str) -> Option<Prop> {
    match items[..count].iter().rev().find(|item| item.concerns(node, name)) {
        Some(Item { rule: Rule::Remove, .. }) => None,
        Some(item) => item.prop.clone(),
        // What a node of its own has kept from the last time comes anew.
        None => {
            node.prop(name).ok().filter(|there| !items.iter().any(|item| item.prop.as_ref() == Some(there)))
        }
    }
}

/// The end of what a changeset is in the middle of, also if a listener panics: it is applied if it is found in the tree.
struct Ends<'c>(&'c Changeset);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        let Ok(mut state) = self.0.state() else { return };
        if state.phase != Phase::InProgress {
            return;
        }
        let inner = self.0 .0.core.read();
        let is_own = |items: &Arc<Vec<Item>>| Arc::ptr_eq(items, &state.items);
        let mut layers = inner.layers.iter();
        let found = layers.find(|(_, layer)| layer.items.as_ref().is_some_and(is_own)).map(|(&id, _)| id);
        drop(inner);
        state.phase = if found.is_some() { Phase::Applied } else { Phase::Open };
        state.id = found.unwrap_or(state.id);
        if state.phase == Phase::Open {
            state.before.clear();
        }
    }
}
