// SPDX-License-Identifier: MIT OR Apache-2.0
//! A blob as something that can be edited.
//!
//! What the tables of an overlay (`/__fixups__`, `/__local_fixups__`, `/__symbols__`) say by path and offset is taken to where it
//! belongs: to the property with the reference, to the label with its node. When the blob is written, the tables are made anew.

use crate::error::{invalid, Error, Result};
use crate::fdt::{self, word, Layout, Visitor, Writer, MAX_DEPTH};
use crate::tree::{is_phandle, strings, text};
use hashbrown::HashMap;
use std::borrow::Cow;

/// Parameters may add so many bytes to a blob. A hostile one can ask for any offset, and for the user's value at thousands of
/// places.
const MAX_GROWTH: usize = 1 << 20;

/// Whose phandle a cell has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ref<'b> {
    /// That of a label of the base, which is filled in when the overlay is applied.
    Label(&'b str),
    /// That of a node of the overlay, which moves when the overlay is applied.
    Local,
}

pub(super) struct Prop<'b> {
    pub(super) name: &'b str,
    pub(super) value: Cow<'b, [u8]>,
    /// The cells that are references, by their offset.
    pub(super) refs: Vec<(usize, Ref<'b>)>,
    /// The node whose path the value is, where it is an entry of /__symbols__ or /aliases.
    leads_to: Option<usize>,
}

pub(super) struct Node<'b> {
    pub(super) name: Cow<'b, str>,
    /// None for the root, and for what was taken out.
    pub(super) parent: Option<usize>,
    pub(super) props: Vec<Prop<'b>>,
    pub(super) children: Vec<usize>,
}

/// A property of /__overrides__, as it came.
pub(super) struct Override<'b> {
    pub(super) name: &'b str,
    pub(super) value: &'b [u8],
    pub(super) refs: Vec<(usize, Ref<'b>)>,
}

pub(super) struct Document<'b> {
    /// What messages call it.
    pub(super) title: String,
    pub(super) is_overlay: bool,
    /// The root is the first.
    pub(super) nodes: Vec<Node<'b>>,
    pub(super) overrides: Vec<Override<'b>>,
    phandles: HashMap<u32, usize>,
    /// Nodes that became part of others.
    pub(super) merged: HashMap<usize, usize>,
    /// The labels of /__fixups__, in order.
    pub(super) labels: Vec<&'b str>,
    room: usize,
    reservations: Vec<(u64, u64)>,
    boot_cpuid: u32,
    size: usize,
}

/// What the check of the blob has met.
enum Note {
    Begin(usize, usize),
    Prop(usize),
    End,
}

struct Notes(Vec<Note>);

impl Visitor for Notes {
    fn begin(&mut self, name: usize, len: usize) {
        self.0.push(Note::Begin(name, len));
    }

    fn prop(&mut self, value: usize, _: bool) {
        self.0.push(Note::Prop(value));
    }

    fn end(&mut self) {
        self.0.push(Note::End);
    }
}

/// Nodes by parent and name, and properties by node and name: there can be very many of both.
#[derive(Default)]
struct Index<'b> {
    nodes: HashMap<(usize, &'b str), usize>,
    props: HashMap<(usize, &'b str), usize>,
}

impl Index<'_> {
    fn by_path(&self, path: &str) -> Option<usize> {
        let names = path.strip_prefix('/')?.split('/').filter(|name| !name.is_empty());
        names.into_iter().try_fold(0, |node, name| self.nodes.get(&(node, name)).copied())
    }
}

impl<'b> Document<'b> {
    /// Checks a blob completely and takes it apart.
    pub(super) fn read(blob: &'b [u8], name: Option<&str>) -> Result<Document<'b>> {
        // A node takes at least twelve bytes for its two notes, a property twelve for one.
        let room = blob.len() / 6 + 1;
        let mut notes = Notes(Vec::new());
        let no_memory = |_| Error::NoMemory(format!("{room} nodes and properties"));
        notes.0.try_reserve_exact(room).map_err(no_memory)?;
        let titled = |what: &str| name.map_or_else(|| what.to_string(), |name| format!("{what} {name}"));
        let layout = fdt::walk(blob, &mut notes).map_err(|error| match (error, name) {
            (error @ Error::Malformed { .. }, Some(name)) => invalid!("{name}: {error}"),
            (error, _) => error,
        })?;
        let mut document = Document {
            title: String::new(),
            is_overlay: false,
            nodes: Vec::new(),
            overrides: Vec::new(),
            phandles: HashMap::new(),
            merged: HashMap::new(),
            labels: Vec::new(),
            room: MAX_GROWTH,
            reservations: crate::write::reservations(blob, &layout),
            boot_cpuid: layout.boot_cpuid,
            size: layout.totalsize,
        };
        document.nodes.try_reserve_exact(layout.nodes).map_err(no_memory)?;
        let index = document.fill(blob, &layout, &notes);
        let fragments = &document.nodes[0].children;
        document.is_overlay = fragments.iter().any(|&node| {
            ["__overlay__", "__dormant__"].iter().any(|name| index.nodes.contains_key(&(node, *name)))
        });
        document.title = titled(if document.is_overlay { "overlay" } else { "devicetree" });
        if document.is_overlay {
            document.labels(&index)?;
            document.local_references(&index)?;
        }
        document.paths(&index);
        if let Some(overrides) = document.child(0, "__overrides__") {
            for prop in &mut document.nodes[overrides].props {
                let Cow::Borrowed(value) = prop.value else { continue };
                prop.refs.sort_by_key(|&(at, _)| at);
                document.overrides.push(Override { name: prop.name, value, refs: prop.refs.clone() });
            }
        }
        Ok(document)
    }

    fn fill(&mut self, blob: &'b [u8], layout: &Layout, notes: &Notes) -> Index<'b> {
        let ascii = |bytes: &'b [u8]| std::str::from_utf8(bytes).expect("the check admits ASCII names only");
        let mut index = Index::default();
        let mut open: Vec<usize> = Vec::new();
        for note in &notes.0 {
            match *note {
                Note::Begin(at, len) => {
                    let (this, name) = (self.nodes.len(), ascii(&blob[at..at + len]));
                    let parent = open.last().copied();
                    if let Some(parent) = parent {
                        self.nodes[parent].children.push(this);
                        index.nodes.entry((parent, name)).or_insert(this);
                    }
                    let name = Cow::Borrowed(name);
                    self.nodes.push(Node { name, parent, props: Vec::new(), children: Vec::new() });
                    open.push(this);
                }
                Note::Prop(at) => {
                    let node = *open.last().expect("properties are inside of nodes");
                    let len = word(blob, at - 8) as usize;
                    let name = &blob[layout.strings + word(blob, at - 4) as usize..];
                    let name = ascii(&name[..memchr::memchr(0, name).expect("names are terminated")]);
                    let value = &blob[at..at + len];
                    if matches!(name, "phandle" | "linux,phandle") && len == 4 {
                        self.phandles.entry(word(value, 0)).or_insert(node);
                    }
                    let props = &mut self.nodes[node].props;
                    index.props.entry((node, name)).or_insert(props.len());
                    props.push(Prop { name, value: Cow::Borrowed(value), refs: Vec::new(), leads_to: None });
                }
                Note::End => drop(open.pop()),
            }
        }
        index
    }

    /// Takes `/__fixups__` to the properties that it speaks of.
    fn labels(&mut self, index: &Index<'b>) -> Result<()> {
        let Some(table) = index.by_path("/__fixups__") else { return Ok(()) };
        for place in 0..self.nodes[table].props.len() {
            let label = self.nodes[table].props[place].name;
            let Cow::Borrowed(value) = self.nodes[table].props[place].value else { continue };
            self.labels.push(label);
            for fixup in strings(value) {
                let wrong = |title: &str| {
                    let shown = String::from_utf8_lossy(fixup);
                    invalid!("{title}: label \"{label}\": the fix-up \"{shown}\" leads to no reference")
                };
                let parts =
                    std::str::from_utf8(fixup).ok().map(|fixup| fixup.splitn(3, ':').collect::<Vec<_>>());
                let Some(&[path, prop, offset]) = parts.as_deref() else { return Err(wrong(&self.title)) };
                let node = index.by_path(path);
                let prop = node.and_then(|node| Some((node, *index.props.get(&(node, prop))?)));
                let (Some((node, prop)), Ok(offset)) = (prop, offset.parse()) else {
                    return Err(wrong(&self.title));
                };
                if node == table || !self.refer(node, prop, offset, Ref::Label(label)) {
                    return Err(wrong(&self.title));
                }
            }
        }
        Ok(())
    }

    /// Takes `/__local_fixups__` to the properties that it speaks of.
    fn local_references(&mut self, index: &Index<'b>) -> Result<()> {
        let Some(table) = index.by_path("/__local_fixups__") else { return Ok(()) };
        let mut todo = vec![(table, 0)];
        while let Some((fixups, node)) = todo.pop() {
            for place in 0..self.nodes[fixups].props.len() {
                let name = self.nodes[fixups].props[place].name;
                let Cow::Borrowed(offsets) = self.nodes[fixups].props[place].value else { continue };
                let prop = index.props.get(&(node, name)).copied();
                let done = offsets.len().is_multiple_of(4)
                    && prop.is_some_and(|prop| {
                        let mut cells = offsets.chunks_exact(4);
                        cells.all(|cell| self.refer(node, prop, word(cell, 0) as usize, Ref::Local))
                    });
                if !done {
                    let path = self.path(node);
                    return Err(invalid!(
                        "{}: {path}: property \"{name}\": its entry in /__local_fixups__ leads to no reference",
                        self.title
                    ));
                }
            }
            for place in 0..self.nodes[fixups].children.len() {
                let child = self.nodes[fixups].children[place];
                let Cow::Borrowed(name) = self.nodes[child].name else { continue };
                let Some(&same) = index.nodes.get(&(node, name)) else {
                    return Err(invalid!(
                        "{}: /__local_fixups__ names a node {name} in {} that is not there",
                        self.title,
                        self.path(node)
                    ));
                };
                todo.push((child, same));
            }
        }
        Ok(())
    }

    /// Says that there is a reference; false if there is no room for one.
    fn refer(&mut self, node: usize, prop: usize, offset: usize, of: Ref<'b>) -> bool {
        let prop = &mut self.nodes[node].props[prop];
        let fits = offset.checked_add(4).is_some_and(|end| end <= prop.value.len());
        if fits {
            prop.refs.push((offset, of));
        }
        fits
    }

    /// Finds the nodes that labels and aliases stand for.
    fn paths(&mut self, index: &Index<'b>) {
        for table in ["/__symbols__", "/aliases"] {
            let Some(table) = index.by_path(table) else { continue };
            for place in 0..self.nodes[table].props.len() {
                let path = text(&self.nodes[table].props[place].value);
                // One that is written in another way than ours stays as it is.
                let node = path.and_then(|path| index.by_path(path).filter(|&node| self.path(node) == path));
                self.nodes[table].props[place].leads_to = node;
            }
        }
    }

    pub(super) fn child(&self, parent: usize, name: &str) -> Option<usize> {
        self.nodes[parent].children.iter().copied().find(|&child| self.nodes[child].name == name)
    }

    pub(super) fn by_phandle(&self, phandle: u32) -> Option<usize> {
        self.phandles.get(&phandle).filter(|_| is_phandle(phandle)).map(|&node| self.now(node))
    }

    /// The node that this one became part of, or itself.
    fn now(&self, node: usize) -> usize {
        let into = |node: &usize| self.merged.get(node).copied();
        std::iter::successors(Some(node), into).last().expect("there is a first")
    }

    pub(super) fn is_attached(&self, node: usize) -> bool {
        self.ancestors(node).last() == Some(0)
    }

    pub(super) fn prop(&mut self, node: usize, name: &str) -> Option<&mut Prop<'b>> {
        self.nodes[node].props.iter_mut().find(|prop| prop.name == name)
    }

    /// Gives a property a value without references.
    pub(super) fn set_value(&mut self, node: usize, name: &'b str, value: Vec<u8>) -> Result<()> {
        self.spend(value.len() + name.len())?;
        let new = Prop { name, value: Cow::Owned(value), refs: Vec::new(), leads_to: None };
        match self.prop(node, name) {
            Some(prop) => *prop = new,
            None => self.nodes[node].props.push(new),
        }
        Ok(())
    }

    /// Writes into a part of a value, which grows as far as needed. A cell may be a reference from now on.
    pub(super) fn patch(
        &mut self,
        node: usize,
        name: &'b str,
        offset: usize,
        bytes: &[u8],
        of: Option<Ref<'b>>,
    ) -> Result<()> {
        let end = offset + bytes.len();
        let len = self.prop(node, name).map(|prop| prop.value.len());
        match len {
            Some(len) => self.spend(end.saturating_sub(len))?,
            None => self.set_value(node, name, Vec::new()).and_then(|()| self.spend(end))?,
        }
        let prop = self.prop(node, name).expect("it was made if it was not there");
        let value = prop.value.to_mut();
        value.resize(end.max(value.len()), 0);
        value[offset..end].copy_from_slice(bytes);
        prop.refs.retain(|&(at, _)| at + 4 <= offset || at >= end);
        prop.refs.extend(of.map(|of| (offset, of)));
        prop.leads_to = None;
        Ok(())
    }

    /// Takes so many bytes from what may be added.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<()> {
        self.room = self.room.checked_sub(bytes).ok_or_else(|| {
            Error::TooBig(format!("{}: its parameters would add more than {MAX_GROWTH} bytes", self.title))
        })?;
        Ok(())
    }

    /// Takes a node, with everything below it, out.
    pub(super) fn take_out(&mut self, node: usize) {
        if let Some(parent) = self.nodes[node].parent.take() {
            self.nodes[parent].children.retain(|&child| child != node);
        }
    }

    /// The node itself, its parent, and so on.
    pub(super) fn ancestors(&self, node: usize) -> impl Iterator<Item = usize> + use<'_, 'b> {
        std::iter::successors(Some(node), |&node| self.nodes[node].parent)
    }

    pub(super) fn path(&self, node: usize) -> String {
        let mut names: Vec<&str> = self.ancestors(node).map(|node| &*self.nodes[node].name).collect();
        names.reverse();
        match names.len() {
            1 => "/".into(),
            _ => names.join("/"),
        }
    }

    /// The node and everything below it, in document order, each with its depth; the root's is 1.
    pub(super) fn subtree(&self, top: usize) -> Result<Vec<(usize, usize)>> {
        let mut found = Vec::new();
        let mut todo = vec![(top, self.ancestors(top).count())];
        while let Some((node, depth)) = todo.pop() {
            if depth > MAX_DEPTH {
                return Err(Error::TooBig(format!(
                    "{}: nodes nested deeper than {MAX_DEPTH}, once its fragments are together",
                    self.title
                )));
            }
            found.push((node, depth));
            todo.extend(self.nodes[node].children.iter().rev().map(|&child| (child, depth + 1)));
        }
        Ok(found)
    }

    /// The blob, with its tables made anew.
    pub(super) fn write(&mut self) -> Result<Vec<u8>> {
        if self.is_overlay {
            self.renew_tables()?;
        }
        let mut writer = Writer::new();
        let mut open = 0;
        for (node, depth) in self.subtree(0)? {
            (depth..=open).for_each(|_| writer.end());
            open = depth;
            writer.begin(&self.nodes[node].name);
            for prop in &self.nodes[node].props {
                match prop.leads_to.map(|to| self.now(to)) {
                    Some(to) if self.is_attached(to) => {
                        writer.prop(prop.name, format!("{}\0", self.path(to)).as_bytes())
                    }
                    Some(_) => {}
                    None => writer.prop(prop.name, &prop.value),
                }
            }
        }
        (0..open).for_each(|_| writer.end());
        match writer.finished_size(self.reservations.len()) <= u32::MAX as usize {
            true => Ok(writer.finish(&self.reservations, self.boot_cpuid)),
            false => Err(Error::TooBig(format!("{}: it does not fit a blob of 4 GiB", self.title))),
        }
    }

    fn renew_tables(&mut self) -> Result<()> {
        for table in ["__fixups__", "__local_fixups__"] {
            if let Some(table) = self.child(0, table) {
                self.take_out(table);
            }
        }
        let mut labels: HashMap<&str, Vec<u8>> = HashMap::new();
        let mut written = 0;
        // The twin of a node in /__local_fixups__, where it has any.
        let mut twins: HashMap<usize, usize> = HashMap::new();
        for (node, _) in self.subtree(0)? {
            let mut local = Vec::new();
            let mut path = None;
            for prop in &self.nodes[node].props {
                let mut offsets = Vec::new();
                for &(offset, of) in &prop.refs {
                    match of {
                        Ref::Local => offsets.extend((offset as u32).to_be_bytes()),
                        Ref::Label(label) => {
                            let path = path.get_or_insert_with(|| self.path(node));
                            let fixup = format!("{path}:{}:{offset}\0", prop.name);
                            written += fixup.len();
                            labels.entry(label).or_default().extend(fixup.bytes());
                        }
                    }
                }
                if !offsets.is_empty() {
                    let value = Cow::Owned(offsets);
                    local.push(Prop { name: prop.name, value, refs: Vec::new(), leads_to: None });
                }
            }
            // The paths of a hostile overlay can be longer than they were.
            if written > self.size + MAX_GROWTH {
                return Err(Error::TooBig(format!("{}: more than {written} bytes of fix-ups", self.title)));
            }
            if !local.is_empty() {
                let twin = self.twin(node, &mut twins);
                self.nodes[twin].props = local;
            }
        }
        if !labels.is_empty() {
            let table = self.new_node(Cow::Borrowed("__fixups__"), Some(0));
            for label in std::mem::take(&mut self.labels) {
                if let Some(value) = labels.remove(label) {
                    let value = Cow::Owned(value);
                    self.nodes[table].props.push(Prop {
                        name: label,
                        value,
                        refs: Vec::new(),
                        leads_to: None,
                    });
                }
            }
        }
        if let Some(&table) = twins.get(&0) {
            self.nodes[table].parent = Some(0);
            self.nodes[0].children.push(table);
        }
        Ok(())
    }

    fn twin(&mut self, node: usize, twins: &mut HashMap<usize, usize>) -> usize {
        if let Some(&twin) = twins.get(&node) {
            return twin;
        }
        let (name, parent) = match self.nodes[node].parent {
            None => (Cow::Borrowed("__local_fixups__"), None),
            Some(parent) => (self.nodes[node].name.clone(), Some(self.twin(parent, twins))),
        };
        let twin = self.new_node(name, parent);
        twins.insert(node, twin);
        twin
    }

    fn new_node(&mut self, name: Cow<'b, str>, parent: Option<usize>) -> usize {
        let this = self.nodes.len();
        self.nodes.push(Node { name, parent, props: Vec::new(), children: Vec::new() });
        if let Some(parent) = parent {
            self.nodes[parent].children.push(this);
        }
        this
    }
}
