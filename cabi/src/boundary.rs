// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`boundary!`](crate::boundary): what a capi module calls, so that it need not argue for each argument again.

/// Declares, in a capi module and for the modules below it, the functions of [`arg`](crate::arg) and of this crate as
/// functions that are safe to call, bound to the library `LIB`: `cabi::boundary!(LIB);`
///
/// The promise that this stands on: they are called with arguments of exported functions and nothing else, inside of the
/// call that these were given to. What the callers of those promised (that a pointer other than NULL is what the header
/// says, during the call) is then all that `cabi` asks for.
#[macro_export]
macro_rules! boundary {
    ($library:ident) => {
        // A library uses those that it needs; one of the same name that it writes itself comes first.
        #[allow(unused_imports)]
        use boundary::*;

        #[allow(dead_code, unused_imports)]
        mod boundary {
            use super::$library;
            use ::std::ffi::{c_char, c_int, c_void, CStr};
            use ::std::mem::MaybeUninit;
            use $crate::arg::{self, Out, Versioned, VersionedOut};
            use $crate::{Borrowed, Callback, Destroy, Failure, Handle, LogFn, Return};

            pub(super) use $crate::arg::{flags, timeout};
            pub(super) use $crate::{give_bytes, give_text};

            // SAFETY, of every block below: the promise of the macro.

            pub(super) fn guard<T: Return>(body: impl FnOnce() -> Result<T, Failure>) -> T::C {
                $crate::guard(&$library, body)
            }

            pub(super) fn object<'a, H: Handle>(
                raw: *mut H::C,
                name: &str,
            ) -> Result<Borrowed<'a, H>, Failure> {
                unsafe { arg::object(raw, name) }
            }

            pub(super) fn taken<H: Handle>(raw: *mut H::C) -> Option<H> {
                unsafe { arg::taken(raw) }
            }

            pub(super) fn c_str<'a>(raw: *const c_char, name: &str) -> Result<&'a CStr, Failure> {
                unsafe { arg::c_str(raw, name) }
            }

            pub(super) fn text<'a>(raw: *const c_char, name: &str) -> Result<&'a str, Failure> {
                unsafe { arg::text(raw, name) }
            }

            pub(super) fn text_or_none<'a>(
                raw: *const c_char,
                name: &str,
            ) -> Result<Option<&'a str>, Failure> {
                unsafe { arg::text_or_none(raw, name) }
            }

            pub(super) fn texts<'a>(
                raw: *const *const c_char,
                count: usize,
                name: &str,
            ) -> Result<Vec<&'a str>, Failure> {
                unsafe { arg::texts(raw, count, name) }
            }

            pub(super) fn bytes<'a, T>(
                raw: *const T,
                length: usize,
                name: &str,
            ) -> Result<&'a [u8], Failure> {
                unsafe { arg::bytes(raw, length, name) }
            }

            pub(super) fn bytes_or_none<'a, T>(
                raw: *const T,
                length: usize,
                name: &str,
            ) -> Result<&'a [u8], Failure> {
                unsafe { arg::bytes_or_none(raw, length, name) }
            }

            pub(super) fn numbers<'a>(
                raw: *const u32,
                count: usize,
                name: &str,
            ) -> Result<&'a [u32], Failure> {
                unsafe { arg::numbers(raw, count, name) }
            }

            pub(super) fn pointers<'a, T>(
                raw: *const *const T,
                count: usize,
                name: &str,
            ) -> Result<&'a [*const T], Failure> {
                unsafe { arg::pointers(raw, count, name) }
            }

            pub(super) fn buffer<'a, T>(
                raw: *mut T,
                count: usize,
                name: &str,
            ) -> Result<&'a mut [MaybeUninit<T>], Failure> {
                unsafe { arg::buffer(raw, count, name) }
            }

            pub(super) fn array<'a>(
                raw: *mut u32,
                count: usize,
                name: &str,
            ) -> Result<&'a mut [u32], Failure> {
                unsafe { arg::array(raw, count, name) }
            }

            pub(super) fn out<'a, T>(raw: *mut T, name: &str) -> Result<Out<'a, T>, Failure> {
                unsafe { arg::out(raw, name) }
            }

            pub(super) fn out_or_none<'a, T>(raw: *mut T, name: &str) -> Result<Option<Out<'a, T>>, Failure> {
                unsafe { arg::out_or_none(raw, name) }
            }

            pub(super) fn inout(raw: *mut u32, name: &str, value: u32) -> Result<u32, Failure> {
                unsafe { arg::inout(raw, name, value) }
            }

            pub(super) fn versioned<T: Versioned>(raw: *const T, name: &str) -> Result<Option<T>, Failure> {
                unsafe { arg::versioned(raw, name) }
            }

            pub(super) fn versioned_out<'a, T: Versioned>(
                raw: *mut T,
                name: &str,
            ) -> Result<VersionedOut<'a, T>, Failure> {
                unsafe { arg::versioned_out(raw, name) }
            }

            pub(super) fn callback<F: Copy>(
                function: Option<F>,
                user_data: *mut c_void,
                destroy: Option<Destroy>,
                name: &str,
            ) -> Result<Callback<F>, Failure> {
                unsafe { Callback::new(function, user_data, destroy, name) }
            }

            pub(super) fn table<F: Versioned>(
                table: *const F,
                user_data: *mut c_void,
                destroy: Option<Destroy>,
                name: &str,
            ) -> Result<Callback<F>, Failure> {
                unsafe { Callback::table(table, user_data, destroy, name) }
            }

            pub(super) fn give_into(
                text: &str,
                buffer: *mut c_char,
                size: usize,
                name: &str,
            ) -> Result<usize, Failure> {
                unsafe { $crate::copy_text(buffer, size, name, text) }
            }

            // Whole bodies of exported functions.

            pub(super) fn get<H: Handle + Clone>(raw: *mut H::C) -> *mut H::C {
                #[cold]
                fn guarded<H: Handle + Clone>(raw: *mut H::C) -> *mut H::C {
                    guard(|| unsafe { $crate::get::<H>(raw) })
                }
                match got_quickly::<H>(raw) {
                    true => raw,
                    false => guarded::<H>(raw),
                }
            }

            pub(super) fn got_quickly<H: Handle>(raw: *mut H::C) -> bool {
                unsafe { $crate::get_quickly::<H>(raw) }
            }

            pub(super) fn put<H: Handle>(raw: *mut H::C) {
                #[inline(never)]
                fn guarded<H: Handle>(raw: *mut H::C) {
                    guard(|| Ok(unsafe { $crate::put::<H>(raw) }));
                }
                if !unsafe { $crate::put_quickly::<H>(raw) } {
                    guarded::<H>(raw);
                }
            }

            pub(super) fn free(memory: *mut c_void) {
                unsafe { $crate::free(memory) }
            }

            pub(super) fn set_log_callback(
                function: Option<LogFn>,
                user_data: *mut c_void,
                destroy: Option<Destroy>,
            ) -> c_int {
                guard(|| Ok(unsafe { $library.set_log_callback(function, user_data, destroy) }))
            }

            pub(super) fn set_tracking(level: u32) -> c_int {
                guard(|| $crate::set_tracking(level))
            }

            pub(super) fn set_tag(tag: *const c_char) -> c_int {
                guard(|| Ok($crate::set_tag(text_or_none(tag, "tag")?)))
            }
        }
    };
}
