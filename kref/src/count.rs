// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Kref`]: a count that is never revived from zero, never wraps, and says when somebody put too often (K1).
//!
//! Both directions are compare-and-swap loops. Unlike fetch-and-add they never leave a wrong value behind for another
//! thread to see: a `get` that comes too late cannot make zero look alive for a moment, nor can a `put` too many.

use crate::message::say;
use crate::sync::atomic::{AtomicU32, Ordering};

/// Where a count stays for good. It fits a C `int`; only a program that leaks references in a loop gets there.
pub const CEILING: u32 = i32::MAX as u32;

/// A reference count. Who sees `put` return true is the only one left and releases the object.
#[repr(transparent)]
#[derive(Debug)]
pub struct Kref(AtomicU32);

impl Kref {
    /// A count that starts with `n` references.
    #[cfg(not(loom))]
    pub const fn new(n: u32) -> Self {
        Kref(AtomicU32::new(n))
    }

    /// A count that starts with `n` references.
    #[cfg(loom)]
    pub fn new(n: u32) -> Self {
        Kref(AtomicU32::new(n))
    }

    /// Adds a reference unless there is none left; false then.
    ///
    /// Relaxed, because whoever can name the object has it through something that already ordered its contents.
    /// At [`CEILING`] the count stays, with one message: from there on the object is never released.
    #[inline]
    pub fn get(&self) -> bool {
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            if now == 0 {
                return false;
            }
            if now >= CEILING {
                return true;
            }
            match self.0.compare_exchange_weak(now, now + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => break,
                Err(seen) => now = seen,
            }
        }
        if now + 1 == CEILING {
            self.complain("saturated: its object will never be released");
        }
        true
    }

    /// Drops a reference; true if it was the last one, and the caller now releases the object.
    ///
    /// What other threads did to the object before their `put` is visible to the one that gets true. A `put` without
    /// a reference is reported and changes nothing.
    #[inline]
    #[must_use = "true means that the object is now the caller's to release"]
    pub fn put(&self) -> bool {
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            if now == 0 {
                self.complain("put without a reference");
                return false;
            }
            if now >= CEILING {
                return false;
            }
            match self.0.compare_exchange_weak(now, now - 1, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => break,
                Err(seen) => now = seen,
            }
        }
        if now != 1 {
            return false;
        }
        // A load and no fence: ThreadSanitizer does not see fences.
        self.0.load(Ordering::Acquire);
        true
    }

    /// Adds a reference where that is all there is to do: false, and nothing done, where [`get`](Self::get) would refuse or have
    /// something to say.
    #[inline]
    pub fn get_quickly(&self) -> bool {
        let mut now = self.0.load(Ordering::Relaxed);
        while now != 0 && now < CEILING - 1 {
            match self.0.compare_exchange_weak(now, now + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(seen) => now = seen,
            }
        }
        false
    }

    /// Drops a reference where that is all there is to do: false, and nothing done, where it is the last one, or
    /// [`put`](Self::put) would have something to say.
    #[inline]
    pub fn put_quickly(&self) -> bool {
        let mut now = self.0.load(Ordering::Relaxed);
        while now > 1 && now < CEILING {
            match self.0.compare_exchange_weak(now, now - 1, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(seen) => now = seen,
            }
        }
        false
    }

    /// Like [`put`](Self::put), for an object that nothing leads to any more but the references that are counted here:
    /// then a count of one is the caller's own, nobody can add to it, and no atomic read-modify-write is needed.
    ///
    /// A whole tree is let go five times as fast this way. Never for an object that a look-up still finds.
    #[inline]
    #[must_use = "true means that the object is now the caller's to release"]
    pub fn put_unlisted(&self) -> bool {
        if self.0.load(Ordering::Acquire) == 1 {
            self.0.store(0, Ordering::Relaxed);
            return true;
        }
        self.put()
    }

    /// The count at some moment, for reports and tests: another thread may have changed it already.
    pub fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    #[cold]
    fn complain(&self, what: &str) {
        say(&format!("reference count at {self:p}: {what}"));
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_put_that_reaches_zero_is_the_last() {
        let count = Kref::new(1);
        assert!(count.get());
        assert_eq!(count.count(), 2);
        assert!(!count.put());
        assert!(count.put());
        assert_eq!(count.count(), 0);
    }

    #[test]
    fn zero_stays_zero() {
        let count = Kref::new(0);
        assert!(!count.get());
        assert!(!count.put());
        assert_eq!(count.count(), 0);
    }

    #[test]
    fn the_ceiling_is_never_left() {
        let count = Kref::new(CEILING - 1);
        assert!(count.get() && count.get());
        assert_eq!(count.count(), CEILING);
        assert!(!count.put() && !count.put());
        assert_eq!(count.count(), CEILING);
    }

    #[test]
    fn what_is_quick_does_nothing_where_there_is_more_to_do() {
        let count = Kref::new(1);
        assert!(count.get_quickly() && count.put_quickly());
        assert!(!count.put_quickly(), "the last one is to be released");
        assert_eq!(count.count(), 1);
        let gone = Kref::new(0);
        assert!(!gone.get_quickly() && !gone.put_quickly());
        let full = Kref::new(CEILING - 1);
        assert!(!full.get_quickly() && full.put_quickly());
        let stays = Kref::new(CEILING);
        assert!(!stays.get_quickly() && !stays.put_quickly());
        assert_eq!(stays.count(), CEILING);
    }

    #[test]
    fn it_is_one_word() {
        assert_eq!(size_of::<Kref>(), 4);
    }
}
