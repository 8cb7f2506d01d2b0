// SPDX-License-Identifier: MIT OR Apache-2.0
//! Laying one overlay over the other: what both have in the same places.

use super::side::{Place, Side};
use super::{Conflict, ConflictKind};
use crate::slab::{NodePtr, PropPtr};
use crate::tree::Inner;
use crate::write::value_text;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// What an overlay does at a place and below.
#[derive(Default)]
struct Spot<'t> {
    /// It is the target of a fragment.
    is_target: bool,
    has_phandle: bool,
    props: BTreeMap<&'t str, (NodePtr, PropPtr)>,
    children: BTreeMap<String, Spot<'t>>,
}

/// What an overlay does, by what its places start from.
type Spots<'t> = BTreeMap<String, Spot<'t>>;

fn spots<'t>(side: &Side<'t>, other: &Side<'t>) -> Spots<'t> {
    let mut spots = Spots::new();
    for &(fragment, overlay) in &side.fragments {
        let place = side.target(fragment, other, 0);
        let start = spots.entry(place.start).or_default();
        let spot = place.path.into_iter().fold(start, |spot, name| spot.children.entry(name).or_default());
        spot.is_target = true;
        add(spot, overlay, side.inner);
    }
    spots
}

fn add<'t>(spot: &mut Spot<'t>, node: NodePtr, inner: &'t Inner) {
    let token = &inner.token;
    for prop in node.props(token) {
        match prop.name(token) {
            "name" => {}
            "phandle" | "linux,phandle" => spot.has_phandle = true,
            name => {
                spot.props.insert(name, (node, prop));
            }
        }
    }
    for child in node.children(token) {
        add(spot.children.entry(child.name(token).into()).or_default(), child, inner);
    }
}

/// Whether the base has a node.
#[derive(Clone, Copy)]
enum InBase<'t> {
    Unknown,
    Known(&'t Inner, Option<NodePtr>),
}

impl InBase<'_> {
    fn child(self, name: &str) -> Self {
        match self {
            InBase::Known(base, node) => {
                InBase::Known(base, node.and_then(|node| base.find_child(node, name.as_bytes())))
            }
            InBase::Unknown => InBase::Unknown,
        }
    }

    /// Whether an overlay that has something here makes the node.
    fn is_brought(self, spot: &Spot) -> bool {
        match self {
            InBase::Known(_, node) => node.is_none() && !spot.is_target,
            InBase::Unknown => {
                let own = ["compatible", "reg"].iter().any(|name| spot.props.contains_key(name));
                !spot.is_target && (own || spot.has_phandle)
            }
        }
    }
}

/// Everything that both have something to say about.
pub(super) fn meet<'t>(a: &Side<'t>, b: &Side<'t>) -> Vec<Conflict> {
    let (of_a, of_b) = (spots(a, b), spots(b, a));
    let mut meeting = Meeting { a, b, found: Vec::new() };
    for (start, spot) in &of_a {
        let Some(other) = of_b.get(start) else { continue };
        let place = Place { start: start.clone(), path: Vec::new() };
        let in_base = match a.base {
            Some(base) if start.is_empty() => InBase::Known(base, base.root()),
            _ => InBase::Unknown,
        };
        meeting.spots(&mut place.clone(), (spot, other), in_base, (false, false));
    }
    meeting.labels();
    meeting.found
}

struct Meeting<'m, 't> {
    a: &'m Side<'t>,
    b: &'m Side<'t>,
    found: Vec<Conflict>,
}

impl<'t> Meeting<'_, 't> {
    fn tell(&mut self, kind: ConflictKind, place: &Place, sentence: String) {
        self.found.push(Conflict { kind, place: place.to_string(), sentence });
    }

    /// Two spots at the same place; `inside` says whose new nodes it is in.
    fn spots(
        &mut self,
        place: &mut Place,
        (a, b): (&Spot<'t>, &Spot<'t>),
        in_base: InBase,
        inside: (bool, bool),
    ) {
        let by_a = inside.0 || in_base.is_brought(a);
        let by_b = inside.1 || in_base.is_brought(b);
        for (spot, brought, who, whose) in [(a, by_b, "first", "second"), (b, by_a, "second", "first")] {
            if spot.is_target && brought {
                let sentence = format!("the {who} goes into {place}, which the {whose} brings");
                self.tell(ConflictKind::Needs, place, sentence);
            }
        }
        let both_target = a.is_target || b.is_target;
        if by_a && by_b && !both_target && inside != (true, true) {
            self.tell(ConflictKind::Node, place, format!("both bring {place}"));
        }
        // With a base it is found out whether that is refused.
        if a.has_phandle && b.has_phandle && !both_target && self.a.base.is_none() {
            self.tell(ConflictKind::Phandle, place, format!("both give {place} a phandle"));
        }
        for (name, &of_a) in &a.props {
            let Some(&of_b) = b.props.get(name) else { continue };
            if let Some(values) = self.differ(of_a, of_b) {
                let sentence = format!("both set \"{name}\" of {place}, {values}");
                self.tell(ConflictKind::Property, place, sentence);
            }
        }
        self.addresses(place, (a, b), in_base);
        for (name, child) in &a.children {
            let Some(other) = b.children.get(name) else { continue };
            place.path.push(name.clone());
            self.spots(place, (child, other), in_base.child(name), (by_a, by_b));
            place.path.pop();
        }
    }

    /// How two values are different, if they are.
    fn differ(&self, (node_a, a): (NodePtr, PropPtr), (node_b, b): (NodePtr, PropPtr)) -> Option<String> {
        let (of_a, of_b) = (a.data(&self.a.inner.token), b.data(&self.b.inner.token));
        let (references, others) = (self.a.references(node_a, a), self.b.references(node_b, b));
        let offsets = |list: &[(usize, _)]| list.iter().map(|&(offset, _)| offset).collect::<Vec<_>>();
        let mut differs = of_a.len() != of_b.len() || offsets(&references) != offsets(&others);
        if !differs {
            let mut plain = (of_a.to_vec(), of_b.to_vec());
            for &(offset, _) in &references {
                plain.0[offset..offset + 4].fill(0);
                plain.1[offset..offset + 4].fill(0);
            }
            differs = plain.0 != plain.1;
        }
        if differs && of_a != of_b {
            let shown = |value: &[u8]| match value {
                [] => "no value".to_string(),
                value => value_text(value),
            };
            return Some(format!("to {} and to {}", shown(of_a), shown(of_b)));
        }
        let places = |((_, a), (_, b)): (&(usize, _), &(usize, _))| {
            (self.a.place_of(*a, self.b, 0), self.b.place_of(*b, self.a, 0))
        };
        let (one, other) = references.iter().zip(&others).map(places).find(|(one, other)| one != other)?;
        Some(format!("to refer to {one} and to {other}"))
    }

    /// Different devices at one address of a bus.
    fn addresses(&mut self, place: &Place, (a, b): (&Spot<'t>, &Spot<'t>), in_base: InBase) {
        let new = |spot: &Spot<'t>| {
            let new = spot.children.iter().filter(|(name, child)| in_base.child(name).is_brought(child));
            new.filter_map(|(name, _)| Some((name.split_once('@')?.1.to_string(), name.clone())))
                .collect::<Vec<_>>()
        };
        let of_a: HashMap<String, String> = new(a).into_iter().collect();
        for (address, name) in new(b) {
            if let Some(other) = of_a.get(&address).filter(|&other| *other != name) {
                let sentence =
                    format!("{other} of the first and {name} of the second are at one address of {place}");
                self.tell(ConflictKind::Address, place, sentence);
            }
        }
    }

    fn labels(&mut self) {
        let (a, b) = (self.a, self.b);
        // With a base it is found out whether that is refused.
        let mut both: Vec<&str> =
            a.labels.keys().copied().filter(|label| b.labels.contains_key(label)).collect();
        both.sort_unstable();
        for label in both.into_iter().filter(|_| a.base.is_none()) {
            let place = Place { start: format!("&{label}"), path: Vec::new() };
            self.tell(ConflictKind::Label, &place, format!("both bring the label \"{label}\""));
        }
        for (side, other, who, whose) in [(a, b, "first", "second"), (b, a, "second", "first")] {
            let of_base = |label: &str| side.base.is_some_and(|base| base.symbol(label).is_some());
            for &label in
                side.uses.iter().filter(|label| other.labels.contains_key(*label) && !of_base(label))
            {
                let place = Place { start: format!("&{label}"), path: Vec::new() };
                let sentence = format!("the {who} refers to label \"{label}\", which the {whose} brings");
                self.tell(ConflictKind::Needs, &place, sentence);
            }
        }
    }
}
