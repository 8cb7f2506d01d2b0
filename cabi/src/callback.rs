// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Callback`]: a C function with its user data and what destroys that.

use crate::Failure;
use std::ffi::c_void;

/// The C function that frees user data.
pub type Destroy = unsafe extern "C-unwind" fn(*mut c_void);

/// A function `F` (a C function pointer), the pointer it is called with, and the destroy function, which runs exactly
/// once: when this value is dropped. So an exported function makes it first of all, and a registration that fails
/// destroys too. Drop it where no lock is held; share it in an `Arc` or a `Ref`.
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
        let data = UserData { pointer: user_data, destroy };
        let function = function.ok_or_else(|| Failure::invalid(format!("{name} is NULL")))?;
        Ok(Callback { function, data })
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

    #[test]
    fn there_need_be_no_destroy() {
        // SAFETY: nothing is called.
        assert!(unsafe { Callback::new(Some(add as Add), std::ptr::null_mut(), None, "add") }.is_ok());
    }
}
