// SPDX-License-Identifier: MIT OR Apache-2.0
//! The primitives that everything here is built on: std's, or loom's when a model is checked (`--cfg loom`). The locks are
//! for the libraries too.

#[cfg(not(tsan))]
use std::sync::PoisonError;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

#[cfg(not(loom))]
pub(crate) use std::{
    sync::{atomic, Condvar, Mutex, MutexGuard},
    thread_local,
};

#[cfg(loom)]
pub(crate) use loom::sync::{atomic, Condvar, Mutex, MutexGuard};

#[cfg(loom)]
macro_rules! loom_thread_local {
    // loom's own macro does not take a `const` block.
    (static $name:ident: $type:ty = const { $init:expr };) => {
        loom::thread_local! { static $name: $type = $init; }
    };
}
#[cfg(loom)]
pub(crate) use loom_thread_local as thread_local;

/// Locks, also after a panic elsewhere: what we guard is consistent at every point where foreign code can panic.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    #[cfg(tsan)]
    return until_free(|| mutex.try_lock());
    #[cfg(not(tsan))]
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for reading, as [`lock`] does.
pub fn read<T: ?Sized>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    #[cfg(tsan)]
    return until_free(|| match WRITERS.load(atomic::Ordering::Relaxed) {
        0 => lock.try_read(),
        _ => Err(std::sync::TryLockError::WouldBlock),
    });
    #[cfg(not(tsan))]
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for writing, as [`lock`] does.
pub fn write<T: ?Sized>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    #[cfg(tsan)]
    {
        WRITERS.fetch_add(1, atomic::Ordering::Relaxed);
        let guard = until_free(|| lock.try_write());
        WRITERS.fetch_sub(1, atomic::Ordering::Relaxed);
        guard
    }
    #[cfg(not(tsan))]
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// When a wait that starts now is over; a time too far to name is never.
pub fn deadline(timeout: Option<Duration>) -> Option<Instant> {
    timeout.and_then(|timeout| Instant::now().checked_add(timeout))
}

/// Whether a wait is over.
pub fn passed(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|at| Instant::now() >= at)
}

/// How long a wait still is, for who has to be told that.
pub fn left(deadline: Option<Instant>) -> Option<Duration> {
    deadline.map(|at| at.saturating_duration_since(Instant::now()))
}

/// Lets go of the lock and waits for a notification, at most until `deadline` (None: for ever). May return without a
/// reason, as all such waits: lock and look again.
pub fn wait<T>(condvar: &Condvar, guard: MutexGuard<'_, T>, deadline: Option<Instant>) {
    #[cfg(tsan)]
    {
        let _ = (condvar, deadline);
        drop(guard);
        std::thread::sleep(Duration::from_millis(1));
    }
    #[cfg(not(tsan))]
    match left(deadline) {
        None => drop(condvar.wait(guard)),
        Some(left) => drop(condvar.wait_timeout(guard, left)),
    }
}

/// ThreadSanitizer watches our code, but not std's (`--cfg tsan`): a lock that has to be waited for is taken inside of
/// std, unseen, one that is free is taken by what is compiled here. Readers stand back for writers, as with std's lock.
#[cfg(tsan)]
static WRITERS: atomic::AtomicU32 = atomic::AtomicU32::new(0);

#[cfg(tsan)]
fn until_free<G>(try_lock: impl Fn() -> std::sync::TryLockResult<G>) -> G {
    loop {
        match try_lock() {
            Ok(guard) => return guard,
            Err(std::sync::TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
            Err(std::sync::TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
}
