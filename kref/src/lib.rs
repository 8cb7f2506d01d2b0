// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lifetimes: the one place of the Holdfast libraries that counts.
//!
//! - [`Kref`] is the count itself, for objects that live in storage of their own (a slab); [`Ref`] is a counted box,
//!   and [`Weak`] its memory without it.
//! - [`Revocable`] is the link to what may go away under its users, [`Deferred`] a queue of releases that can be
//!   waited for, and [`Managed`] the resources that are freed with an object.
//! - [`Port`] is a counted box that calls run in, an open handle for one; [`Ports`] are all those of one provider.
//! - [`Inside`] tells a thread what it is in the middle of.
//! - [`Signal`] tells those who sleep in poll().
//! - [`Turn`] lets one thread at a time change something while foreign code runs.
//! - [`Shares`] and [`Seats`] are for things that several holders have by a key, and [`Votes`] is how they agree on a value.
//! - [`track`] remembers who took each reference, so that "still held" can name the holder.
//!
//! The K numbers in the documentation are the rules in `docs/guarantees.md`.

mod count;
mod deferred;
mod handle;
mod inside;
mod managed;
mod message;
mod port;
mod revocable;
mod shares;
mod signal;
pub mod sync;
pub mod track;
mod turn;
mod votes;

pub use count::{Kref, CEILING};
pub use deferred::Deferred;
pub use handle::{Ref, Weak};
pub use inside::Inside;
pub use managed::Managed;
pub use message::set_message_hook;
pub use port::{Call, Port, Ported, Ports};
pub use revocable::{DrainError, Guard, Revocable, Revoked, SleepError, Waker};
pub use shares::{JoinError, Leaving, Seat, Seats, Share, Shares};
pub use signal::Signal;
pub use turn::{Taken, Turn, TurnError};
pub use votes::Votes;
