// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Managed`]: resources bound to an object and freed with it, the last bound first (K8).

use crate::sync::{lock, Mutex};

/// The resources of one object. It lives in the object, so that they are freed when that is *released*: by its last
/// reference, not by the provider that goes away.
pub struct Managed(Mutex<Vec<Box<dyn FnOnce() + Send>>>);

impl Default for Managed {
    fn default() -> Self {
        Self::new()
    }
}

impl Managed {
    /// Nothing bound.
    pub fn new() -> Self {
        Managed(Mutex::new(Vec::new()))
    }

    /// Binds a resource by the function that frees it.
    pub fn bind(&self, free: impl FnOnce() + Send + 'static) {
        lock(&self.0).push(Box::new(free));
    }

    /// Frees everything, in reverse order of binding and with no lock held, for an object whose release has an order
    /// of its own. What a free function binds is freed next. Dropping does the same.
    pub fn release(&self) {
        while let Some(free) = self.take() {
            free();
        }
    }

    /// A function of its own, so that the lock is not held while the resource is freed.
    fn take(&self) -> Option<Box<dyn FnOnce() + Send>> {
        lock(&self.0).pop()
    }
}

impl Drop for Managed {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::{mpsc, Arc};

    #[test]
    fn the_last_bound_is_freed_first_and_only_once() {
        let (freed, order) = mpsc::channel();
        let managed = Managed::new();
        for n in 1..=3 {
            let freed = freed.clone();
            managed.bind(move || freed.send(n).unwrap());
        }
        managed.release();
        managed.bind(move || freed.send(4).unwrap());
        drop(managed);
        assert_eq!(order.iter().collect::<Vec<_>>(), [3, 2, 1, 4]);
    }

    #[test]
    fn a_free_function_may_bind() {
        let (freed, order) = mpsc::channel();
        let managed = Arc::new(Managed::new());
        let (inner, first) = (managed.clone(), freed.clone());
        managed.bind(move || first.send("first").unwrap());
        managed.bind(move || {
            freed.send("second").unwrap();
            inner.bind(move || freed.send("bound by second").unwrap());
        });
        managed.release();
        assert_eq!(order.try_iter().collect::<Vec<_>>(), ["second", "bound by second", "first"]);
    }
}
