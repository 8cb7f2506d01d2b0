// SPDX-License-Identifier: MIT OR Apache-2.0
//! Arrays in which things are found by id and by whose they are.

use crate::uapi;

/// What has an id.
pub(super) trait Record {
    fn id(&self) -> u32;
}

macro_rules! record {
    ($($type:ty)*) => { $( impl Record for $type { fn id(&self) -> u32 { self.id } } )* };
}
record!(uapi::Entity uapi::Interface uapi::Pad uapi::Link);

/// Records in the order in which they came.
pub(super) struct Table<T> {
    records: Vec<T>,
    /// Their places by id; None where that is the order in which they came, as it is with the kernel as a rule.
    by_id: Option<Box<[u32]>>,
}

impl<T: Record> Table<T> {
    /// The id that is not one, or that two records have, where that is so.
    pub(super) fn new(records: Vec<T>) -> Result<Self, u32> {
        let mut table = Table { records, by_id: None };
        if !table.records.is_sorted_by_key(T::id) {
            let mut places: Box<[u32]> = (0..table.records.len() as u32).collect();
            places.sort_unstable_by_key(|&at| table.records[at as usize].id());
            table.by_id = Some(places);
        }
        let mut last = 0;
        for rank in 0..table.records.len() {
            let id = table.ranked(rank).id();
            if id == last {
                return Err(id);
            }
            last = id;
        }
        Ok(table)
    }

    fn ranked(&self, rank: usize) -> &T {
        &self.records[self.place(rank)]
    }

    fn place(&self, rank: usize) -> usize {
        self.by_id.as_ref().map_or(rank, |places| places[rank] as usize)
    }

    pub(super) fn find(&self, id: u32) -> Option<usize> {
        let found = match &self.by_id {
            None => self.records.binary_search_by_key(&id, T::id),
            Some(places) => places.binary_search_by_key(&id, |&at| self.records[at as usize].id()),
        };
        found.ok().map(|rank| self.place(rank))
    }

    pub(super) fn get(&self, at: usize) -> Option<&T> {
        self.records.get(at)
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.records.iter()
    }

    pub(super) fn records(&self) -> &[T] {
        &self.records
    }
}

/// Which things belong to each of some others, in one array.
pub(super) struct Groups {
    /// Where each group begins, and where the last one ends.
    starts: Box<[u32]>,
    members: Box<[u32]>,
}

impl Groups {
    /// `groups` of them; `pairs` gives the group and the member, for all of them, and gives the same again.
    pub(super) fn new<I: Iterator<Item = (usize, u32)>>(groups: usize, pairs: impl Fn() -> I) -> Self {
        let mut starts = vec![0; groups + 1].into_boxed_slice();
        pairs().for_each(|(group, _)| starts[group] += 1);
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut members = vec![0; total as usize].into_boxed_slice();
        // From the ends of the groups to their beginnings, which is where `starts` points then.
        for (group, member) in pairs() {
            starts[group] -= 1;
            members[starts[group] as usize] = member;
        }
        let mut groups = Groups { starts, members };
        groups.each(|members| members.reverse());
        groups
    }

    pub(super) fn of(&self, group: usize) -> &[u32] {
        &self.members[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    pub(super) fn each(&mut self, mut with: impl FnMut(&mut [u32])) {
        for ends in self.starts.windows(2) {
            with(&mut self.members[ends[0] as usize..ends[1] as usize]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Record for u32 {
        fn id(&self) -> u32 {
            *self
        }
    }

    #[test]
    fn records_are_found_in_whichever_order_they_came() {
        for ids in [vec![2, 3, 7], vec![7, 2, 3]] {
            let table = Table::new(ids.clone()).unwrap();
            let found = |id| table.find(id).map(|at| *table.get(at).unwrap());
            assert_eq!([1, 2, 3, 4, 7, 8].map(found), [None, Some(2), Some(3), None, Some(7), None]);
            assert_eq!(table.records(), ids);
        }
        assert_eq!(Table::new(vec![2, 3, 2]).err(), Some(2));
        assert_eq!(Table::new(vec![2, 2]).err(), Some(2));
        assert_eq!(Table::new(vec![1, 0]).err(), Some(0), "no id");
    }

    #[test]
    fn members_keep_their_order() {
        let pairs = [(2, 10), (0, 11), (2, 12), (2, 9)];
        let groups = Groups::new(4, || pairs.into_iter());
        assert_eq!([0, 1, 2, 3].map(|n| groups.of(n)), [&[11][..], &[], &[10, 12, 9], &[]]);
    }
}
