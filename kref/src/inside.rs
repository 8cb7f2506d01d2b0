// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the current thread is in the middle of, so that it is never made to wait for itself.

use crate::sync::thread_local;
use std::cell::RefCell;
use std::marker::PhantomData;

thread_local! {
    static INSIDE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// This thread is inside of something as long as the mark lives; hence it cannot be sent to another.
pub struct Inside {
    of: usize,
    stays_here: PhantomData<*const ()>,
}

impl Inside {
    #[inline]
    /// From now on this thread is inside of `of`, which stays where it is as long as the mark lives.
    pub fn enter<T>(of: &T) -> Self {
        let of = std::ptr::from_ref(of).addr();
        // A thread whose locals are gone already is in its last breath: it is not noted.
        let _ = INSIDE.try_with(|inside| inside.borrow_mut().push(of));
        Inside { of, stays_here: PhantomData }
    }

    /// Whether this thread is inside of `of`.
    pub fn is<T>(of: &T) -> bool {
        let of = std::ptr::from_ref(of).addr();
        INSIDE.try_with(|inside| inside.borrow().contains(&of)).unwrap_or(false)
    }
}

impl Drop for Inside {
    #[inline]
    fn drop(&mut self) {
        let _ = INSIDE.try_with(|inside| {
            let mut inside = inside.borrow_mut();
            // As a rule what was entered last is left first.
            match inside.last() {
                Some(&last) if last == self.of => {
                    inside.pop();
                }
                _ => take_out(&mut inside, self.of),
            }
        });
    }
}

#[cold]
fn take_out(inside: &mut Vec<usize>, of: usize) {
    if let Some(at) = inside.iter().rposition(|&other| other == of) {
        inside.remove(at);
    }
}
