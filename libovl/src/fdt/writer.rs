// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes a blob node by node. Names are stored once.

use super::{BEGIN_NODE, END, END_NODE, HEADER_SIZE, MAGIC, PROP};
use hashbrown::HashMap;

/// Builds a version 17 blob from calls in document order.
///
/// The caller keeps `begin` and `end` balanced, and properties before children; [`check`](super::check) tells if not.
#[derive(Default)]
pub struct Writer {
    structure: Vec<u8>,
    strings: Vec<u8>,
    offsets: HashMap<Box<[u8]>, u32>,
}

impl Writer {
    /// An empty blob.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty blob that starts from another one's strings, with room for `structure` bytes of structure: names in it
    /// can be written by their offset, without a look-up.
    pub(crate) fn with_strings(strings: &[u8], structure: usize) -> Self {
        let mut room = Vec::with_capacity(strings.len() + 64);
        room.extend_from_slice(strings);
        Self { structure: Vec::with_capacity(structure), strings: room, offsets: HashMap::new() }
    }

    fn word(&mut self, value: u32) {
        self.structure.extend_from_slice(&value.to_be_bytes());
    }

    fn pad(&mut self) {
        let len = super::align4(self.structure.len());
        self.structure.resize(len, 0);
    }

    /// Begins a node; the root's name is empty.
    pub fn begin(&mut self, name: &str) {
        self.begin_bytes(name.as_bytes());
    }

    pub(crate) fn begin_bytes(&mut self, name: &[u8]) {
        self.word(BEGIN_NODE);
        self.structure.extend_from_slice(name);
        self.structure.push(0);
        self.pad();
    }

    /// Ends the node begun last.
    #[inline]
    pub fn end(&mut self) {
        self.word(END_NODE);
    }

    /// Adds a property to the node begun last.
    pub fn prop(&mut self, name: &str, value: &[u8]) {
        self.prop_bytes(name.as_bytes(), value);
    }

    pub(crate) fn prop_bytes(&mut self, name: &[u8], value: &[u8]) {
        let offset = match self.offsets.get(name) {
            Some(&offset) => offset,
            None => {
                let offset = self.strings.len() as u32;
                self.strings.extend_from_slice(name);
                self.strings.push(0);
                self.offsets.insert(name.into(), offset);
                offset
            }
        };
        self.prop_at(offset, value);
    }

    /// Adds a property whose name is at `offset` of the strings.
    #[inline]
    pub(crate) fn prop_at(&mut self, offset: u32, value: &[u8]) {
        self.word(PROP);
        self.word(value.len() as u32);
        self.word(offset);
        self.structure.extend_from_slice(value);
        self.pad();
    }

    /// Adds tokens that another blob with the same strings already has in this form.
    #[inline]
    pub(crate) fn tokens(&mut self, tokens: &[u8]) {
        self.structure.extend_from_slice(tokens);
    }

    /// How long the finished blob will be; it must fit the format's 32 bits.
    pub(crate) fn finished_size(&self, reservations: usize) -> usize {
        HEADER_SIZE + (reservations + 1) * 16 + self.structure.len() + 4 + self.strings.len()
    }

    /// The finished blob, with (address, size) reservations and the id of the boot processor.
    pub fn finish(mut self, reservations: &[(u64, u64)], boot_cpuid: u32) -> Vec<u8> {
        self.word(END);
        let structure = HEADER_SIZE + (reservations.len() + 1) * 16;
        let strings = structure + self.structure.len();
        let total = strings + self.strings.len();
        let mut blob = Vec::with_capacity(total);
        for value in [
            MAGIC,
            total as u32,
            structure as u32,
            strings as u32,
            HEADER_SIZE as u32,
            17,
            16,
            boot_cpuid,
            self.strings.len() as u32,
            self.structure.len() as u32,
        ] {
            blob.extend_from_slice(&value.to_be_bytes());
        }
        for (address, size) in reservations.iter().chain([&(0, 0)]) {
            blob.extend_from_slice(&address.to_be_bytes());
            blob.extend_from_slice(&size.to_be_bytes());
        }
        blob.extend_from_slice(&self.structure);
        blob.extend_from_slice(&self.strings);
        blob
    }
}
