// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where each device of a bus is between its probe and its removal, and what comes next.
//!
//! All this happens under the lock of the bus, and none of it calls a driver: [`State::next`] hands out one callback at a time, which
//! is run without the lock, and what it said comes back through [`State::ended`]. So callbacks can run on several threads and call the
//! bus, and nobody ever waits for one.

use super::suppliers::{self, Leads};
use super::{Device, Driver, Probed};
use crate::slab::{Node, NodePtr};
use crate::tree::{strings, Inner};
use hashbrown::{HashMap, HashSet};
use kref::{track, Ref};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ffi::CString;
use std::sync::Arc;

/// The tag under which a device holds the one above.
const CHILD: &str = "device below";

/// A driver and the compatible string that it was added for.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) compatible: Arc<CString>,
    pub(super) ops: Arc<dyn Driver>,
}

/// How far a device has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Next to be looked at.
    Ready,
    /// Waits for the devices in [`Slot::blockers`].
    Blocked,
    /// Its probe runs; as many devices had been bound when it began.
    Probing(u64),
    /// Its driver has it; it is the n-th that was bound.
    Bound(u64),
    /// Its probe found something missing; as many devices had been bound when it began.
    Deferred(u64),
    /// Its probe returned this errno.
    Failed(i32),
    /// Nobody drives it.
    NoDriver,
    /// Its remove runs.
    Removing,
}

/// A device is on its way out.
#[derive(Clone, Copy)]
struct Leave {
    /// Which call made it so.
    batch: u64,
    /// It only gives up its driver, since something that it needs leaves, and is tried again.
    again: bool,
}

/// A node's place on the bus.
pub(super) struct Slot {
    pub(super) device: Ref<Device>,
    pub(super) at: At,
    pub(super) driver: Option<Known>,
    leave: Option<Leave>,
    /// What this one needs, while it is bound or probed.
    links: Vec<u64>,
    /// Those that have this one in their links.
    dependants: HashSet<u64>,
    pub(super) blockers: Vec<u64>,
    /// Those that have this one in their blockers.
    waiters: HashSet<u64>,
    /// What this one has been found to need, the device above it first if there is one; and when.
    needs: Vec<u64>,
    looked: Option<Moment>,
    /// What this one does not wait for, though it needs it, because that waits for this one.
    ignored: Vec<u64>,
}

/// What a device needs stays the same as long as neither the tree changes nor which nodes have devices.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Moment {
    tree: u64,
    devices: u64,
}

/// The devices of a bus.
#[derive(Default)]
pub(super) struct Slots {
    all: HashMap<u64, Slot>,
    /// Their numbers, in the order in which their nodes were found.
    order: BTreeSet<u64>,
    by_node: HashMap<NodePtr, u64>,
    /// How often a node has got a device, or lost it.
    changes: u64,
}

impl Slots {
    /// The device of a node.
    pub(super) fn at(&self, node: NodePtr) -> Option<u64> {
        self.by_node.get(&node).copied()
    }

    /// A device's place, unless it has gone.
    pub(super) fn get(&self, seq: u64) -> Option<&Slot> {
        self.all.get(&seq)
    }

    /// All of them, in their order, behind one.
    pub(super) fn after(&self, seq: u64) -> impl Iterator<Item = (u64, &Slot)> {
        self.order.range(seq + 1..).map(|&seq| (seq, &self.all[&seq]))
    }

    fn slot(&mut self, seq: u64) -> &mut Slot {
        self.all.get_mut(&seq).expect("it is on the bus")
    }

    fn insert(&mut self, seq: u64, device: Ref<Device>) {
        self.changes += 1;
        self.by_node.insert(device.node().ptr(), seq);
        self.order.insert(seq);
        self.all.insert(seq, Slot::new(device));
    }

    fn remove(&mut self, seq: u64) -> Slot {
        self.changes += 1;
        let slot = self.all.remove(&seq).expect("it is on the bus");
        self.by_node.remove(&slot.device.node().ptr());
        self.order.remove(&seq);
        slot
    }
}

/// What a bus knows.
#[derive(Default)]
pub(super) struct State {
    pub(super) slots: Slots,
    pub(super) drivers: HashMap<Vec<u8>, Known>,
    /// Nodes below which devices are made, or (false) not made, unless a mark further down says something else.
    pub(super) marks: HashMap<NodePtr, (Node, bool)>,
    /// Changes of the tree that are about to take devices away. No device is probed while there are any.
    pub(super) holds: HashSet<i32>,
    pub(super) ended: bool,
    ready: BTreeSet<u64>,
    /// Those of the ready ones that another one has been found to need, the next one last.
    needed: Vec<u64>,
    blocked: BTreeSet<u64>,
    deferred: BTreeSet<u64>,
    /// Those whose remove can be called now: of one call the last bound first.
    leaving: BTreeSet<(u64, Reverse<u64>, u64)>,
    last_seq: u64,
    last_batch: u64,
    bound: u64,
    /// Callbacks that run now.
    running: usize,
    /// Threads that look for callbacks to run.
    pub(super) active: usize,
}

/// A callback that is to be called.
pub(super) enum Work {
    Probe(u64, Ref<Device>, Known),
    Remove(u64, Ref<Device>, Known),
}

/// A callback that has returned.
pub(super) enum Ended {
    Probe(u64, Result<Probed, i32>),
    Remove(u64),
}

/// What has to be dropped where no lock is held, since that may call the program.
#[derive(Default)]
pub(super) struct Dropped {
    pub(super) devices: Vec<Ref<Device>>,
    pub(super) nodes: Vec<Node>,
    pub(super) drivers: Vec<Known>,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        track::with_tag(super::device::BUS, || {
            self.devices.clear();
            self.nodes.clear();
        });
        self.drivers.clear();
    }
}

impl State {
    /// The number of a call that changes something.
    pub(super) fn begin(&mut self) -> u64 {
        self.last_batch += 1;
        self.last_batch
    }

    /// Makes a device of a node that has none.
    pub(super) fn add(&mut self, node: NodePtr) {
        self.last_seq += 1;
        let seq = self.last_seq;
        let device = Device::new(track::with_tag(super::device::BUS, || Node::new(node)), seq);
        self.slots.insert(seq, device);
        self.ready.insert(seq);
    }

    /// The next callback that can be called, which then runs until [`ended`](Self::ended). With `only`, no other than removals of
    /// that call.
    pub(super) fn next(&mut self, inner: &Inner, only: Option<u64>, dropped: &mut Dropped) -> Option<Work> {
        let from = |batch: u64| (batch, Reverse(u64::MAX), 0);
        let first = match only {
            Some(batch) => self.leaving.range(from(batch)..from(batch + 1)).next(),
            None => self.leaving.first(),
        };
        if let Some(first) = first.copied() {
            self.leaving.remove(&first);
            self.running += 1;
            let slot = self.slots.slot(first.2);
            slot.at = At::Removing;
            let driver = slot.driver.clone().expect("it is bound");
            return Some(Work::Remove(first.2, slot.device.clone(), driver));
        }
        if only.is_some() || !self.holds.is_empty() {
            return None;
        }
        loop {
            while let Some(seq) = self.next_ready() {
                if let Some(work) = self.try_probe(inner, seq, dropped) {
                    return Some(work);
                }
            }
            // Whoever runs a callback comes here too, and may know more then.
            if !self.retry() && (self.running > 0 || !self.break_circle()) {
                return None;
            }
        }
    }

    /// What another device needs comes before the others.
    fn next_ready(&mut self) -> Option<u64> {
        while let Some(seq) = self.needed.pop() {
            if self.ready.remove(&seq) {
                return Some(seq);
            }
        }
        self.ready.pop_first()
    }

    /// Probes a device, if there is a driver and all that it needs is there.
    fn try_probe(&mut self, inner: &Inner, seq: u64, dropped: &mut Dropped) -> Option<Work> {
        let node = self.slots.slot(seq).device.node().ptr();
        if !node.is_attached(&inner.token) {
            self.vanish(seq, dropped);
            return None;
        }
        let driver = self.driver_for(inner, node);
        dropped.drivers.extend(std::mem::replace(&mut self.slots.slot(seq).driver, driver.clone()));
        let Some(driver) = driver else {
            self.slots.slot(seq).at = At::NoDriver;
            self.resolve(seq);
            return None;
        };
        let above = suppliers::parent(inner, &self.slots, node);
        let (links, blockers) = self.needs(inner, seq, node, above);
        if !blockers.is_empty() {
            for &blocker in blockers.iter().rev() {
                self.slots.slot(blocker).waiters.insert(seq);
                self.needed.push(blocker);
            }
            let slot = self.slots.slot(seq);
            (slot.at, slot.blockers) = (At::Blocked, blockers);
            self.blocked.insert(seq);
            return None;
        }
        for &link in &links {
            self.slots.slot(link).dependants.insert(seq);
        }
        let above = above.map(|above| track::with_tag(CHILD, || self.slots.slot(above).device.clone()));
        self.running += 1;
        let slot = self.slots.slot(seq);
        slot.at = At::Probing(self.bound);
        slot.links = links;
        dropped.devices.extend(slot.device.set_parent(above));
        Some(Work::Probe(seq, slot.device.clone(), driver))
    }

    /// The most specific string that somebody drives wins.
    fn driver_for(&self, inner: &Inner, node: NodePtr) -> Option<Known> {
        let compatible = inner.prop(node, b"compatible")?;
        let mut all = strings(compatible.data(&inner.token));
        all.find_map(|one| match self.drivers.get(one) {
            None if one.iter().any(u8::is_ascii_uppercase) => self.drivers.get(&one.to_ascii_lowercase()),
            found => found,
        })
        .cloned()
    }

    /// The devices that this one needs and that are bound, and those that it has to wait for.
    fn needs(&mut self, inner: &Inner, seq: u64, node: NodePtr, above: Option<u64>) -> (Vec<u64>, Vec<u64>) {
        let now = Moment { tree: inner.generation, devices: self.slots.changes };
        let needs = match self.slots.slot(seq) {
            slot if slot.looked == Some(now) => std::mem::take(&mut slot.needs),
            slot => {
                let mut needs = std::mem::take(&mut slot.needs);
                needs.clear();
                needs.extend(above);
                suppliers::each(inner, &self.slots, node, &mut |_, leads| match leads {
                    Leads::To(other) if !needs.contains(&other) => needs.push(other),
                    _ => {}
                });
                self.slots.slot(seq).ignored.retain(|other| needs.contains(other));
                needs
            }
        };
        let slots = &self.slots.all;
        let ignored = &slots[&seq].ignored;
        let (mut links, mut blockers) = (Vec::new(), Vec::new());
        for &other in &needs {
            let slot = &slots[&other];
            match slot.at {
                _ if ignored.contains(&other) => {}
                _ if slot.leave.is_some() => blockers.push(other),
                At::Bound(_) => links.push(other),
                At::Failed(_) if Some(other) != above => {}
                At::NoDriver => {}
                _ => blockers.push(other),
            }
        }
        let slot = self.slots.slot(seq);
        (slot.needs, slot.looked) = (needs, Some(now));
        (links, blockers)
    }

    /// What comes after a callback.
    pub(super) fn ended(&mut self, end: Ended, dropped: &mut Dropped) {
        match end {
            Ended::Probe(seq, said) => self.probed(seq, said, dropped),
            Ended::Remove(seq) => self.removed(seq, dropped),
        }
    }

    /// What a probe said.
    fn probed(&mut self, seq: u64, said: Result<Probed, i32>, dropped: &mut Dropped) {
        self.running -= 1;
        let bound = self.bound + 1;
        let slot = self.slots.slot(seq);
        let At::Probing(began) = slot.at else { unreachable!("its probe ran") };
        let leave = slot.leave;
        match said {
            Ok(Probed::Bound) => {
                slot.at = At::Bound(bound);
                slot.ignored = Vec::new();
                slot.device.set_driver(&slot.driver.as_ref().expect("it probed").compatible);
                slot.device.set_bound(true);
                self.bound = bound;
                self.resolve(seq);
                self.try_leave(seq);
                return;
            }
            Ok(Probed::Deferred) => {
                slot.at = At::Deferred(began);
                self.deferred.insert(seq);
            }
            Err(errno) => {
                slot.at = At::Failed(errno);
                self.resolve(seq);
            }
        }
        self.unlink(seq);
        if leave.is_some() {
            self.vanish(seq, dropped);
        }
    }

    /// A remove has returned.
    fn removed(&mut self, seq: u64, dropped: &mut Dropped) {
        self.running -= 1;
        self.slots.slot(seq).device.set_bound(false);
        self.unlink(seq);
        self.vanish(seq, dropped);
    }

    /// Has a device go: at once, or when its driver has been told; those that need it before it. With `again` it only gives up its
    /// driver.
    pub(super) fn leave(&mut self, seq: u64, batch: u64, again: bool, dropped: &mut Dropped) {
        let mut all = vec![(seq, again)];
        while let Some((seq, again)) = all.pop() {
            let slot = self.slots.slot(seq);
            let first = slot.leave.is_none();
            let leave = slot.leave.get_or_insert(Leave { batch, again });
            leave.again &= again;
            if !first {
                continue;
            }
            all.extend(slot.dependants.iter().map(|&other| (other, true)));
            match slot.at {
                At::Probing(_) | At::Removing => {}
                At::Bound(_) => self.try_leave(seq),
                _ => self.vanish(seq, dropped),
            }
        }
    }

    /// A device that leaves comes back when it has gone.
    pub(super) fn stay(&mut self, seq: u64) {
        if let Some(leave) = &mut self.slots.slot(seq).leave {
            leave.again = true;
        }
    }

    /// A device is bound anew, since its node is another than its driver saw.
    pub(super) fn restart(&mut self, seq: u64, batch: u64, dropped: &mut Dropped) {
        match self.slots.slot(seq).at {
            At::Bound(_) | At::Probing(_) => self.leave(seq, batch, true, dropped),
            At::Removing | At::Ready => {}
            _ => self.make_ready(seq),
        }
    }

    /// Everything goes.
    pub(super) fn leave_all(&mut self, batch: u64, dropped: &mut Dropped) {
        for seq in self.slots.order.iter().copied().collect::<Vec<_>>() {
            // One that gave way to another may have gone with it.
            if self.slots.all.contains_key(&seq) {
                self.leave(seq, batch, false, dropped);
            }
        }
    }

    /// A device that leaves can be removed as soon as nothing needs it.
    fn try_leave(&mut self, seq: u64) {
        let slot = self.slots.slot(seq);
        if let (Some(leave), At::Bound(when), true) = (slot.leave, slot.at, slot.dependants.is_empty()) {
            self.leaving.insert((leave.batch, Reverse(when), seq));
        }
    }

    /// A device needs nothing any more.
    fn unlink(&mut self, seq: u64) {
        for link in std::mem::take(&mut self.slots.slot(seq).links) {
            self.slots.slot(link).dependants.remove(&seq);
            self.try_leave(link);
        }
    }

    /// Those that waited for a device need not any more, or have to look again.
    fn resolve(&mut self, seq: u64) {
        for waiter in std::mem::take(&mut self.slots.slot(seq).waiters) {
            let slot = self.slots.slot(waiter);
            slot.blockers.retain(|&other| other != seq);
            if slot.blockers.is_empty() {
                self.make_ready(waiter);
            }
        }
    }

    /// A device waits for nothing any more.
    fn unblock(&mut self, seq: u64) {
        self.blocked.remove(&seq);
        for blocker in std::mem::take(&mut self.slots.slot(seq).blockers) {
            self.slots.slot(blocker).waiters.remove(&seq);
        }
    }

    /// A device that no callback runs for, and that no driver has, is looked at again.
    fn make_ready(&mut self, seq: u64) {
        self.unblock(seq);
        self.deferred.remove(&seq);
        self.slots.slot(seq).at = At::Ready;
        self.ready.insert(seq);
    }

    /// A device that no driver has goes; or another one takes its place.
    fn vanish(&mut self, seq: u64, dropped: &mut Dropped) {
        self.resolve(seq);
        self.unblock(seq);
        self.ready.remove(&seq);
        self.deferred.remove(&seq);
        let slot = self.slots.remove(seq);
        let node = slot.device.node();
        node.core().devices.leaves_bus(&slot.device);
        if slot.leave.is_some_and(|leave| leave.again) && !self.ended {
            let node = track::with_tag(super::device::BUS, || node.clone());
            self.slots.insert(seq, Device::new(node, seq));
            self.ready.insert(seq);
        }
        dropped.drivers.extend(slot.driver);
        dropped.devices.push(slot.device);
    }

    /// Deferred devices are looked at again if another one has been bound since.
    fn retry(&mut self) -> bool {
        let now = self.bound;
        let slots = &self.slots.all;
        let again = |seq: &u64| matches!(slots[seq].at, At::Deferred(then) if then < now);
        let again: Vec<u64> = self.deferred.iter().copied().filter(again).collect();
        again.iter().for_each(|&seq| self.make_ready(seq));
        !again.is_empty()
    }

    /// Finds devices that wait for one another in a circle. Of each circle the first in the document stops to wait.
    fn break_circle(&mut self) -> bool {
        let mut circles = Vec::new();
        let mut seen: HashMap<u64, u64> = HashMap::new();
        for &start in &self.blocked {
            let mut path = Vec::new();
            let mut next = Some(start);
            while let Some(seq) = next {
                match seen.get(&seq) {
                    Some(&walk) if walk == start => {
                        let circle =
                            &path[path.iter().position(|&s| s == seq).expect("it is on this walk")..];
                        let first = (0..circle.len()).min_by_key(|&i| circle[i]).expect("it is not empty");
                        circles.push((circle[first], circle[(first + 1) % circle.len()]));
                        break;
                    }
                    Some(_) => break,
                    None => {}
                }
                seen.insert(seq, start);
                path.push(seq);
                next = self.stuck_behind(seq);
            }
        }
        for &(seq, other) in &circles {
            self.slots.slot(other).waiters.remove(&seq);
            let slot = self.slots.slot(seq);
            slot.ignored.push(other);
            slot.blockers.retain(|&blocker| blocker != other);
            if slot.blockers.is_empty() {
                self.make_ready(seq);
            }
        }
        !circles.is_empty()
    }

    /// The first that a device waits for, if all of those wait themselves.
    fn stuck_behind(&self, seq: u64) -> Option<u64> {
        let blockers = &self.slots.all[&seq].blockers;
        let stuck = blockers.iter().all(|blocker| self.slots.all[blocker].at == At::Blocked);
        blockers.first().copied().filter(|_| stuck)
    }

    /// A driver has come: those that it may be for are looked at again, unless another one has them.
    pub(super) fn driver_came(&mut self, inner: &Inner, compatible: &[u8]) {
        let is_for = |node: NodePtr| {
            inner.prop(node, b"compatible").is_some_and(|prop| {
                strings(prop.data(&inner.token)).any(|one| one.eq_ignore_ascii_case(compatible))
            })
        };
        let idle = |at| !matches!(at, At::Ready | At::Probing(_) | At::Bound(_) | At::Removing);
        let slots = self.slots.all.iter();
        let slots = slots.filter(|(_, slot)| idle(slot.at) && is_for(slot.device.node().ptr()));
        let again: Vec<u64> = slots.map(|(&seq, _)| seq).collect();
        again.into_iter().for_each(|seq| self.make_ready(seq));
    }

    /// A driver goes: its devices are removed from it, and tried with what other drivers there are.
    pub(super) fn driver_goes(&mut self, batch: u64, driver: &Known, dropped: &mut Dropped) {
        let has = |slot: &Slot| slot.driver.as_ref().is_some_and(|d| Arc::ptr_eq(&d.ops, &driver.ops));
        let all: Vec<u64> = self.slots.after(0).filter(|(_, slot)| has(slot)).map(|(seq, _)| seq).collect();
        all.into_iter().for_each(|seq| self.restart(seq, batch, dropped));
    }
}

impl Slot {
    fn new(device: Ref<Device>) -> Slot {
        Slot {
            device,
            at: At::Ready,
            driver: None,
            leave: None,
            links: Vec::new(),
            dependants: HashSet::new(),
            blockers: Vec::new(),
            waiters: HashSet::new(),
            needs: Vec::new(),
            looked: None,
            ignored: Vec::new(),
        }
    }
}
