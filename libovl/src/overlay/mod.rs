// SPDX-License-Identifier: MIT OR Apache-2.0
//! Overlays: applied as a whole or not at all, removed exactly, in any order that leaves nothing dangling.
//!
//! An application has three steps. The overlay's own blob is *resolved*: its phandles get numbers that are free in the
//! tree, and its references the numbers that they stand for. Then its fragments become a *plan*, a list of changes which
//! is checked completely while the tree is only read. Last, the plan is *committed* under the tree's lock, where nothing
//! can fail any more (O12).

mod commit;
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

use crate::error::{invalid, not_found, Error, Result};
use crate::slab::{Keep, Node, NodePtr, PropPtr};
use crate::tree::Tree;
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

/// An overlay that is in the tree: what it changed, and what has to stay for it.
pub(crate) struct Overlay {
    pub(crate) name: Option<String>,
    pub(crate) keeps: Vec<Keep>,
    pub(crate) changes: Vec<Applied>,
    /// Phandles outside of the overlay that it refers to.
    pub(crate) references: Vec<u32>,
    /// Nodes of earlier overlays that it found where it has some itself, with the overlays that brought them.
    pub(crate) stands_on: Vec<(i32, NodePtr)>,
    pub(crate) max_phandle: u32,
}

/// A change as it was made.
#[derive(Clone, Copy)]
pub(crate) enum Applied {
    Attached(NodePtr),
    Pushed(NodePtr, PropPtr),
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

/// What messages call an overlay that is in the tree.
pub(crate) fn title(id: i32, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("overlay {id} ({name})"),
        None => format!("overlay {id}"),
    }
}

impl Tree {
    /// Applies an overlay, completely or not at all, and returns its id, which is above 0 and unique in the process. The blob
    /// is copied. Costs what is in the overlay, not what is in the tree.
    ///
    /// # Errors
    /// [`Error::Invalid`] or another kind with a sentence that names overlay, fragment, label, node and property; the tree is
    /// then what it was.
    pub fn apply(&self, blob: &[u8], options: &ApplyOptions) -> Result<i32> {
        let _change = self.core().begin_change();
        let prepared = {
            let inner = self.read();
            let mut plan = Plan::new(self, &inner, blob, options, false)?;
            plan.make()?;
            plan.finish()?
        };
        commit::commit(self.core(), prepared, options.name)
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
        let mut plan = match Plan::new(self, &inner, blob, options, true) {
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
        self.read().overlays.keys().copied().collect()
    }

    /// The overlay applied next after `id`; after 0 the first one.
    pub fn next_overlay(&self, id: i32) -> Option<i32> {
        self.read().overlays.range(id.saturating_add(1)..).next().map(|(&id, _)| id)
    }

    /// The name that an overlay was applied under.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an id that is not applied.
    pub fn overlay_name(&self, id: i32) -> Result<Option<String>> {
        let inner = self.read();
        match inner.overlays.get(&id) {
            Some(overlay) => Ok(overlay.name.clone()),
            None => Err(not_found!("no overlay {id} is applied")),
        }
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
