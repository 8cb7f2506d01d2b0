// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Revocable`]: the link to something that may go away while it is being used (K4).
//!
//! An operation enters and gets a [`Guard`]; whoever takes the thing away revokes and, where he must, drains:
//! *mark dead → wake → drain → return*. One word says both whether it is alive and how many operations run, so that
//! no operation can slip in between the mark and the count.

use crate::inside::Inside;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{deadline, lock, passed, wait, Condvar, Mutex};
use std::fmt;
use std::time::Duration;

/// The bit of the state word that says dead; the bits below it count running operations.
const DEAD: usize = 1 << (usize::BITS - 1);

/// It has been revoked: -ENODEV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked;

/// Why a drain or a flush gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrainError {
    /// Something was still running when the time was over: -ETIMEDOUT.
    TimedOut,
    /// The caller is itself inside of what it wants to wait for: -EDEADLK.
    Deadlock,
}

/// Why a sleeper woke without what it slept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SleepError {
    /// It was revoked meanwhile: -ENODEV.
    Revoked,
    /// The time was over.
    TimedOut,
}

/// See the module's description. What operations work on lives beside it, and whoever owns both keeps them alive
/// while guards exist. The borrow in [`Guard`] sees to that (K5): an operation that could outlive its object does not
/// compile.
///
/// ```compile_fail,E0505
/// let device = kref::Ref::new(kref::Revocable::new());
/// let guard = device.enter();
/// drop(device);
/// drop(guard);
/// ```
pub struct Revocable {
    state: AtomicUsize,
    sleepers: Mutex<Sleepers>,
    changed: Condvar,
}

struct Sleepers {
    /// Grows with every [`Revocable::notify`], so that none gets lost between a look and a sleep.
    news: u64,
    next_id: u64,
    wakers: Vec<(u64, Box<dyn FnOnce() + Send>)>,
}

/// A running operation. Not `Send`: it belongs to the thread that entered.
pub struct Guard<'a> {
    of: &'a Revocable,
    _inside: Inside,
}

/// Keeps a closure of [`Revocable::on_revoke`] registered.
pub struct Waker<'a> {
    of: &'a Revocable,
    id: u64,
}

impl Default for Revocable {
    fn default() -> Self {
        Self::new()
    }
}

impl Revocable {
    /// An alive one.
    pub fn new() -> Self {
        Revocable {
            state: AtomicUsize::new(0),
            sleepers: Mutex::new(Sleepers { news: 0, next_id: 0, wakers: Vec::new() }),
            changed: Condvar::new(),
        }
    }

    /// Starts an operation, unless dead. Takes no lock.
    pub fn enter(&self) -> Result<Guard<'_>, Revoked> {
        let mut now = self.state.load(Ordering::Relaxed);
        loop {
            if now & DEAD != 0 {
                return Err(Revoked);
            }
            // Acquire: the operation sees what was written before its predecessor ended.
            match self.state.compare_exchange_weak(now, now + 1, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Ok(Guard { of: self, _inside: Inside::enter(self) }),
                Err(seen) => now = seen,
            }
        }
    }

    /// Whether operations can still start, at some moment. Who sees it dead sees what was written before `revoke`.
    pub fn is_alive(&self) -> bool {
        self.state.load(Ordering::Acquire) & DEAD == 0
    }

    /// Whether the caller is in the middle of an operation of it, and would wait for himself if he waited for that.
    pub fn is_inside(&self) -> bool {
        Inside::is(self)
    }

    /// Marks it dead and wakes all sleepers; never waits. False if it was dead already.
    ///
    /// From its return on nobody enters; operations that had entered go on until their guards are dropped.
    pub fn revoke(&self) -> bool {
        if self.state.fetch_or(DEAD, Ordering::AcqRel) & DEAD != 0 {
            return false;
        }
        let wakers = std::mem::take(&mut lock(&self.sleepers).wakers);
        self.changed.notify_all();
        for (_, wake) in wakers {
            wake();
        }
        true
    }

    /// Waits until it is revoked and the last operation has ended; the caller may then take apart what they used.
    ///
    /// `None` waits for ever. Inside one's own operation this is a [`DrainError::Deadlock`], at once.
    pub fn drain(&self, timeout: Option<Duration>) -> Result<(), DrainError> {
        if self.is_inside() {
            return Err(DrainError::Deadlock);
        }
        let deadline = deadline(timeout);
        loop {
            let sleepers = lock(&self.sleepers);
            if self.state.load(Ordering::Acquire) == DEAD {
                return Ok(());
            }
            if passed(deadline) {
                return Err(DrainError::TimedOut);
            }
            wait(&self.changed, sleepers, deadline);
        }
    }

    /// Lets sleepers look again whether what they wait for has come.
    pub fn notify(&self) {
        lock(&self.sleepers).news += 1;
        self.changed.notify_all();
    }

    /// Has `wake` run by `revoke`, for sleepers that sleep elsewhere (in `poll` on an eventfd, say). It runs at most
    /// once and with no lock held; dropping the [`Waker`] takes it back.
    pub fn on_revoke(&self, wake: impl FnOnce() + Send + 'static) -> Result<Waker<'_>, Revoked> {
        let mut sleepers = lock(&self.sleepers);
        // Under the lock: `revoke` marks before it collects the closures, so it either finds this one or is seen here.
        if !self.is_alive() {
            return Err(Revoked);
        }
        let id = sleepers.next_id;
        sleepers.next_id += 1;
        sleepers.wakers.push((id, Box::new(wake)));
        Ok(Waker { of: self, id })
    }
}

impl<'a> Guard<'a> {
    /// What it is an operation of.
    pub(crate) fn link(&self) -> &'a Revocable {
        self.of
    }

    /// Sleeps until `ready` gives something, which is asked first and then after every [`Revocable::notify`].
    /// What is ready wins over death, and death over the time limit. `ready` runs with no lock held.
    pub fn sleep<R>(
        &self,
        timeout: Option<Duration>,
        mut ready: impl FnMut() -> Option<R>,
    ) -> Result<R, SleepError> {
        let deadline = deadline(timeout);
        loop {
            let seen = lock(&self.of.sleepers).news;
            let alive = self.of.is_alive();
            if let Some(found) = ready() {
                return Ok(found);
            }
            if !alive {
                return Err(SleepError::Revoked);
            }
            if passed(deadline) {
                return Err(SleepError::TimedOut);
            }
            let mut sleepers = lock(&self.of.sleepers);
            while sleepers.news == seen && self.of.is_alive() && !passed(deadline) {
                wait(&self.of.changed, sleepers, deadline);
                sleepers = lock(&self.of.sleepers);
            }
            // Where nothing has happened nothing is asked again.
            if sleepers.news == seen && self.of.is_alive() {
                return Err(SleepError::TimedOut);
            }
        }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // Release: the drainer sees what this operation did.
        if self.of.state.fetch_sub(1, Ordering::Release) == DEAD | 1 {
            // Through the lock, so that the drainer is either not yet looking or already asleep.
            drop(lock(&self.of.sleepers));
            self.of.changed.notify_all();
        }
    }
}

impl Drop for Waker<'_> {
    fn drop(&mut self) {
        let mut sleepers = lock(&self.of.sleepers);
        let at = sleepers.wakers.iter().position(|(id, _)| *id == self.id);
        let mine = at.map(|at| sleepers.wakers.remove(at));
        drop(sleepers);
        drop(mine);
    }
}

impl fmt::Debug for Revocable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = self.state.load(Ordering::Relaxed);
        f.debug_struct("Revocable")
            .field("alive", &(now & DEAD == 0))
            .field("running", &(now & !DEAD))
            .finish()
    }
}

impl fmt::Display for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it has gone away")
    }
}

impl fmt::Display for DrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DrainError::TimedOut => "something was still running when the time was over",
            DrainError::Deadlock => "the caller would wait for itself",
        })
    }
}

impl fmt::Display for SleepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SleepError::Revoked => Revoked.fmt(f),
            SleepError::TimedOut => f.write_str("nothing came before the time was over"),
        }
    }
}

impl std::error::Error for Revoked {}
impl std::error::Error for DrainError {}
impl std::error::Error for SleepError {}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;
    use std::sync::Arc;

    const NOW: Option<Duration> = Some(Duration::ZERO);

    #[test]
    fn nobody_enters_after_revoke() {
        let link = Revocable::new();
        drop(link.enter().unwrap());
        assert!(link.revoke());
        assert!(!link.revoke(), "only the first one revokes");
        assert!(link.enter().is_err());
        assert_eq!(link.drain(NOW), Ok(()));
    }

    #[test]
    fn a_drain_inside_ones_own_operation_is_an_error() {
        let (link, other) = (Revocable::new(), Revocable::new());
        other.revoke();
        let outer = link.enter().unwrap();
        let inner = link.enter().unwrap();
        link.revoke();
        assert_eq!(link.drain(None), Err(DrainError::Deadlock));
        assert_eq!(other.drain(None), Ok(()), "another link is no concern of it");
        drop(outer);
        assert_eq!(link.drain(None), Err(DrainError::Deadlock));
        drop(inner);
        assert_eq!(link.drain(None), Ok(()));
    }

    #[test]
    fn a_drain_of_what_is_alive_times_out() {
        assert_eq!(Revocable::new().drain(NOW), Err(DrainError::TimedOut));
    }

    #[test]
    fn what_is_ready_wins_over_death_and_time() {
        let link = Revocable::new();
        let guard = link.enter().unwrap();
        assert_eq!(guard.sleep(NOW, || Some(1)), Ok(1));
        assert_eq!(guard.sleep(NOW, || None::<()>), Err(SleepError::TimedOut));
        link.revoke();
        assert_eq!(guard.sleep(NOW, || Some(2)), Ok(2));
        assert_eq!(guard.sleep(None, || None::<()>), Err(SleepError::Revoked));
    }

    #[test]
    fn wakers_run_once_and_can_be_taken_back() {
        let runs = Arc::new(AtomicU32::new(0));
        let wake = |n: u32| {
            let runs = runs.clone();
            move || {
                runs.fetch_add(n, Ordering::Relaxed);
            }
        };
        let link = Revocable::new();
        let kept = link.on_revoke(wake(1)).unwrap();
        drop(link.on_revoke(wake(10)).unwrap());
        link.revoke();
        link.revoke();
        assert_eq!(runs.load(Ordering::Relaxed), 1);
        drop(kept);
        assert!(link.on_revoke(wake(100)).is_err());
    }
}
