// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lifetimes: the one place of the Holdfast libraries that counts.
//!
//! - [`Kref`] is the count itself, for objects that live in storage of their own (a slab); [`Ref`] is a counted box.
//! - [`track`] remembers who took each reference, so that "still held" can name the holder.
//!
//! The K numbers in the documentation are the rules in `docs/guarantees.md`.

mod count;
mod handle;
mod message;
mod sync;
pub mod track;

pub use count::{Kref, CEILING};
pub use handle::Ref;
pub use message::set_message_hook;
