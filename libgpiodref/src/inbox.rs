// SPDX-License-Identifier: MIT OR Apache-2.0
//! Edges on their way to one holder: read early, so that they outlive their chip (G5), and counted, so that a gap is seen
//! (G7).

use crate::error::Fault;
use crate::info::Event;
use crate::provider::Lines;
use crate::sys::Signal;
use kref::sync::lock;
use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::sync::Mutex;

/// The events of one handle.
pub(crate) struct Inbox(Mutex<State>);

struct State {
    /// Never grows beyond what it was made with.
    ring: VecDeque<Event>,
    /// The number of the next event if none is lost; None where that is not known before the first one comes.
    expected: Option<u32>,
    lost: u64,
    /// How many threads wait for events of the lines themselves.
    sleepers: usize,
}

/// How many events are looked at in one go, on the stack.
pub(crate) const BATCH: usize = 64;

impl Inbox {
    /// Room for `capacity` events of a request that begins now (`from_start`) or has been there before.
    pub(crate) fn new(capacity: usize, from_start: bool) -> Self {
        let ring = VecDeque::with_capacity(capacity);
        Inbox(Mutex::new(State { ring, expected: from_start.then_some(1), lost: 0, sleepers: 0 }))
    }

    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.0).ring.is_empty()
    }

    /// Events that were lost before they could be read.
    pub(crate) fn lost(&self) -> u64 {
        lock(&self.0).lost
    }

    /// More room, for a request that is configured anew.
    pub(crate) fn reserve(&self, capacity: usize) {
        let ring = &mut lock(&self.0).ring;
        ring.reserve(capacity.saturating_sub(ring.len()));
    }

    /// Whether there is nothing here, so that the caller has to wait for the lines: he counts as a sleeper then, until he
    /// calls [`fill`](Self::fill) or [`give_up`](Self::give_up).
    pub(crate) fn sleep(&self) -> bool {
        let mut state = lock(&self.0);
        let empty = state.ring.is_empty();
        state.sleepers += usize::from(empty);
        empty
    }

    /// A sleeper wakes up for another reason than the lines.
    pub(crate) fn give_up(&self) {
        lock(&self.0).sleepers -= 1;
    }

    /// A sleeper wakes up because the lines have something to tell: takes that over, as far as there is room. Whether anything
    /// is there now.
    ///
    /// While others sleep, what they will wake up for stays where it is, and the last of them takes it over. When the chip is gone all
    /// wake up by that.
    pub(crate) fn fill(&self, lines: &dyn Lines, hung_up: bool) -> Result<bool, Fault> {
        let mut state = lock(&self.0);
        state.sleepers -= 1;
        if state.sleepers > 0 && !hung_up {
            return lines.has_events();
        }
        loop {
            let room = (state.ring.capacity() - state.ring.len()).min(BATCH);
            if room == 0 {
                // Lines without edges have no room at all, and yet their chip may go.
                return if state.ring.is_empty() { lines.has_events() } else { Ok(true) };
            }
            let mut batch = [const { MaybeUninit::uninit() }; BATCH];
            match lines.read(&mut batch[..room]) {
                Ok(got) => {
                    state.ring.extend(written(&batch[..got]));
                    if got < room {
                        return Ok(!state.ring.is_empty());
                    }
                }
                Err(_) if !state.ring.is_empty() => return Ok(true),
                Err(fault) => return Err(fault),
            }
        }
    }

    /// What has been taken over, and then what the lines have; 0 if there is nothing.
    pub(crate) fn read(&self, lines: &dyn Lines, into: &mut [MaybeUninit<Event>]) -> Result<usize, Fault> {
        let mut state = lock(&self.0);
        let kept = state.pop(into);
        match lines.read(&mut into[kept..]) {
            Ok(fresh) => {
                state.count(&into[..kept + fresh]);
                Ok(kept + fresh)
            }
            Err(_) if kept > 0 => {
                state.count(&into[..kept]);
                Ok(kept)
            }
            Err(fault) => Err(fault),
        }
    }

    /// What has been taken over.
    pub(crate) fn read_kept(&self, into: &mut [MaybeUninit<Event>]) -> usize {
        let mut state = lock(&self.0);
        let kept = state.pop(into);
        state.count(&into[..kept]);
        kept
    }

    /// Puts events in; where there is no room the oldest go (G7).
    fn push(&self, events: impl Iterator<Item = Event>) {
        let mut state = lock(&self.0);
        let State { ring, expected, .. } = &mut *state;
        for event in events {
            if ring.len() == ring.capacity() {
                ring.pop_front();
            }
            // Who came later is told of what is lost from here on.
            expected.get_or_insert(event.global_seqno);
            ring.push_back(event);
        }
    }
}

impl State {
    fn pop(&mut self, into: &mut [MaybeUninit<Event>]) -> usize {
        let kept = self.ring.len().min(into.len());
        for (slot, event) in into.iter_mut().zip(self.ring.drain(..kept)) {
            slot.write(event);
        }
        kept
    }

    fn count(&mut self, delivered: &[MaybeUninit<Event>]) {
        // The numbers of a request only grow, so the first and the last say how many are missing.
        let mut events = written(delivered);
        let Some(first) = events.next() else { return };
        let next = events.next_back().unwrap_or(first).global_seqno.wrapping_add(1);
        let expected = self.expected.replace(next).unwrap_or(first.global_seqno);
        let missing = next.wrapping_sub(expected).wrapping_sub(delivered.len() as u32);
        self.lost += u64::from(missing);
    }
}

/// What has been written into the slots that a read reported.
#[allow(unsafe_code)]
pub(crate) fn written(slots: &[MaybeUninit<Event>]) -> impl DoubleEndedIterator<Item = Event> + '_ {
    // SAFETY: the callers pass what a read or `pop` said to have filled.
    slots.iter().map(|slot| unsafe { slot.assume_init() })
}

/// The inboxes of all who share lines: what one of them reads comes to every one.
pub(crate) struct Fan(Mutex<Vec<std::sync::Arc<Member>>>);

/// One of those who share.
pub(crate) struct Member {
    pub(crate) inbox: Inbox,
    /// Readable while there is something in the inbox, whoever has put it there.
    pub(crate) signal: Signal,
}

impl Member {
    /// Something may have been taken out of the inbox.
    pub(crate) fn look_again(&self) {
        // In this order: who puts something in meanwhile sets it too.
        self.signal.clear();
        if !self.inbox.is_empty() {
            self.signal.set();
        }
    }
}

impl Fan {
    pub(crate) fn new() -> Self {
        Fan(Mutex::new(Vec::new()))
    }

    pub(crate) fn join(&self, member: std::sync::Arc<Member>) {
        lock(&self.0).push(member);
    }

    pub(crate) fn leave(&self, member: &std::sync::Arc<Member>) {
        lock(&self.0).retain(|other| !std::sync::Arc::ptr_eq(other, member));
    }

    /// Takes over what the lines have, for everybody. ENODEV if they have nothing any more.
    pub(crate) fn fill(&self, lines: &dyn Lines) -> Result<(), Fault> {
        // Under the lock, so that all get the events in the same order.
        let members = lock(&self.0);
        loop {
            let mut batch = [const { MaybeUninit::uninit() }; BATCH];
            let got = lines.read(&mut batch)?;
            if got > 0 {
                for member in members.iter() {
                    member.inbox.push(written(&batch[..got]));
                    member.signal.set();
                }
            }
            if got < BATCH {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(global_seqno: u32) -> Event {
        Event { global_seqno, ..Event::default() }
    }

    #[test]
    fn g7_what_is_lost_shows_as_a_gap() {
        let inbox = Inbox::new(4, true);
        inbox.push((3..=9).map(event));
        let mut into = [const { MaybeUninit::uninit() }; 8];
        assert_eq!(inbox.read_kept(&mut into), 4);
        assert_eq!(written(&into[..4]).map(|e| e.global_seqno).collect::<Vec<_>>(), [6, 7, 8, 9]);
        assert_eq!(inbox.lost(), 5, "1 to 5");
        inbox.push([event(12)].into_iter());
        assert_eq!((inbox.read_kept(&mut into), inbox.lost()), (1, 7));
    }

    #[test]
    fn who_joins_later_has_lost_nothing() {
        let inbox = Inbox::new(4, false);
        inbox.push([event(40)].into_iter());
        let mut into = [const { MaybeUninit::uninit() }; 1];
        assert_eq!((inbox.read_kept(&mut into), inbox.lost()), (1, 0));
    }

    #[test]
    fn g7_who_joins_later_is_told_what_he_loses_from_then_on() {
        let inbox = Inbox::new(4, false);
        inbox.push((40..=49).map(event));
        let mut into = [const { MaybeUninit::uninit() }; 1];
        assert_eq!((inbox.read_kept(&mut into), inbox.lost()), (1, 6));
    }
}
