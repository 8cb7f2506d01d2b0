// SPDX-License-Identifier: MIT OR Apache-2.0
//! Devices (O25): a bus makes them of nodes, finds their drivers by `compatible`, probes them when what they need is there, and
//! removes them before what they need goes.
//!
//! Callbacks run with no lock held, on whichever thread is in a call of the bus, and may call everything, the bus included. Nobody
//! ever waits for one: a call that comes while a callback runs leaves to that thread what it cannot do itself.

mod device;
mod listen;
mod report;
mod scan;
mod state;
mod suppliers;

pub use device::Device;
pub(crate) use device::Listed;

use crate::error::{busy, invalid, not_found, Error, Result};
use crate::notifier::Notifier;
use crate::slab::Node;
use crate::tree::{Inner, Tree};
use kref::sync::lock;
use kref::{track, Inside, Ref};
use state::{Dropped, Ended, Known, State, Work};
use std::ffi::CString;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// What a probe has to say, if it has not failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probed {
    /// The driver has the device.
    Bound,
    /// Something is missing that may come: to be tried again when another device has been bound.
    Deferred,
}

/// What drives devices. All of it is called with no lock held, on any thread, for several devices at a time; an error is an errno.
pub trait Driver: Send + Sync {
    /// A device is there for the driver.
    fn probe(&self, device: &Ref<Device>) -> std::result::Result<Probed, i32>;

    /// A device that was bound goes. Its node may have left the tree already.
    fn remove(&self, device: &Ref<Device>);

    /// An overlay is about to go that has the node of a device that is bound; an error refuses that.
    fn can_remove(&self, _device: &Ref<Device>) -> std::result::Result<(), i32> {
        Ok(())
    }
}

/// A bus: drivers, and the devices of some nodes of a tree, which it holds.
///
/// Devices are probed in the order of the document, but what a device needs comes first: the device above it, and those that its
/// node refers to by the properties of the common bindings. Of devices that need one another in a circle the first in the document
/// is probed first. Not waited for is what has no driver, is disabled, or has failed (unless it is the device above). They are
/// removed in the reverse order in which they were bound.
///
/// Its end, with the last reference: what it hears of the tree ends; its devices are removed; its drivers are dropped.
pub struct Bus(Arc<Core>, Option<Notifier>);

struct Core {
    tree: Tree,
    state: Mutex<State>,
    idle: Condvar,
}

impl Bus {
    /// A bus without drivers and devices.
    pub fn new(tree: &Tree) -> Ref<Bus> {
        let core = Arc::new(Core { tree: tree.clone(), state: Mutex::default(), idle: Condvar::new() });
        let notifier = listen::listen(&core);
        Ref::new(Bus(core, Some(notifier)))
    }

    /// Adds the driver of what is compatible with a string. Devices that are there and that nobody drives are probed.
    ///
    /// # Errors
    /// [`Error::Busy`] the string has a driver; [`Error::Invalid`] it is empty, or not one string.
    pub fn add_driver(&self, compatible: &str, driver: impl Driver + 'static) -> Result<()> {
        let name = CString::new(compatible).ok().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| invalid!("\"{compatible}\" is no compatible string"))?;
        // Dropped without a lock if it is refused.
        let known = Known { compatible: Arc::new(name), ops: Arc::new(driver) };
        let key = compatible.to_ascii_lowercase().into_bytes();
        self.0.change(|state, inner, _, _| {
            if state.drivers.contains_key(&key) {
                return Err(busy!("\"{compatible}\" has a driver on this bus"));
            }
            state.driver_came(inner, &key);
            state.drivers.insert(key, known.clone());
            Ok(())
        })
    }

    /// Takes a driver out. Its devices are removed, and probed by what other driver there is for them.
    ///
    /// # Errors
    /// [`Error::NotFound`] the string has no driver.
    pub fn remove_driver(&self, compatible: &str) -> Result<()> {
        self.0.change(|state, _, batch, dropped| {
            let gone = state.drivers.remove(compatible.to_ascii_lowercase().as_bytes());
            let gone = gone.ok_or_else(|| not_found!("\"{compatible}\" has no driver on this bus"))?;
            state.driver_goes(batch, &gone, dropped);
            dropped.drivers.push(gone);
            Ok(())
        })
    }

    /// Makes devices of all nodes below this one that are available and have `compatible`, at any depth, and probes them. From now
    /// on what comes there is made a device, and what goes is removed. `status` counts of every node below this one.
    ///
    /// Costs a pass over what is below the node. From inside of a callback of the bus, what it made is probed when that has returned.
    ///
    /// # Errors
    /// [`Error::Invalid`] a node of another tree; [`Error::Gone`] it is not in the tree any more.
    pub fn populate(&self, node: &Node) -> Result<()> {
        self.mark(node, true)
    }

    /// Removes the devices of all nodes below this one; from now on none is made there.
    ///
    /// What can only be removed when a callback that runs has returned, in this thread or another, is removed then:
    /// [`wait_idle`](Self::wait_idle).
    ///
    /// # Errors
    /// As [`populate`](Self::populate).
    pub fn unpopulate(&self, node: &Node) -> Result<()> {
        self.mark(node, false)
    }

    fn mark(&self, node: &Node, on: bool) -> Result<()> {
        if !self.0.tree.owns(node) {
            return Err(invalid!("{} is a node of another tree", node.name()));
        }
        self.0.change(|state, inner, batch, dropped| {
            let node = node.ptr();
            if !node.is_attached(&inner.token) {
                return Err(Error::Gone(format!("{} is not in the tree any more", node.path(&inner.token))));
            }
            state.mark(inner, node, on, batch, dropped);
            Ok(())
        })
    }

    /// The device of a node.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn device(&self, node: &Node) -> Result<Ref<Device>> {
        let found = {
            let state = lock(&self.0.state);
            let slot = state.slots.at(node.ptr()).and_then(|seq| state.slots.get(seq));
            slot.map(|slot| slot.device.clone())
        };
        found.ok_or_else(|| not_found!("{} has no device on this bus", node.path()))
    }

    /// The device behind this one in the order in which their nodes were found, or the first one.
    pub fn next_device(&self, prev: Option<&Device>) -> Option<Ref<Device>> {
        let after = prev.map_or(0, |prev| prev.seq);
        let state = lock(&self.0.state);
        let next = state.slots.after(after).next();
        next.map(|(_, slot)| slot.device.clone())
    }

    /// All devices that there are.
    pub fn devices(&self) -> Vec<Ref<Device>> {
        let state = lock(&self.0.state);
        state.slots.after(0).map(|(_, slot)| slot.device.clone()).collect()
    }

    /// Waits until no callback of the bus runs and none is left to be called.
    ///
    /// # Errors
    /// [`Error::TimedOut`]; [`Error::Deadlock`] a callback of the bus calls.
    pub fn wait_idle(&self, timeout: Option<Duration>) -> Result<()> {
        if Inside::is(&*self.0) {
            return Err(Error::Deadlock("a callback of the bus cannot wait for the bus".into()));
        }
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let state = lock(&self.0.state);
            if state.active == 0 {
                return Ok(());
            }
            if deadline.is_some_and(|at| at <= Instant::now()) {
                return Err(Error::TimedOut("callbacks of the bus are still running".into()));
            }
            kref::sync::wait(&self.0.idle, state, deadline);
        }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        drop(self.1.take());
        let end = self.0.change(|state, _, batch, dropped| {
            state.ended = true;
            let marks = std::mem::take(&mut state.marks);
            dropped.nodes.extend(marks.into_values().map(|(node, _)| node));
            state.leave_all(batch, dropped);
            Ok(())
        });
        debug_assert!(end.is_ok());
        let drivers = std::mem::take(&mut lock(&self.0.state).drivers);
        drop(drivers);
    }
}

impl Core {
    /// Changes something, and calls the callbacks that come of it. One of them may put the last reference to the bus (K5).
    fn change<T>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut State, &Inner, u64, &mut Dropped) -> Result<T>,
    ) -> Result<T> {
        let this = self.clone();
        let mut dropped = Dropped::default();
        let (result, batch) = {
            let inner = this.tree.read();
            let mut state = lock(&this.state);
            let batch = state.begin();
            (change(&mut state, &inner, batch, &mut dropped), batch)
        };
        drop(dropped);
        this.settle(batch);
        result
    }

    /// Calls callbacks as long as there are some to be called. A callback that comes here only has those called that remove what the
    /// call of this number had leave: the rest is for the one that called it, or callbacks would pile up on the stack.
    fn settle(&self, batch: u64) {
        let nested = Inside::is(self);
        let _active = (!nested).then(|| Active::new(self));
        let mut ended = None;
        loop {
            let mut dropped = Dropped::default();
            let work = track::with_tag(device::BUS, || {
                let inner = self.tree.read();
                let mut state = lock(&self.state);
                if let Some(end) = ended.take() {
                    state.ended(end, &mut dropped);
                }
                state.next(&inner, nested.then_some(batch), &mut dropped)
            });
            drop(dropped);
            match work {
                Some(work) => ended = Some(self.run(work)),
                None => return,
            }
        }
    }

    /// Calls a callback. What comes after it comes after one that panics, too.
    fn run(&self, work: Work) -> Ended {
        let _inside = Inside::enter(self);
        let ended = match &work {
            Work::Probe(seq, device, driver) => {
                let panics = Panics(self, Some(Ended::Probe(*seq, Err(libc::ENOTRECOVERABLE))));
                let said = driver.ops.probe(device);
                if said != Ok(Probed::Bound) {
                    device.free_managed();
                }
                panics.not();
                Ended::Probe(*seq, said)
            }
            Work::Remove(seq, device, driver) => {
                let panics = Panics(self, Some(Ended::Remove(*seq)));
                driver.ops.remove(device);
                panics.not();
                Ended::Remove(*seq)
            }
        };
        track::with_tag(device::BUS, || drop(work));
        ended
    }
}

/// While a callback runs: what becomes of the device if it panics.
struct Panics<'a>(&'a Core, Option<Ended>);

impl Panics<'_> {
    fn not(mut self) {
        self.1 = None;
    }
}

impl Drop for Panics<'_> {
    fn drop(&mut self) {
        let mut dropped = Dropped::default();
        if let Some(end) = self.1.take() {
            lock(&self.0.state).ended(end, &mut dropped);
        }
    }
}

/// A thread looks for callbacks to run.
struct Active<'a>(&'a Core);

impl Active<'_> {
    fn new(core: &Core) -> Active<'_> {
        lock(&core.state).active += 1;
        Active(core)
    }
}

impl Drop for Active<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).active -= 1;
        self.0.idle.notify_all();
    }
}
