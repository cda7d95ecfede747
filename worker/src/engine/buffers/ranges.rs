//! Pieces of address space that hold the contents of buffers: whose they are, and how much of them exists.

use std::collections::{BTreeMap, BTreeSet};

/// The run that made a buffer, as a number; [`EVERYBODY`] stands for none: the bundle's modules made it when they were loaded.
pub(super) type RunNumber = u64;

/// Not one run's.
pub(super) const EVERYBODY: RunNumber = 0;

/// What one buffer takes, or several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Held {
    /// What it may take.
    pub(in crate::engine) bytes: usize,
    /// What is resident.
    pub(in crate::engine) resident_bytes: usize,
}

/// One piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// What can be read and written: the first part of what is reserved.
    pub(super) bytes: usize,
    /// What of that existed when it was looked at last.
    pub(super) resident_bytes: usize,
    pub(super) run: RunNumber,
}

impl Range {
    /// What may still come into existence.
    pub(super) fn untouched_bytes(&self) -> usize {
        self.bytes - self.resident_bytes
    }
}

/// The pieces of one isolate.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    by_start: BTreeMap<usize, Range>,
    by_run: BTreeSet<(RunNumber, usize)>,
    bytes: usize,
    resident_bytes: usize,
}

impl Ranges {
    /// What may become resident.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What was, by the last look at each piece.
    pub(super) fn resident_bytes(&self) -> usize {
        self.resident_bytes
    }

    /// Adds a piece of which nothing exists yet.
    pub(super) fn insert(&mut self, start: usize, bytes: usize, run: RunNumber) {
        self.remove(start);
        let range = Range {
            bytes,
            resident_bytes: 0,
            run,
        };
        self.bytes += bytes;
        self.by_run.insert((run, start));
        self.by_start.insert(start, range);
    }

    pub(super) fn remove(&mut self, start: usize) -> Option<Range> {
        let range = self.by_start.remove(&start)?;
        self.by_run.remove(&(range.run, start));
        self.bytes -= range.bytes;
        self.resident_bytes -= range.resident_bytes;
        Some(range)
    }

    pub(super) fn get(&self, start: usize) -> Option<&Range> {
        self.by_start.get(&start)
    }

    /// The piece can now be used up to `bytes`, for more or for less than before.
    pub(super) fn resize(&mut self, start: usize, bytes: usize) {
        if let Some(range) = self.by_start.get_mut(&start) {
            self.bytes = self.bytes - range.bytes + bytes;
            range.bytes = bytes;
            let resident_bytes = range.resident_bytes.min(bytes);
            self.resident_bytes = self.resident_bytes - range.resident_bytes + resident_bytes;
            range.resident_bytes = resident_bytes;
        }
    }

    /// Looks at every piece by `resident_of`, which is given start and length.
    pub(super) fn look(&mut self, resident_of: impl Fn(usize, usize) -> usize) {
        let starts: Vec<usize> = self.by_start.keys().copied().collect();
        self.look_at(&starts, resident_of);
    }

    /// Looks at the pieces that a run may touch: its own, and those that all runs may.
    pub(super) fn look_for(&mut self, run: RunNumber, resident_of: impl Fn(usize, usize) -> usize) {
        let starts: Vec<usize> = self.reachable(run).collect();
        self.look_at(&starts, resident_of);
    }

    /// What a run may still bring into existence, by the last look.
    pub(super) fn untouched_bytes(&self, run: RunNumber) -> usize {
        let ranges = self.reachable(run).map(|start| self.by_start[&start]);
        ranges.map(|range| range.untouched_bytes()).sum()
    }

    /// What a run made.
    pub(super) fn of_run(&self, run: RunNumber) -> Held {
        let starts = self.by_run.range((run, 0)..=(run, usize::MAX));
        starts.fold(Held::default(), |sum, (_, start)| {
            let range = self.by_start[start];
            Held {
                bytes: sum.bytes + range.bytes,
                resident_bytes: sum.resident_bytes + range.resident_bytes,
            }
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, Range)> {
        self.by_start.iter().map(|(start, range)| (*start, *range))
    }

    fn reachable(&self, run: RunNumber) -> impl Iterator<Item = usize> {
        let of = |run| self.by_run.range((run, 0)..=(run, usize::MAX));
        let others = (run != EVERYBODY).then(|| of(run));
        let found = of(EVERYBODY).chain(others.into_iter().flatten());
        found.map(|(_, start)| *start)
    }

    fn look_at(&mut self, starts: &[usize], resident_of: impl Fn(usize, usize) -> usize) {
        for start in starts {
            let Some(range) = self.by_start.get_mut(start) else {
                continue;
            };
            // What was touched stays until it is given back, which is told.
            if range.resident_bytes < range.bytes {
                let found = resident_of(*start, range.bytes).min(range.bytes);
                self.resident_bytes = self.resident_bytes - range.resident_bytes + found;
                range.resident_bytes = found;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: RunNumber = 7;
    const B: RunNumber = 8;

    #[test]
    fn what_exists_is_what_was_looked_at() {
        let mut ranges = Ranges::default();
        ranges.insert(0x1000, 100, A);
        ranges.insert(0x2000, 50, B);
        assert_eq!((ranges.bytes(), ranges.resident_bytes()), (150, 0));
        ranges.look(|start, bytes| if start == 0x1000 { 30 } else { bytes });
        assert_eq!(ranges.resident_bytes(), 80);
        assert_eq!(
            (ranges.untouched_bytes(A), ranges.untouched_bytes(B)),
            (70, 0)
        );
        assert_eq!(
            ranges.remove(0x2000).map(|range| range.resident_bytes),
            Some(50)
        );
        assert_eq!((ranges.bytes(), ranges.resident_bytes()), (100, 30));
        assert_eq!(ranges.remove(0x2000), None);
    }

    #[test]
    fn a_run_may_touch_its_own_and_what_is_everybodys() {
        let mut ranges = Ranges::default();
        ranges.insert(0x1000, 100, A);
        ranges.insert(0x2000, 50, B);
        ranges.insert(0x3000, 9, EVERYBODY);
        assert_eq!(
            (ranges.untouched_bytes(A), ranges.untouched_bytes(B)),
            (109, 59)
        );
        assert_eq!(ranges.untouched_bytes(EVERYBODY), 9);
        ranges.look_for(A, |_, _| 5);
        let held = Held {
            bytes: 100,
            resident_bytes: 5,
        };
        assert_eq!(
            (ranges.of_run(A), ranges.of_run(9)),
            (held, Held::default())
        );
        assert_eq!(
            ranges.resident_bytes(),
            10,
            "the other run's were not looked at"
        );
    }

    #[test]
    fn a_piece_that_shrinks_gives_back_what_it_had() {
        let mut ranges = Ranges::default();
        ranges.insert(0x1000, 0, A);
        ranges.resize(0x1000, 100);
        ranges.look(|_, _| 60);
        ranges.resize(0x1000, 40);
        assert_eq!((ranges.bytes(), ranges.resident_bytes()), (40, 40));
        ranges.resize(0x1000, 70);
        assert_eq!(ranges.untouched_bytes(A), 30);
        ranges.resize(0x5000, 70);
        assert_eq!(ranges.bytes(), 70, "what is not there cannot grow");
    }

    #[test]
    fn what_is_all_there_is_not_looked_at_again() {
        let mut ranges = Ranges::default();
        ranges.insert(0x1000, 100, A);
        ranges.look(|_, bytes| bytes);
        ranges.look(|_, _| panic!("asked again"));
        ranges.resize(0x1000, 101);
        ranges.look(|_, bytes| bytes - 1);
        assert_eq!(ranges.resident_bytes(), 100);
    }
}
