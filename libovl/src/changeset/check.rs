// SPDX-License-Identifier: MIT OR Apache-2.0
//! The complete check of a list of changes, one after the other, in the tree as those before will leave it. Nothing is changed.

use super::layer::{title, Entry};
use crate::error::{busy, invalid, not_found, Error, Result};
use crate::fdt::{MAX_DEPTH, MAX_PATH};
use crate::slab::{NodePtr, PropPtr};
use crate::tree::{is_phandle, Inner};
use hashbrown::{HashMap, HashSet};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Attach,
    Detach,
    /// The property must not be there.
    Add,
    /// The property must be there.
    Update,
    /// It may be there or not.
    Set,
    Remove,
}

/// A change that is to be checked.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) rule: Rule,
    pub(crate) node: NodePtr,
    /// The parent to be of what is attached.
    pub(crate) parent: Option<NodePtr>,
    pub(crate) prop: Option<PropPtr>,
}

/// A change that can be made, and the value that it will replace.
#[derive(Clone, Copy)]
pub(crate) struct Checked {
    pub(crate) entry: Entry,
    pub(crate) before: Option<PropPtr>,
}

/// The tree as the changes so far will leave it.
struct Check<'t> {
    inner: &'t Inner,
    root: NodePtr,
    /// Whether further changes come, so that this one has to be remembered.
    more: bool,
    /// The parent of each node that was attached, none for one that was detached.
    parents: HashMap<NodePtr, Option<NodePtr>>,
    children: HashMap<(NodePtr, &'t [u8]), Option<NodePtr>>,
    props: HashMap<(NodePtr, &'t [u8]), Option<PropPtr>>,
    phandles: HashMap<u32, NodePtr>,
    /// Properties that a changeset's own nodes kept when it was reverted: it puts them anew.
    kept: HashSet<PropPtr>,
    max_phandle: u32,
}

/// Checks all changes of a list. Returns them, and the highest phandle that they bring.
///
/// # Errors
/// What stands against the first one that cannot be made, with node and property.
pub(crate) fn check(inner: &Inner, wanted: &[Wanted]) -> Result<(Vec<Checked>, u32)> {
    let kept = |wanted: &Wanted| wanted.prop.filter(|&prop| wanted.node.has_prop(&inner.token, prop));
    let mut check = Check {
        inner,
        root: inner.root().ok_or_else(|| Error::Gone("the tree is gone".into()))?,
        more: true,
        parents: HashMap::new(),
        children: HashMap::new(),
        props: HashMap::new(),
        phandles: HashMap::new(),
        kept: wanted.iter().filter_map(kept).collect(),
        max_phandle: 0,
    };
    let mut checked = Vec::with_capacity(wanted.len());
    for (i, &wanted_one) in wanted.iter().enumerate() {
        check.more = i + 1 < wanted.len();
        checked.push(check.step(wanted_one)?);
    }
    Ok((checked, check.max_phandle))
}

impl Check<'_> {
    fn step(&mut self, wanted: Wanted) -> Result<Checked> {
        let node = wanted.node;
        match (wanted.rule, wanted.parent, wanted.prop) {
            (Rule::Attach, Some(parent), _) => self.attach(parent, node),
            (Rule::Detach, ..) => self.detach(node),
            (rule, _, Some(prop)) => self.put(rule, node, prop),
            _ => unreachable!("made with a parent or a property"),
        }
    }

    fn parent(&self, node: NodePtr) -> Option<NodePtr> {
        match self.parents.get(&node) {
            Some(&parent) => parent,
            None => node.parent(&self.inner.token),
        }
    }

    /// Whether the node is in the tree now. One that never comes back has no parent.
    fn is_in(&self, node: NodePtr) -> bool {
        match self.parents.is_empty() {
            true => node.is_attached(&self.inner.token),
            false => std::iter::successors(Some(node), |&node| self.parent(node)).last() == Some(self.root),
        }
    }

    fn child(&self, parent: NodePtr, name: &[u8]) -> Option<NodePtr> {
        match self.children.get(&(parent, name)) {
            Some(&child) => child,
            None => self.inner.find_child(parent, name),
        }
    }

    fn prop(&self, node: NodePtr, name: &[u8]) -> Option<PropPtr> {
        match self.props.get(&(node, name)) {
            Some(&prop) => prop,
            None if self.kept.is_empty() => self.inner.prop(node, name),
            None => {
                let mut props = node.props(&self.inner.token).filter(|prop| !self.kept.contains(prop));
                props.find(|prop| prop.is_named(name))
            }
        }
    }

    fn path(&self, node: NodePtr) -> String {
        match self.parents.get(&node) {
            Some(&Some(parent)) => {
                format!("{}/{}", self.path(parent).trim_end_matches('/'), node.name(&self.inner.token))
            }
            _ => node.path(&self.inner.token),
        }
    }

    fn attach(&mut self, parent: NodePtr, node: NodePtr) -> Result<Checked> {
        let token = &self.inner.token;
        let at = |check: &Self| format!("{}/{}", check.path(parent).trim_end_matches('/'), node.name(token));
        let path = || at(self);
        if !self.is_in(parent) {
            return Err(Error::Gone(format!("attach {}: its parent is not in the tree", path())));
        }
        if self.is_in(node) {
            return Err(Error::Exists(format!(
                "attach {}: it is in the tree already, at {}",
                path(),
                self.path(node)
            )));
        }
        let taken = node.ancestors(token).map(|node| node.taken_by(token)).find(|&by| by != 0);
        if let (Some(by), true, false) = (taken, node.is_made(), self.parents.contains_key(&node)) {
            return Err(busy!("attach {}: changeset {by} has detached it, and may put it back", path()));
        }
        if let Some(there) = self.child(parent, node.name_bytes()) {
            let by = match there.origin() {
                0 => String::new(),
                id => format!(", from {}", title(id, there.is_made(), None)),
            };
            return Err(Error::Exists(format!("attach {}: there is one already{by}", path())));
        }
        let measure = |sum: (usize, usize), node: NodePtr| (sum.0 + 1, sum.1 + node.name_bytes().len() + 1);
        let above = std::iter::successors(Some(parent), |&node| self.parent(node)).fold((0, 0), measure);
        let top = node.parent(token);
        for new in node.subtree(token) {
            let own = new.ancestors(token).take_while(|&node| Some(node) != top);
            let (depth, length) = own.fold(above, measure);
            if depth > MAX_DEPTH {
                return Err(Error::TooBig(format!("attach {}: nested deeper than {MAX_DEPTH}", at(self))));
            }
            if length > MAX_PATH {
                return Err(Error::TooBig(format!("attach {}: a path longer than {MAX_PATH}", at(self))));
            }
            self.free_phandle(new, new.phandle(token))?;
        }
        self.children.insert((parent, name_of(node, self.inner)), Some(node));
        self.parents.insert(node, Some(parent));
        Ok(Checked { entry: Entry::Attach { parent, node }, before: None })
    }

    fn detach(&mut self, node: NodePtr) -> Result<Checked> {
        let token = &self.inner.token;
        if node == self.root {
            return Err(invalid!("detach /: the root stays"));
        }
        let parent = self.parent(node).filter(|_| self.is_in(node));
        let parent = parent
            .ok_or_else(|| Error::Gone(format!("detach {}: it is not in the tree", node.path(token))))?;
        if !self.parents.contains_key(&node) && node.taken_by(token) != 0 {
            let by = node.taken_by(token);
            return Err(busy!(
                "detach {}: changeset {by} has moved it, and may put it back",
                node.path(token)
            ));
        }
        if self.parents.contains_key(&node) {
            let path = self.path(node);
            return Err(invalid!("detach {path}: the same changeset attaches it"));
        }
        self.children.insert((parent, name_of(node, self.inner)), None);
        self.parents.insert(node, None);
        Ok(Checked { entry: Entry::Detach { parent, node }, before: None })
    }

    fn put(&mut self, rule: Rule, node: NodePtr, prop: PropPtr) -> Result<Checked> {
        let name = name_of_prop(prop, self.inner);
        let place =
            |check: &Self| format!("{}: property \"{}\"", check.path(node), String::from_utf8_lossy(name));
        // What a program has made can be written on before it is attached.
        if !node.is_made() && !self.is_in(node) {
            return Err(Error::Gone(format!("{}: the node is not in the tree any more", place(self))));
        }
        let before = self.prop(node, name);
        match (rule, before) {
            (Rule::Add, Some(_)) => {
                return Err(Error::Exists(format!("{}: there is one already", place(self))))
            }
            (Rule::Update | Rule::Remove, None) => return Err(not_found!("{}: there is none", place(self))),
            _ => {}
        }
        if (prop.is_named(b"phandle") || prop.is_named(b"linux,phandle")) && rule != Rule::Remove {
            let data = prop.data(&self.inner.token).try_into().ok().map(u32::from_be_bytes);
            let Some(number) = data.filter(|&number| is_phandle(number)) else {
                return Err(invalid!("{}: not one phandle", place(self)));
            };
            self.free_phandle(node, number)?;
            self.max_phandle = self.max_phandle.max(number);
        }
        if self.more {
            self.props.insert((node, name), (rule != Rule::Remove).then_some(prop));
        }
        let entry = match rule {
            Rule::Remove => Entry::Hide { node, prop },
            _ => Entry::Push { node, prop },
        };
        Ok(Checked { entry, before })
    }

    /// Whether a phandle leads to no other node.
    fn free_phandle(&mut self, node: NodePtr, phandle: u32) -> Result<()> {
        if !is_phandle(phandle) {
            return Ok(());
        }
        let planned = *self.phandles.entry(phandle).or_insert(node);
        let other = self.inner.phandles.find(phandle).filter(|&other| self.is_in(other));
        match [Some(planned), other].into_iter().flatten().find(|&other| other != node) {
            None => Ok(()),
            Some(other) => Err(Error::Exists(format!(
                "{}: phandle {phandle:#x} is that of {}",
                self.path(node),
                self.path(other)
            ))),
        }
    }
}

fn name_of(node: NodePtr, inner: &Inner) -> &[u8] {
    node.name(&inner.token).as_bytes()
}

fn name_of_prop(prop: PropPtr, inner: &Inner) -> &[u8] {
    prop.name(&inner.token).as_bytes()
}
