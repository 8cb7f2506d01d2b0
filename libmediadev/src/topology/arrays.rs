// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Arrays`]: the kernel's arrays of a graph, in one block of memory. Four blocks would cost more than the kernel takes to fill them.

use super::{Raw, RawParts};
use crate::uapi::{self, Plain};
use std::collections::TryReserveError;

/// Entities, interfaces, pads and links, one after the other.
pub(crate) struct Arrays {
    words: Vec<u32>,
    /// Where each of them begins.
    starts: [usize; 4],
    /// How many there are of each.
    counts: [usize; 4],
}

/// As long is one of each.
const WORDS: [usize; 4] = [
    words_of::<uapi::Entity>(),
    words_of::<uapi::Interface>(),
    words_of::<uapi::Pad>(),
    words_of::<uapi::Link>(),
];

const fn words_of<T: Plain>() -> usize {
    assert!(size_of::<T>().is_multiple_of(size_of::<u32>()));
    size_of::<T>() / size_of::<u32>()
}

impl Arrays {
    /// Room for so many of each, in this memory if it is enough: what was there before, and zeros behind it.
    pub(crate) fn room(counts: [usize; 4], mut words: Vec<u32>) -> Result<Self, TryReserveError> {
        let lengths: [usize; 4] = std::array::from_fn(|kind| counts[kind].saturating_mul(WORDS[kind]));
        let needed = lengths.into_iter().fold(0, usize::saturating_add);
        words.try_reserve_exact(needed.saturating_sub(words.len()))?;
        let mut end = 0;
        let starts = lengths.map(|length| {
            let start = end;
            end += length;
            // Piece by piece: a long memset is one instruction, which emulators take byte by byte.
            if words.len() < end {
                words.resize(end, 0);
            }
            start
        });
        Ok(Arrays { words, starts, counts })
    }

    /// The memory, for the next ones.
    pub(crate) fn into_words(self) -> Vec<u32> {
        self.words
    }

    pub(crate) fn of(raw: &Raw) -> Self {
        let counts = [raw.entities.len(), raw.interfaces.len(), raw.pads.len(), raw.links.len()];
        let mut words = Vec::new();
        let starts = [
            Plain::all_bytes(&raw.entities),
            Plain::all_bytes(&raw.interfaces),
            Plain::all_bytes(&raw.pads),
            Plain::all_bytes(&raw.links),
        ]
        .map(|bytes| {
            let start = words.len();
            words.extend(bytes.as_chunks().0.iter().map(|&word| u32::from_ne_bytes(word)));
            start
        });
        Arrays { words, starts, counts }
    }

    /// Where the kernel is to write them.
    pub(crate) fn addresses(&mut self) -> [u64; 4] {
        let block = self.words.as_mut_ptr();
        self.starts.map(|start| block.wrapping_add(start) as u64)
    }

    /// There are no more of them than this; false, and nothing done, if there are not so many.
    pub(crate) fn shorten(&mut self, counts: [usize; 4]) -> bool {
        let fits = counts.iter().zip(self.counts).all(|(came, room)| *came <= room);
        if fits {
            self.counts = counts;
        }
        fits
    }

    /// How many there are of each.
    #[inline]
    pub(crate) fn counts(&self) -> [usize; 4] {
        self.counts
    }

    #[inline]
    pub(crate) fn entities(&self) -> &[uapi::Entity] {
        Plain::in_words(&self.words[self.starts[0]..], self.counts[0])
    }

    #[inline]
    pub(crate) fn interfaces(&self) -> &[uapi::Interface] {
        Plain::in_words(&self.words[self.starts[1]..], self.counts[1])
    }

    #[inline]
    pub(crate) fn pads(&self) -> &[uapi::Pad] {
        Plain::in_words(&self.words[self.starts[2]..], self.counts[2])
    }

    #[inline]
    pub(crate) fn links(&self) -> &[uapi::Link] {
        Plain::in_words(&self.words[self.starts[3]..], self.counts[3])
    }

    /// To be corrected.
    pub(crate) fn pads_mut(&mut self) -> &mut [uapi::Pad] {
        Plain::in_words_mut(&mut self.words[self.starts[2]..], self.counts[2])
    }

    pub(crate) fn parts(&self) -> RawParts<'_> {
        RawParts {
            entities: self.entities(),
            interfaces: self.interfaces(),
            pads: self.pads(),
            links: self.links(),
        }
    }

    /// Whether all of them are the same.
    pub(crate) fn are(&self, others: &Self) -> bool {
        self.counts == others.counts && (0..4).all(|kind| self.words_of(kind) == others.words_of(kind))
    }

    fn words_of(&self, kind: usize) -> &[u32] {
        &self.words[self.starts[kind]..][..self.counts[kind] * WORDS[kind]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_there_is_read_into_and_what_is_missing_is_zeros() {
        let needed: usize = WORDS.iter().sum();
        let enough = vec![7; needed + 1];
        let at = enough.as_ptr();
        let arrays = Arrays::room([1; 4], enough).unwrap();
        assert_eq!((arrays.words.as_ptr(), arrays.words.len(), arrays.counts()), (at, needed + 1, [1; 4]));
        assert_eq!(arrays.starts, [0, WORDS[0], WORDS[0] + WORDS[1], needed - WORDS[3]]);
        let arrays = Arrays::room([1; 4], vec![7; WORDS[0] + 2]).unwrap();
        assert_eq!(arrays.words.len(), needed);
        assert!(arrays.words.iter().enumerate().all(|(at, &word)| (word == 7) == (at < WORDS[0] + 2)));
        assert!(Arrays::room([usize::MAX; 4], Vec::new()).is_err());
    }
}
