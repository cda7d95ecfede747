//! Which isolate thread a new run goes to.

use std::collections::HashMap;

/// Number of an isolate thread, from zero.
pub(super) type ThreadIndex = usize;

/// Runs and the threads that they live on.
#[derive(Debug)]
pub(super) struct Placement {
    threads: Vec<usize>,
    by_run: HashMap<String, ThreadIndex>,
}

impl Placement {
    /// For `threads` threads without runs; at least one.
    pub(super) fn new(threads: usize) -> Self {
        Self {
            threads: vec![0; threads.max(1)],
            by_run: HashMap::new(),
        }
    }

    /// The run's thread; a new run is placed.
    pub(super) fn place(&mut self, run_id: &str) -> ThreadIndex {
        if let Some(thread) = self.by_run.get(run_id) {
            return *thread;
        }
        let thread = least_loaded(&self.threads);
        self.threads[thread] += 1;
        self.by_run.insert(run_id.to_owned(), thread);
        thread
    }

    /// Forgets an evicted run; its thread, if it had one.
    pub(super) fn remove(&mut self, run_id: &str) -> Option<ThreadIndex> {
        let thread = self.by_run.remove(run_id)?;
        self.threads[thread] -= 1;
        Some(thread)
    }

    /// The run's thread, if it has one.
    pub(super) fn thread_of(&self, run_id: &str) -> Option<ThreadIndex> {
        self.by_run.get(run_id).copied()
    }

    /// Forgets all runs of a thread whose isolate is lost, and names them.
    pub(super) fn clear(&mut self, thread: ThreadIndex) -> Vec<String> {
        let lost = self.by_run.extract_if(|_, at| *at == thread);
        let lost = lost.map(|(run_id, _)| run_id).collect();
        self.threads[thread] = 0;
        lost
    }

    /// Number of runs on all threads.
    pub(super) fn runs(&self) -> usize {
        self.by_run.len()
    }
}

/// The first of the threads with the least load. Load is the number of runs; live bytes once runs are measured.
fn least_loaded(loads: &[usize]) -> ThreadIndex {
    loads
        .iter()
        .enumerate()
        .min_by_key(|(_, load)| **load)
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
