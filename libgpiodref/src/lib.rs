// SPDX-License-Identifier: MIT OR Apache-2.0
//! GPIO lines on the Linux character device and on chips that live in the process: descriptors that several components
//! share by `get` and `put`, on chips that may go away at any moment.

pub mod capi;
mod chip;
mod claim;
mod config;
mod consumer;
mod desc;
mod error;
mod group;
mod inbox;
mod info;
pub mod lookup;
mod provider;
mod request;
mod share;
mod sim;
mod sys;
mod watch;

pub use chip::Chip;
pub use config::{Bias, Clock, Config, Direction, Drive, Edge, MAX_EVENT_BUFFER, MAX_LINES, MAX_NAME};
pub use desc::Desc;
pub use error::{Error, Result};
pub use group::Group;
pub use info::{Change, Event, InfoEvent, LineInfo, Wait};
pub use provider::virt::{ChipConfig, ChipOps, OpResult, RemovePolicy};
pub use sim::Sim;
pub use watch::Watch;
