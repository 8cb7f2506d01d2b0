// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Library`]: what one C library has of its own, so that several of them can live in one process.

use crate::log::Log;
use crate::{Failure, Level};
use std::cell::{Cell, RefCell};
use std::ffi::{c_char, CStr, CString};
use std::thread::LocalKey;

/// The state of one C library: its name and version, its log, and per thread its last error. Made by [`library!`](crate::library).
pub struct Library {
    pub(crate) prefix: &'static str,
    version: &'static CStr,
    pub(crate) per_thread: &'static LocalKey<PerThread>,
    pub(crate) log: Log,
    /// Takes the complaints of `kref` to this library's log.
    pub(crate) kref_hook: fn(&str),
    /// What the header calls the objects that `kref` knows by Rust's names.
    pub(crate) names: fn(&'static str) -> &'static str,
}

/// What a library keeps for each thread.
pub struct PerThread {
    last_error: RefCell<Option<CString>>,
    /// How many guards this thread is inside of.
    pub(crate) depth: Cell<u32>,
    /// Whether the hooks of the library are in place, as far as this thread knows.
    pub(crate) hooked: Cell<bool>,
    /// Messages that wait for the end of the guard, where no lock of the library is held.
    pub(crate) unsaid: RefCell<Vec<(Level, String)>>,
}

/// Declares a library, whose version is that of the crate: `cabi::library!(pub(crate) static LIB = "ovl");`
///
/// Behind that may stand what lives in a [`Ref`](kref::Ref) or a [`Port`](kref::Port), and what C calls it:
/// `cabi::library!(static LIB = "ovl", Bus => ovl_bus);` So messages and reports name it (K6).
#[macro_export]
macro_rules! library {
    ($(#[$doc:meta])* $visibility:vis static $name:ident = $prefix:literal $(, $object:ty => $opaque:ident)* $(,)?) => {
        $(#[$doc])*
        $visibility static $name: $crate::Library = {
            ::std::thread_local! {
                static PER_THREAD: $crate::PerThread = const { $crate::PerThread::new() };
            }
            let version = ::std::concat!(::std::env!("CARGO_PKG_VERSION"), "\0");
            fn names(rust: &'static str) -> &'static str {
                $(if rust == ::std::any::type_name::<$object>() {
                    let _of_the_header = ::std::marker::PhantomData::<$opaque>;
                    return ::std::stringify!($opaque);
                })*
                rust
            }
            let hook = |message: &str| $name.log($crate::Level::Error, message);
            $crate::Library::new($prefix, version, &PER_THREAD, hook, names)
        };
    };
}

impl Library {
    /// For [`library!`](crate::library).
    #[doc(hidden)]
    pub const fn new(
        prefix: &'static str,
        version: &'static str,
        per_thread: &'static LocalKey<PerThread>,
        kref_hook: fn(&str),
        names: fn(&'static str) -> &'static str,
    ) -> Self {
        let Ok(version) = CStr::from_bytes_with_nul(version.as_bytes()) else {
            panic!("a version ends with its only NUL")
        };
        Library { prefix, version, per_thread, log: Log::new(), kref_hook, names }
    }

    /// The version of the library, for `…_version()`.
    pub fn version(&self) -> *const c_char {
        self.version.as_ptr()
    }

    /// The sentence of the last call that failed in this thread, "" if none has; for `…_last_error()`.
    ///
    /// Valid until the next call into the library in this thread. A call that succeeds leaves it as it is.
    pub fn last_error(&self) -> *const c_char {
        let text = self.per_thread.try_with(|t| t.last_error.borrow().as_ref().map(|text| text.as_ptr()));
        text.ok().flatten().unwrap_or(c"".as_ptr())
    }

    pub(crate) fn set_last_error(&self, message: &str) {
        let text = Some(c_string(message));
        // A thread that is going away has nobody left to read it.
        let _ = self.per_thread.try_with(|t| t.last_error.replace(text));
    }
}

impl PerThread {
    /// For [`library!`](crate::library).
    #[doc(hidden)]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        PerThread {
            last_error: RefCell::new(None),
            depth: Cell::new(0),
            hooked: Cell::new(false),
            unsaid: RefCell::new(Vec::new()),
        }
    }
}

/// `…_set_tracking()`: what is remembered of those who take references, from 0 (nothing) to 2 (backtraces too).
pub fn set_tracking(level: u32) -> Result<(), Failure> {
    if level > 2 {
        return Err(Failure::invalid(format!("level is {level}, and 2 is the highest")));
    }
    kref::track::set_level(level);
    Ok(())
}

/// A C string of `text`, whatever is in it: a message comes from names and data that may hold anything.
pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text).unwrap_or_else(|_| CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{guard, Failure};
    use std::ffi::CStr;

    crate::library!(static ONE = "one");
    crate::library!(static TWO = "two");

    pub(crate) fn last_error(library: &Library) -> String {
        // SAFETY: `last_error` gives a C string, read before the next call.
        unsafe { CStr::from_ptr(library.last_error()) }.to_str().unwrap().to_owned()
    }

    fn fail(library: &Library, message: &str) {
        assert_eq!(guard(library, || Err::<(), _>(Failure::invalid(message))), -libc::EINVAL);
    }

    #[test]
    fn each_library_and_each_thread_has_its_own_last_error() {
        assert_eq!(last_error(&ONE), "");
        fail(&ONE, "first");
        fail(&TWO, "second");
        assert_eq!((last_error(&ONE), last_error(&TWO)), ("first".into(), "second".into()));
        std::thread::spawn(|| assert_eq!(last_error(&ONE), "")).join().unwrap();
        assert_eq!(guard(&ONE, || Ok(())), 0);
        assert_eq!(last_error(&ONE), "first", "success leaves it alone");
        fail(&ONE, "third");
        assert_eq!(last_error(&ONE), "third");
    }

    #[test]
    fn the_version_is_the_crate_s() {
        // SAFETY: `version` gives a C string that stays.
        let version = unsafe { CStr::from_ptr(ONE.version()) };
        assert_eq!(version.to_str(), Ok(env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn there_are_three_levels_of_tracking() {
        assert_eq!(set_tracking(3), Err(Failure::invalid("level is 3, and 2 is the highest")));
        assert_eq!(set_tracking(0), Ok(()));
    }

    #[test]
    fn a_message_may_hold_anything() {
        fail(&ONE, "node \"a\0b\"");
        assert_eq!(last_error(&ONE), "node \"a\u{fffd}b\"");
    }
}
