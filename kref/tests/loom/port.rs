// SPDX-License-Identifier: MIT OR Apache-2.0
//! K4, K5, M3: Port and Ports, {registered, running} of a provider with open handles.

use crate::{join, Memory};
use kref::{Port, Ported, Ports};
use loom::sync::atomic::{AtomicU32, Ordering::*};
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::Arc;

/// What the models need of a provider with one open handle, to which one reference is there at first.
trait Handle: Send + Sync + 'static {
    fn new(memory: Arc<Memory>) -> Self;
    /// Runs a call unless revoked; says whether it ran. The reference may be put meanwhile.
    fn call(&self, call: impl FnOnce()) -> bool;
    /// Drops the one reference; whoever lets go last writes the memory.
    fn put(&self);
    fn revoke(&self);
    /// Waits until it has been revoked and no call runs.
    fn drain(&self);
    fn revoke_and_drain(&self) {
        self.revoke();
        self.drain();
    }
}

struct Real {
    device: Arc<Device>,
    raw: NonNull<Open>,
}
// SAFETY: what `raw` stands for is Sync, and the models put it once.
unsafe impl Send for Real {}
// SAFETY: as above.
unsafe impl Sync for Real {}

struct Device {
    ports: Ports<Open>,
    memory: Arc<Memory>,
}

struct Open(Arc<Device>);

impl Ported for Open {
    fn ports(&self) -> &Ports<Self> {
        // Whoever comes here after the release is seen.
        assert_eq!(self.0.memory.read(), 0, "used after its release");
        &self.0.ports
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.memory.write();
    }
}

impl Handle for Real {
    fn new(memory: Arc<Memory>) -> Self {
        let device = Arc::new(Device { ports: Ports::new(), memory });
        let raw = Port::open(Open(device.clone())).ok().unwrap().into_raw();
        Real { device, raw }
    }
    fn call(&self, call: impl FnOnce()) -> bool {
        // SAFETY: the models begin a call while there is a reference, or another call of the same thread.
        let port = ManuallyDrop::new(unsafe { Port::<Open>::from_raw(self.raw) });
        let running = port.enter();
        running.as_ref().map(|_| call()).is_ok()
    }
    fn put(&self) {
        // SAFETY: the models do this once.
        drop(unsafe { Port::<Open>::from_raw(self.raw) });
    }
    fn revoke(&self) {
        self.device.ports.revoke();
    }
    fn drain(&self) {
        self.device.ports.drain(None).unwrap();
    }
}

const DEAD: u32 = 1 << 31;
const CALL: u32 = 1 << 16;

/// A handle of which each kind has one bug. Unlike the real one it is never freed, only written to.
struct Faulty<const BUG: u32> {
    state: AtomicU32,
    lock: Mutex<()>,
    ended: Condvar,
    memory: Arc<Memory>,
}
/// The last reference closes it, whatever runs.
const CLOSES_UNDER_CALLS: u32 = 1;
/// Who ends a call looks whether he is the last and goes, in two steps.
const LOOKS_FIRST: u32 = 2;
/// Who ends a call tells the drainer when he holds nothing any more.
const TELLS_LATE: u32 = 3;
/// Who ends a call tells the drainer without the lock, so between his look and his sleep.
const TELLS_UNLOCKED: u32 = 4;
/// A call is not ordered before the release.
const UNORDERED: u32 = 5;
/// Who revokes leaves it to the calls to tell the drainer.
const REVOKES_SILENTLY: u32 = 6;

impl<const BUG: u32> Faulty<BUG> {
    fn release(&self) {
        self.state.load(if BUG == UNORDERED { Relaxed } else { Acquire });
        self.memory.write();
    }
    fn tell(&self) {
        assert_eq!(self.memory.read(), 0, "used after its release");
        if BUG != TELLS_UNLOCKED {
            drop(self.lock.lock().unwrap());
        }
        self.ended.notify_all();
    }
    fn leave(&self) {
        if BUG == LOOKS_FIRST {
            let last = self.state.load(Acquire) & !DEAD == CALL;
            self.state.fetch_sub(CALL, AcqRel);
            return if last {
                self.release()
            };
        }
        let order = if BUG == UNORDERED { Relaxed } else { Release };
        if BUG == TELLS_LATE {
            let before = self.state.fetch_sub(CALL, order);
            if before & DEAD != 0 {
                self.tell();
            }
            return if before & !DEAD == CALL {
                self.release()
            };
        }
        let before =
            self.state.fetch_update(order, Relaxed, |now| Some(now - CALL + u32::from(now & DEAD != 0)));
        let before = before.unwrap();
        if before & DEAD != 0 {
            self.tell();
            self.put();
        } else if before == CALL {
            self.release();
        }
    }
}

impl<const BUG: u32> Handle for Faulty<BUG> {
    fn new(memory: Arc<Memory>) -> Self {
        Faulty { state: AtomicU32::new(1), lock: Mutex::new(()), ended: Condvar::new(), memory }
    }
    fn call(&self, call: impl FnOnce()) -> bool {
        let entered =
            self.state.fetch_update(Acquire, Relaxed, |n| (n & DEAD == 0 && n != 0).then(|| n + CALL));
        if entered.is_ok() {
            call();
            self.leave();
        }
        entered.is_ok()
    }
    fn put(&self) {
        let order = if BUG == UNORDERED { Relaxed } else { Release };
        let before = self.state.fetch_sub(1, order) & !DEAD;
        if before == 1 || (BUG == CLOSES_UNDER_CALLS && before & (CALL - 1) == 1) {
            self.release();
        }
    }
    fn revoke(&self) {
        self.state.fetch_or(DEAD, AcqRel);
        if BUG != REVOKES_SILENTLY {
            drop(self.lock.lock().unwrap());
            self.ended.notify_all();
        }
    }
    fn drain(&self) {
        let mut lock = self.lock.lock().unwrap();
        while !(DEAD..DEAD + CALL).contains(&self.state.load(Acquire)) {
            lock = self.ended.wait(lock).unwrap();
        }
    }
}

/// The last reference is dropped by another thread while a call runs, and a second one inside of it: the handle is closed once, after
/// the calls.
fn a_call_holds_the_handle<H: Handle>() {
    loom::model(|| {
        let memory = Memory::new();
        let handle = Arc::new(H::new(memory.clone()));
        let other = handle.clone();
        let mut puts = None;
        handle.call(|| {
            puts = Some(thread::spawn(move || other.put()));
            assert!(handle.call(|| assert_eq!(memory.read(), 0, "closed under a call")));
        });
        puts.unwrap().join().unwrap();
        assert_eq!(memory.read(), 1, "not closed once");
    });
}

/// One calls and lets go, another revokes and drains: when he comes back, nothing runs.
fn a_drain_waits_for_the_call<H: Handle>() {
    loom::model(|| {
        let (memory, work) = (Memory::new(), Memory::new());
        let handle = Arc::new(H::new(memory.clone()));
        let (user, worked) = (handle.clone(), work.clone());
        let calls = thread::spawn(move || {
            user.call(|| worked.write());
            user.put();
        });
        handle.revoke_and_drain();
        let done = work.read();
        calls.join().unwrap();
        assert_eq!(work.read(), done, "it ran after the drain");
        assert_eq!(memory.read(), 1, "not closed once");
    });
}

/// The call ends, the last reference goes and the drain comes, all at the same time.
fn all_at_once<H: Handle>() {
    let mut model = loom::model::Builder::new();
    // Three threads: two forced switches find each planted bug, more take minutes.
    model.preemption_bound = Some(2);
    model.check(|| {
        let memory = Memory::new();
        let handle = Arc::new(H::new(memory.clone()));
        let mut threads = None;
        handle.call(|| {
            let (puts, drains) = (handle.clone(), handle.clone());
            threads =
                Some([thread::spawn(move || puts.put()), thread::spawn(move || drains.revoke_and_drain())]);
        });
        join(threads.unwrap());
        assert_eq!(memory.read(), 1, "not closed once");
    });
}

/// The drain may come before the revocation, and there may be no call that would end.
fn a_drain_that_came_first_is_told<H: Handle>() {
    loom::model(|| {
        let memory = Memory::new();
        let handle = Arc::new(H::new(memory.clone()));
        let drains = handle.clone();
        let drained = thread::spawn(move || drains.drain());
        handle.revoke();
        drained.join().unwrap();
        handle.put();
        assert_eq!(memory.read(), 1, "not closed once");
    });
}

#[test]
fn k5_m3_a_call_holds_the_handle() {
    a_call_holds_the_handle::<Real>();
}
#[test]
fn k4_a_drain_waits_for_the_call() {
    a_drain_waits_for_the_call::<Real>();
}
#[test]
fn k4_a_drain_that_came_first_is_told() {
    a_drain_that_came_first_is_told::<Real>();
}
#[test]
fn k4_k5_all_at_once() {
    all_at_once::<Real>();
}

caught!(
    k5_caught_handle_that_is_closed_under_calls,
    "Causality violation",
    a_call_holds_the_handle::<Faulty<CLOSES_UNDER_CALLS>>()
);
caught!(m3_caught_call_that_looks_first, "not closed once", a_call_holds_the_handle::<Faulty<LOOKS_FIRST>>());
caught!(m3_caught_call_without_order, "Causality violation", a_call_holds_the_handle::<Faulty<UNORDERED>>());
caught!(k4_caught_drainer_that_is_told_late, "Causality violation", all_at_once::<Faulty<TELLS_LATE>>());
caught!(k4_caught_drainer_that_is_told_unlocked, "deadlock", all_at_once::<Faulty<TELLS_UNLOCKED>>());
caught!(
    k4_caught_silent_revocation,
    "deadlock",
    a_drain_that_came_first_is_told::<Faulty<REVOKES_SILENTLY>>()
);
