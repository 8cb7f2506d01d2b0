// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`guard`]: around the body of every exported function. No panic leaves it, and its result becomes C's.

use crate::handle::Handle;
use crate::{Failure, Library, PerThread};
use std::any::Any;
use std::ffi::{c_char, c_int, CStr};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What a guarded body may return, and what C gets for it.
///
/// | Rust | C, on success | C, on failure |
/// |---|---|---|
/// | `()` | `int` 0 | negative errno |
/// | `bool` | `int` 0 or 1 | negative errno |
/// | `i32`, `u32`, `usize` | `int`, the count; -EOVERFLOW if it does not fit | negative errno |
/// | [`Plain`]`<T>` | `T` | `T`'s zero, and `errno` |
/// | a [`Handle`] | its pointer, with its reference | NULL, and `errno` |
/// | `Option<Handle>` | as a handle; `None` is NULL with `errno` 0 | NULL, and `errno` |
/// | `*const T`, `*mut T`, `&CStr` | the pointer | NULL, and `errno` |
pub trait Return {
    /// The C type.
    type C;
    /// The value for C.
    fn success(self) -> Result<Self::C, Failure>;
    /// The value for C that says failure; sets `errno` where the value cannot carry it.
    fn failure(errno: c_int) -> Self::C;
}

/// A number for C that uses its whole range, so that failure is zero with `errno` set.
#[derive(Debug)]
pub struct Plain<T>(pub T);

/// Runs the body of an exported function.
///
/// A failure's sentence becomes the library's last error. A panic is the failure ENOTRECOVERABLE with the panic's
/// message. What was logged meanwhile is told at the end, before errno and the last error are set.
pub fn guard<T: Return>(library: &Library, body: impl FnOnce() -> Result<T, Failure>) -> T::C {
    // Out of here comes what C gets and not a Result, which is larger and would go through memory.
    let caught = catch_unwind(AssertUnwindSafe(|| {
        // A thread that is going away has lost its PerThread already; it is served without.
        let inside = library.per_thread.try_with(|t| Inside::enter(library, t)).ok();
        let result = body().and_then(T::success);
        drop(inside);
        result.unwrap_or_else(|failure| failed::<T>(library, failure))
    }));
    caught.unwrap_or_else(|payload| failed::<T>(library, panicked(payload)))
}

#[cold]
fn failed<T: Return>(library: &Library, failure: Failure) -> T::C {
    library.set_last_error(&failure.message);
    // An errno that is none would be taken for success.
    T::failure(if failure.errno > 0 { failure.errno } else { libc::EIO })
}

#[cold]
fn panicked(payload: Box<dyn Any + Send>) -> Failure {
    let text = payload.downcast::<String>().map(|text| *text);
    let text = text.or_else(|other| other.downcast::<&str>().map(|text| text.to_string()));
    let text = text.unwrap_or_else(|other| {
        // Not dropped: it can be anything, also something that panics when it is dropped.
        std::mem::forget(other);
        "no message".to_owned()
    });
    Failure::new(libc::ENOTRECOVERABLE, format!("internal error (panic): {text}"))
}

/// Counts the guards that a thread is inside of.
struct Inside<'a>(&'a Library);

impl<'a> Inside<'a> {
    fn enter(library: &'a Library, thread: &PerThread) -> Self {
        if !thread.hooked.replace(true) {
            kref::set_message_hook(library.kref_hook);
            kref::track::set_names(library.names);
        }
        thread.depth.set(thread.depth.get() + 1);
        Inside(library)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let is_unsaid = self.0.per_thread.try_with(|thread| {
            thread.depth.set(thread.depth.get() - 1);
            !thread.unsaid.borrow().is_empty()
        });
        if is_unsaid.unwrap_or(false) {
            self.0.say_unsaid();
        }
    }
}

fn set_errno(errno: c_int) {
    // SAFETY: errno is this thread's own int.
    unsafe { *libc::__errno_location() = errno }
}

impl Return for () {
    type C = c_int;
    fn success(self) -> Result<c_int, Failure> {
        Ok(0)
    }
    fn failure(errno: c_int) -> c_int {
        -errno
    }
}

macro_rules! counts {
    ($($type:ty)*) => { $(
        impl Return for $type {
            type C = c_int;
            fn success(self) -> Result<c_int, Failure> {
                let too_large = |_| Failure::new(libc::EOVERFLOW, format!("{self} does not fit an int"));
                c_int::try_from(self).map_err(too_large)
            }
            fn failure(errno: c_int) -> c_int {
                -errno
            }
        }
    )* };
}
counts!(bool i32 u32 usize);

impl<T: Default> Return for Plain<T> {
    type C = T;
    fn success(self) -> Result<T, Failure> {
        Ok(self.0)
    }
    fn failure(errno: c_int) -> T {
        set_errno(errno);
        T::default()
    }
}

impl<T> Return for *mut T {
    type C = *mut T;
    fn success(self) -> Result<*mut T, Failure> {
        Ok(self)
    }
    fn failure(errno: c_int) -> *mut T {
        set_errno(errno);
        std::ptr::null_mut()
    }
}

impl<T> Return for *const T {
    type C = *const T;
    fn success(self) -> Result<*const T, Failure> {
        Ok(self)
    }
    fn failure(errno: c_int) -> *const T {
        <*mut T>::failure(errno)
    }
}

impl Return for &CStr {
    type C = *const c_char;
    fn success(self) -> Result<*const c_char, Failure> {
        Ok(self.as_ptr())
    }
    fn failure(errno: c_int) -> *const c_char {
        <*mut c_char>::failure(errno)
    }
}

impl<H: Handle> Return for H {
    type C = *mut H::C;
    fn success(self) -> Result<*mut H::C, Failure> {
        Ok(self.into_raw().as_ptr())
    }
    fn failure(errno: c_int) -> *mut H::C {
        <*mut H::C>::failure(errno)
    }
}

impl<H: Handle> Return for Option<H> {
    type C = *mut H::C;
    fn success(self) -> Result<*mut H::C, Failure> {
        match self {
            Some(handle) => handle.success(),
            None => Ok(<*mut H::C>::failure(0)),
        }
    }
    fn failure(errno: c_int) -> *mut H::C {
        <*mut H::C>::failure(errno)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::tests::last_error;
    use kref::Ref;
    use std::io::Error;
    use std::ptr::null_mut;

    crate::library!(static LIB = "guard");

    struct Thing;
    impl crate::Opaque for Thing {
        type C = std::ffi::c_void;
    }

    fn denied<T>() -> Result<T, Failure> {
        Err(Failure::new(libc::EACCES, "denied"))
    }

    fn errno() -> Option<c_int> {
        Error::last_os_error().raw_os_error()
    }

    #[test]
    fn numbers_carry_their_errno() {
        assert_eq!(guard(&LIB, || Ok(())), 0);
        assert_eq!(guard(&LIB, || Ok(true)), 1);
        assert_eq!(guard(&LIB, || Ok(5i32)), 5);
        assert_eq!(guard(&LIB, || Ok(6usize)), 6);
        assert_eq!(guard(&LIB, denied::<()>), -libc::EACCES);
        assert_eq!(guard(&LIB, denied::<usize>), -libc::EACCES);
        assert_eq!(last_error(&LIB), "denied");
    }

    #[test]
    fn a_failure_without_a_number_is_one_all_the_same() {
        assert_eq!(guard(&LIB, || Err::<(), _>(Failure::new(0, "odd"))), -libc::EIO);
    }

    #[test]
    fn a_count_that_does_not_fit_is_an_error() {
        assert_eq!(guard(&LIB, || Ok(u32::MAX)), -libc::EOVERFLOW);
        assert_eq!(last_error(&LIB), "4294967295 does not fit an int");
    }

    #[test]
    fn pointers_and_plain_numbers_set_errno() {
        assert_eq!(guard(&LIB, || Ok(Plain(u32::MAX))), u32::MAX);
        set_errno(0);
        assert_eq!((guard(&LIB, denied::<Plain<u64>>), errno()), (0, Some(libc::EACCES)));
        set_errno(0);
        assert_eq!((guard(&LIB, denied::<*mut u8>), errno()), (null_mut(), Some(libc::EACCES)));
        assert_eq!((guard(&LIB, denied::<Ref<Thing>>), errno()), (null_mut(), Some(libc::EACCES)));
        assert_eq!((guard(&LIB, || Ok(None::<Ref<Thing>>)), errno()), (null_mut(), Some(0)));
        let text = c"text";
        assert_eq!(guard(&LIB, || Ok(text)), text.as_ptr());
        let made = guard(&LIB, || Ok(Ref::new(Thing)));
        // SAFETY: a reference just handed out.
        let back = unsafe { Ref::<Thing>::from_raw(std::ptr::NonNull::new(made).unwrap().cast()) };
        assert_eq!(Ref::count(&back), 1);
    }

    #[test]
    fn a_panic_is_a_failure() {
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| ()));
        assert_eq!(guard(&LIB, || -> Result<(), _> { panic!("planted {}", 1) }), -libc::ENOTRECOVERABLE);
        assert_eq!(last_error(&LIB), "internal error (panic): planted 1");
        let null = guard(&LIB, || -> Result<*mut u8, _> { panic!("planted") });
        assert_eq!((null, errno()), (null_mut(), Some(libc::ENOTRECOVERABLE)));
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("when dropped");
            }
        }
        let bomb = || -> Result<(), _> { std::panic::panic_any(Bomb) };
        assert_eq!(guard(&LIB, bomb), -libc::ENOTRECOVERABLE);
        std::panic::set_hook(quiet);
    }

    #[test]
    fn guards_nest() {
        let result = guard(&LIB, || {
            assert_eq!(guard(&LIB, denied::<()>), -libc::EACCES);
            Ok(1)
        });
        assert_eq!(result, 1);
        assert_eq!(LIB.per_thread.with(|t| t.depth.get()), 0);
    }

    #[test]
    fn a_thread_in_its_last_breath_is_served() {
        struct Late;
        impl Drop for Late {
            fn drop(&mut self) {
                assert_eq!(guard(&LIB, denied::<()>), -libc::EACCES);
                last_error(&LIB);
            }
        }
        thread_local!(static LATE: Late = const { Late });
        // Locals go in the order in which they came, or the other way round: one of the two orders meets the case.
        for first in [true, false] {
            let thread = std::thread::spawn(move || {
                if first {
                    LATE.with(|_| ());
                }
                guard(&LIB, denied::<()>);
                LATE.with(|_| ());
            });
            thread.join().unwrap();
        }
    }
}
