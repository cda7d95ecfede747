//! Which isolate thread a new run goes to.

use std::collections::HashMap;

/// Number of an isolate thread, from zero.
pub(super) type ThreadIndex = usize;

/// What lives on one thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Load {
    runs: u64,
    /// Runs whose bytes are known.
    measured_runs: u64,
    /// Bytes of those.
    bytes: u64,
}

#[derive(Debug)]
struct Placed {
    thread: ThreadIndex,
    bytes: Option<u64>,
}

/// Runs and the threads that they live on.
#[derive(Debug)]
pub(super) struct Placement {
    threads: Vec<Load>,
    by_run: HashMap<String, Placed>,
    /// What the runs of one thread may hold together.
    share_bytes: Option<u64>,
}

impl Placement {
    /// For `threads` threads without runs; at least one.
    pub(super) fn new(threads: usize) -> Self {
        Self {
            threads: vec![Load::default(); threads.max(1)],
            by_run: HashMap::new(),
            share_bytes: None,
        }
    }

    /// From now on new runs go where they fit into this.
    pub(super) fn set_share(&mut self, share_bytes: Option<u64>) {
        self.share_bytes = share_bytes;
    }

    /// The run's thread; a new run is placed.
    pub(super) fn place(&mut self, run_id: &str) -> ThreadIndex {
        if let Some(placed) = self.by_run.get(run_id) {
            return placed.thread;
        }
        let thread = choose(&self.threads, self.share_bytes);
        self.threads[thread].runs += 1;
        let placed = Placed {
            thread,
            bytes: None,
        };
        self.by_run.insert(run_id.to_owned(), placed);
        thread
    }

    /// What a run holds now; nothing for one that has left.
    pub(super) fn note(&mut self, run_id: &str, bytes: u64) {
        let Some(placed) = self.by_run.get_mut(run_id) else {
            return;
        };
        let load = &mut self.threads[placed.thread];
        match placed.bytes.replace(bytes) {
            Some(before) => load.bytes -= before,
            None => load.measured_runs += 1,
        }
        load.bytes += bytes;
    }

    /// Forgets an evicted run; its thread, if it had one.
    pub(super) fn remove(&mut self, run_id: &str) -> Option<ThreadIndex> {
        let Placed { thread, bytes } = self.by_run.remove(run_id)?;
        let load = &mut self.threads[thread];
        load.runs -= 1;
        if let Some(bytes) = bytes {
            load.measured_runs -= 1;
            load.bytes -= bytes;
        }
        Some(thread)
    }

    /// The run's thread, if it has one.
    pub(super) fn thread_of(&self, run_id: &str) -> Option<ThreadIndex> {
        self.by_run.get(run_id).map(|placed| placed.thread)
    }

    /// Forgets all runs of a thread whose isolate is lost, and names them.
    pub(super) fn clear(&mut self, thread: ThreadIndex) -> Vec<String> {
        let lost = self.by_run.extract_if(|_, placed| placed.thread == thread);
        let lost = lost.map(|(run_id, _)| run_id).collect();
        self.threads[thread] = Load::default();
        lost
    }

    /// Number of runs on all threads.
    pub(super) fn runs(&self) -> usize {
        self.by_run.len()
    }
}

/// Of the threads that have room for a run of mean size, the one with the fewest runs, so that work is spread; where none
/// has room, the one that holds least, so that fewest bytes are evicted.
fn choose(loads: &[Load], share_bytes: Option<u64>) -> ThreadIndex {
    let bytes: u64 = loads.iter().map(|load| load.bytes).sum();
    let measured_runs = loads.iter().map(|load| load.measured_runs).sum();
    let mean_bytes = bytes.checked_div(measured_runs).unwrap_or_default();
    let key = |load: &Load| {
        let held_bytes = load.bytes + (load.runs - load.measured_runs) * mean_bytes;
        let has_room = share_bytes.is_none_or(|share| held_bytes + mean_bytes <= share);
        (if has_room { 0 } else { held_bytes }, load.runs)
    };
    let loads = loads.iter().enumerate();
    loads
        .min_by_key(|(_, load)| key(load))
        .map_or(0, |(thread, _)| thread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_stays_on_its_thread() {
        let mut placement = Placement::new(3);
        let first = placement.place("a");
        placement.place("b");
        placement.place("c");
        assert_eq!(placement.place("a"), first);
        assert_eq!(placement.runs(), 3);
    }

    #[test]
    fn a_new_run_goes_to_the_thread_with_the_fewest_runs() {
        let mut placement = Placement::new(2);
        assert_eq!(
            [
                placement.place("a"),
                placement.place("b"),
                placement.place("c")
            ],
            [0, 1, 0]
        );
        placement.remove("a");
        placement.remove("c");
        assert_eq!([placement.place("d"), placement.place("e")], [0, 0]);
    }

    #[test]
    fn a_new_run_goes_where_it_fits() {
        let mut placement = Placement::new(2);
        placement.set_share(Some(100));
        assert_eq!([placement.place("large"), placement.place("small")], [0, 1]);
        placement.note("large", 90);
        placement.note("small", 10);
        // Another one of 50 bytes, the mean, fits beside the small run alone; there it counts before it is measured.
        assert_eq!(placement.place("next"), 1);
        assert_eq!(placement.place("over"), 1, "90 and 60 bytes");
        placement.note("next", 70);
        placement.note("over", 70);
        assert_eq!(placement.place("most"), 0, "90 and 150 bytes");
    }

    #[test]
    fn what_left_takes_its_bytes_along() {
        let mut placement = Placement::new(2);
        placement.set_share(Some(100));
        for (run_id, bytes) in [("a", 90), ("b", 80), ("c", 5)] {
            placement.place(run_id);
            placement.note(run_id, 1);
            placement.note(run_id, bytes);
        }
        assert_eq!(placement.remove("b"), Some(1));
        assert_eq!(placement.clear(0), ["a"]);
        placement.note("a", 1000);
        let left = Load {
            runs: 1,
            measured_runs: 1,
            bytes: 5,
        };
        assert_eq!(placement.threads, [Load::default(), left]);
    }

    #[test]
    fn a_lost_isolate_takes_its_runs_along() {
        let mut placement = Placement::new(2);
        for run_id in ["a", "b", "c"] {
            placement.place(run_id);
        }
        let mut lost = placement.clear(0);
        lost.sort();
        assert_eq!(lost, ["a", "c"]);
        assert_eq!((placement.runs(), placement.thread_of("b")), (1, Some(1)));
        assert_eq!(placement.place("a"), 0);
    }

    #[test]
    fn removing_an_unknown_run_changes_nothing() {
        let mut placement = Placement::new(2);
        placement.place("a");
        assert_eq!(placement.remove("b"), None);
        assert_eq!(placement.runs(), 1);
    }
}
