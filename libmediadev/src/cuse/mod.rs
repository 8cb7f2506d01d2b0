// SPDX-License-Identifier: MIT OR Apache-2.0
//! A device of this process as a character device that any program can open (M11), through the kernel's CUSE. The protocol is
//! spoken here, with no library in between.
//!
//! What becomes of whom: a caller that gets a signal while its call is parked gets EINTR. When the device is unregistered, the node is
//! gone and whoever has it open gets ENODEV, ERR and HUP, and is closed as ever; with the last of them the channel is closed. A client
//! that dies is closed by the kernel. When the server dies, the kernel takes the node away, calls fail with ECONNABORTED, later ones
//! with ENOTCONN.

mod caller;
mod epoll;
mod export;
mod node;
pub mod protocol;
mod server;
mod session;

pub use export::Export;
pub use server::Server;
pub use session::Session;
