// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be done with a property entry.

use super::{Prop, PropPtr, Token};
use crate::fdt::word;

impl PropPtr {
    /// Where the name is in the blob.
    #[inline]
    fn name_start(self) -> usize {
        self.header().layout.strings + self.name_offset() as usize
    }

    pub(super) fn name_bytes(&self) -> &[u8] {
        let from = &self.header().blob()[self.name_start()..];
        &from[..memchr::memchr(0, from).expect("names are terminated")]
    }

    fn value(&self) -> &[u8] {
        &self.header().blob()[self.value_range()]
    }

    /// The name.
    pub(crate) fn name(self, _: &Token) -> &str {
        // SAFETY: the lifetime is that of the token's lock, which keeps the tree as it is, or of a plan. The check admits
        // ASCII names only.
        unsafe { std::str::from_utf8_unchecked(&*(self.name_bytes() as *const [u8])) }
    }

    /// The value's bytes.
    pub(crate) fn data(self, _: &Token) -> &[u8] {
        // SAFETY: as in `name`.
        unsafe { &*(self.value() as *const [u8]) }
    }

    /// Whether this is its name; cheaper than comparing `name()`.
    #[inline]
    pub(crate) fn is_named(self, name: &[u8]) -> bool {
        let at = self.name_start();
        let blob = self.header().blob();
        blob.get(at..=at + name.len())
            .is_some_and(|have| have[name.len()] == 0 && &have[..name.len()] == name)
    }

    pub(crate) fn same_name(self, other: PropPtr) -> bool {
        self.is_named(other.name_bytes())
    }

    /// Offset of the name in its blob's strings, where it came with a blob that has them.
    pub(crate) fn name_offset(self) -> u32 {
        word(self.header().blob(), self.entry().value as usize - 4)
    }

    /// Where the value is in its blob.
    pub(crate) fn value_range(self) -> std::ops::Range<usize> {
        let at = self.entry().value as usize;
        at..at + word(self.header().blob(), at - 8) as usize
    }
}

impl Prop {
    /// The property's name.
    pub fn name(&self) -> &str {
        // SAFETY: the handle keeps the blob, for as long as the result borrows the handle.
        let name: &[u8] = unsafe { &*(self.ptr().name_bytes() as *const [u8]) };
        std::str::from_utf8(name).expect("the check admits ASCII names only")
    }

    /// The name as C wants it, with its NUL, inside of the blob.
    pub fn c_name(&self) -> &std::ffi::CStr {
        let at = self.ptr().name_start();
        // SAFETY: as in `name`.
        let blob: &[u8] = unsafe { &*(&self.ptr().header().blob()[at..] as *const [u8]) };
        std::ffi::CStr::from_bytes_until_nul(blob).expect("names are terminated")
    }

    /// The value's bytes, inside of the blob.
    pub fn data(&self) -> &[u8] {
        // SAFETY: as in `name`.
        unsafe { &*(self.ptr().value() as *const [u8]) }
    }

    /// The overlay that brought this value, 0 for the base (O24).
    pub fn origin(&self) -> i32 {
        self.ptr().origin()
    }
}
