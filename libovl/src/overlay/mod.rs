// SPDX-License-Identifier: MIT OR Apache-2.0
//! Overlays: applied as a whole or not at all, removed exactly, in any order that leaves nothing dangling.
//!
//! An application has three steps. The overlay's own blob is *resolved*: its phandles get numbers that are free in the
//! tree, and its references the numbers that they stand for. Then its fragments become a *plan*, a list of changes which
//! is checked completely while the tree is only read. Last, the plan is *committed* under the tree's lock, where nothing
//! can fail any more (O12), as a layer: that is the same for overlays and for the changesets of programs.

mod dry_remove;
mod holders;
mod plan;
mod remove;
mod resolve;
mod source;
mod symbols;
mod target;

pub use dry_remove::RemoveReport;
pub use remove::RemoveMode;

use crate::changeset::{transact, Kind, Layer};
use crate::error::{invalid, not_found, Error, Result};
use crate::slab::{Node, NodePtr};
use crate::tree::{Inner, Tree};
use plan::Plan;

/// Whose rules an overlay is applied by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Linux's, with the defects mended that semantics O6 to O12 name.
    #[default]
    Default,
    /// Linux's exactly: result and return code.
    Linux,
    /// Those of libfdt's `fdt_overlay_apply`: fragments merge, and the last one wins.
    Libfdt,
}

/// How an overlay is to be applied.
#[derive(Clone, Copy, Default)]
pub struct ApplyOptions<'a> {
    /// Whose rules.
    pub mode: Mode,
    /// Where each `target-path` starts: the root unless something else is given (a card's own node, say).
    pub base: Option<&'a Node>,
    /// What messages call the overlay, usually its file name.
    pub name: Option<&'a str>,
}

/// What a dry run found (O13).
#[derive(Debug)]
pub struct Report {
    /// Everything that would stop the application, in the order in which it would be met.
    pub problems: Vec<Error>,
    /// The changes that an application would make: of what can be planned in spite of the problems.
    pub changes: Vec<PlannedChange>,
}

/// One change of a dry run.
#[derive(Debug, PartialEq, Eq)]
pub enum PlannedChange {
    /// A node that is added, with everything below it.
    Attach {
        /// Its path.
        path: String,
    },
    /// A property that is added to a node that is there.
    Add {
        /// The node's path.
        path: String,
        /// The property.
        name: String,
    },
    /// A property whose value is replaced.
    Update {
        /// The node's path.
        path: String,
        /// The property.
        name: String,
    },
}

impl std::fmt::Display for PlannedChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PlannedChange::Attach { path } => write!(f, "attach {path}"),
            PlannedChange::Add { path, name } => write!(f, "add {path}: {name}"),
            PlannedChange::Update { path, name } => write!(f, "update {path}: {name}"),
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.problems.iter().try_for_each(|problem| writeln!(f, "problem: {problem}"))?;
        self.changes.iter().try_for_each(|change| writeln!(f, "change: {change}"))
    }
}

impl Tree {
    /// Applies an overlay, completely or not at all, and returns its id, which is above 0 and unique in the process. The blob
    /// is copied. Costs what is in the overlay, not what is in the tree.
    ///
    /// # Errors
    /// [`Error::Invalid`] or another kind with a sentence that names overlay, fragment, label, node and property;
    /// [`Error::Listener`] if a listener refuses; [`Error::Busy`] if listeners or other threads thwart the plan again and again.
    /// The tree is then what it was. [`Error::Afterwards`] with the id, if the overlay is applied and a listener failed then.
    pub fn apply(&self, blob: &[u8], options: &ApplyOptions) -> Result<i32> {
        let base = base_node(self, options)?.map(Node::new);
        let options = &ApplyOptions { base: base.as_ref(), ..*options };
        transact::apply(self.core(), |core, inner| {
            let mut plan = Plan::new(core, inner, blob, options, false)?;
            plan.make()?;
            plan.finish()
        })
    }

    /// Finds out what an application would do, without doing it (O13).
    ///
    /// # Errors
    /// Only what keeps the check itself from being made, such as a base node of another tree or no memory; what would stop the
    /// application is in the report.
    pub fn check_overlay(&self, blob: &[u8], options: &ApplyOptions) -> Result<Report> {
        base_node(self, options)?;
        let _change = self.core().begin_change();
        let inner = self.read();
        let mut plan = match Plan::new(self.core(), &inner, blob, options, true) {
            Ok(plan) => plan,
            Err(error @ (Error::Malformed { .. } | Error::Invalid(_))) => {
                return Ok(Report { problems: vec![error], changes: Vec::new() })
            }
            Err(error) => return Err(error),
        };
        plan.make()?;
        Ok(plan.report())
    }

    /// The applied overlays' ids, in the order of their application.
    pub fn overlays(&self) -> Vec<i32> {
        self.read().overlays().map(|(id, _)| id).collect()
    }

    /// The overlay applied next after `id`; after 0 the first one.
    pub fn next_overlay(&self, id: i32) -> Option<i32> {
        let inner = self.read();
        let mut behind = inner.layers.range(id.saturating_add(1)..);
        behind.find(|(_, layer)| layer.kind == Kind::Overlay).map(|(&id, _)| id)
    }

    /// The name that an overlay was applied under.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an id that is not applied.
    pub fn overlay_name(&self, id: i32) -> Result<Option<String>> {
        let inner = self.read();
        match inner.layers.get(&id).filter(|layer| layer.kind == Kind::Overlay) {
            Some(overlay) => Ok(overlay.name.clone()),
            None => Err(not_found!("no overlay {id} is applied")),
        }
    }
}

impl Inner {
    /// The overlays that are applied, by id.
    fn overlays(&self) -> impl DoubleEndedIterator<Item = (i32, &Layer)> {
        let overlays = self.layers.iter().filter(|(_, layer)| layer.kind == Kind::Overlay);
        overlays.map(|(&id, layer)| (id, layer))
    }
}

/// The base node of the options, if it is usable.
fn base_node(tree: &Tree, options: &ApplyOptions) -> Result<Option<NodePtr>> {
    match options.base {
        Some(node) if !tree.owns(node) => {
            Err(invalid!("the base node {} belongs to another tree", node.name()))
        }
        base => Ok(base.map(Node::ptr)),
    }
}
