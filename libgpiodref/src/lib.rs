// SPDX-License-Identifier: MIT OR Apache-2.0
//! GPIO lines on the Linux character device and on chips that live in the process: descriptors that several components
//! share by `get` and `put`, on chips that may go away at any moment.

pub mod capi;
mod chip;
mod config;
mod error;
mod info;
mod provider;
mod request;
mod sys;

pub use chip::Chip;
pub use config::{Bias, Clock, Config, Direction, Drive, Edge, MAX_EVENT_BUFFER, MAX_LINES, MAX_NAME};
pub use error::{Error, Result};
pub use info::{Change, Event, InfoEvent, LineInfo, Wait};
