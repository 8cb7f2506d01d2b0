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

/// No id, or one that two records of a kind have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Doubtful(pub(super) &'static str, pub(super) u32);

impl Places {
    pub(super) fn new(
        entities: &[impl Record],
        interfaces: &[impl Record],
        pads: &[impl Record],
        links: &[impl Record],
    ) -> Result<Self, Doubtful> {
        let count = entities.len() + interfaces.len() + pads.len() + links.len();
        let highest = last(entities).max(last(interfaces)).max(last(pads)).max(last(links));
        // What has gone leaves its number unused, so there may be holes.
        if highest as usize <= 8 * count + 64 {
            let mut places = vec![NOWHERE; highest as usize + 1].into_boxed_slice();
            if put(entities, &mut places)
                && put(interfaces, &mut places)
                && put(pads, &mut places)
                && put(links, &mut places)
            {
                return Ok(Places::Counted(places));
            }
        }
        Ok(Places::Sorted([
            sorted(entities, "entities")?,
            sorted(interfaces, "interfaces")?,
            sorted(pads, "pads")?,
            sorted(links, "links")?,
        ]))
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

/// In a table by number, a number that nothing has.
const NOWHERE: u32 = u32::MAX;

/// The number of the last one, which is the highest where they are counted.
fn last(records: &[impl Record]) -> u32 {
    records.last().map_or(0, |record| record.id() & NUMBER)
}

/// False where the numbers are not those of one who counts: there is a 0, one for the second time, or one that is too high.
fn put(records: &[impl Record], places: &mut [u32]) -> bool {
    records.iter().zip(0..).all(|(record, at)| {
        let number = record.id() & NUMBER;
        let before = places.get_mut(number as usize).map(|place| std::mem::replace(place, at));
        number != 0 && before == Some(NOWHERE)
    })
}

fn sorted(records: &[impl Record], what: &'static str) -> Result<Box<[u32]>, Doubtful> {
    let mut places: Box<[u32]> = (0..records.len() as u32).collect();
    places.sort_unstable_by_key(|&at| records[at as usize].id());
    let mut last = 0;
    for &at in places.iter() {
        let id = records[at as usize].id();
        if id == last {
            return Err(Doubtful(what, id));
        }
        last = id;
    }
    Ok(places)
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
        let things = |ids: &[u32]| ids.iter().map(|&id| Thing(id)).collect::<Vec<_>>();
        Places::new(&things(&[]), &things(others), &things(ids), &things(&[]))
    }

    #[test]
    fn records_are_found_in_whichever_order_they_came_and_however_they_are_numbered() {
        let others = [0x300_0001, 0x300_0004];
        for (ids, is_counted) in [
            ([0x200_0002, 0x200_0003, 0x200_0007], true),
            ([0x200_0003, 0x200_0002, 0x200_0007], true),
            ([0x200_0007, 0x200_0002, 0x200_0003], false),
            ([2, 3, 7], true),
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
        let doubtful = |ids: &[u32]| places(ids, &others).err();
        assert_eq!(doubtful(&[2, 3, 2]), Some(Doubtful("pads", 2)));
        assert_eq!(doubtful(&[2, 2]), Some(Doubtful("pads", 2)));
        assert_eq!(doubtful(&[1, 0]), Some(Doubtful("pads", 0)), "no id");
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
