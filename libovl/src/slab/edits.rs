// SPDX-License-Identifier: MIT OR Apache-2.0
//! What became of a node since it came: its properties as a stack each (O16), and the places of children that were taken out
//! and may come back (O19).

use super::{NodePtr, PropEntry, PropPtr, PropRef, Slab, Token};
use hashbrown::hash_map::Entry;
use hashbrown::HashMap;

/// What only few nodes need.
#[derive(Default)]
pub(super) struct Edits {
    /// Those of the node's own properties that have another value in force, by their place in its range.
    over: HashMap<u32, Slot>,
    /// The place of each property in `over`.
    places: HashMap<PropPtr, u32>,
    /// Properties behind the node's own, in the order in which the first value of each was put.
    added: Vec<Slot>,
    /// How many properties have an absence in force.
    hidden: usize,
    /// How many values were put on the node, for telling what came first.
    puts: u64,
    /// The path that the node had when it was detached under somebody's hands, or will have.
    pub(super) path: Option<Box<str>>,
    /// Empty, or all children in order, those included that a changeset has detached and may put back: each with its id, 0
    /// for those that are there.
    order: Vec<(NodePtr, i32)>,
    /// The changeset that has detached the node and may put it back.
    pub(super) taken_by: i32,
}

/// A value that was put on a property, or its absence.
#[derive(Clone, Copy)]
struct Put {
    when: u64,
    prop: PropPtr,
    /// It stands for the absence of the property.
    hides: bool,
}

/// The value in force of one property, and those that it covers, oldest first (O16).
struct Slot {
    top: Put,
    below: Vec<Put>,
}

impl Slot {
    fn new(top: Put) -> Slot {
        Slot { top, below: Vec::new() }
    }

    fn in_force(&self) -> Option<PropPtr> {
        (!self.top.hides).then_some(self.top.prop)
    }

    /// When the oldest value that is still here was put.
    fn since(&self) -> u64 {
        self.below.first().unwrap_or(&self.top).when
    }

    fn lowest(&mut self) -> &mut Put {
        self.below.first_mut().unwrap_or(&mut self.top)
    }

    fn push(&mut self, put: Put) {
        self.below.push(std::mem::replace(&mut self.top, put));
    }

    /// Takes a value out. False if it is not here; none if it was the only one, and still is the top.
    fn take(&mut self, prop: PropPtr) -> Option<bool> {
        if self.top.prop == prop {
            self.top = self.below.pop()?;
            return Some(true);
        }
        let place = self.below.iter().position(|below| below.prop == prop);
        place.map(|place| self.below.remove(place));
        Some(place.is_some())
    }

    fn all(&self) -> impl Iterator<Item = &Put> {
        self.below.iter().chain([&self.top])
    }

    fn has(&self, prop: PropPtr) -> bool {
        self.all().any(|put| put.prop == prop)
    }
}

impl Edits {
    /// All properties that the node holds beside its own.
    pub(super) fn into_props(self) -> impl Iterator<Item = PropPtr> {
        let slots = self.over.into_values().chain(self.added);
        slots.flat_map(|slot| slot.below.into_iter().chain([slot.top]).map(|put| put.prop))
    }

    fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.over.values().chain(&self.added)
    }

    fn slot_of(&self, prop: PropPtr) -> Option<&Slot> {
        match self.places.get(&prop) {
            Some(place) => self.over.get(place),
            None => self.added.iter().rfind(|slot| slot.has(prop)),
        }
    }

    fn is_idle(&self) -> bool {
        let listed = self.over.is_empty() && self.added.is_empty();
        listed && self.path.is_none() && self.order.is_empty() && self.taken_by == 0
    }
}

/// What taking a property out of a list has left.
pub(crate) struct Dropped {
    /// The list's reference.
    pub(crate) prop: PropRef,
    /// What is in force now.
    pub(crate) now: Option<PropPtr>,
}

impl NodePtr {
    pub(super) fn edits(self, token: &mut Token) -> &mut Edits {
        self.entry().edits.get_mut(token).get_or_insert_default()
    }

    fn edited(self, token: &Token) -> Option<&Edits> {
        self.entry().edits.get(token).as_deref()
    }

    fn forget_idle_edits(self, token: &mut Token) {
        if self.edited(token).is_some_and(Edits::is_idle) {
            self.entry().edits.set(token, None);
        }
    }

    /// The path that was kept for a node that is not in the tree.
    pub(super) fn kept_path(self, token: &Token) -> Option<&str> {
        self.edited(token)?.path.as_deref()
    }

    /// Keeps the path that a node will have once it is attached, or none.
    pub(crate) fn keep_path(self, token: &mut Token, path: Option<String>) {
        if path.is_some() || self.edited(token).is_some() {
            self.edits(token).path = path.map(String::into_boxed_str);
            self.forget_idle_edits(token);
        }
    }

    /// The properties that the node came with.
    pub(super) fn own_range(&self) -> impl Iterator<Item = PropPtr> + use<'_> {
        let (first, count) = (self.entry().first_prop as usize, self.entry().prop_count as usize);
        let slab = self.slab();
        (first..first + count).map(move |i| Slab::prop_at(slab, i))
    }

    /// The properties that the node came with, whatever became of them.
    pub(crate) fn own_props(self, _: &Token) -> impl Iterator<Item = PropPtr> + use<'_> {
        let (first, count) = (self.entry().first_prop as usize, self.entry().prop_count as usize);
        let slab = self.slab();
        (first..first + count).map(move |i| Slab::prop_at(slab, i))
    }

    /// Whether the properties are those that the node came with, so that they are one piece of its blob.
    pub(crate) fn has_own_props(self, token: &Token) -> bool {
        self.edited(token).is_none_or(|edits| edits.over.is_empty() && edits.added.is_empty())
    }

    fn own_count(self) -> usize {
        self.entry().prop_count as usize
    }

    fn own_at(self, place: usize) -> PropPtr {
        Slab::prop_at(self.slab(), self.entry().first_prop as usize + place)
    }

    /// The place of a property that the node came with in its range.
    fn own_place(self, prop: PropPtr) -> Option<usize> {
        if prop.slab() != self.slab() || self.own_count() == 0 {
            return None;
        }
        let first = self.own_at(0).address();
        let place = prop.address().checked_sub(first)? / size_of::<PropEntry>();
        (place < self.own_count()).then_some(place)
    }

    /// How many properties are in force.
    pub(crate) fn prop_count(self, token: &Token) -> usize {
        self.places(token) - self.edited(token).map_or(0, |edits| edits.hidden)
    }

    fn places(self, token: &Token) -> usize {
        self.own_count() + self.edited(token).map_or(0, |edits| edits.added.len())
    }

    /// The property in force at this place of the list; none where it is hidden.
    #[inline]
    fn prop_at(self, token: &Token, place: usize) -> Option<PropPtr> {
        let edits = self.edited(token);
        if place >= self.own_count() {
            return edits?.added.get(place - self.own_count())?.in_force();
        }
        match edits.and_then(|edits| edits.over.get(&(place as u32))) {
            Some(slot) => slot.in_force(),
            None => Some(self.own_at(place)),
        }
    }

    /// The properties in force, in order.
    pub(crate) fn props(self, token: &Token) -> impl Iterator<Item = PropPtr> + use<'_> {
        (0..self.places(token)).filter_map(move |place| self.prop_at(token, place))
    }

    /// The property of this name that is in force.
    pub(crate) fn prop(self, token: &Token, name: &[u8]) -> Option<PropPtr> {
        self.props(token).find(|prop| prop.is_named(name))
    }

    /// Every property that the node holds, those below one in force included.
    pub(crate) fn all_props(self, token: &Token) -> impl Iterator<Item = PropPtr> + use<'_> {
        let edited = self.edited(token).into_iter().flat_map(Edits::slots);
        self.own_props(token).chain(edited.flat_map(Slot::all).map(|put| put.prop))
    }

    /// The property behind `prev` in the list, for iteration in steps. If `prev` has been replaced meanwhile, its successor
    /// in force counts as `prev`; if it was taken out or hidden, so does its place, as long as it has one.
    pub(crate) fn prop_behind(self, token: &Token, prev: PropPtr) -> Option<PropPtr> {
        let edits = self.edited(token);
        let at = |place: usize| match place.checked_sub(self.own_count()) {
            Some(place) => edits.map(|edits| edits.added[place].top.prop),
            None => Some(self.own_at(place)),
        };
        let place = self.own_place(prev).or_else(|| {
            let covers = edits.and_then(|edits| edits.places.get(&prev));
            if let Some(&place) = covers {
                return Some(place as usize);
            }
            let name = prev.name(token).as_bytes();
            // Itself first: others may have its name.
            let itself = (0..self.places(token)).position(|place| at(place) == Some(prev));
            let named = |place: usize| at(place).is_some_and(|prop| prop.is_named(name));
            itself.or_else(|| (0..self.places(token)).position(named))
        })?;
        (place + 1..self.places(token)).find_map(|place| self.prop_at(token, place))
    }

    /// Puts a property in force: over `before`, the one of the same name that is, or over its absence, or else behind the last.
    /// With `hides` it stands for the absence of that name. The list takes over one reference.
    pub(crate) fn push_prop(self, token: &mut Token, prop: PropPtr, before: Option<PropPtr>, hides: bool) {
        let own = before.and_then(|before| self.own_place(before));
        let edits = self.edits(token);
        edits.puts += 1;
        let put = Put { when: edits.puts, prop, hides };
        let before = before.or_else(|| {
            let mut hidden = edits.over.values().chain(&edits.added).filter(|slot| slot.top.hides);
            let named = |slot: &&Slot| slot.top.prop.same_name(prop);
            if edits.hidden > 0 {
                hidden.find(named).map(|slot| slot.top.prop)
            } else {
                None
            }
        });
        let covered = before.and_then(|before| edits.places.get(&before).copied());
        if let Some(place) = own.map(|place| place as u32).or(covered) {
            edits.places.insert(prop, place);
            match edits.over.entry(place) {
                Entry::Occupied(mut slot) => {
                    edits.hidden = edits.hidden + usize::from(hides) - usize::from(slot.get().top.hides);
                    slot.get_mut().push(put);
                }
                Entry::Vacant(place) => {
                    edits.hidden += usize::from(hides);
                    place.insert(Slot::new(put));
                }
            }
            return;
        }
        match before.and_then(|before| edits.added.iter_mut().rfind(|slot| slot.top.prop == before)) {
            Some(slot) => {
                edits.hidden = edits.hidden + usize::from(hides) - usize::from(slot.top.hides);
                slot.push(put);
            }
            None => {
                edits.hidden += usize::from(hides);
                edits.added.push(Slot::new(put));
            }
        }
    }

    /// Takes a property out, wherever it is: the one in force gives way to the one below it (O16).
    pub(crate) fn drop_prop(self, token: &mut Token, prop: PropPtr) -> Option<Dropped> {
        let edits = self.edits(token);
        let now;
        if let Some(place) = edits.places.remove(&prop) {
            let slot = edits.over.get_mut(&place)?;
            edits.hidden -= usize::from(slot.top.hides);
            if slot.take(prop).is_none() {
                edits.over.remove(&place);
            }
            let slot = edits.over.get(&place);
            edits.hidden += usize::from(slot.is_some_and(|slot| slot.top.hides));
            now = slot.map_or_else(|| Some(self.own_at(place as usize)), Slot::in_force);
        } else {
            // What came last goes first, most often.
            let index = edits.added.iter().rposition(|slot| slot.has(prop))?;
            let mut slot = edits.added.remove(index);
            edits.hidden -= usize::from(slot.top.hides);
            if slot.take(prop).is_none() {
                now = None;
            } else {
                edits.hidden += usize::from(slot.top.hides);
                now = slot.in_force();
                // It is where the oldest value left would have put it (O14).
                let place = edits.added.partition_point(|other| other.since() < slot.since());
                edits.added.insert(place, slot);
            }
        }
        self.forget_idle_edits(token);
        Some(Dropped { prop: PropRef::owned(prop), now })
    }

    /// Whether the list has this property, in force or covered.
    pub(crate) fn has_prop(self, token: &Token, prop: PropPtr) -> bool {
        self.edited(token).is_some_and(|edits| edits.slot_of(prop).is_some())
    }

    /// What lies directly below a property of the list; none below the lowest, and where that is an absence.
    pub(crate) fn below(self, token: &Token, prop: PropPtr) -> Option<PropPtr> {
        let edits = self.edited(token)?;
        let mut below = None;
        for put in edits.slot_of(prop)?.all() {
            if put.prop == prop {
                break;
            }
            below = Some(put);
        }
        match below {
            Some(put) => (!put.hides).then_some(put.prop),
            None => edits.places.get(&prop).map(|&place| self.own_at(place as usize)),
        }
    }

    /// Whether a value that something else has put lies over a property of the list, so that it is not in force.
    pub(crate) fn is_covered(self, token: &Token, prop: PropPtr) -> bool {
        let slot = self.edited(token).and_then(|edits| edits.slot_of(prop));
        slot.is_some_and(|slot| {
            let above = slot.all().skip_while(|put| put.prop != prop);
            above.skip(1).any(|put| put.prop.origin() != prop.origin())
        })
    }

    /// Makes a property of the list stay for good, with nothing that could come back from below it but what `lives` says. The
    /// references to what it has replaced are handed out.
    pub(crate) fn settle_prop(
        self,
        token: &mut Token,
        prop: PropPtr,
        lives: impl Fn(PropPtr) -> bool,
        replaced: &mut Vec<PropRef>,
    ) {
        let edits = self.edits(token);
        let over = edits.places.get(&prop).copied();
        let index = edits.added.iter().rposition(|slot| slot.has(prop));
        let slot = match (over, index) {
            (Some(place), _) => edits.over.get_mut(&place),
            (None, Some(index)) => edits.added.get_mut(index),
            (None, None) => None,
        };
        let Some(slot) = slot else { return self.forget_idle_edits(token) };
        let since = slot.since();
        let end = slot.below.iter().position(|put| put.prop == prop).unwrap_or(slot.below.len());
        let mut place = 0;
        for _ in 0..end {
            if lives(slot.below[place].prop) {
                place += 1;
            } else {
                let gone = slot.below.remove(place).prop;
                edits.places.remove(&gone);
                replaced.push(PropRef::owned(gone));
            }
        }
        let is_lowest_of = |slot: &Slot| slot.all().next().is_some_and(|put| put.prop == prop && put.hides);
        match (index, slot.below.is_empty()) {
            // An absence of what would not be there without it either.
            (Some(index), true) if is_lowest_of(slot) => {
                edits.added.remove(index);
                edits.hidden -= 1;
                replaced.push(PropRef::owned(prop));
            }
            (Some(_), false) if is_lowest_of(slot) => {
                slot.below.remove(0);
                replaced.push(PropRef::owned(prop));
                slot.lowest().when = since;
            }
            // It has the place of what it replaces.
            _ => slot.lowest().when = since,
        }
        self.forget_idle_edits(token);
    }

    /// Leaves the place of this child open for when the changeset `id` puts it back.
    pub(crate) fn leave_place(self, token: &mut Token, id: i32) {
        let Some(parent) = self.parent(token) else { return };
        if parent.edited(token).is_none_or(|edits| edits.order.is_empty()) {
            let order = parent.children(token).map(|child| (child, 0)).collect();
            parent.edits(token).order = order;
        }
        let order = &mut parent.edits(token).order;
        if let Some(place) = order.iter_mut().find(|place| **place == (self, 0)) {
            place.1 = id;
        }
        self.edits(token).taken_by = id;
    }

    /// Closes the place that the changeset `id` left open, for the child to return to or for good, and says in front of which
    /// child it is.
    pub(crate) fn close_place(
        self,
        parent: NodePtr,
        token: &mut Token,
        id: i32,
        returns: bool,
    ) -> Option<NodePtr> {
        if self.edited(token).is_some() {
            self.edits(token).taken_by = 0;
            self.forget_idle_edits(token);
        }
        parent.edited(token)?;
        let order = &mut parent.edits(token).order;
        let place = order.iter().position(|&place| place == (self, id))?;
        let next = order[place..].iter().find(|&&(_, gone)| gone == 0).map(|&(child, _)| child);
        match returns {
            true => order[place].1 = 0,
            false => drop(order.remove(place)),
        }
        if order.iter().all(|&(_, gone)| gone == 0) {
            order.clear();
        }
        parent.forget_idle_edits(token);
        next
    }

    /// A child has come, behind all others or where it was, or has gone for good.
    pub(super) fn note_child(self, child: NodePtr, is_there: bool, token: &mut Token) {
        if self.edited(token).is_none_or(|edits| edits.order.is_empty()) {
            return;
        }
        let order = &mut self.edits(token).order;
        match is_there {
            true if order.contains(&(child, 0)) => {}
            true => order.push((child, 0)),
            false => order.retain(|&place| place != (child, 0)),
        }
    }

    /// The changesets that have detached children of this node and may put them back.
    pub(crate) fn open_places(self, token: &Token) -> impl Iterator<Item = i32> + use<'_> {
        let order = self.edited(token).map_or(&[][..], |edits| &edits.order);
        order.iter().map(|&(_, id)| id).filter(|&id| id != 0)
    }

    /// The changeset that has detached this node, and may put it back; 0 if there is none.
    pub(crate) fn taken_by(self, token: &Token) -> i32 {
        self.edited(token).map_or(0, |edits| edits.taken_by)
    }
}
