// SPDX-License-Identifier: MIT OR Apache-2.0
//! The lifetime rules under every interleaving that loom can find: `RUSTFLAGS="--cfg loom" cargo test -p kref --test loom`.
//!
//! A model is written once, over a trait, and run twice: on the real thing, where it must hold, and on small copies
//! with one bug planted in each, where loom must be seen to catch it. A model that would let such a bug pass proves
//! nothing. Every test carries the number of its rule.
//!
//! A planted bug is tried in a process of its own: a model that dies in a deadlock takes its process with it.
#![cfg(loom)]
#![allow(unsafe_code)]

/// A test that passes if loom finds the bug planted in `$model` and says `$says`.
macro_rules! caught {
    ($name:ident, $says:literal, $model:expr) => {
        #[test]
        fn $name() {
            crate::caught(concat!(module_path!(), "::", stringify!($name)), $says, || $model);
        }
    };
}

mod count;
mod link;
mod port;
mod queue;
mod share;
mod tracker;
mod turn;

use loom::cell::UnsafeCell;
use std::process::Command;
use std::sync::Arc;

fn caught(name: &str, says: &str, model: fn()) {
    const CHILD: &str = "HOLDFAST_PLANTED";
    if std::env::var_os(CHILD).is_some() {
        return model();
    }
    let name = name.split_once("::").map_or(name, |(_this_crate, name)| name);
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", name, "--nocapture"]).env(CHILD, "1").env("RUST_BACKTRACE", "0");
    let outcome = child.output().unwrap();
    let text = String::from_utf8_lossy(&outcome.stderr);
    assert!(!outcome.status.success(), "{name}: not caught");
    assert!(text.contains(says), "{name}: caught for another reason:\n{text}");
}

/// Memory that an object stands for: loom reports a read or write of it that is not ordered after the last write.
struct Memory(UnsafeCell<u32>);

// SAFETY: loom checks each access of its cell; that is what the models are for.
unsafe impl Sync for Memory {}
// SAFETY: as above.
unsafe impl Send for Memory {}

impl Memory {
    fn new() -> Arc<Self> {
        Arc::new(Memory(UnsafeCell::new(0)))
    }

    fn read(&self) -> u32 {
        // SAFETY: as at `Sync`.
        self.0.with(|p| unsafe { *p })
    }

    fn write(&self) {
        // SAFETY: as at `Sync`.
        self.0.with_mut(|p| unsafe { *p += 1 });
    }
}

/// Counts for the test itself, outside of what loom explores.
type Counter = Arc<std::sync::atomic::AtomicUsize>;

fn join(threads: [loom::thread::JoinHandle<()>; 2]) {
    for thread in threads {
        thread.join().unwrap();
    }
}
