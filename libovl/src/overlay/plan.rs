// SPDX-License-Identifier: MIT OR Apache-2.0
//! The plan: what an overlay's fragments would change, checked completely against the tree and against each other.
//!
//! While a plan is made nothing is changed but the overlay's own blob. What earlier fragments will add is kept beside the
//! tree, so that later ones can find it (O8).

use super::resolve::cell;
use super::source::Source;
use super::{ApplyOptions, Mode, PlannedChange, Report};
use crate::changeset::{Entry, Kind, Layer, Prepared};
use crate::error::{invalid, Error, Result};
use crate::fdt::{MAX_DEPTH, MAX_PATH};
use crate::slab::{Keep, Node, NodePtr, PropPtr, Token};
use crate::tree::{is_phandle, But, Core, Inner};
use hashbrown::{HashMap, HashSet};
use std::sync::Arc;

/// One change of the plan.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// `node` of the overlay becomes the last child of `parent`, with all that is below it.
    Attach { parent: NodePtr, node: NodePtr },
    /// A property of the overlay is put in force on `node`.
    Push { node: NodePtr, prop: PropPtr },
    /// A property that no blob has, by its index in `made`, is put in force on `node`; none: on `/__symbols__`.
    Make { node: Option<NodePtr>, index: usize },
}

/// What messages call the overlay.
#[derive(Clone, Copy)]
pub(super) struct Title<'t>(Option<&'t str>);

impl std::fmt::Display for Title<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(name) => write!(f, "overlay {name}"),
            None => f.write_str("overlay"),
        }
    }
}

/// A plan in the making.
pub(super) struct Plan<'t> {
    pub(super) inner: &'t Inner,
    pub(super) core: &'t Arc<Core>,
    pub(super) mode: Mode,
    pub(super) base: Option<NodePtr>,
    pub(super) title: Title<'t>,
    pub(super) source: Source,
    /// The highest phandle of the tree and of what was planned so far.
    pub(super) max_phandle: u32,
    pub(super) references: Vec<u32>,
    stands_on: Vec<(i32, NodePtr)>,
    /// Cells that refer to nodes of the overlay itself.
    pub(super) local_cells: Vec<(PropPtr, usize)>,
    /// Nodes of the tree that get a phandle.
    pub(super) given: HashMap<NodePtr, u32>,
    changes: Vec<Change>,
    made: Vec<(&'t [u8], Vec<u8>)>,
    /// Where planned nodes will be, and what phandles lead to them.
    pub(super) parents: HashMap<NodePtr, NodePtr>,
    pub(super) planned: HashMap<(NodePtr, &'t [u8]), NodePtr>,
    pub(super) phandles: HashMap<u32, NodePtr>,
    new_nodes: usize,
    /// Nodes that are there already, with the names of the properties that some fragment touches.
    touched: HashSet<(NodePtr, &'t [u8])>,
    /// Phandles of the overlay that are not used, since the target has one of its own.
    dropped: HashMap<u32, u32>,
    /// What each fragment's target is.
    pub(super) targets: HashMap<NodePtr, NodePtr>,
    pub(super) makes_symbols: bool,
    /// Linux looks for double entries only after everything else.
    late: Option<Error>,
    problems: Option<Vec<Error>>,
}

impl<'t> Plan<'t> {
    /// A plan for one overlay, with nothing in it yet. With `report`, problems are collected instead of ending the plan.
    pub(super) fn new(
        core: &'t Arc<Core>,
        inner: &'t Inner,
        blob: &[u8],
        options: &ApplyOptions<'t>,
        report: bool,
    ) -> Result<Plan<'t>> {
        let title = Title(options.name);
        let base = options.base.map(Node::ptr);
        if let Some(base) = base.filter(|base| !base.is_attached(&inner.token)) {
            return Err(Error::Gone(format!(
                "{title}: the base node {} was detached",
                base.path(&inner.token)
            )));
        }
        let source = Source::new(core, blob, &inner.token).map_err(|error| match error {
            Error::Malformed { .. } => invalid!("{title}: {error}"),
            error => error,
        })?;
        Ok(Plan {
            inner,
            core,
            mode: options.mode,
            base,
            title,
            source,
            max_phandle: 0,
            references: Vec::new(),
            stands_on: Vec::new(),
            local_cells: Vec::new(),
            given: HashMap::new(),
            changes: Vec::new(),
            made: Vec::new(),
            parents: HashMap::new(),
            planned: HashMap::new(),
            phandles: HashMap::new(),
            new_nodes: 0,
            touched: HashSet::new(),
            dropped: HashMap::new(),
            targets: HashMap::new(),
            makes_symbols: false,
            late: None,
            problems: report.then(Vec::new),
        })
    }

    /// Ends the plan with `error`, or collects it for the report.
    pub(super) fn fail(&mut self, error: Error) -> Result<()> {
        match &mut self.problems {
            Some(problems) => {
                problems.push(error);
                Ok(())
            }
            None => Err(error),
        }
    }

    /// Whether something was found already that a later problem may only follow from.
    pub(super) fn has_problems(&self) -> bool {
        self.problems.as_ref().is_some_and(|problems| !problems.is_empty())
    }

    /// A double entry: refused at once, or by Linux when all else is done.
    fn double(&mut self, error: Error) -> Result<()> {
        if self.mode == Mode::Linux && self.problems.is_none() {
            self.late.get_or_insert(error);
            return Ok(());
        }
        self.fail(error)
    }

    /// Makes the whole plan.
    pub(super) fn make(&mut self) -> Result<()> {
        self.resolve()?;
        let token = &self.inner.token;
        let root = self.source.root();
        let mut fragments = Vec::new();
        for fragment in root.children(token) {
            if let Some(overlay) = self.source.special(token, fragment, "__overlay__", self.mode) {
                fragments.push((fragment, overlay));
            }
        }
        let symbols = self.source.special(token, root, "__symbols__", self.mode);
        if self.mode == Mode::Linux {
            for &(fragment, _) in &fragments {
                self.find_target(fragment)?;
            }
            if symbols.is_some() && self.inner.symbols.is_none() {
                self.fail(invalid!("{}: it has symbols, but the base has no /__symbols__", self.title))?;
            }
        }
        let nothing = match self.mode {
            // Without fragments no symbol leads to anything: this is a base, most likely.
            Mode::Default => fragments.is_empty(),
            Mode::Linux => fragments.is_empty() && symbols.is_none(),
            Mode::Libfdt => false,
        };
        if nothing {
            self.fail(invalid!("{}: nothing to apply: no fragment with __overlay__", self.title))?;
        }
        for (fragment, overlay) in fragments {
            if self.mode != Mode::Linux {
                self.find_target(fragment)?;
            }
            if let Some(&target) = self.targets.get(&fragment) {
                self.merge(fragment, target, overlay)?;
            }
        }
        self.use_base_phandles();
        if let Some(symbols) = symbols {
            self.merge_symbols(symbols)?;
        }
        match self.late.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// The limit that something would be beyond if `node` came below `parent`.
    fn limit_beyond(&self, parent: NodePtr, node: NodePtr) -> Option<String> {
        let token = &self.inner.token;
        let above = |node: &NodePtr| match node.is_attached(token) {
            true => node.parent(token),
            false => self.parents.get(node).copied().or_else(|| node.parent(token)),
        };
        let measure = |sum: (usize, usize), node: NodePtr| (sum.0 + 1, sum.1 + node.name_bytes().len() + 1);
        let there = std::iter::successors(Some(parent), above).fold((0, 0), measure);
        let top = node.parent(token);
        node.subtree(token).find_map(|new| {
            let own = new.ancestors(token).take_while(|&node| Some(node) != top);
            match own.fold(there, measure) {
                (depth, _) if depth > MAX_DEPTH => Some(format!("nested deeper than {MAX_DEPTH}")),
                (_, length) if length > MAX_PATH => Some(format!("a path longer than {MAX_PATH}")),
                _ => None,
            }
        })
    }

    /// Merges a node of the overlay into one that is there.
    fn merge(&mut self, fragment: NodePtr, target: NodePtr, overlay: NodePtr) -> Result<()> {
        let token = &self.inner.token;
        if target.is_attached(token) && target.origin() != 0 {
            self.stands_on.push((target.origin(), target));
        }
        for prop in overlay.own_props(token) {
            if let Err(error) = self.merge_prop(fragment, target, prop) {
                self.fail(error)?;
            }
        }
        for child in overlay.children(token) {
            self.merge_child(fragment, target, child)?;
        }
        Ok(())
    }

    fn merge_prop(&mut self, fragment: NodePtr, target: NodePtr, prop: PropPtr) -> Result<()> {
        let inner = self.inner;
        let token = &inner.token;
        let name = prop.name(token);
        let place = |plan: &Self| {
            format!("{}: {}: property \"{name}\" of {}", plan.title, fragment.name(token), plan.path(target))
        };
        let is_handle = matches!(name, "phandle" | "linux,phandle");
        match self.mode {
            Mode::Linux if is_handle || name == "name" => return Ok(()),
            Mode::Default if name == "name" => return Ok(()),
            Mode::Default if is_handle => {
                let of_target = self.given.get(&target).copied().unwrap_or(target.phandle(token));
                let number = cell(prop.data(token), 0).unwrap_or(0);
                // Later fragments may target it by the phandle that it has in the overlay.
                self.lead(fragment, number, target)?;
                if of_target != 0 && of_target != number {
                    self.dropped.insert(number, of_target);
                    return Ok(());
                }
                self.given.insert(target, number);
            }
            _ => {}
        }
        let before = self.prop_of(target, name);
        if self.mode != Mode::Libfdt {
            if let (Some(before), "#address-cells" | "#size-cells") = (before, name) {
                if before.data(token) != prop.data(token) {
                    return Err(invalid!("{}: its value may not be changed", place(self)));
                }
                // What another overlay put on a node must stay when that one goes.
                let of_another = self.mode == Mode::Default && before.origin() != target.origin();
                if !of_another || self.touched.contains(&(target, name.as_bytes())) {
                    return Ok(());
                }
            }
            let own = before.is_some() && !target.is_attached(token);
            if own || !self.touched.insert((target, name.as_bytes())) {
                self.double(invalid!("{}: two fragments touch it", place(self)))?;
            }
        }
        self.changes.push(Change::Push { node: target, prop });
        Ok(())
    }

    /// A property of a node that is there, or of a planned one.
    fn prop_of(&self, node: NodePtr, name: &str) -> Option<PropPtr> {
        match node.is_attached(&self.inner.token) {
            true => self.inner.prop(node, name.as_bytes()),
            false => self.source.prop(&self.inner.token, node, name),
        }
    }

    fn merge_child(&mut self, fragment: NodePtr, target: NodePtr, child: NodePtr) -> Result<()> {
        let token = &self.inner.token;
        let name = child.name_bytes();
        let there = match self.mode {
            Mode::Default => self.inner.find_child(target, name),
            Mode::Linux => {
                self.inner.find_child(target, name).or_else(|| self.inner.alike(target, name, But::Case).0)
            }
            Mode::Libfdt => self
                .first_alike(target, child.name(token))
                .or_else(|| self.planned_child(target, name).filter(|&there| there != child)),
        };
        let Some(there) = there else { return self.plan_attach(fragment, target, child) };
        if self.mode != Mode::Libfdt && child.phandle(token) != 0 && there.phandle(token) != 0 {
            return self.fail(invalid!(
                "{}: {}: {} has a phandle already, and the overlay brings another one",
                self.title,
                fragment.name(token),
                self.path(there)
            ));
        }
        self.merge(fragment, there, child)
    }

    /// Plans a new node with all that is below it.
    fn plan_attach(&mut self, fragment: NodePtr, parent: NodePtr, node: NodePtr) -> Result<()> {
        let token = &self.inner.token;
        let place =
            |plan: &Self, of: NodePtr| format!("{}: {}: {}", plan.title, fragment.name(token), plan.path(of));
        if let Some(limit) = self.limit_beyond(parent, node) {
            let at = self.path(parent);
            let (title, at) = (self.title, at.trim_end_matches('/'));
            let sentence = format!("{title}: {}: {at}/{}: {limit}", fragment.name(token), node.name(token));
            // Nothing is noted of it: in a dry run the next fragment could go on from here.
            return self.fail(Error::TooBig(sentence));
        }
        let double = self.planned_child(parent, node.name_bytes()).is_some();
        self.planned.entry((parent, name_of(node, token))).or_insert(node);
        self.parents.insert(node, parent);
        if double || self.source.twins.contains(&node) {
            self.double(invalid!("{}: it is added twice", place(self, node)))?;
        }
        for new in node.subtree(token) {
            self.new_nodes += 1;
            self.lead(fragment, new.phandle(token), new)?;
            if new != node && self.source.twins.contains(&new) {
                self.double(invalid!("{}: it is added twice", place(self, new)))?;
            }
            if self.mode != Mode::Libfdt {
                if let Some(twice) = double_prop(new, token) {
                    self.double(invalid!("{}: property \"{twice}\" is added twice", place(self, new)))?;
                }
            }
        }
        self.changes.push(Change::Attach { parent, node });
        Ok(())
    }

    /// Notes that `phandle` will lead to `node`.
    fn lead(&mut self, fragment: NodePtr, phandle: u32, node: NodePtr) -> Result<()> {
        if !is_phandle(phandle) {
            return Ok(());
        }
        let other = self.phandles.insert(phandle, node).filter(|&other| other != node);
        let Some(other) = other.filter(|_| self.mode == Mode::Default) else { return Ok(()) };
        self.fail(invalid!(
            "{}: {}: {}: {} has its phandle too",
            self.title,
            fragment.name(&self.inner.token),
            self.path(node),
            self.path(other)
        ))
    }

    /// Where the target of a fragment kept its own phandle, the references to that of the overlay mean the target's.
    fn use_base_phandles(&mut self) {
        if self.dropped.is_empty() {
            return;
        }
        let token = &self.inner.token;
        for (prop, offset) in std::mem::take(&mut self.local_cells) {
            let now = cell(prop.data(token), offset);
            if let Some(&of_target) = now.and_then(|number| self.dropped.get(&number)) {
                self.source.keep.patch(prop, offset, of_target);
                self.references.push(of_target);
            }
        }
    }

    /// Plans a property that no blob has.
    pub(super) fn make_prop(&mut self, node: NodePtr, name: &'t [u8], value: Vec<u8>) {
        self.changes.push(Change::Make { node: Some(node), index: self.made.len() });
        self.made.push((name, value));
    }

    /// Plans a symbol. False if some other symbol of this plan has the name.
    pub(super) fn make_symbol(&mut self, label: &'t [u8], path: Vec<u8>) -> bool {
        if let Some(symbols) = self.inner.symbols {
            if !self.touched.insert((symbols, label)) && self.mode != Mode::Libfdt {
                return false;
            }
        }
        self.changes.push(Change::Make { node: None, index: self.made.len() });
        self.made.push((label, path));
        true
    }

    /// The plan is complete: makes everything that can fail, so that committing it cannot.
    pub(super) fn finish(self) -> Result<Prepared> {
        let made = match self.made.is_empty() {
            true => None,
            false => Some(Keep::of_props(self.core, &self.made, false)?),
        };
        let symbols = match self.makes_symbols {
            true => Some(super::symbols::empty(self.core)?),
            false => None,
        };
        let of_symbols = symbols.as_ref().map(Keep::root).or(self.inner.symbols);
        let made_props: Vec<PropPtr> = made.iter().flat_map(Keep::props).collect();
        let entries = self.changes.iter().map(|&change| match change {
            Change::Attach { parent, node } => Entry::Attach { parent, node },
            Change::Push { node, prop } => Entry::Push { node, prop },
            Change::Make { node, index } => {
                let node = node.or(of_symbols).expect("made if there was none");
                Entry::Push { node, prop: made_props[index] }
            }
        });
        let highest = self.inner.max_phandle();
        let layer = Layer {
            name: self.title.0.map(str::to_string),
            entries: entries.collect(),
            keeps: [Some(self.source.keep), made].into_iter().flatten().collect(),
            references: self.references,
            stands_on: self.stands_on,
            max_phandle: if self.max_phandle > highest { self.max_phandle } else { 0 },
            ..Layer::new(Kind::Overlay)
        };
        Ok(Prepared { layer, symbols, new_symbols: self.mode != Mode::Libfdt, nodes: self.new_nodes })
    }

    /// The plan as the report of a dry run.
    pub(super) fn report(self) -> Report {
        let token = &self.inner.token;
        let change_of = |node: NodePtr, name: &str| {
            let path = self.path(node);
            let name = name.to_string();
            match self.prop_of(node, &name) {
                Some(_) => PlannedChange::Update { path, name },
                None => PlannedChange::Add { path, name },
            }
        };
        let changes = self.changes.iter().map(|&change| match change {
            Change::Attach { node, .. } => PlannedChange::Attach { path: self.path(node) },
            Change::Push { node, prop } => change_of(node, prop.name(token)),
            Change::Make { node, index } => {
                let name = std::str::from_utf8(self.made[index].0).expect("names are ASCII");
                match node.or(self.inner.symbols) {
                    Some(node) => change_of(node, name),
                    None => PlannedChange::Add { path: "/__symbols__".into(), name: name.into() },
                }
            }
        });
        Report { changes: changes.collect(), problems: self.problems.unwrap_or_default() }
    }
}

fn name_of(node: NodePtr, token: &Token) -> &[u8] {
    node.name(token).as_bytes()
}

/// A name that two of the properties have.
fn double_prop(node: NodePtr, token: &Token) -> Option<&str> {
    /// Few enough to be compared each with each, without memory of their own.
    const FEW: usize = 12;
    let mut few = [""; FEW];
    for (count, prop) in node.own_props(token).enumerate() {
        let name = prop.name(token);
        if count == FEW {
            let mut names: Vec<&str> = node.own_props(token).map(|prop| prop.name(token)).collect();
            names.sort_unstable();
            return names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        }
        if few[..count].contains(&name) {
            return Some(name);
        }
        few[count] = name;
    }
    None
}
