// SPDX-License-Identifier: MIT OR Apache-2.0
//! A pointer of the program's at an object of the library's, and what frees it (M10).
#![allow(unsafe_code)]

use kref::sync::lock;
use std::ffi::c_void;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::Mutex;

/// What the program has at an open handle, an entity or a request. Dropping it frees it.
pub struct Context {
    pointer: *mut c_void,
    free: Option<Free>,
}

type Free = unsafe extern "C-unwind" fn(*mut c_void);

// SAFETY: whoever makes one promises that it may be used and freed on any thread.
unsafe impl Send for Context {}

impl Context {
    /// `free`, if there is one, is called with `pointer` once.
    ///
    /// # Safety
    /// It may be called so, on any thread.
    pub unsafe fn new(pointer: *mut c_void, free: Option<Free>) -> Self {
        Context { pointer, free }
    }

    /// A value of one's own; [`Slot::get`] gives its address.
    pub fn boxed<T: Send + Sync + 'static>(value: T) -> Self {
        unsafe extern "C-unwind" fn free<T>(pointer: *mut c_void) {
            // SAFETY: the address that `into_raw` gave below, once.
            drop(unsafe { Box::from_raw(pointer.cast::<T>()) });
        }
        Context { pointer: Box::into_raw(Box::new(value)).cast(), free: Some(free::<T>) }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if let Some(free) = self.free {
            // SAFETY: the promise made to `new`, and this is the one time.
            unsafe { free(self.pointer) }
        }
    }
}

/// Where a [`Context`] is kept. Reading its pointer takes no lock.
pub struct Slot {
    pointer: AtomicPtr<c_void>,
    owner: Mutex<Option<Context>>,
}

impl Slot {
    pub(crate) fn new() -> Self {
        Slot { pointer: AtomicPtr::new(std::ptr::null_mut()), owner: Mutex::new(None) }
    }

    /// The pointer, NULL if nothing was put there.
    pub fn get(&self) -> *mut c_void {
        self.pointer.load(Ordering::Acquire)
    }

    /// Takes the place of what was there, which is freed.
    pub fn set(&self, context: Context) {
        let mut owner = lock(&self.owner);
        self.pointer.store(context.pointer, Ordering::Release);
        let before = owner.replace(context);
        drop(owner);
        drop(before);
    }

    /// Frees what is there.
    pub(crate) fn clear(&self) {
        let mut owner = lock(&self.owner);
        self.pointer.store(std::ptr::null_mut(), Ordering::Release);
        let before = owner.take();
        drop(owner);
        drop(before);
    }
}
