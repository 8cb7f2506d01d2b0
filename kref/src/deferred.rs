// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Deferred`]: releases put off until no lock is held, and a way to wait for them before something is taken away.
//!
//! No thread is started: releases run on whoever calls [`Deferred::run`] or [`Deferred::flush`].

use crate::inside::Inside;
use crate::revocable::DrainError;
use crate::sync::{deadline, lock, passed, wait, Condvar, Mutex};
use std::collections::VecDeque;
use std::time::Duration;

/// A queue of releases, run in the order in which they were pushed, each exactly once and with no lock held.
pub struct Deferred {
    queue: Mutex<Queue>,
    changed: Condvar,
}

struct Queue {
    waiting: VecDeque<Box<dyn FnOnce() + Send>>,
    running: usize,
}

/// One release that has left the queue; its end counts even if it ends by panic.
struct Running<'a> {
    of: &'a Deferred,
    _inside: Inside,
}

impl Default for Deferred {
    fn default() -> Self {
        Self::new()
    }
}

impl Deferred {
    /// An empty queue.
    pub fn new() -> Self {
        Deferred {
            queue: Mutex::new(Queue { waiting: VecDeque::new(), running: 0 }),
            changed: Condvar::new(),
        }
    }

    /// Puts a release off. May be called with any lock held and from a release.
    pub fn push(&self, release: impl FnOnce() + Send + 'static) {
        // Nobody is told: who waits in `flush` waits for a running release, and looks again when that ends.
        lock(&self.queue).waiting.push_back(Box::new(release));
    }

    /// Runs what is in the queue, and what those releases push; returns how many. Never waits. To be called with no
    /// lock held that a release could want.
    pub fn run(&self) -> usize {
        std::iter::from_fn(|| self.run_one()).count()
    }

    /// Runs what is in the queue and waits until nothing is left of it, in any thread. After `timeout` (None: never)
    /// no further release is started.
    ///
    /// Inside a release of this queue it is a [`DrainError::Deadlock`], at once.
    pub fn flush(&self, timeout: Option<Duration>) -> Result<(), DrainError> {
        if Inside::is(self) {
            return Err(DrainError::Deadlock);
        }
        let deadline = deadline(timeout);
        loop {
            let queue = lock(&self.queue);
            if queue.waiting.is_empty() && queue.running == 0 {
                return Ok(());
            }
            if passed(deadline) {
                return Err(DrainError::TimedOut);
            }
            if queue.waiting.is_empty() {
                wait(&self.changed, queue, deadline);
            } else {
                drop(queue);
                self.run_one();
            }
        }
    }

    fn run_one(&self) -> Option<()> {
        let mut queue = lock(&self.queue);
        let release = queue.waiting.pop_front()?;
        queue.running += 1;
        drop(queue);
        let _running = Running { of: self, _inside: Inside::enter(self) };
        release();
        Some(())
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        lock(&self.of.queue).running -= 1;
        self.of.changed.notify_all();
    }
}

impl Drop for Deferred {
    /// A release is never forgotten.
    fn drop(&mut self) {
        self.run();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::{mpsc, Arc};

    #[test]
    fn releases_run_in_order_and_may_push_further_ones() {
        let queue = Arc::new(Deferred::new());
        let (said, heard) = mpsc::channel();
        let (inner, then) = (queue.clone(), said.clone());
        queue.push(move || {
            said.send(1).unwrap();
            inner.push(move || then.send(3).unwrap());
        });
        let said = heard.try_recv().expect_err("not before it is asked to");
        assert_eq!(said, mpsc::TryRecvError::Empty);
        assert_eq!(queue.run(), 2);
        assert_eq!(heard.try_iter().collect::<Vec<_>>(), [1, 3]);
        assert_eq!(queue.flush(Some(Duration::ZERO)), Ok(()));
    }

    #[test]
    fn a_flush_inside_a_release_is_an_error() {
        let queue = Arc::new(Deferred::new());
        let (said, heard) = mpsc::channel();
        let inner = queue.clone();
        queue.push(move || said.send(inner.flush(None)).unwrap());
        assert_eq!(queue.flush(None), Ok(()));
        assert_eq!(heard.recv(), Ok(Err(DrainError::Deadlock)));
    }

    #[test]
    fn a_flush_without_time_starts_nothing() {
        let queue = Deferred::new();
        queue.push(|| ());
        assert_eq!(queue.flush(Some(Duration::ZERO)), Err(DrainError::TimedOut));
        assert_eq!(queue.run(), 1);
    }

    #[test]
    fn a_release_that_panics_does_not_hold_up_the_others() {
        let queue = Deferred::new();
        queue.push(|| panic!("planted"));
        queue.push(|| ());
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| queue.run())).unwrap_err();
        assert_eq!(queue.flush(None), Ok(()));
    }

    #[test]
    fn what_is_left_runs_when_the_queue_goes() {
        let queue = Deferred::new();
        let (said, heard) = mpsc::channel();
        queue.push(move || said.send(()).unwrap());
        drop(queue);
        heard.try_recv().unwrap();
    }
}
