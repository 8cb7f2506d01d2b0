// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the programs have in common: how a command ends, what it writes, how it waits, and how it tells how far it is.

mod failure;
pub mod output;
mod progress;
mod stop;

pub use failure::{end, tell, Failure, Result, Verdict};
pub use progress::Progress;
pub use stop::{Stop, Woke};
