// SPDX-License-Identifier: MIT OR Apache-2.0
//! K4: Revocable.

use crate::{join, Memory};
use kref::{Revocable, SleepError};
use loom::sync::atomic::{AtomicUsize, Ordering::*};
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::sync::Arc;

/// What the models need of a link; an operation is a closure, so that a copy needs no guard type.
trait Link: Send + Sync + 'static {
    fn new() -> Self;
    /// Runs the operation unless revoked; says whether it ran.
    fn operate(&self, operation: impl FnOnce()) -> bool;
    /// Sleeps in an operation until revoked.
    fn sleep_in_operation(&self);
    fn revoke_and_drain(&self);
}

impl Link for Revocable {
    fn new() -> Self {
        Revocable::new()
    }
    fn operate(&self, operation: impl FnOnce()) -> bool {
        let guard = self.enter();
        guard.as_ref().map(|_| operation()).is_ok()
    }
    fn sleep_in_operation(&self) {
        if let Ok(guard) = self.enter() {
            assert_eq!(guard.sleep(None, || None::<()>), Err(SleepError::Revoked));
        }
    }
    fn revoke_and_drain(&self) {
        self.revoke();
        self.drain(None).unwrap();
    }
}

const DEAD: usize = 1 << 31;

/// A link of which each kind has one bug.
struct Faulty<const BUG: u32> {
    state: AtomicUsize,
    lock: Mutex<()>,
    changed: Condvar,
}
/// An operation looks whether the link is alive and counts itself in two steps.
const LOOKS_FIRST: u32 = 1;
/// The drain comes before the mark.
const DRAINS_FIRST: u32 = 2;
/// Sleepers are woken before the mark.
const WAKES_FIRST: u32 = 3;
/// The end of an operation is not ordered before the drain.
const UNORDERED_EXIT: u32 = 4;
/// The end of an operation notifies without the lock, so between the drainer's look and its sleep.
const NOTIFIES_UNLOCKED: u32 = 5;

impl<const BUG: u32> Faulty<BUG> {
    fn enter(&self) -> bool {
        if BUG == LOOKS_FIRST {
            let alive = self.state.load(Acquire) & DEAD == 0;
            if alive {
                self.state.fetch_add(1, Acquire);
            }
            return alive;
        }
        self.state.fetch_update(Acquire, Relaxed, |n| (n & DEAD == 0).then(|| n + 1)).is_ok()
    }

    fn exit(&self) {
        let order = if BUG == UNORDERED_EXIT { Relaxed } else { Release };
        // While a drain that comes before the mark waits, the last one out does not see DEAD.
        let last = self.state.fetch_sub(1, order) & !DEAD == 1;
        if last && BUG != NOTIFIES_UNLOCKED {
            drop(self.lock.lock().unwrap());
        }
        if last {
            self.changed.notify_all();
        }
    }

    fn mark(&self) {
        self.state.fetch_or(DEAD, AcqRel);
    }

    fn wake(&self) {
        drop(self.lock.lock().unwrap());
        self.changed.notify_all();
    }

    fn drain(&self) {
        let order = if BUG == UNORDERED_EXIT { Relaxed } else { Acquire };
        let mut lock = self.lock.lock().unwrap();
        while self.state.load(order) & !DEAD != 0 {
            lock = self.changed.wait(lock).unwrap();
        }
    }
}

impl<const BUG: u32> Link for Faulty<BUG> {
    fn new() -> Self {
        Faulty { state: AtomicUsize::new(0), lock: Mutex::new(()), changed: Condvar::new() }
    }
    fn operate(&self, operation: impl FnOnce()) -> bool {
        let entered = self.enter();
        if entered {
            operation();
            self.exit();
        }
        entered
    }
    fn sleep_in_operation(&self) {
        if self.enter() {
            let mut lock = self.lock.lock().unwrap();
            while self.state.load(Acquire) & DEAD == 0 {
                lock = self.changed.wait(lock).unwrap();
            }
            drop(lock);
            self.exit();
        }
    }
    fn revoke_and_drain(&self) {
        match BUG {
            DRAINS_FIRST => (self.drain(), self.mark(), self.wake()),
            WAKES_FIRST => (self.wake(), self.mark(), self.drain()),
            _ => (self.mark(), self.wake(), self.drain()),
        };
    }
}

/// Operations run in two threads; after revoke and drain the memory they use is taken apart, and nobody gets in.
fn memory_outlives_operations<L: Link>() {
    loom::model(|| {
        let link = Arc::new((L::new(), Memory::new()));
        let users = [(); 2].map(|()| {
            let link = link.clone();
            thread::spawn(move || {
                link.0.operate(|| assert_eq!(link.1.read(), 0));
            })
        });
        link.0.revoke_and_drain();
        link.1.write();
        assert!(!link.0.operate(|| ()), "entered after revoke");
        join(users);
    });
}

#[test]
fn k4_memory_outlives_operations() {
    memory_outlives_operations::<Revocable>();
}

caught!(
    k4_caught_entry_that_looks_first,
    "Causality violation",
    memory_outlives_operations::<Faulty<LOOKS_FIRST>>()
);

caught!(
    k4_caught_drain_before_the_mark,
    "Causality violation",
    memory_outlives_operations::<Faulty<DRAINS_FIRST>>()
);

caught!(
    k4_caught_exit_without_order,
    "Causality violation",
    memory_outlives_operations::<Faulty<UNORDERED_EXIT>>()
);

caught!(
    k4_caught_exit_that_notifies_without_the_lock,
    "deadlock",
    memory_outlives_operations::<Faulty<NOTIFIES_UNLOCKED>>()
);

/// A sleeper wakes when the link is revoked, whenever that is, so that the drain comes to its end.
fn sleepers_wake<L: Link>() {
    loom::model(|| {
        let link = Arc::new(L::new());
        let other = link.clone();
        let sleeper = thread::spawn(move || other.sleep_in_operation());
        link.revoke_and_drain();
        sleeper.join().unwrap();
    });
}

#[test]
fn k4_sleepers_wake() {
    sleepers_wake::<Revocable>();
}

caught!(k4_caught_wake_before_the_mark, "deadlock", sleepers_wake::<Faulty<WAKES_FIRST>>());

/// A sleeper hears of what is notified between its look and its sleep.
fn notices_are_not_lost(sleep: fn(&Post), notify: fn(&Post)) {
    loom::model(move || {
        let post = Arc::new(Post {
            real: Revocable::new(),
            value: AtomicUsize::new(0),
            lock: Mutex::new(()),
            changed: Condvar::new(),
        });
        let other = post.clone();
        let sleeper = thread::spawn(move || sleep(&other));
        post.value.store(1, Relaxed);
        notify(&post);
        sleeper.join().unwrap();
    });
}

/// The real link, and beside it a lock and a condition for one that looks without the lock.
struct Post {
    real: Revocable,
    value: AtomicUsize,
    lock: Mutex<()>,
    changed: Condvar,
}

#[test]
fn k4_notices_are_not_lost() {
    notices_are_not_lost(
        |post| {
            let found =
                post.real.enter().unwrap().sleep(None, || (post.value.load(Relaxed) == 1).then_some(()));
            assert_eq!(found, Ok(()));
        },
        |post| post.real.notify(),
    );
}

caught!(k4_caught_sleep_after_a_look_without_the_lock, "deadlock", {
    notices_are_not_lost(
        |post| {
            if post.value.load(Relaxed) != 1 {
                drop(post.changed.wait(post.lock.lock().unwrap()).unwrap());
            }
        },
        |post| {
            drop(post.lock.lock().unwrap());
            post.changed.notify_all();
        },
    )
});

/// A sleeper hears of what is notified just before the end, and is told of it rather than of the end (G5).
#[test]
fn k4_what_came_before_the_end_is_delivered() {
    loom::model(|| {
        let link = Arc::new((Revocable::new(), AtomicUsize::new(0)));
        let other = link.clone();
        let sleeper = thread::spawn(move || {
            let Ok(guard) = other.0.enter() else { return };
            let found = guard.sleep(None, || Some(other.1.load(Relaxed)).filter(|&n| n != 0));
            assert_eq!(found, Ok(7));
        });
        link.1.store(7, Relaxed);
        link.0.notify();
        link.0.revoke();
        link.0.drain(None).unwrap();
        sleeper.join().unwrap();
    });
}

/// A waker that is registered while somebody revokes is either refused or run, exactly once.
fn wakers_are_not_lost(register: fn(&Registry, Arc<AtomicUsize>) -> bool, revoke: fn(&Registry)) {
    loom::model(move || {
        let registry = Arc::new(Registry::new());
        let runs = Arc::new(AtomicUsize::new(0));
        let other = registry.clone();
        let revoker = thread::spawn(move || revoke(&other));
        let registered = register(&registry, runs.clone());
        revoker.join().unwrap();
        assert_eq!(runs.load(Relaxed), usize::from(registered), "a waker was lost");
    });
}

/// The real link, and beside it the list of one that looks for death before it takes the lock.
struct Registry {
    real: Revocable,
    dead: AtomicUsize,
    list: Mutex<Vec<Arc<AtomicUsize>>>,
}

impl Registry {
    fn new() -> Self {
        Registry { real: Revocable::new(), dead: AtomicUsize::new(0), list: Mutex::new(Vec::new()) }
    }
}

fn count(runs: &AtomicUsize) {
    runs.fetch_add(1, Relaxed);
}

#[test]
fn k4_wakers_are_not_lost() {
    wakers_are_not_lost(
        |registry, runs| registry.real.on_revoke(move || count(&runs)).map(std::mem::forget).is_ok(),
        |registry| assert!(registry.real.revoke()),
    );
}

caught!(k4_caught_waker_registered_without_the_lock, "a waker was lost", {
    wakers_are_not_lost(
        |registry, runs| {
            let alive = registry.dead.load(Acquire) == 0;
            if alive {
                registry.list.lock().unwrap().push(runs);
            }
            alive
        },
        |registry| {
            registry.dead.store(1, Release);
            registry.list.lock().unwrap().iter().for_each(|runs| count(runs));
        },
    );
});

/// Of two that revoke, one did it, and the drain of either ends.
#[test]
fn k4_one_of_two_revokes() {
    loom::model(|| {
        let link = Arc::new(Revocable::new());
        let other = link.clone();
        let theirs = thread::spawn(move || {
            let did = other.revoke();
            other.drain(None).unwrap();
            did
        });
        let mine = link.revoke();
        link.drain(None).unwrap();
        assert!(mine != theirs.join().unwrap());
    });
}
