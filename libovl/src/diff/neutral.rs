// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which numbers in two trees are references, so that they can be compared by where they lead.

use super::{by_name, is_phandle_name, numbered, root};
use crate::error::Result;
use crate::refs;
use crate::slab::{NodePtr, PropPtr};
use crate::tree::{cells, Inner};
use hashbrown::{HashMap, HashSet};

/// A number in a property that is a reference: its offset, and the node that it leads to.
pub(super) type Spot = (usize, Option<NodePtr>);

/// What makes two trees comparable but for their phandles.
pub(super) struct Neutral<'t> {
    a: &'t Inner,
    b: &'t Inner,
    /// The node of `a` that is where one of `b` is.
    in_a: HashMap<NodePtr, NodePtr>,
    /// Those of `a` that have a counterpart.
    in_both: HashSet<NodePtr>,
    /// Cells of vendors' properties, by name and place: whether they are references.
    learnt: HashMap<(&'t str, usize), Learnt>,
}

/// What was seen of a cell of some name, wherever both trees have it.
#[derive(Default)]
struct Learnt {
    /// How often other numbers lead to the same path, and how often to other paths.
    same: usize,
    other: usize,
    /// Some number leads nowhere.
    nowhere: bool,
}

impl<'t> Neutral<'t> {
    /// In a vendor's property only so many cells are looked at.
    const FEW: usize = 32;

    pub(super) fn of(a: &'t Inner, b: &'t Inner) -> Result<Self> {
        let mut neutral =
            Neutral { a, b, in_a: HashMap::new(), in_both: HashSet::new(), learnt: HashMap::new() };
        neutral.match_nodes(root(a)?, root(b)?);
        let pairs: Vec<(NodePtr, NodePtr)> = neutral.in_a.iter().map(|(&b, &a)| (a, b)).collect();
        pairs.into_iter().for_each(|(a, b)| neutral.learn(a, b));
        neutral.learnt.retain(|_, learnt| learnt.same > learnt.other && !learnt.nowhere);
        Ok(neutral)
    }

    /// The node of `a` that is where this one of `b` is.
    pub(super) fn in_a(&self, b: NodePtr) -> Option<NodePtr> {
        self.in_a.get(&b).copied()
    }

    /// Whether `b` has a node where this one of `a` is.
    pub(super) fn has_in_b(&self, a: NodePtr) -> bool {
        self.in_both.contains(&a)
    }

    fn match_nodes(&mut self, a: NodePtr, b: NodePtr) {
        let (ta, tb) = (&self.a.token, &self.b.token);
        self.in_a.insert(b, a);
        self.in_both.insert(a);
        let of_b = numbered(b.children(tb), |node| node.name(tb));
        let in_b = by_name(&of_b);
        for (key, child) in numbered(a.children(ta), |node| node.name(ta)) {
            if let Some(&same) = in_b.get(&key) {
                self.match_nodes(child, same);
            }
        }
    }

    /// Looks at the properties that no binding tells about. Small numbers are phandles of something, most often; but hardly
    /// ever do two different ones stand for nodes of one path by chance.
    fn learn(&mut self, a: NodePtr, b: NodePtr) {
        let (ta, tb) = (&self.a.token, &self.b.token);
        for prop in a.props(ta) {
            let name = prop.name(ta);
            if !is_of_vendor(prop, name) {
                continue;
            }
            let Some(other) = self.b.prop(b, name.as_bytes()) else { continue };
            let (of_a, of_b) = (prop.data(ta), other.data(tb));
            if of_a.len() != of_b.len() || !of_a.len().is_multiple_of(4) {
                continue;
            }
            for (i, (a, b)) in cells(of_a).zip(cells(of_b)).enumerate().take(Self::FEW) {
                let (node_a, node_b) = (self.a.phandles.find(a), self.b.phandles.find(b));
                let is_same = node_b.and_then(|node| self.in_a(node)) == node_a;
                let learnt = self.learnt.entry((name, i)).or_default();
                match (node_a, node_b) {
                    (Some(_), Some(_)) if is_same => learnt.same += usize::from(a != b),
                    (Some(_), Some(_)) => learnt.other += 1,
                    _ => learnt.nowhere = true,
                }
            }
        }
    }

    fn spots(&self, inner: &Inner, node: NodePtr, prop: PropPtr) -> Vec<Spot> {
        let name = prop.name(&inner.token);
        if !is_of_vendor(prop, name) {
            let found = refs::of_prop(inner, node, prop).into_iter();
            return found.map(|found| (found.offset, found.target)).collect();
        }
        if self.learnt.is_empty() {
            return Vec::new();
        }
        let cells = cells(prop.data(&inner.token)).enumerate().take(Self::FEW);
        let known = cells.filter(|&(i, _)| self.learnt.contains_key(&(name, i)));
        known.map(|(i, number)| (i * 4, inner.phandles.find(number))).collect()
    }

    /// The references in a property of a node of `b`.
    pub(super) fn spots_of_b(&self, node: NodePtr, prop: PropPtr) -> Vec<Spot> {
        self.spots(self.b, node, prop)
    }

    /// Whether two values are the same, references by where they lead.
    pub(super) fn equal(&self, (node_a, a): (NodePtr, PropPtr), (node_b, b): (NodePtr, PropPtr)) -> bool {
        let (of_a, of_b) = (a.data(&self.a.token), b.data(&self.b.token));
        if of_a.len() != of_b.len() {
            return false;
        }
        let (spots_a, spots_b) = (self.spots(self.a, node_a, a), self.spots(self.b, node_b, b));
        let mut at = 0;
        for (&(offset, target), &(offset_b, target_b)) in spots_a.iter().zip(&spots_b) {
            let same = match (target, target_b) {
                (Some(target), Some(target_b)) => self.in_a(target_b) == Some(target),
                // References that lead nowhere are numbers.
                (None, None) => of_a[offset..offset + 4] == of_b[offset..offset + 4],
                _ => false,
            };
            if offset != offset_b || !same || of_a[at..offset] != of_b[at..offset] {
                return false;
            }
            at = offset + 4;
        }
        spots_a.len() == spots_b.len() && of_a[at..] == of_b[at..]
    }
}

fn is_of_vendor(prop: PropPtr, name: &str) -> bool {
    name.contains(',') && !refs::is_known(name) && !is_phandle_name(prop)
}
