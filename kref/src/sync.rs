// SPDX-License-Identifier: MIT OR Apache-2.0
//! The primitives that everything here is built on: std's, or loom's when a model is checked (`--cfg loom`).

#[cfg(not(loom))]
pub(crate) use std::sync::{atomic, Mutex, MutexGuard};

#[cfg(loom)]
pub(crate) use loom::sync::{atomic, Mutex, MutexGuard};

/// Locks, also after a panic elsewhere: what we guard is consistent at every point where foreign code can panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
