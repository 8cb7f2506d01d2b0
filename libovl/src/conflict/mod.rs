// SPDX-License-Identifier: MIT OR Apache-2.0
//! Conflicts: what two overlays would fight over, before either is applied.
//!
//! Without a base, places are known as the overlays name them, by label or by path. With a base they are paths in it, and both
//! orders of applying the two are tried as well.

mod meet;
mod side;

use crate::error::{invalid, Result};
use crate::overlay::ApplyOptions;
use crate::tree::Tree;
use crate::DiffOptions;
use side::Side;

/// What kind of conflict it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConflictKind {
    /// Both set a property of one node, to different values.
    Property,
    /// Both bring the same node.
    Node,
    /// Both bring the same label.
    Label,
    /// Both give the same node a phandle.
    Phandle,
    /// They bring different nodes at the same address of one bus.
    Address,
    /// One goes into what the other brings, or refers to it: it has to come later, and go earlier.
    Needs,
    /// One cannot be applied after the other. Only known with a base.
    Refused,
    /// What comes of them depends on their order. Only known with a base.
    Order,
}

/// Something that two overlays would fight over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What kind of thing it is.
    pub kind: ConflictKind,
    /// Where it is: a path, or a label with a path behind it ("&i2c1/sensor@48").
    pub place: String,
    /// A sentence about it, in which the overlays are "the first" and "the second".
    pub sentence: String,
}

impl ConflictKind {
    /// The word that reports begin their lines with.
    pub fn as_str(self) -> &'static str {
        match self {
            ConflictKind::Property => "property",
            ConflictKind::Node => "node",
            ConflictKind::Label => "label",
            ConflictKind::Phandle => "phandle",
            ConflictKind::Address => "address",
            ConflictKind::Needs => "needs",
            ConflictKind::Refused => "refused",
            ConflictKind::Order => "order",
        }
    }
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.sentence)
    }
}

/// Finds what two overlays would fight over. Nothing is applied to `base`.
///
/// Without a base, a node counts as brought by an overlay if it sets `compatible`, `reg` or a phandle in it; and nodes are the
/// same if both overlays name them in the same way. Costs what is in the overlays; with a base, some copies of that.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) for a blob that is malformed or not an overlay. That one of them cannot be applied to
/// the base at all is no conflict, and not told here.
pub fn conflicts(a: &[u8], b: &[u8], base: Option<&Tree>) -> Result<Vec<Conflict>> {
    let read = |blob: &[u8], which: &str| {
        Tree::from_fdt(blob).map_err(|error| match error {
            crate::Error::Malformed { .. } => invalid!("the {which} overlay: {error}"),
            error => error,
        })
    };
    let (tree_a, tree_b) = (read(a, "first")?, read(b, "second")?);
    let mut found = {
        let (of_a, of_b, of_base) = (tree_a.read(), tree_b.read(), base.map(Tree::read));
        let base = of_base.as_deref();
        let (a, b) = (Side::new(&of_a, base, "first")?, Side::new(&of_b, base, "second")?);
        meet::meet(&a, &b)
    };
    if let Some(base) = base {
        try_both_orders(a, b, base, &mut found)?;
    }
    Ok(found)
}

/// Applies each of them after the other, to copies of the base.
fn try_both_orders(a: &[u8], b: &[u8], base: &Tree, found: &mut Vec<Conflict>) -> Result<()> {
    let copy = base.to_fdt()?;
    let mut results = Vec::new();
    for (first, then, names) in [(a, b, ["first", "second"]), (b, a, ["second", "first"])] {
        let tree = Tree::from_fdt(&copy)?;
        let options = |which| ApplyOptions { name: Some(which), ..ApplyOptions::default() };
        let alone = tree.check_overlay(then, &options(names[1]))?.problems.is_empty();
        if tree.apply(first, &options(names[0])).is_err() {
            continue;
        }
        let problems = tree.check_overlay(then, &options(names[1]))?.problems;
        if alone {
            found.extend(problems.iter().map(|problem| Conflict {
                kind: ConflictKind::Refused,
                place: String::new(),
                sentence: format!("the {} cannot be applied after the {}: {problem}", names[1], names[0]),
            }));
        }
        if problems.is_empty() {
            tree.apply(then, &options(names[1]))?;
            results.push(tree);
        }
    }
    // Properties that both set are told already, by name.
    if let ([one, other], true) = (&results[..], found.is_empty()) {
        let neutral = DiffOptions { any_order: true, any_phandles: true };
        found.extend(Tree::differences(one, other, neutral)?.into_iter().map(|difference| Conflict {
            kind: ConflictKind::Order,
            place: difference.path().into(),
            sentence: format!("the result depends on the order of the two: {difference}"),
        }));
    }
    Ok(())
}
