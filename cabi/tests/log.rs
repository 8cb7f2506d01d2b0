// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a misused count and a warning come to: in the callback, on standard error, or nowhere. `kref` has one hook per
//! process, so this test has a process of its own, and a second one to read the standard error of.
#![allow(unsafe_code)]

use cabi::{guard, Level};
use std::ffi::{c_char, c_int, c_void, CStr};
use std::process::Command;
use std::sync::Mutex;

cabi::library!(static LIB = "demo");

static HEARD: Mutex<Vec<(c_int, String)>> = Mutex::new(Vec::new());

unsafe extern "C-unwind" fn hear(level: c_int, text: *const c_char, _: *mut c_void) {
    // SAFETY: the log passes a C string.
    let text = unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned();
    HEARD.lock().unwrap().push((level, text));
}

/// Puts once too often, and warns and informs.
fn talk() {
    guard(&LIB, || Ok(kref::Kref::new(0).put()));
    LIB.log(Level::Warning, "a warning");
    LIB.log(Level::Info, "an info");
}

fn stderr_of_talk(asked_for: bool) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "k1_a_misused_count_is_logged", "--nocapture"]).env("HOLDFAST_TEST_TALK", "1");
    if asked_for {
        child.env("HOLDFAST_LOG", "1");
    } else {
        child.env_remove("HOLDFAST_LOG");
    }
    let output = child.output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn k1_a_misused_count_is_logged() {
    if std::env::var_os("HOLDFAST_TEST_TALK").is_some() {
        return talk();
    }
    // SAFETY: `hear` may be called any time from any thread.
    unsafe { LIB.set_log_callback(Some(hear), std::ptr::null_mut(), None) };
    talk();
    let heard = HEARD.lock().unwrap();
    let levels: Vec<c_int> = heard.iter().map(|(level, _)| *level).collect();
    assert_eq!(levels, [Level::Error as c_int, Level::Warning as c_int, Level::Info as c_int]);
    assert!(heard[0].1.ends_with("put without a reference"), "{heard:?}");

    assert_eq!(stderr_of_talk(false), "");
    let told = stderr_of_talk(true);
    assert!(told.contains("demo: reference count at") && told.contains("demo: a warning"), "{told}");
    assert!(!told.contains("an info"), "{told}");
}
