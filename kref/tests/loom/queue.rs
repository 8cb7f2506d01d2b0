// SPDX-License-Identifier: MIT OR Apache-2.0
//! K2, K5 and K8: Deferred and Managed.

use crate::Memory;
use kref::{Deferred, Managed, Ref};
use loom::sync::atomic::{AtomicUsize, Ordering::*};
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::collections::VecDeque;
use std::sync::Arc;

type Release = Box<dyn FnOnce() + Send>;

trait Queue: Send + Sync + 'static {
    fn new() -> Self;
    fn push(&self, release: Release);
    fn run(&self);
    fn flush(&self);
}

impl Queue for Deferred {
    fn new() -> Self {
        Deferred::new()
    }
    fn push(&self, release: Release) {
        Deferred::push(self, release);
    }
    fn run(&self) {
        Deferred::run(self);
    }
    fn flush(&self) {
        Deferred::flush(self, None).unwrap();
    }
}

/// A queue of which each kind has one bug.
struct Faulty<const BUG: u32> {
    queue: Mutex<(VecDeque<Release>, usize)>,
    changed: Condvar,
}
/// `flush` does not wait for what another thread is running.
const FORGETS_RUNNING: u32 = 1;
/// Releases run with the lock held.
const RUNS_LOCKED: u32 = 2;

impl<const BUG: u32> Queue for Faulty<BUG> {
    fn new() -> Self {
        Faulty { queue: Mutex::new((VecDeque::new(), 0)), changed: Condvar::new() }
    }
    fn push(&self, release: Release) {
        self.queue.lock().unwrap().0.push_back(release);
    }
    fn run(&self) {
        loop {
            let mut queue = self.queue.lock().unwrap();
            let Some(release) = queue.0.pop_front() else { return };
            if BUG == RUNS_LOCKED {
                release();
                continue;
            }
            queue.1 += 1;
            drop(queue);
            release();
            self.queue.lock().unwrap().1 -= 1;
            self.changed.notify_all();
        }
    }
    fn flush(&self) {
        loop {
            self.run();
            let queue = self.queue.lock().unwrap();
            if BUG == FORGETS_RUNNING || (queue.0.is_empty() && queue.1 == 0) {
                return;
            }
            if queue.0.is_empty() {
                drop(self.changed.wait(queue).unwrap());
            }
        }
    }
}

/// A release pushes a second one while another thread flushes: when the flush ends, both have run, once.
fn flush_waits_for_everything<Q: Queue>() {
    loom::model(|| {
        let queue = Arc::new(Q::new());
        let memory = Memory::new();
        let (inner, first, second) = (queue.clone(), memory.clone(), memory.clone());
        queue.push(Box::new(move || {
            first.write();
            inner.push(Box::new(move || second.write()));
        }));
        let other = queue.clone();
        let runner = thread::spawn(move || other.run());
        queue.flush();
        assert_eq!(memory.read(), 2, "something was left");
        runner.join().unwrap();
    });
}

#[test]
fn k2_flush_waits_for_everything() {
    flush_waits_for_everything::<Deferred>();
}

caught!(
    k2_caught_flush_that_forgets_what_runs_elsewhere,
    "Causality violation",
    flush_waits_for_everything::<Faulty<FORGETS_RUNNING>>()
);

caught!(k5_caught_release_under_the_lock, "deadlock", flush_waits_for_everything::<Faulty<RUNS_LOCKED>>());

/// A release drops the last reference to an object whose own release is deferred to the same queue.
#[test]
fn k5_a_release_may_release() {
    loom::model(|| {
        let queue = Arc::new(Deferred::new());
        let runs = Arc::new(AtomicUsize::new(0));
        let object = Ref::new(DeferredRelease(queue.clone(), runs.clone()));
        let theirs = object.clone();
        queue.push(move || drop(theirs));
        let other = queue.clone();
        let runner = thread::spawn(move || _ = other.run());
        drop(object);
        runner.join().unwrap();
        queue.flush(None).unwrap();
        assert_eq!(runs.load(Relaxed), 1);
    });
}

struct DeferredRelease(Arc<Deferred>, Arc<AtomicUsize>);

impl Drop for DeferredRelease {
    fn drop(&mut self) {
        let runs = self.1.clone();
        self.0.push(move || _ = runs.fetch_add(1, Relaxed));
    }
}

/// Frees of managed resources, by number.
type Freed = Arc<Mutex<Vec<u32>>>;

trait Resources: Send + Sync + 'static {
    fn new(freed: Freed) -> Self;
    fn bind(&self, number: u32);
    fn release(&self);
}

struct Real(Managed, Freed);

impl Resources for Real {
    fn new(freed: Freed) -> Self {
        Real(Managed::new(), freed)
    }
    fn bind(&self, number: u32) {
        let freed = self.1.clone();
        self.0.bind(move || freed.lock().unwrap().push(number));
    }
    fn release(&self) {
        self.0.release();
    }
}

/// Looks at the last resource, frees it, and only then takes it off the list.
struct FreesFirst(Mutex<Vec<u32>>, Freed);

impl Resources for FreesFirst {
    fn new(freed: Freed) -> Self {
        FreesFirst(Mutex::new(Vec::new()), freed)
    }
    fn bind(&self, number: u32) {
        self.0.lock().unwrap().push(number);
    }
    fn release(&self) {
        loop {
            let Some(last) = self.0.lock().unwrap().last().copied() else { return };
            self.1.lock().unwrap().push(last);
            self.0.lock().unwrap().pop();
        }
    }
}

/// Two threads bind a resource each beside a first one; then two release. Each is freed once.
fn resources_are_freed_once<R: Resources>() {
    loom::model(|| {
        let freed = Freed::default();
        let resources = Arc::new(R::new(freed.clone()));
        resources.bind(0);
        let other = resources.clone();
        let binder = thread::spawn(move || other.bind(1));
        resources.bind(2);
        binder.join().unwrap();
        let other = resources.clone();
        let releaser = thread::spawn(move || other.release());
        resources.release();
        releaser.join().unwrap();
        let mut order = freed.lock().unwrap().clone();
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2], "freed once each");
    });
}

#[test]
fn k8_resources_are_freed_once() {
    resources_are_freed_once::<Real>();
}

caught!(
    k8_caught_freed_before_it_is_off_the_list,
    "freed once each",
    resources_are_freed_once::<FreesFirst>()
);

/// The resources go with the last reference to their object, whoever drops it, the last bound first.
#[test]
fn k8_resources_go_with_the_last_reference() {
    loom::model(|| {
        let freed = Freed::default();
        let object = Ref::new(Real::new(freed.clone()));
        object.bind(1);
        object.bind(2);
        let theirs = object.clone();
        let other = thread::spawn(move || drop(theirs));
        drop(object);
        other.join().unwrap();
        assert_eq!(*freed.lock().unwrap(), [2, 1]);
    });
}
