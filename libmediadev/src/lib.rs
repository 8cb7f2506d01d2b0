// SPDX-License-Identifier: MIT OR Apache-2.0
//! Media graphs of the kernel's devices and of devices that this process provides, with a lifetime that can be relied on: a device
//! that is unregistered under its users answers ENODEV, and its release callbacks run once, last, and in order.
//!
//! The K and M numbers in this documentation are the rules in `docs/guarantees.md`.

mod allocator;
pub mod capi;
mod context;
pub mod cuse;
mod device;
mod error;
mod file;
pub mod formats;
mod graph;
mod info;
pub mod names;
mod node;
pub mod notation;
mod request;
mod sys;
mod topology;
pub mod uapi;

pub use allocator::allocator_get;
pub use context::{Context, Slot};
pub use device::{Answer, Device, DeviceOps, Listening, OpResult, When};
pub use error::{Error, Kind, Result};
pub use file::{File, Memory, OwnMemory};
pub use graph::{Entity, Pipeline};
pub use info::Info;
pub use node::{unless_unknown, Node, Subdev};
pub use request::Request;
pub use topology::{Direction, EntityInfo, InterfaceInfo, LinkInfo, PadInfo, Raw, RawParts, Topology};
