// SPDX-License-Identifier: MIT OR Apache-2.0
//! GPIO lines on the Linux character device and on chips that live in the process: descriptors that several components
//! share by `get` and `put`, on chips that may go away at any moment.

pub mod capi;
