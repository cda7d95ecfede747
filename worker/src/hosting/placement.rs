//! Which isolate thread a new run goes to.

use std::collections::HashMap;
use std::time::Instant;

use super::quarantine::{APART_MAX, Quarantine};

#[cfg(test)]
#[path = "placement_tests.rs"]
mod tests;

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
    since: Instant,
    bytes: Option<u64>,
}

/// Why a run leaves its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// It did nothing wrong.
    InPeace,
    /// It was stopped, or held too much.
    Offended,
}

/// Runs and the threads that they live on.
#[derive(Debug)]
pub(super) struct Placement {
    threads: Vec<Load>,
    /// One thread more, for runs that offended.
    apart: Load,
    by_run: HashMap<String, Placed>,
    /// What the runs of one thread may hold together.
    share_bytes: Option<u64>,
    /// Nothing: offenders are placed like any run.
    quarantine: Option<Quarantine>,
}

impl Placement {
    /// For `threads` threads without runs, at least one.
    pub(super) fn new(threads: usize) -> Self {
        Self {
            threads: vec![Load::default(); threads.max(1)],
            apart: Load::default(),
            by_run: HashMap::new(),
            share_bytes: None,
            quarantine: None,
        }
    }

    /// From now on runs that offended are tried again on a thread of their own, [`Self::apart`].
    pub(super) fn keep_offenders_apart(&mut self) {
        self.quarantine = Some(Quarantine::default());
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
        let is_kept_apart = self.is_offender(run_id) && self.apart.runs < APART_MAX;
        let thread = if is_kept_apart {
            self.apart()
        } else {
            choose(&self.threads, self.share_bytes)
        };
        self.load(thread).runs += 1;
        let placed = Placed {
            thread,
            since: Instant::now(),
            bytes: None,
        };
        self.by_run.insert(run_id.to_owned(), placed);
        thread
    }

    /// Whether the run is one that is to be kept apart.
    pub(super) fn is_offender(&self, run_id: &str) -> bool {
        let quarantine = self.quarantine.as_ref();
        quarantine.is_some_and(|quarantine| quarantine.is_offender(run_id))
    }

    /// Number of the thread for runs that are kept apart.
    pub(super) fn apart(&self) -> ThreadIndex {
        self.threads.len()
    }

    /// Runs that are kept apart now.
    pub(super) fn runs_apart(&self) -> u64 {
        self.apart.runs
    }

    /// Runs that have been kept apart since `then` or longer, in peace.
    pub(super) fn apart_since(&self, then: Instant) -> Vec<String> {
        let apart = self.apart();
        let runs = self.by_run.iter();
        runs.filter(|(_, placed)| placed.thread == apart && placed.since <= then)
            .map(|(run_id, _)| run_id.clone())
            .collect()
    }

    /// What a run holds now; nothing for one that has left.
    pub(super) fn note(&mut self, run_id: &str, bytes: u64) {
        let Some(placed) = self.by_run.get_mut(run_id) else {
            return;
        };
        let (thread, before) = (placed.thread, placed.bytes.replace(bytes));
        let load = self.load(thread);
        match before {
            Some(before) => load.bytes -= before,
            None => load.measured_runs += 1,
        }
        load.bytes += bytes;
    }

    /// Forgets an evicted run; its thread, if it had one.
    pub(super) fn remove(&mut self, run_id: &str, parting: Parting) -> Option<ThreadIndex> {
        let Placed { thread, bytes, .. } = self.by_run.remove(run_id)?;
        let is_apart = thread == self.apart();
        if let Some(quarantine) = &mut self.quarantine {
            match parting {
                Parting::Offended => quarantine.note_offence(run_id),
                Parting::InPeace if is_apart => quarantine.forgive(run_id),
                Parting::InPeace => {}
            }
        }
        let load = self.load(thread);
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
        *self.load(thread) = Load::default();
        lost
    }

    fn load(&mut self, thread: ThreadIndex) -> &mut Load {
        self.threads.get_mut(thread).unwrap_or(&mut self.apart)
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
