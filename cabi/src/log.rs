// SPDX-License-Identifier: MIT OR Apache-2.0
//! The log of a library: a callback, run with no lock of the library held.
//!
//! What is logged inside of a guarded call is told at its end, because only there is it sure that no lock is held.
//! Without a callback nothing is told, unless the environment variable `HOLDFAST_LOG` is set: then warnings and
//! errors go to standard error.

use crate::library::{c_string, Library};
use crate::{Callback, Destroy};
use std::env::var_os;
use std::ffi::{c_char, c_int, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, OnceLock, RwLock};

/// How serious a message is; the numbers are syslog's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// The program or the library is wrong.
    Error = 3,
    /// Something was not as it should be, and was dealt with.
    Warning = 4,
    /// Something worth knowing happened.
    Info = 6,
    /// What only matters when looking for a fault.
    Debug = 7,
}

/// A C function that takes a message: level, text, user data.
pub type LogFn = unsafe extern "C-unwind" fn(c_int, *const c_char, *mut c_void);

pub(crate) struct Log {
    callback: RwLock<Option<Arc<Callback<LogFn>>>>,
}

impl Log {
    pub(crate) const fn new() -> Self {
        Log { callback: RwLock::new(None) }
    }
}

impl Library {
    /// Sends messages to `callback` instead of the one before, whose destroy function runs as soon as no thread is in
    /// it; a NULL function (None) takes the log away. For `…_set_log_callback()`.
    ///
    /// # Safety
    /// As for [`Callback::new`]; the function may be called from any thread.
    pub unsafe fn set_log_callback(
        &self,
        function: Option<LogFn>,
        user_data: *mut c_void,
        destroy: Option<Destroy>,
    ) {
        // SAFETY: the caller's promise. Without a function there is nothing to keep, and destroy runs at once.
        let new = unsafe { Callback::new(function, user_data, destroy, "callback") }.ok().map(Arc::new);
        let mut slot = kref::sync::write(&self.log.callback);
        let old = std::mem::replace(&mut *slot, new);
        drop(slot);
        drop(old);
    }

    /// Tells the log; inside of a guarded call, at its end.
    pub fn log(&self, level: Level, message: &str) {
        let kept = self.per_thread.try_with(|t| {
            let inside = t.depth.get() > 0;
            if inside {
                t.unsaid.borrow_mut().push((level, message.to_owned()));
            }
            inside
        });
        if kept != Ok(true) {
            self.say(level, message);
        }
    }

    #[cold]
    pub(crate) fn say_unsaid(&self) {
        let unsaid = self.per_thread.try_with(|thread| thread.unsaid.take());
        for (level, message) in unsaid.unwrap_or_default() {
            // A callback that panics must not stop the call that happened to log.
            let _ = catch_unwind(AssertUnwindSafe(|| self.say(level, &message)));
        }
    }

    fn say(&self, level: Level, message: &str) {
        let callback = kref::sync::read(&self.log.callback).clone();
        match callback {
            Some(callback) => {
                let text = c_string(message);
                // SAFETY: the promise made to `set_log_callback`; the text lives during the call.
                unsafe { (callback.function())(level as c_int, text.as_ptr(), callback.user_data()) }
            }
            None if level <= Level::Warning && asked_for() => eprintln!("{}: {message}", self.prefix),
            None => (),
        }
    }
}

fn asked_for() -> bool {
    static ASKED_FOR: OnceLock<bool> = OnceLock::new();
    *ASKED_FOR.get_or_init(|| var_os("HOLDFAST_LOG").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard;
    use std::ffi::CStr;
    use std::sync::Mutex;

    /// What a test heard, and how often destroy ran.
    #[derive(Default)]
    struct Heard(Mutex<(Vec<(c_int, String)>, u32)>);

    impl Heard {
        fn user_data(&self) -> *mut c_void {
            std::ptr::from_ref(self).cast_mut().cast()
        }
        fn messages(&self) -> Vec<(c_int, String)> {
            self.0.lock().unwrap().0.clone()
        }
        fn destroyed(&self) -> u32 {
            self.0.lock().unwrap().1
        }
    }

    unsafe extern "C-unwind" fn hear(level: c_int, text: *const c_char, user_data: *mut c_void) {
        // SAFETY: `user_data` is a Heard that outlives the callback, `text` a C string.
        let (heard, text) = unsafe { (&*user_data.cast::<Heard>(), CStr::from_ptr(text)) };
        heard.0.lock().unwrap().0.push((level, text.to_str().unwrap().to_owned()));
    }

    unsafe extern "C-unwind" fn gone(user_data: *mut c_void) {
        // SAFETY: as above.
        unsafe { &*user_data.cast::<Heard>() }.0.lock().unwrap().1 += 1;
    }

    #[test]
    fn messages_go_to_the_callback_at_the_end_of_the_call() {
        crate::library!(static LIB = "log-a");
        let heard = Heard::default();
        // SAFETY: `heard` outlives the callback.
        unsafe { LIB.set_log_callback(Some(hear), heard.user_data(), Some(gone)) };
        LIB.log(Level::Info, "at once");
        assert_eq!(heard.messages(), [(6, "at once".to_owned())]);
        guard(&LIB, || {
            LIB.log(Level::Warning, "later");
            assert_eq!(heard.messages().len(), 1, "a lock could be held here");
            Ok(())
        });
        assert_eq!(heard.messages()[1..], [(4, "later".to_owned())]);
        // SAFETY: takes it away.
        unsafe { LIB.set_log_callback(None, std::ptr::null_mut(), None) };
        assert_eq!(heard.destroyed(), 1);
        LIB.log(Level::Error, "unheard");
        assert_eq!(heard.messages().len(), 2);
    }

    #[test]
    fn destroy_runs_once_also_without_a_function() {
        crate::library!(static LIB = "log-b");
        let heard = Heard::default();
        // SAFETY: `heard` outlives all three.
        unsafe {
            LIB.set_log_callback(None, heard.user_data(), Some(gone));
            assert_eq!(heard.destroyed(), 1);
            LIB.set_log_callback(Some(hear), heard.user_data(), Some(gone));
            LIB.set_log_callback(Some(hear), heard.user_data(), Some(gone));
            assert_eq!(heard.destroyed(), 2);
            LIB.set_log_callback(None, std::ptr::null_mut(), None);
        }
        assert_eq!(heard.destroyed(), 3);
    }

    #[test]
    fn a_callback_may_replace_itself_and_panic() {
        crate::library!(static LIB = "log-c");
        unsafe extern "C-unwind" fn quit(_: c_int, _: *const c_char, user_data: *mut c_void) {
            // SAFETY: a counter that outlives the callback.
            unsafe { LIB.set_log_callback(None, std::ptr::null_mut(), None) };
            // SAFETY: as above.
            assert_eq!(unsafe { &*user_data.cast::<Heard>() }.destroyed(), 0, "destroyed while it runs");
            panic!("planted");
        }
        let heard = Heard::default();
        // SAFETY: `heard` outlives the callback.
        unsafe { LIB.set_log_callback(Some(quit), heard.user_data(), Some(gone)) };
        let result = guard(&LIB, || {
            LIB.log(Level::Info, "now");
            Ok(7)
        });
        assert_eq!((result, heard.destroyed()), (7, 1));
    }
}
