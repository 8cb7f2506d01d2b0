// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Callback`]: a C function, or a table of them, with its user data and what destroys that.

use crate::arg::{self, Versioned};
use crate::Failure;
use std::ffi::c_void;

/// The C function that frees user data.
pub type Destroy = unsafe extern "C-unwind" fn(*mut c_void);

/// A function `F` (a C function pointer, or a struct of them), the pointer it is called with, and the destroy function,
/// which runs exactly once: when this value is dropped. So an exported function makes it first of all, and a registration
/// that fails destroys too. Drop it where no lock is held; share it in an `Arc` or a `Ref`.
pub struct Callback<F: Copy> {
    function: F,
    data: UserData,
}

struct UserData {
    pointer: *mut c_void,
    destroy: Option<Destroy>,
}

// SAFETY: whoever makes a Callback promises that its functions may be called from any thread.
unsafe impl<F: Copy> Send for Callback<F> {}
// SAFETY: as above.
unsafe impl<F: Copy> Sync for Callback<F> {}

impl<F: Copy> Callback<F> {
    /// Takes over what C passed; a NULL function is -EINVAL, `name` being its name in the header.
    ///
    /// # Safety
    /// The functions may be called with `user_data`, from any thread, until destroy has run.
    pub unsafe fn new(
        function: Option<F>,
        user_data: *mut c_void,
        destroy: Option<Destroy>,
        name: &str,
    ) -> Result<Self, Failure> {
        UserData { pointer: user_data, destroy }.with(function, name)
    }

    /// Takes over a table of functions, a struct that may grow; NULL is -EINVAL, `name` being its name in the header. The
    /// table is copied; a function that the caller does not have is None.
    ///
    /// # Safety
    /// The table is an argument from C (see [`arg`]), and as for [`new`](Self::new) with each of its functions.
    pub unsafe fn table(
        table: *const F,
        user_data: *mut c_void,
        destroy: Option<Destroy>,
        name: &str,
    ) -> Result<Self, Failure>
    where
        F: Versioned,
    {
        // First of all, so that a table that cannot be read destroys too.
        let data = UserData { pointer: user_data, destroy };
        // SAFETY: the caller's promise.
        data.with(unsafe { arg::versioned(table, name) }?, name)
    }

    /// The function, to be called with [`user_data`](Self::user_data).
    pub fn function(&self) -> F {
        self.function
    }

    /// The pointer that the program gave.
    pub fn user_data(&self) -> *mut c_void {
        self.data.pointer
    }
}

impl UserData {
    fn with<F: Copy>(self, function: Option<F>, name: &str) -> Result<Callback<F>, Failure> {
        let function = function.ok_or_else(|| Failure::invalid(format!("{name} is NULL")))?;
        Ok(Callback { function, data: self })
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // SAFETY: the promise made to `Callback::new`, and this is the one time.
            unsafe { destroy(self.pointer) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    type Add = unsafe extern "C-unwind" fn(u32, *mut c_void);

    unsafe extern "C-unwind" fn add(n: u32, sum: *mut c_void) {
        // SAFETY: the tests pass a Cell<u32> that outlives the callback.
        let sum = unsafe { &*sum.cast::<Cell<u32>>() };
        sum.set(sum.get() + n);
    }

    unsafe extern "C-unwind" fn hundred(sum: *mut c_void) {
        // SAFETY: as above.
        unsafe { add(100, sum) }
    }

    #[test]
    fn destroy_runs_once_when_it_is_dropped() {
        let sum = Cell::new(0);
        let data = std::ptr::from_ref(&sum).cast_mut().cast();
        // SAFETY: `sum` outlives the callback.
        let callback = unsafe { Callback::new(Some(add as Add), data, Some(hundred), "add") }.ok().unwrap();
        // SAFETY: as above.
        unsafe { (callback.function())(1, callback.user_data()) };
        assert_eq!(sum.get(), 1);
        drop(callback);
        assert_eq!(sum.get(), 101);
    }

    #[test]
    fn destroy_runs_also_when_registration_fails() {
        let sum = Cell::new(0);
        let data = std::ptr::from_ref(&sum).cast_mut().cast();
        // SAFETY: `sum` outlives the callback.
        let failure = unsafe { Callback::<Add>::new(None, data, Some(hundred), "add") }.err();
        assert_eq!(failure, Some(Failure::invalid("add is NULL")));
        assert_eq!(sum.get(), 100);
    }

    /// Its first version had `add` only.
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Operations {
        size: usize,
        add: Option<Add>,
        also: Option<Add>,
    }
    // SAFETY: a repr(C) struct of an integer and optional C functions, with the size in front.
    unsafe impl Versioned for Operations {
        const FIRST_SIZE: usize = std::mem::offset_of!(Operations, also);
    }

    #[test]
    fn a_table_is_copied_as_far_as_the_caller_knows_it() {
        let sum = Cell::new(0);
        let data = std::ptr::from_ref(&sum).cast_mut().cast();
        let given = Operations { size: Operations::FIRST_SIZE, add: Some(add), also: Some(add) };
        // SAFETY: `sum` outlives the callback.
        let callback = unsafe { Callback::table(&given, data, Some(hundred), "ops") }.ok().unwrap();
        let Operations { add, also, .. } = callback.function();
        assert!(also.is_none(), "behind the end of the first version");
        // SAFETY: as above.
        unsafe { add.unwrap()(1, callback.user_data()) };
        drop(callback);
        assert_eq!(sum.get(), 101);
    }

    #[test]
    fn destroy_runs_also_when_a_table_cannot_be_read() {
        let sum = Cell::new(0);
        let data = std::ptr::from_ref(&sum).cast_mut().cast();
        let given = Operations { size: 0, add: Some(add), also: None };
        let refused = |table: *const Operations| {
            // SAFETY: `sum` outlives the callback.
            unsafe { Callback::table(table, data, Some(hundred), "ops") }.err().unwrap().message
        };
        assert_eq!(refused(std::ptr::null()), "ops is NULL");
        assert_eq!(refused(&given), "ops->size is 0, the first version had 16");
        assert_eq!(sum.get(), 200);
    }

    #[test]
    fn there_need_be_no_destroy() {
        // SAFETY: nothing is called.
        assert!(unsafe { Callback::new(Some(add as Add), std::ptr::null_mut(), None, "add") }.is_ok());
    }
}
