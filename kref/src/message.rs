// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the few complaints of this crate go: standard error, unless the library that links it has a log.

use crate::sync::{read, write};
use std::sync::RwLock;

static HOOK: RwLock<fn(&str)> = RwLock::new(to_stderr);

fn to_stderr(message: &str) {
    eprintln!("{message}");
}

/// Sends the messages about misused counts to `hook` instead of standard error.
///
/// It is called from within `get` and `put`, so under whatever lock their caller holds.
pub fn set_message_hook(hook: fn(&str)) {
    *write(&HOOK) = hook;
}

#[cold]
pub(crate) fn say(message: &str) {
    let hook = *read(&HOOK);
    hook(message);
}
