// SPDX-License-Identifier: MIT OR Apache-2.0
//! A live devicetree in user space.
//!
//! A [`Tree`] is made from a flattened devicetree (or a directory such as `/proc/device-tree`), overlays are applied to it and
//! removed again, in any order that leaves nothing dangling, and it can be flattened at any time. A [`Node`] or [`Prop`] that
//! somebody holds stays readable for as long as it is held, whatever happens to the tree meanwhile; and what nobody holds is
//! freed completely when its overlay goes.
//!
//! The K and O numbers in this documentation are the rules in `docs/guarantees.md`.

mod bus;
mod capi;
mod changeset;
mod conflict;
mod diff;
mod error;
pub mod fdt;
mod notifier;
mod overlay;
mod params;
mod refs;
mod slab;
mod tree;
mod write;

pub use bus::{Bus, Device, Driver, Probed};
pub use changeset::{Action, Changed, Changeset};
pub use conflict::{conflicts, Conflict, ConflictKind};
pub use diff::{DiffOptions, Difference, Missing};
pub use error::{Error, Result};
pub use notifier::{Event, EventKind, Notifier, StateChange};
pub use overlay::{ApplyOptions, Mode, PlannedChange, RemoveMode, RemoveReport, Report};
pub use params::{params, params_text, set_params, Param, ParamEntry, ParamKind, ParamRule, ParamTarget};
pub use refs::{Reference, Referrer};
pub use slab::{Node, Prop};
pub use tree::{read_file, PhandleArgs, Tree};
pub use write::{value_text, DtsOptions};
