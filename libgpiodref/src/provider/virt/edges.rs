// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Edges`]: from the levels that a provider tells to the events of a request: which of them are wanted, and which were
//! stable for long enough.
//!
//! Debouncing needs no thread: a change is settled by whoever looks after its time has come, and the file descriptor of the
//! request becomes readable at that time.

use super::queue::Queue;
use crate::config::{Clock, Config, Edge};
use crate::error::Fault;
use crate::info::Event;
use crate::sys;
use kref::sync::lock;
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::sync::Mutex;

pub(super) struct Edges {
    detectors: Mutex<Vec<Detector>>,
    queue: Queue<Event>,
}

/// One line.
struct Detector {
    offset: u32,
    config: Config,
    /// Events so far.
    seqno: u32,
    /// The level that counts, of a line that is debounced; unknown at first.
    level: Option<bool>,
    /// The other level has been there since a moment ago.
    pending: Option<Pending>,
}

#[derive(Clone, Copy)]
struct Pending {
    /// When it counts, of CLOCK_MONOTONIC.
    due_ns: u64,
    /// The same of the clock of the line.
    timestamp_ns: u64,
}

impl Edges {
    pub(super) fn new(offsets: &[u32], capacity: usize) -> Self {
        let new =
            |&offset| Detector { offset, config: Config::default(), seqno: 0, level: None, pending: None };
        let detectors = Mutex::new(offsets.iter().map(new).collect());
        Edges { detectors, queue: Queue::new(capacity) }
    }

    /// Line `n` has been configured. Whether its level has to be told, by [`starts`](Self::starts).
    pub(super) fn configure(&self, n: usize, config: &Config) -> bool {
        let mut detectors = lock(&self.detectors);
        let detector = &mut detectors[n];
        detector.config = *config;
        if config.debounce_us == 0 {
            (detector.level, detector.pending) = (None, None);
        }
        self.wind(&detectors);
        config.debounce_us != 0 && detectors[n].level.is_none()
    }

    /// The level at which debouncing of line `n` starts, unless the provider has told one meanwhile.
    pub(super) fn starts(&self, n: usize, level: bool) {
        lock(&self.detectors)[n].level.get_or_insert(level);
    }

    /// The provider saw a level on line `n`.
    pub(super) fn push(&self, n: usize, level: bool, timestamp_ns: u64) {
        let mut detectors = lock(&self.detectors);
        let now_ns = sys::now(Clock::Monotonic);
        self.settle(&mut detectors, now_ns);
        let detector = &mut detectors[n];
        let at = |clock| if timestamp_ns == 0 { sys::now(clock) } else { timestamp_ns };
        if detector.config.debounce_us == 0 {
            if detector.wants(level) {
                self.queue.push(|number| detector.event(level, at(detector.config.clock), number));
            }
            return;
        }
        let period_ns = u64::from(detector.config.debounce_us) * 1000;
        detector.pending = (*detector.level.get_or_insert(level) != level).then(|| Pending {
            due_ns: now_ns + period_ns,
            timestamp_ns: at(detector.config.clock).wrapping_add(period_ns),
        });
        self.wind(&detectors);
    }

    /// The level of line `n` that counts, where it is debounced.
    pub(super) fn level(&self, n: usize) -> Option<bool> {
        let mut detectors = lock(&self.detectors);
        self.settle(&mut detectors, sys::now(Clock::Monotonic));
        detectors[n].level
    }

    pub(super) fn read(&self, into: &mut [MaybeUninit<Event>]) -> Result<usize, Fault> {
        self.settle(&mut lock(&self.detectors), sys::now(Clock::Monotonic));
        let mut slots = into.iter_mut();
        self.queue.take(slots.len(), |event| {
            slots.next().map(|slot| slot.write(event));
        })
    }

    /// Whether there are events. ENODEV as in [`read`](Self::read).
    pub(super) fn has_some(&self) -> Result<bool, Fault> {
        self.settle(&mut lock(&self.detectors), sys::now(Clock::Monotonic));
        self.queue.has_some()
    }

    /// Readable when there are events, when a change is to be settled, and after the end.
    pub(super) fn fd(&self) -> Result<BorrowedFd<'_>, Fault> {
        self.queue.fd()
    }

    /// The chip has gone: what has been stable for long enough counts, and nothing more comes.
    pub(super) fn hang_up(&self) {
        let mut detectors = lock(&self.detectors);
        self.settle(&mut detectors, sys::now(Clock::Monotonic));
        detectors.iter_mut().for_each(|detector| detector.pending = None);
        self.wind(&detectors);
        self.queue.hang_up();
    }

    /// Lets those changes count whose time has come, in that order.
    fn settle(&self, detectors: &mut [Detector], now_ns: u64) {
        let mut any = false;
        while let Some((pending, detector)) = (detectors.iter_mut())
            .filter_map(|detector| Some((detector.pending?, detector)))
            .filter(|(pending, _)| pending.due_ns <= now_ns)
            .min_by_key(|(pending, _)| pending.due_ns)
        {
            any = true;
            detector.pending = None;
            let level = detector.level.is_some_and(|level| !level);
            detector.level = Some(level);
            if detector.wants(level) {
                self.queue.push(|number| detector.event(level, pending.timestamp_ns, number));
            }
        }
        if any {
            self.wind(detectors);
        }
    }

    /// The reader is to look again when the next event comes of itself.
    fn wind(&self, detectors: &[Detector]) {
        let wanted = detectors.iter().filter(|d| d.level.is_some_and(|level| d.wants(!level)));
        self.queue
            .look_again(wanted.filter_map(|detector| detector.pending).map(|pending| pending.due_ns).min());
    }
}

impl Detector {
    /// Whether a change to this level is an event.
    fn wants(&self, level: bool) -> bool {
        match self.config.edge {
            Edge::None => false,
            Edge::Rising => level != self.config.active_low,
            Edge::Falling => level == self.config.active_low,
            Edge::Both => true,
        }
    }

    fn event(&mut self, level: bool, timestamp_ns: u64, global_seqno: u32) -> Event {
        let active = level != self.config.active_low;
        self.seqno = self.seqno.wrapping_add(1);
        let kind = if active { Event::RISING } else { Event::FALLING };
        Event { timestamp_ns, kind, offset: self.offset, line_seqno: self.seqno, global_seqno }
    }
}
