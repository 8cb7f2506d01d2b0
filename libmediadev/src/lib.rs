// SPDX-License-Identifier: MIT OR Apache-2.0
//! Media graphs of the kernel's devices and of devices that this process provides, with a lifetime that can be relied on: a device
//! that is unregistered under its users answers ENODEV, and its release callbacks run once, last, and in order.
//!
//! The K and M numbers in this documentation are the rules in `docs/guarantees.md`.

pub mod capi;
pub mod cuse;
mod error;
mod info;
pub mod names;
mod sys;
mod topology;
pub mod uapi;

pub use error::{Error, Kind, Result};
pub use info::Info;
pub use topology::{Direction, EntityInfo, InterfaceInfo, LinkInfo, PadInfo, Raw, RawParts, Topology};
