// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the things of a graph are: by their ids, and by whose they are.

use crate::uapi;

/// What has an id.
pub(super) trait Record {
    /// Which of the four kinds it is.
    const KIND: usize;
    fn id(&self) -> u32;
}

macro_rules! record {
    ($($kind:literal $type:ty)*) => { $(
        impl Record for $type {
            const KIND: usize = $kind;
            fn id(&self) -> u32 {
                self.id
            }
        }
    )* };
}
record!(0 uapi::Entity 1 uapi::Interface 2 uapi::Pad 3 uapi::Link);

/// The part of an id by which the kernel counts, all kinds of things together; above it stands which kind it is.
const NUMBER: u32 = (1 << 24) - 1;

/// Where the records of all kinds are in their arrays.
pub(super) enum Places {
    /// By the number in the id, as it is with the kernel. What is at the place says whether it was meant.
    Counted(Box<[u32]>),
    /// Of each kind, in the order of the ids.
    Sorted([Box<[u32]>; 4]),
}

/// Records of a kind of which one has no id, or two have the same.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Doubtful {
    pub(super) kind: usize,
    pub(super) id: u32,
}

impl Places {
    /// `ids` gives the ids of a kind, in the order of its records.
    pub(super) fn new(
        counts: [usize; 4],
        ids: impl Fn(usize, &mut dyn FnMut(u32)),
    ) -> Result<Self, Doubtful> {
        match Self::counted(counts, &ids) {
            Some(places) => Ok(places),
            None => Self::sorted(counts, &ids),
        }
    }

    /// None where the numbers are not those of one who counts, or say nothing clear.
    fn counted(counts: [usize; 4], ids: impl Fn(usize, &mut dyn FnMut(u32))) -> Option<Self> {
        let (mut highest, mut is_clear) = (0, true);
        for kind in 0..4 {
            ids(kind, &mut |id| {
                highest = highest.max(id & NUMBER);
                is_clear &= id != 0;
            });
        }
        // What has gone leaves its number unused, so there may be holes.
        let most = 8 * counts.iter().sum::<usize>() + 64;
        if !is_clear || highest as usize > most {
            return None;
        }
        let mut places = vec![u32::MAX; highest as usize + 1].into_boxed_slice();
        for kind in 0..4 {
            let mut at = 0;
            ids(kind, &mut |id| {
                let place = &mut places[(id & NUMBER) as usize];
                is_clear &= *place == u32::MAX;
                *place = at;
                at += 1;
            });
        }
        is_clear.then_some(Places::Counted(places))
    }

    fn sorted(counts: [usize; 4], ids: impl Fn(usize, &mut dyn FnMut(u32))) -> Result<Self, Doubtful> {
        let mut places: [Box<[u32]>; 4] = Default::default();
        for (kind, places) in places.iter_mut().enumerate() {
            let mut all = Vec::with_capacity(counts[kind]);
            ids(kind, &mut |id| all.push(id));
            *places = (0..all.len() as u32).collect();
            places.sort_unstable_by_key(|&at| all[at as usize]);
            let mut last = 0;
            for &at in places.iter() {
                let id = all[at as usize];
                if id == last {
                    return Err(Doubtful { kind, id });
                }
                last = id;
            }
        }
        Ok(Places::Sorted(places))
    }

    /// The place in its array of the record that has this id.
    #[inline]
    pub(super) fn find<T: Record>(&self, records: &[T], id: u32) -> Option<usize> {
        match self {
            Places::Counted(places) => {
                let at = *places.get((id & NUMBER) as usize)? as usize;
                (records.get(at)?.id() == id).then_some(at)
            }
            Places::Sorted(places) => {
                let places = &places[T::KIND];
                let found = places.binary_search_by_key(&id, |&at| records[at as usize].id());
                found.ok().map(|rank| places[rank] as usize)
            }
        }
    }
}

/// Which things belong to each of some others, in one block: where each group begins, and where the last one ends; then the members.
pub(super) struct Groups {
    block: Box<[u32]>,
    count: usize,
}

impl Groups {
    /// `groups` of them; `pairs` gives the group and the member, for all of them, which are at most so many, and gives the same again.
    pub(super) fn new<I: Iterator<Item = (usize, u32)>>(
        groups: usize,
        most: usize,
        pairs: impl Fn() -> I,
    ) -> Self {
        let mut block = vec![0; groups + 1 + most].into_boxed_slice();
        pairs().for_each(|(group, _)| block[group] += 1);
        let mut end = groups as u32 + 1;
        for start in &mut block[..=groups] {
            end += *start;
            *start = end;
        }
        // From the ends of the groups to their beginnings, which is where the starts point then.
        for (group, member) in pairs() {
            block[group] -= 1;
            block[block[group] as usize] = member;
        }
        let mut groups = Groups { block, count: groups };
        groups.each(<[u32]>::reverse);
        groups
    }

    fn range(&self, group: usize) -> std::ops::Range<usize> {
        self.block[group] as usize..self.block[group + 1] as usize
    }

    pub(super) fn of(&self, group: usize) -> &[u32] {
        &self.block[self.range(group)]
    }

    pub(super) fn each(&mut self, mut with: impl FnMut(&mut [u32])) {
        for group in 0..self.count {
            let range = self.range(group);
            with(&mut self.block[range]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing(u32);

    impl Record for Thing {
        const KIND: usize = 2;
        fn id(&self) -> u32 {
            self.0
        }
    }

    fn places(ids: &[u32], others: &[u32]) -> Result<Places, Doubtful> {
        Places::new([0, others.len(), ids.len(), 0], |kind, each| match kind {
            1 => others.iter().copied().for_each(each),
            2 => ids.iter().copied().for_each(each),
            _ => {}
        })
    }

    #[test]
    fn records_are_found_in_whichever_order_they_came_and_however_they_are_numbered() {
        let others = [0x300_0001, 0x300_0004];
        for (ids, is_counted) in [
            ([0x200_0002, 0x200_0003, 0x200_0007], true),
            ([0x200_0007, 0x200_0002, 0x200_0003], true),
            ([7, 2, 3], true),
            // Of a number that another kind has too, or far from each other.
            ([0x200_0001, 0x200_0002, 0x200_0003], false),
            ([0x200_0002, 0x100_0002, 7], false),
            ([7, 0xf0_0000, u32::MAX], false),
        ] {
            let places = places(&ids, &others).unwrap();
            assert_eq!(matches!(places, Places::Counted(_)), is_counted, "{ids:x?}");
            let things = ids.map(Thing);
            for (at, id) in ids.into_iter().enumerate() {
                assert_eq!(places.find(&things, id), Some(at), "{id:x}");
                assert_eq!(places.find(&things, id ^ 0x4000_0000), None);
            }
            for id in [0, 1, 9, 0x300_0004, 0x8000_0000].into_iter().filter(|id| !ids.contains(id)) {
                assert_eq!(places.find(&things, id), None, "{id:x}");
            }
        }
        let doubtful = |ids: &[u32]| places(ids, &others).err().map(|doubt| (doubt.kind, doubt.id));
        assert_eq!(doubtful(&[2, 3, 2]), Some((2, 2)));
        assert_eq!(doubtful(&[2, 2]), Some((2, 2)));
        assert_eq!(doubtful(&[1, 0]), Some((2, 0)), "no id");
        assert_eq!(doubtful(&[]), None);
    }

    #[test]
    fn members_keep_their_order() {
        let pairs = [(2, 10), (0, 11), (2, 12), (2, 9)];
        for most in [4, 7] {
            let groups = Groups::new(4, most, || pairs.into_iter());
            assert_eq!([0, 1, 2, 3].map(|n| groups.of(n)), [&[11][..], &[], &[10, 12, 9], &[]]);
        }
        assert!(Groups::new(1, 0, std::iter::empty).of(0).is_empty());
    }
}
