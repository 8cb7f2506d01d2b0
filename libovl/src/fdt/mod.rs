// SPDX-License-Identifier: MIT OR Apache-2.0
//! The flattened devicetree, a wire format: its check and its writer.
//!
//! A blob is a header, a list of memory reservations, a block of structure tokens and a block of strings, all in
//! big-endian words. Versions 16 and 17 of the Devicetree Specification are read, 17 is written (O1, O4).

mod check;
mod writer;

pub use check::check;
pub(crate) use check::{walk, Layout, Visitor};
pub use writer::Writer;

pub(crate) const MAGIC: u32 = 0xd00d_feed;
pub(crate) const BEGIN_NODE: u32 = 1;
pub(crate) const END_NODE: u32 = 2;
pub(crate) const PROP: u32 = 3;
pub(crate) const NOP: u32 = 4;
pub(crate) const END: u32 = 9;

/// Header of version 17; version 16 lacks the last word.
pub(crate) const HEADER_SIZE: usize = 40;

/// Nodes may be nested this deep (the root is at 1). It is Linux's limit, which silently skips what lies below; here it is an
/// error (O2), so that a recursive walk over any tree of this library has a bounded stack.
pub const MAX_DEPTH: usize = 64;

/// A path may have this many bytes, each name with its slash. It is Linux's `PATH_MAX`, beyond which nobody can open the node
/// in `/proc/device-tree`; here it is an error, so that writing a path for every label, message or node cannot make
/// gigabytes of a small blob.
pub const MAX_PATH: usize = 4096;

/// A property's name may have this many bytes. Names can lie over each other in a blob, so that without a limit reading them
/// all would cost the square of its size.
pub const MAX_PROP_NAME: usize = 1024;

/// The highest phandle that may be given out: 0 means "none", and all ones "not resolved yet".
pub const MAX_PHANDLE: u32 = 0xffff_fffe;

/// The big-endian word at `at`.
///
/// # Panics
/// When the word is not inside `bytes`.
#[inline]
pub(crate) fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

#[inline]
pub(crate) const fn align4(n: usize) -> usize {
    (n + 3) & !3
}
