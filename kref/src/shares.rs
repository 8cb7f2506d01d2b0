// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Seats`] and [`Shares`]: things that several holders have by a key. The first one makes the thing, the last one unmakes it, and
//! there are never two of it, also not while one is being made or unmade (G3, M9).

use crate::inside::Inside;
use crate::sync::{deadline, lock, passed, wait, Condvar, Mutex};
use crate::{Ref, Weak};
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// Places for counted things, one under each key. A thing keeps its [`Seat`] until nothing of it is left.
pub struct Seats<K, T>(Arc<Table<K, T>>);

struct Table<K, T> {
    slots: Mutex<Vec<Slot<K, T>>>,
    /// A thing has been made or unmade.
    changed: Condvar,
}

struct Slot<K, T> {
    key: K,
    mark: Mark,
    /// None while it is being made; a Weak that leads nowhere while it is being unmade.
    thing: Option<Weak<T>>,
}

/// Has an address that is the slot's alone: what a thread is inside of while it makes or unmakes the thing.
type Mark = Arc<u8>;

/// A thing's place among [`Seats`]. Nobody makes another thing under its key before it is dropped, so a thing drops it last.
pub struct Seat<K, T> {
    key: K,
    table: Arc<Table<K, T>>,
    mark: Mark,
}

/// A thing is being unmade on this thread, which therefore cannot wait for the end of that.
pub struct Leaving {
    _inside: Inside,
}

/// The things that are shared, each under its key, for things that know nothing of that.
pub struct Shares<K, T>(Seats<K, Member<K, T>>);

/// A holder's part in a thing. The last one dropped drops the thing, with no lock held; only then can it be made again.
pub struct Share<K, T>(Ref<Member<K, T>>);

struct Member<K, T> {
    thing: ManuallyDrop<T>,
    seat: Seat<K, Member<K, T>>,
}

/// Why there is no share.
#[derive(Debug, PartialEq, Eq)]
pub enum JoinError<E> {
    /// It could not be made.
    Make(E),
    /// Another thread was still making or unmaking it when the time was over, or this one is.
    Busy,
}

impl<K, T> Default for Seats<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, T> Seats<K, T> {
    /// Nothing seated.
    pub fn new() -> Self {
        Seats(Arc::new(Table { slots: Mutex::new(Vec::new()), changed: Condvar::new() }))
    }
}

impl<K: PartialEq + Clone, T> Seats<K, T> {
    /// The thing with this key, which `make` makes if there is none; and whether it did. `make` is given the seat, for the thing
    /// to keep. It runs with no lock held, and never while another runs for the same key.
    pub fn join<E>(
        &self,
        key: K,
        patience: Option<Duration>,
        make: impl FnOnce(Seat<K, T>) -> Result<Ref<T>, E>,
    ) -> Result<(Ref<T>, bool), JoinError<E>> {
        let deadline = deadline(patience);
        let mut slots = lock(&self.0.slots);
        while let Some(slot) = slots.iter().find(|slot| slot.key == key) {
            if let Some(thing) = slot.thing.as_ref().and_then(Weak::upgrade) {
                return Ok((thing, false));
            }
            if Inside::is(&*slot.mark) || passed(deadline) {
                return Err(JoinError::Busy);
            }
            wait(&self.0.changed, slots, deadline);
            slots = lock(&self.0.slots);
        }
        let mark = Mark::new(0);
        slots.push(Slot { key: key.clone(), mark: mark.clone(), thing: None });
        drop(slots);
        let seat = Seat { key, table: self.0.clone(), mark: mark.clone() };
        let inside = Inside::enter(&*mark);
        let thing = make(seat).map_err(JoinError::Make)?;
        drop(inside);
        self.0.made(&mark, Ref::downgrade(&thing));
        Ok((thing, true))
    }
}

impl<K, T> Table<K, T> {
    fn made(&self, mark: &Mark, thing: Weak<T>) {
        let mut slots = lock(&self.slots);
        if let Some(slot) = slots.iter_mut().find(|slot| Arc::ptr_eq(&slot.mark, mark)) {
            slot.thing = Some(thing);
        }
        drop(slots);
        self.changed.notify_all();
    }
}

impl<K, T> Seat<K, T> {
    /// The key of the thing.
    pub fn key(&self) -> &K {
        &self.key
    }

    /// For the release of the thing, all of which the value outlives.
    pub fn leaving(&self) -> Leaving {
        Leaving { _inside: Inside::enter(&*self.mark) }
    }
}

impl<K, T> Drop for Seat<K, T> {
    fn drop(&mut self) {
        let mut slots = lock(&self.table.slots);
        let at = slots.iter().position(|slot| Arc::ptr_eq(&slot.mark, &self.mark));
        let slot = at.map(|at| slots.swap_remove(at));
        drop(slots);
        drop(slot);
        self.table.changed.notify_all();
    }
}

impl<K, T> Default for Shares<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, T> Shares<K, T> {
    /// Nothing shared.
    pub fn new() -> Self {
        Shares(Seats::new())
    }
}

impl<K: PartialEq + Clone, T> Shares<K, T> {
    /// A share in the thing with this key, as [`Seats::join`] gives it.
    pub fn join<E>(
        &self,
        key: K,
        patience: Option<Duration>,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<(Share<K, T>, bool), JoinError<E>> {
        let member = |seat| Ok(Ref::new(Member { thing: ManuallyDrop::new(make()?), seat }));
        let (member, made) = self.0.join(key, patience, member)?;
        Ok((Share(member), made))
    }
}

impl<K, T> Deref for Share<K, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0.thing
    }
}

impl<K, T> Clone for Share<K, T> {
    fn clone(&self) -> Self {
        Share(self.0.clone())
    }
}

impl<K, T> Share<K, T> {
    /// How many shares there were at some moment; for reports and tests.
    pub fn count(this: &Self) -> u32 {
        Ref::count(&this.0)
    }
}

impl<K, T> Drop for Member<K, T> {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        let _leaving = self.seat.leaving();
        // SAFETY: this is the one drop of the member, after which nobody reaches the thing.
        unsafe { ManuallyDrop::drop(&mut self.thing) };
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    const NOW: Option<Duration> = Some(Duration::ZERO);

    /// Counts how many of it live.
    struct Thing(Arc<AtomicUsize>);
    impl Thing {
        fn new(living: &Arc<AtomicUsize>) -> Self {
            assert_eq!(living.fetch_add(1, Ordering::SeqCst), 0, "two live at the same time");
            thread::yield_now();
            Thing(living.clone())
        }
    }
    impl Drop for Thing {
        fn drop(&mut self) {
            thread::yield_now();
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn m9_the_first_makes_it_and_the_last_unmakes_it() {
        let (shares, living) = (Shares::new(), Arc::default());
        let make = || Ok::<_, ()>(Thing::new(&living));
        let (one, made) = shares.join("a", NOW, make).unwrap();
        assert!(made);
        let (other, made) = shares.join("a", NOW, || Err(())).unwrap();
        assert!(!made);
        assert!(matches!(shares.join("b", NOW, || Err("no")), Err(JoinError::Make("no"))));
        drop(one);
        assert_eq!((living.load(Ordering::SeqCst), Share::count(&other)), (1, 1));
        drop(other);
        assert_eq!(living.load(Ordering::SeqCst), 0);
        assert!(shares.join("a", NOW, make).unwrap().1);
        assert!(lock(&shares.0 .0.slots).is_empty());
    }

    #[test]
    fn m9_under_many_threads_there_is_at_most_one() {
        let (shares, living) = (Shares::new(), Arc::default());
        let made = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let (_held, new) = shares.join(7, None, || Ok::<_, ()>(Thing::new(&living))).unwrap();
                        made.fetch_add(new.into(), Ordering::Relaxed);
                    }
                });
            }
        });
        assert!(made.into_inner() > 0);
        assert_eq!(living.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn who_makes_or_unmakes_it_cannot_wait_for_itself() {
        let shares: Arc<Shares<u8, Joins>> = Arc::default();
        struct Joins(Arc<Shares<u8, Joins>>);
        impl Joins {
            fn refused(&self) {
                assert!(matches!(self.0.join(1, None, || Err(())), Err(JoinError::Busy)));
            }
        }
        impl Drop for Joins {
            fn drop(&mut self) {
                self.refused();
            }
        }
        let made = shares.join(1, None, || {
            let thing = Joins(shares.clone());
            thing.refused();
            Ok::<_, ()>(thing)
        });
        drop(made);
        assert!(lock(&shares.0 .0.slots).is_empty());
    }

    #[test]
    fn a_panic_while_it_is_made_leaves_nothing_behind() {
        let shares: Shares<u8, ()> = Shares::new();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = shares.join(1, None, || -> Result<(), ()> { std::panic::resume_unwind(Box::new(1)) });
        }));
        assert!(caught.is_err());
        assert!(shares.join(1, NOW, || Ok::<_, ()>(())).unwrap().1);
    }
}
