// SPDX-License-Identifier: MIT OR Apache-2.0
//! G3, M9: Shares and Votes.

use crate::join;
use kref::{Shares, Votes};
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::sync::Arc;

/// A thing of which no two may live.
struct Thing(Arc<AtomicUsize>);

impl Thing {
    fn new(living: &Arc<AtomicUsize>) -> Self {
        assert_eq!(living.fetch_add(1, SeqCst), 0, "two live");
        Thing(living.clone())
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

trait Share: Send + Sync + 'static {
    fn new() -> Self;
    /// Holds the thing for a moment.
    fn hold(&self, living: &Arc<AtomicUsize>);
}

impl Share for Shares<u8, Thing> {
    fn new() -> Self {
        Shares::new()
    }
    fn hold(&self, living: &Arc<AtomicUsize>) {
        let (held, _) = self.join(1, None, || Ok::<_, ()>(Thing::new(living))).unwrap();
        assert_eq!(held.0.load(SeqCst), 1, "held and not alive");
    }
}

/// One thing with a count of its holders, of which each kind has one bug.
struct Faulty<const BUG: u32> {
    /// Holders, and the thing; a holder waits while there are some and it is not there.
    state: Mutex<(usize, Option<Arc<Thing>>)>,
    changed: Condvar,
}
/// The thing is made after a look without the lock held in between.
const LOOKS_FIRST: u32 = 1;
/// The place is free before the thing is gone.
const FREES_FIRST: u32 = 2;

impl<const BUG: u32> Share for Faulty<BUG> {
    fn new() -> Self {
        Faulty { state: Mutex::new((0, None)), changed: Condvar::new() }
    }
    fn hold(&self, living: &Arc<AtomicUsize>) {
        let mut state = self.state.lock().unwrap();
        if BUG == LOOKS_FIRST {
            if state.1.is_none() {
                drop(state);
                let made = Arc::new(Thing::new(living));
                state = self.state.lock().unwrap();
                state.1 = Some(made);
            }
        } else {
            while state.0 > 0 && state.1.is_none() {
                state = self.changed.wait(state).unwrap();
            }
            if state.0 == 0 {
                state.1 = Some(Arc::new(Thing::new(living)));
            }
        }
        state.0 += 1;
        let held = state.1.clone();
        drop(state);
        drop(held);
        let mut state = self.state.lock().unwrap();
        state.0 -= 1;
        if state.0 == 0 {
            let gone = state.1.take();
            if BUG == FREES_FIRST {
                drop(state);
            }
            drop(gone);
            self.changed.notify_all();
        }
    }
}

fn at_most_one<S: Share>() {
    loom::model(|| {
        let (shares, living) = (Arc::new(S::new()), Arc::new(AtomicUsize::new(0)));
        let holder = || {
            let (shares, living) = (shares.clone(), living.clone());
            thread::spawn(move || shares.hold(&living))
        };
        join([holder(), holder()]);
        assert_eq!(living.load(SeqCst), 0);
    });
}

#[test]
fn m9_of_what_is_shared_there_is_at_most_one() {
    at_most_one::<Shares<u8, Thing>>();
}
caught!(m9_a_look_before_the_lock_is_caught, "two live", at_most_one::<Faulty<LOOKS_FIRST>>());
caught!(m9_a_place_that_is_freed_too_early_is_caught, "two live", at_most_one::<Faulty<FREES_FIRST>>());

trait Poll: Send + Sync + 'static {
    fn new() -> Self;
    fn join(&self) -> usize;
    /// Votes for true and leaves.
    fn vote(&self, place: usize, line: &AtomicBool);
    fn leave(&self, place: usize, line: &AtomicBool);
}

fn set(line: &AtomicBool, value: bool) -> Result<(), ()> {
    line.store(value, SeqCst);
    Ok(())
}

impl Poll for Votes {
    fn new() -> Self {
        Votes::new(false)
    }
    fn join(&self) -> usize {
        Votes::join(self)
    }
    fn vote(&self, place: usize, line: &AtomicBool) {
        self.cast(place, Some(true), |value| set(line, value)).unwrap();
    }
    fn leave(&self, place: usize, line: &AtomicBool) {
        Votes::leave(self, place, |value| set(line, value)).unwrap();
    }
}

/// Votes that are counted under a lock and applied without one, so that an older outcome may come last.
struct Unordered(Mutex<usize>);

impl Poll for Unordered {
    fn new() -> Self {
        Unordered(Mutex::new(0))
    }
    fn join(&self) -> usize {
        0
    }
    fn vote(&self, _: usize, line: &AtomicBool) {
        let outcome = {
            let mut yes = self.0.lock().unwrap();
            *yes += 1;
            *yes > 0
        };
        set(line, outcome).unwrap();
    }
    fn leave(&self, _: usize, line: &AtomicBool) {
        let outcome = {
            let mut yes = self.0.lock().unwrap();
            *yes -= 1;
            *yes > 0
        };
        set(line, outcome).unwrap();
    }
}

/// One votes and stays, the other votes and leaves: the vote of the first is what the line has in the end, and had since he
/// cast it.
fn the_outcome_is_the_lines<P: Poll>() {
    loom::model(|| {
        let (votes, line) = (Arc::new(P::new()), Arc::new(AtomicBool::new(false)));
        let (stays, leaves) = (votes.join(), votes.join());
        let voter = |place, goes| {
            let (votes, line) = (votes.clone(), line.clone());
            thread::spawn(move || {
                votes.vote(place, &line);
                if goes {
                    votes.leave(place, &line);
                } else {
                    assert!(line.load(SeqCst), "voted and not applied");
                }
            })
        };
        join([voter(stays, false), voter(leaves, true)]);
        assert!(line.load(SeqCst), "an older outcome came last");
        votes.leave(stays, &line);
        assert!(!line.load(SeqCst));
    });
}

#[test]
fn g3_the_line_has_what_the_votes_come_to() {
    the_outcome_is_the_lines::<Votes>();
}
caught!(
    g3_a_vote_that_is_overtaken_by_an_older_outcome_is_caught,
    "voted and not applied",
    the_outcome_is_the_lines::<Unordered>()
);

/// A weak handle becomes a reference, or does not, while the last reference is put: the object is dropped once, and what was got
/// is whole until it is put.
#[test]
fn g1_a_weak_handle_and_the_last_put() {
    loom::model(|| {
        let living = Arc::new(AtomicUsize::new(0));
        let held = kref::Ref::new(Thing::new(&living));
        let weak = kref::Ref::downgrade(&held);
        let alive = living.clone();
        let upgrades = thread::spawn(move || {
            if let Some(held) = weak.upgrade() {
                assert_eq!(held.0.load(SeqCst), 1, "held and not alive");
            }
        });
        let puts = thread::spawn(move || drop(held));
        join([upgrades, puts]);
        assert_eq!(alive.load(SeqCst), 0, "dropped, and once");
    });
}
