// SPDX-License-Identifier: MIT OR Apache-2.0
//! K6: the tracker.

use kref::track::Tracker;
use loom::sync::atomic::{AtomicU32, Ordering::*};
use loom::sync::Mutex;
use loom::thread;
use std::sync::Arc;

const OBJECT: usize = 0x10;

trait Track: Send + Sync + 'static {
    fn new() -> Self;
    fn on(&self) -> bool;
    fn off(&self);
    fn took(&self);
    fn dropped(&self);
    fn held(&self) -> usize;
}

impl Track for Tracker {
    fn new() -> Self {
        Tracker::new(1)
    }
    fn on(&self) -> bool {
        Tracker::on(self)
    }
    fn off(&self) {
        self.set_level(0);
    }
    fn took(&self) {
        Tracker::took(self, OBJECT, "object");
    }
    fn dropped(&self) {
        Tracker::dropped(self, OBJECT);
    }
    fn held(&self) -> usize {
        self.holders(OBJECT).iter().map(|h| h.count).sum()
    }
}

/// A tracker of which each kind has one bug; it only counts.
struct Faulty<const BUG: u32> {
    level: AtomicU32,
    records: Mutex<usize>,
}
/// Recording does not look again whether it has been turned off.
const RECORDS_LATE: u32 = 1;
/// Dropping reads and writes back under two locks.
const LOSES: u32 = 2;

impl<const BUG: u32> Track for Faulty<BUG> {
    fn new() -> Self {
        Faulty { level: AtomicU32::new(1), records: Mutex::new(0) }
    }
    fn on(&self) -> bool {
        self.level.load(Relaxed) != 0
    }
    fn off(&self) {
        let mut records = self.records.lock().unwrap();
        self.level.store(0, Relaxed);
        *records = 0;
    }
    fn took(&self) {
        let mut records = self.records.lock().unwrap();
        if BUG == RECORDS_LATE || self.on() {
            *records += 1;
        }
    }
    fn dropped(&self) {
        let now = self.held();
        *self.records.lock().unwrap() = now - 1;
    }
    fn held(&self) -> usize {
        *self.records.lock().unwrap()
    }
}

/// One thread takes a reference while another turns tracking off: nothing stays behind to be blamed on a later object.
fn off_forgets_everything<T: Track>() {
    loom::model(|| {
        let tracker = Arc::new(T::new());
        let other = tracker.clone();
        let taker = thread::spawn(move || {
            if other.on() {
                other.took();
            }
        });
        tracker.off();
        taker.join().unwrap();
        assert_eq!(tracker.held(), 0, "a record was left");
    });
}

#[test]
fn k6_off_forgets_everything() {
    off_forgets_everything::<Tracker>();
}

caught!(k6_caught_record_after_off, "a record was left", off_forgets_everything::<Faulty<RECORDS_LATE>>());

/// Two threads take references and one drops: what is listed is what is out.
fn what_is_out_is_listed<T: Track>() {
    loom::model(|| {
        let tracker = Arc::new(T::new());
        tracker.took();
        let other = tracker.clone();
        let taker = thread::spawn(move || other.took());
        tracker.dropped();
        taker.join().unwrap();
        assert_eq!(tracker.held(), 1, "the list is wrong");
    });
}

#[test]
fn k6_what_is_out_is_listed() {
    what_is_out_is_listed::<Tracker>();
}

caught!(k6_caught_list_that_loses_a_record, "the list is wrong", what_is_out_is_listed::<Faulty<LOSES>>());
