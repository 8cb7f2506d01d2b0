// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Turn`]: one thread at a time changes something, and foreign code runs meanwhile. It is no lock: that code may come back, on
//! this thread or another, and nobody is made to wait for himself, be it around several corners.

use crate::revocable::{Guard, Revocable};
use crate::sync::{lock, thread_local, Mutex};
use std::sync::Arc;

/// See the module's description.
#[derive(Default)]
pub struct Turn(Arc<Mutex<Holder>>);

#[derive(Default)]
struct Holder {
    thread: Option<usize>,
    others_wait: bool,
}

/// The turn is this thread's until this is dropped.
pub struct Taken<'a> {
    turn: &'a Turn,
    link: &'a Revocable,
}

/// Why it is not this thread's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnError {
    /// It already is, further down on the stack.
    Mine,
    /// The thread that has it waits, around however many corners, for one that this thread has: -EDEADLK.
    Deadlock,
    /// What is to be changed has gone away meanwhile: -ENODEV.
    Revoked,
}

/// Which threads wait, and for whose end of the turn. Only those who have to wait come here.
#[cfg(not(loom))]
static WAITING: Mutex<Vec<Wait>> = Mutex::new(Vec::new());
#[cfg(loom)]
loom::lazy_static! { static ref WAITING: Mutex<Vec<Wait>> = Mutex::new(Vec::new()); }

struct Wait {
    thread: usize,
    turn: Arc<Mutex<Holder>>,
}

/// A thread waits as long as this is there.
struct Waits {
    thread: usize,
}

impl Waits {
    /// None if the wait would never end, since whoever has the turn waits for this thread.
    fn begin(thread: usize, wanted: &Arc<Mutex<Holder>>) -> Option<Self> {
        let mut waiting = lock(&WAITING);
        let mut turn = wanted;
        // Who closes a circle sees it, so that there is none yet; the bound is for nothing but peace of mind.
        for _ in 0..=waiting.len() {
            let holder = lock(turn).thread;
            if holder == Some(thread) {
                return None;
            }
            // Who has just got the turn that he waited for stands here for a moment longer.
            let next = waiting.iter().find(|wait| Some(wait.thread) == holder);
            match next.filter(|wait| !Arc::ptr_eq(&wait.turn, turn)) {
                Some(wait) => turn = &wait.turn,
                None => break,
            }
        }
        waiting.push(Wait { thread, turn: wanted.clone() });
        Some(Waits { thread })
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        lock(&WAITING).retain(|wait| wait.thread != self.thread);
    }
}

/// A number that no other living thread has. Not `std::thread::current()`, which leaves memory behind on threads that std has
/// not made.
fn this_thread() -> usize {
    thread_local!(
        static HERE: u8 = const { 0 };
    );
    HERE.with(|here| std::ptr::from_ref(here).addr())
}

impl Turn {
    /// A turn that is nobody's.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits for the turn in the middle of an operation, at most until that is revoked.
    pub fn take<'a>(&'a self, guard: &Guard<'a>) -> Result<Taken<'a>, TurnError> {
        let me = this_thread();
        let mut waits = None;
        let taken = guard.sleep(None, || {
            let mut holder = lock(&self.0);
            match holder.thread {
                None => holder.thread = Some(me),
                Some(thread) if thread == me => return Some(Err(TurnError::Mine)),
                Some(_) => {
                    holder.others_wait = true;
                    drop(holder);
                    if waits.is_none() {
                        waits = Waits::begin(me, &self.0);
                    }
                    return waits.is_none().then_some(Err(TurnError::Deadlock));
                }
            }
            Some(Ok(Taken { turn: self, link: guard.link() }))
        });
        taken.unwrap_or(Err(TurnError::Revoked))
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let others_wait = std::mem::take(&mut *lock(&self.turn.0)).others_wait;
        if others_wait {
            self.link.notify();
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::thread;

    #[test]
    fn one_thread_at_a_time_has_the_turn() {
        let (link, turn) = (Revocable::new(), Turn::new());
        let guard = link.enter().unwrap();
        let mine = turn.take(&guard).ok().unwrap();
        assert_eq!(turn.take(&guard).err(), Some(TurnError::Mine));
        thread::scope(|scope| {
            let (got, heard) = channel();
            let (link, turn) = (&link, &turn);
            scope.spawn(move || {
                let guard = link.enter().unwrap();
                let theirs = turn.take(&guard);
                got.send(()).unwrap();
                assert!(theirs.is_ok());
            });
            while lock(&WAITING).iter().all(|wait| !Arc::ptr_eq(&wait.turn, &turn.0)) {
                thread::yield_now();
            }
            assert!(heard.try_recv().is_err(), "got in between");
            drop(mine);
            heard.recv().unwrap();
        });
    }

    #[test]
    fn k4_who_waits_for_the_turn_wakes_when_the_thing_goes() {
        let (link, turn) = (Revocable::new(), Turn::new());
        let guard = link.enter().unwrap();
        let _mine = turn.take(&guard).ok().unwrap();
        thread::scope(|scope| {
            let waits = scope.spawn(|| turn.take(&link.enter().unwrap()).err());
            while lock(&WAITING).iter().all(|wait| !Arc::ptr_eq(&wait.turn, &turn.0)) {
                thread::yield_now();
            }
            link.revoke();
            assert_eq!(waits.join().unwrap(), Some(TurnError::Revoked));
        });
    }

    /// Two things that are changed by way of one another, from both ends.
    #[test]
    fn nobody_waits_for_himself_around_a_corner() {
        let (a, b) = ((Revocable::new(), Turn::new()), (Revocable::new(), Turn::new()));
        let both = |one: &(Revocable, Turn), other: &(Revocable, Turn)| {
            let mut deadlocks = 0;
            for _ in 0..2000 {
                let (one_guard, other_guard) = (one.0.enter().unwrap(), other.0.enter().unwrap());
                let _outer = one.1.take(&one_guard).ok().unwrap();
                match other.1.take(&other_guard) {
                    Err(TurnError::Deadlock) => deadlocks += 1,
                    inner => drop(inner.ok().unwrap()),
                }
            }
            deadlocks
        };
        let refused: u32 = thread::scope(|scope| {
            let there = scope.spawn(|| both(&a, &b));
            let back = scope.spawn(|| both(&b, &a));
            there.join().unwrap() + back.join().unwrap()
        });
        // How often they meet is chance; that both came through is what counts, and that one of two who met did.
        assert!(refused < 4000);
    }
}
