// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writing a live tree: as a blob, as source, and as the difference to another one.

mod diff;
mod dts;
mod flat;

pub use diff::{DiffOptions, Difference};
pub use dts::{value_text, DtsOptions};
pub(crate) use flat::reservations;
