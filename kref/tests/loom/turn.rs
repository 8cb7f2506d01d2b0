// SPDX-License-Identifier: MIT OR Apache-2.0
//! M6, K4: Turn.

use crate::{join, Memory};
use kref::{Revocable, Turn, TurnError};
use loom::sync::atomic::{AtomicUsize, Ordering::*};
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::sync::Arc;

/// Two things, each with its turn.
trait Turns: Send + Sync + 'static {
    fn new() -> Self;
    /// Runs `work` in the turn of one of them; false if that would be waited for forever.
    fn in_turn(&self, which: usize, work: &mut dyn FnMut()) -> bool;
}

impl Turns for [(Revocable, Turn); 2] {
    fn new() -> Self {
        [(Revocable::new(), Turn::new()), (Revocable::new(), Turn::new())]
    }
    fn in_turn(&self, which: usize, work: &mut dyn FnMut()) -> bool {
        let (link, turn) = &self[which];
        let guard = link.enter().ok().unwrap();
        let taken = turn.take(&guard);
        match &taken {
            Ok(_) => work(),
            Err(error) => assert_eq!(*error, TurnError::Deadlock),
        }
        taken.is_ok()
    }
}

/// Turns of which each kind has one bug.
struct Faulty<const BUG: u32> {
    /// Who has each of them, and who waits for which; by numbers of threads.
    holders: Mutex<[Option<usize>; 2]>,
    changed: Condvar,
    waiting: Mutex<[Option<usize>; 2]>,
    next: AtomicUsize,
}
/// It is looked whether the turn is free, and taken, in two steps.
const LOOKS_FIRST: u32 = 1;
/// Nobody looks whether the wait would end.
const WAITS_ALWAYS: u32 = 2;
/// Each looks before it is seen to wait, so that two miss one another.
const LOOKS_THEN_WAITS: u32 = 3;

loom::thread_local!(static ME: std::cell::Cell<Option<usize>> = std::cell::Cell::new(None));

impl<const BUG: u32> Turns for Faulty<BUG> {
    fn new() -> Self {
        Faulty {
            holders: Mutex::new([None; 2]),
            changed: Condvar::new(),
            waiting: Mutex::new([None; 2]),
            next: AtomicUsize::new(0),
        }
    }
    fn in_turn(&self, which: usize, work: &mut dyn FnMut()) -> bool {
        let me = ME.with(|me| me.get().unwrap_or_else(|| self.next.fetch_add(1, SeqCst)));
        ME.with(|cell| cell.set(Some(me)));
        let mut holders = self.holders.lock().unwrap();
        if BUG == LOOKS_FIRST && holders[which].is_none() {
            drop(holders);
            holders = self.holders.lock().unwrap();
        } else {
            while let Some(holder) = holders[which] {
                if BUG == LOOKS_THEN_WAITS {
                    drop(holders);
                    let theirs = self.waiting.lock().unwrap()[holder];
                    let mine = self.holders.lock().unwrap();
                    if theirs.is_some_and(|turn| mine[turn] == Some(me)) {
                        return false;
                    }
                    drop(mine);
                    self.waiting.lock().unwrap()[me] = Some(which);
                    holders = self.holders.lock().unwrap();
                    if holders[which].is_none() {
                        break;
                    }
                }
                holders = self.changed.wait(holders).unwrap();
            }
            if BUG == LOOKS_THEN_WAITS {
                drop(holders);
                self.waiting.lock().unwrap()[me] = None;
                holders = self.holders.lock().unwrap();
            }
        }
        holders[which] = Some(me);
        drop(holders);
        work();
        self.holders.lock().unwrap()[which] = None;
        self.changed.notify_all();
        true
    }
}

fn one_at_a_time<T: Turns>() {
    loom::model(|| {
        let (turns, memory) = (Arc::new(T::new()), Memory::new());
        let thread = || {
            let (turns, memory) = (turns.clone(), memory.clone());
            thread::spawn(move || {
                assert!(turns.in_turn(0, &mut || memory.write()));
            })
        };
        join([thread(), thread()]);
        assert_eq!(memory.read(), 2);
    });
}

/// One changes the first by way of the second, another the second by way of the first. Both come through, and one at least all of
/// the way.
fn nobody_waits_for_himself<T: Turns>() {
    let mut model = loom::model::Builder::new();
    // Two threads with some dozen locks each: three forced switches find each planted bug.
    model.preemption_bound = Some(3);
    model.check(|| {
        let (turns, through) = (Arc::new(T::new()), Arc::new(AtomicUsize::new(0)));
        let thread = |outer: usize, inner: usize| {
            let (turns, through) = (turns.clone(), through.clone());
            thread::spawn(move || {
                let reached = turns.in_turn(outer, &mut || {
                    if turns.in_turn(inner, &mut || ()) {
                        through.fetch_add(1, SeqCst);
                    }
                });
                assert!(reached);
            })
        };
        join([thread(0, 1), thread(1, 0)]);
        assert_ne!(through.load(SeqCst), 0, "both were refused");
    });
}

#[test]
fn m6_one_thread_at_a_time_changes_a_link() {
    one_at_a_time::<[(Revocable, Turn); 2]>();
}
#[test]
fn k4_nobody_waits_for_himself() {
    nobody_waits_for_himself::<[(Revocable, Turn); 2]>();
}
caught!(m6_caught_turn_that_looks_first, "Causality violation", one_at_a_time::<Faulty<LOOKS_FIRST>>());
caught!(k4_caught_turn_that_always_waits, "deadlock", nobody_waits_for_himself::<Faulty<WAITS_ALWAYS>>());
caught!(
    k4_caught_turns_that_miss_one_another,
    "deadlock",
    nobody_waits_for_himself::<Faulty<LOOKS_THEN_WAITS>>()
);
