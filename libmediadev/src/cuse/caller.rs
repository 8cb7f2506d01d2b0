// SPDX-License-Identifier: MIT OR Apache-2.0
//! The memory of a program that makes a call through the kernel. What it has to say comes with the call; what it is to get is gathered,
//! and taken there by the kernel, if that has been told before where it goes and how long it is.

use super::protocol::Span;
use crate::error::{error, Result};
use crate::Memory;
use std::cell::RefCell;

/// The number of an ioctl says how long its argument is, and who writes there.
#[derive(Clone, Copy)]
pub(super) struct Argument {
    pub(super) at: u64,
    /// What of it the call reads.
    pub(super) input: usize,
    /// What of it the call writes.
    pub(super) output: usize,
}

impl Argument {
    pub(super) fn of(command: u32, at: u64) -> Self {
        const SIZE: u32 = 0x3fff;
        const READS: u32 = 1 << 30;
        const WRITES: u32 = 1 << 31;
        let size = |bit: u32| if command & bit != 0 { (command >> 16 & SIZE) as usize } else { 0 };
        Argument { at, input: size(READS), output: size(WRITES) }
    }

    pub(super) fn length(self) -> usize {
        self.input.max(self.output)
    }

    fn span(self, length: usize) -> Vec<Span> {
        // What has no length is no span.
        (length > 0).then_some(Span { at: self.at, length: length as u64 }).into_iter().collect()
    }

    pub(super) fn reads(self) -> Vec<Span> {
        self.span(self.input)
    }

    pub(super) fn writes(self) -> Vec<Span> {
        self.span(self.output)
    }
}

/// See the module's description.
pub(super) struct Caller<'a> {
    at: u64,
    input: &'a [u8],
    written: RefCell<Written>,
}

/// What was written, in order.
#[derive(Default)]
pub(super) struct Written {
    /// Where.
    pub(super) spans: Vec<Span>,
    /// One piece after the other.
    pub(super) bytes: Vec<u8>,
}

impl<'a> Caller<'a> {
    /// `input` is what lies at `at`; it is thought that `room` bytes will be written.
    pub(super) fn new(at: u64, input: &'a [u8], room: usize) -> Self {
        let written = Written { spans: Vec::with_capacity(8), bytes: Vec::with_capacity(room) };
        Caller { at, input, written: RefCell::new(written) }
    }

    pub(super) fn written(self) -> Written {
        self.written.into_inner()
    }
}

impl Memory for Caller<'_> {
    fn read(&self, at: u64, into: &mut [u8]) -> Result<()> {
        let offset = at.checked_sub(self.at).and_then(|offset| usize::try_from(offset).ok());
        let found = offset.and_then(|offset| self.input.get(offset..)?.get(..into.len()));
        into.copy_from_slice(
            found.ok_or_else(|| error!(Fault, "the call did not bring what is at {at:#x}"))?,
        );
        Ok(())
    }

    fn write(&self, at: u64, from: &[u8]) -> Result<()> {
        if !from.is_empty() {
            let mut written = self.written.borrow_mut();
            written.spans.push(Span { at, length: from.len() as u64 });
            written.bytes.extend_from_slice(from);
        }
        Ok(())
    }
}
