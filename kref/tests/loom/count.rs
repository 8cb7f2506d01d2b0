// SPDX-License-Identifier: MIT OR Apache-2.0
//! K1 and K2: Kref and Ref.

use crate::{join, Counter, Memory};
use kref::{Kref, Ref, CEILING};
use loom::sync::atomic::{fence, AtomicU32, Ordering::*};
use loom::thread;
use std::cell::Cell;
use std::sync::Arc;

trait Count: Send + Sync + 'static {
    fn new(n: u32) -> Self;
    fn get(&self) -> bool;
    fn put(&self) -> bool;
    fn count(&self) -> u32;
}

impl Count for Kref {
    fn new(n: u32) -> Self {
        Kref::new(n)
    }
    fn get(&self) -> bool {
        Kref::get(self)
    }
    fn put(&self) -> bool {
        Kref::put(self)
    }
    fn count(&self) -> u32 {
        Kref::count(self)
    }
}

/// A count of which each kind has one bug.
struct Faulty<const BUG: u32>(AtomicU32);
/// `get` adds first and takes it back when it sees that it came too late.
const REVIVES: u32 = 1;
/// `put` does not order the work before it.
const UNORDERED_PUT: u32 = 2;
/// The last `put` does not order the release after it.
const UNORDERED_RELEASE: u32 = 3;
/// `get` looks at the ceiling and adds in two steps.
const OVERSHOOTS: u32 = 4;
/// `put` looks whether it is the last one and subtracts in two steps.
const LOOKS_FIRST: u32 = 5;

impl<const BUG: u32> Count for Faulty<BUG> {
    fn new(n: u32) -> Self {
        Faulty(AtomicU32::new(n))
    }
    fn get(&self) -> bool {
        match BUG {
            REVIVES => {
                let alive = self.0.fetch_add(1, Relaxed) != 0;
                if !alive {
                    self.0.fetch_sub(1, Relaxed);
                }
                alive
            }
            OVERSHOOTS => {
                if self.count() < CEILING {
                    self.0.fetch_add(1, Relaxed);
                }
                true
            }
            _ => self.0.fetch_update(Relaxed, Relaxed, |n| (n != 0).then(|| n + 1)).is_ok(),
        }
    }
    fn put(&self) -> bool {
        match BUG {
            LOOKS_FIRST => {
                let last = self.0.load(Acquire) == 1;
                self.0.fetch_sub(1, AcqRel);
                last
            }
            UNORDERED_PUT => {
                let last = self.0.fetch_sub(1, Relaxed) == 1;
                fence(Acquire);
                last
            }
            UNORDERED_RELEASE => self.0.fetch_sub(1, Release) == 1,
            OVERSHOOTS => false,
            _ => self.0.fetch_sub(1, AcqRel) == 1,
        }
    }
    fn count(&self) -> u32 {
        self.0.load(Relaxed)
    }
}

/// Two threads look an object up while its one owner lets go. Exactly one of the three releases it; whoever comes
/// later is refused.
fn a_late_get_is_refused<C: Count>() {
    let mut model = loom::model::Builder::new();
    // Three threads that all loop on one word: three forced switches find each planted bug, more take minutes.
    model.preemption_bound = Some(3);
    model.check(|| {
        let released = Counter::default();
        let count = Arc::new(C::new(1));
        let users = [(); 2].map(|()| {
            let (count, released) = (count.clone(), released.clone());
            thread::spawn(move || {
                if count.get() && count.put() {
                    released.fetch_add(1, Relaxed);
                }
            })
        });
        if count.put() {
            released.fetch_add(1, Relaxed);
        }
        join(users);
        assert_eq!(released.load(Relaxed), 1, "not released once");
        assert!(!count.get());
    });
}

#[test]
fn k1_a_late_get_is_refused() {
    a_late_get_is_refused::<Kref>();
}

caught!(k1_caught_get_that_revives, "not released once", a_late_get_is_refused::<Faulty<REVIVES>>());

/// Three threads use the object and let go; the last one releases it after every use.
fn the_release_comes_last<C: Count>() {
    loom::model(|| {
        let released = Counter::default();
        let object = Arc::new((C::new(3), Memory::new()));
        let use_it = |object: Arc<(C, Arc<Memory>)>, released: Counter| {
            move || {
                assert_eq!(object.1.read(), 0);
                if object.0.put() {
                    object.1.write();
                    released.fetch_add(1, Relaxed);
                }
            }
        };
        let users = [(); 2].map(|()| thread::spawn(use_it(object.clone(), released.clone())));
        use_it(object, released.clone())();
        join(users);
        assert_eq!(released.load(Relaxed), 1, "not released once");
    });
}

#[test]
fn k2_the_release_comes_last() {
    the_release_comes_last::<Kref>();
}

caught!(k2_caught_put_that_looks_first, "not released once", the_release_comes_last::<Faulty<LOOKS_FIRST>>());
caught!(
    k2_caught_put_without_order,
    "Causality violation",
    the_release_comes_last::<Faulty<UNORDERED_PUT>>()
);
caught!(
    k2_caught_release_without_order,
    "Causality violation",
    the_release_comes_last::<Faulty<UNORDERED_RELEASE>>()
);

/// Two threads meet at the ceiling; the count stays there whatever they do.
fn the_ceiling_holds<C: Count>() {
    loom::model(|| {
        let count = Arc::new(C::new(CEILING - 1));
        let other = count.clone();
        let other = thread::spawn(move || other.get());
        assert!(count.get());
        assert!(other.join().unwrap());
        assert_eq!(count.count(), CEILING, "past the ceiling");
        assert!(!count.put() && !count.put());
        assert_eq!(count.count(), CEILING, "below the ceiling");
    });
}

thread_local! {
    /// Messages in the current model, whose threads all run on the thread of the test.
    static MESSAGES: Cell<u32> = const { Cell::new(0) };
}

#[test]
fn k1_the_ceiling_holds_and_is_told_once() {
    thread_local!(static MODELS: Cell<u32> = const { Cell::new(0) });
    kref::set_message_hook(|text| {
        if text.contains("saturated") {
            MESSAGES.set(MESSAGES.get() + 1);
        }
    });
    the_ceiling_holds::<Counting>();
    assert_eq!(MESSAGES.get(), MODELS.get());

    /// A Kref that counts how many of it there were.
    struct Counting(Kref);
    impl Count for Counting {
        fn new(n: u32) -> Self {
            MODELS.set(MODELS.get() + 1);
            Counting(Kref::new(n))
        }
        fn get(&self) -> bool {
            self.0.get()
        }
        fn put(&self) -> bool {
            self.0.put()
        }
        fn count(&self) -> u32 {
            self.0.count()
        }
    }
}

caught!(k1_caught_get_that_overshoots, "past the ceiling", the_ceiling_holds::<Faulty<OVERSHOOTS>>());

/// A counted box whose content writes `memory` when it is released.
trait Handle: Clone + Send + 'static {
    fn new(memory: Arc<Memory>) -> Self;
    fn read(&self) -> u32;
}

struct Object(Arc<Memory>);

impl Drop for Object {
    fn drop(&mut self) {
        self.0.write();
    }
}

impl Handle for Ref<Object> {
    fn new(memory: Arc<Memory>) -> Self {
        Ref::new(Object(memory))
    }
    fn read(&self) -> u32 {
        self.0.read()
    }
}

/// A box that counts its copies by reading and writing.
struct Careless(Arc<(AtomicU32, Arc<Memory>)>);

impl Handle for Careless {
    fn new(memory: Arc<Memory>) -> Self {
        Careless(Arc::new((AtomicU32::new(1), memory)))
    }
    fn read(&self) -> u32 {
        self.0 .1.read()
    }
}

impl Clone for Careless {
    fn clone(&self) -> Self {
        let count = &self.0 .0;
        count.store(count.load(Relaxed) + 1, Relaxed);
        Careless(self.0.clone())
    }
}

impl Drop for Careless {
    fn drop(&mut self) {
        if self.0 .0.fetch_sub(1, AcqRel) == 1 {
            self.0 .1.write();
        }
    }
}

/// Two threads hold a reference each, copy it, use the copy and drop both: one release, after everything.
fn copies_are_counted<H: Handle>() {
    loom::model(|| {
        let memory = Memory::new();
        let mine = H::new(memory.clone());
        let theirs = mine.clone();
        let other = thread::spawn(move || {
            let copy = theirs.clone();
            drop(theirs);
            assert_eq!(copy.read(), 0, "used after its release");
        });
        let copy = mine.clone();
        drop(mine);
        assert_eq!(copy.read(), 0, "used after its release");
        drop(copy);
        other.join().unwrap();
        assert_eq!(memory.read(), 1, "released once");
    });
}

#[test]
fn k2_ref_is_released_once_after_every_use() {
    copies_are_counted::<Ref<Object>>();
}

caught!(k2_caught_ref_that_loses_a_copy, "after its release", copies_are_counted::<Careless>());
