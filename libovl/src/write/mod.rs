// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writing a live tree: as a blob and as source.

mod dts;
mod flat;

pub(crate) use dts::assigned;
pub use dts::{value_text, DtsOptions};
pub(crate) use flat::reservations;
