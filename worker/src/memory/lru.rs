//! The sticky cache in the order of use, and which runs must leave it: by number, by bytes, by isolate, or because memory
//! is asked back. sdk-core keeps an order of its own that nobody can see, so this is ours.
//!
//! Every operation takes a time that grows with the logarithm of the number of runs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::cost::{EvictionReason, RunCost};

#[cfg(test)]
#[path = "lru_tests.rs"]
mod tests;

/// A run's id, shared by the cache's indexes.
pub type RunId = Arc<str>;

/// What the cache may hold. Nothing: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheLimits {
    /// Runs.
    pub count: Option<usize>,
    /// Bytes of all runs.
    pub bytes: Option<u64>,
    /// Bytes of the runs of one isolate.
    pub bytes_per_isolate: Option<u64>,
}

impl CacheLimits {
    /// Whether a run of this size alone takes more than half of what the runs of an isolate may hold together.
    #[must_use]
    pub fn is_hog(&self, cost: RunCost) -> bool {
        over(
            cost.total_bytes(),
            self.bytes_per_isolate.map(|bytes| bytes / 2),
        )
    }
}

/// A run that must leave, and why.
pub type Victim = (RunId, EvictionReason);

#[derive(Clone, Debug)]
struct CacheEntry {
    isolate: usize,
    cost: RunCost,
    /// When it was last used; larger is later. No two runs share one.
    used: u64,
    /// A task of it is being worked on: an eviction would void its completion.
    is_busy: bool,
    /// Its eviction was asked for.
    is_leaving: bool,
}

impl CacheEntry {
    fn is_idle(&self) -> bool {
        !self.is_busy && !self.is_leaving
    }
}

/// The runs of one isolate that stay.
#[derive(Clone, Debug, Default)]
struct IsolateRuns {
    bytes: u64,
    idle: BTreeMap<u64, RunId>,
    busy: BTreeMap<u64, RunId>,
}

/// Runs that alone hold more than their share of an isolate.
#[derive(Default)]
struct Hogs {
    /// The least recently used first.
    idle: BTreeMap<u64, RunId>,
    /// What the others hold: they leave when they are idle, and nobody has to leave in their place.
    busy_bytes: u64,
}

/// The cached runs.
#[derive(Clone, Debug, Default)]
pub struct StickyLru {
    runs: HashMap<RunId, CacheEntry>,
    /// Idle runs that stay, the least recently used first.
    idle: BTreeMap<u64, RunId>,
    isolates: BTreeMap<usize, IsolateRuns>,
    /// Of the runs that stay.
    staying_count: usize,
    staying_bytes: u64,
    leaving_bytes: u64,
    next_use: u64,
}

impl StickyLru {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs in the cache, those that are leaving included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether it holds no run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Bytes of the runs that stay.
    #[must_use]
    pub fn staying_bytes(&self) -> u64 {
        self.staying_bytes
    }

    /// Bytes of the runs whose eviction was asked for and that are not gone yet. Who asks for memory back counts them as
    /// given.
    #[must_use]
    pub fn leaving_bytes(&self) -> u64 {
        self.leaving_bytes
    }

    /// Bytes of an isolate's runs that stay.
    #[must_use]
    pub fn isolate_bytes(&self, isolate: usize) -> u64 {
        self.isolates.get(&isolate).map_or(0, |runs| runs.bytes)
    }

    /// The run that would leave next.
    #[must_use]
    pub fn oldest_idle(&self) -> Option<&RunId> {
        self.idle.first_key_value().map(|(_, run_id)| run_id)
    }

    /// What a run costs, if it is cached.
    #[must_use]
    pub fn cost(&self, run_id: &str) -> Option<RunCost> {
        self.runs.get(run_id).map(|entry| entry.cost)
    }

    /// Adds a run as the most recently used. One that is there already moves to `isolate`, stays, and gets this cost.
    pub fn insert(&mut self, run_id: &str, isolate: usize, cost: RunCost, is_busy: bool) {
        self.remove(run_id);
        let entry = CacheEntry {
            isolate,
            cost,
            used: self.take_use(),
            is_busy,
            is_leaving: false,
        };
        let run_id: RunId = run_id.into();
        self.enter(&run_id, &entry);
        self.runs.insert(run_id, entry);
    }

    /// Makes a run the most recently used one. Returns whether it is cached, as do the others.
    pub fn touch(&mut self, run_id: &str) -> bool {
        let used = self.take_use();
        self.change(run_id, |entry| entry.used = used)
    }

    /// A task of the run begins: it is used now, and not evicted before the task ends.
    pub fn begin(&mut self, run_id: &str) -> bool {
        let used = self.take_use();
        self.change(run_id, |entry| (entry.used, entry.is_busy) = (used, true))
    }

    /// The task of the run has ended. The time of its use stays that of its beginning or last touch.
    pub fn end(&mut self, run_id: &str) -> bool {
        self.change(run_id, |entry| entry.is_busy = false)
    }

    /// The run was measured. Its place in the order stays.
    pub fn set_cost(&mut self, run_id: &str, cost: RunCost) -> bool {
        self.change(run_id, |entry| entry.cost = cost)
    }

    /// The eviction of the run was refused or given up: it stays.
    pub fn keep(&mut self, run_id: &str) -> bool {
        self.change(run_id, |entry| entry.is_leaving = false)
    }

    /// The eviction of the run was asked for by somebody else; it is nobody's victim any more.
    pub fn leave(&mut self, run_id: &str) -> bool {
        self.change(run_id, |entry| entry.is_leaving = true)
    }

    /// The run has left the cache. Returns what it cost.
    pub fn remove(&mut self, run_id: &str) -> Option<RunCost> {
        let entry = self.runs.remove(run_id)?;
        self.exit(&entry);
        Some(entry.cost)
    }

    /// The least recently used idle runs that must go until every limit holds for the runs that stay, and until those
    /// chosen now free `extra_bytes`. Where runs hold too much together, those that alone hold too much of an isolate go first, or
    /// one of them would push out all others. They count as leaving from here on and are not chosen again. Busy runs are never
    /// chosen, so that limits may stay broken until they are idle.
    pub fn victims(&mut self, limits: &CacheLimits, extra_bytes: u64) -> Vec<Victim> {
        let mut victims = Vec::new();
        let mut freed_bytes = 0_u64;
        for isolate in self.isolates_over(limits.bytes_per_isolate) {
            let Hogs { idle, busy_bytes } = self.hogs_of(isolate, limits);
            let mut hogs = idle.into_values();
            while over(
                self.isolate_bytes(isolate).saturating_sub(busy_bytes),
                limits.bytes_per_isolate,
            ) && let Some(run_id) = hogs.next().or_else(|| self.oldest_of(isolate))
            {
                freed_bytes += self.choose(run_id, EvictionReason::IsolateBudget, &mut victims);
            }
        }
        let Hogs { idle, busy_bytes } = self.hogs_if_over(limits);
        let mut hogs = idle.into_values();
        while let Some(reason) = self.broken(limits, busy_bytes, freed_bytes < extra_bytes) {
            let mut hog =
                || hogs.find(|run_id| self.runs.get(run_id).is_some_and(CacheEntry::is_idle));
            let hog = (reason == EvictionReason::CacheBytes)
                .then(&mut hog)
                .flatten();
            let Some(run_id) = hog.or_else(|| self.oldest_idle().cloned()) else {
                break;
            };
            freed_bytes += self.choose(run_id, reason, &mut victims);
        }
        victims
    }

    /// Those of all isolates, if the runs hold more than they may.
    fn hogs_if_over(&self, limits: &CacheLimits) -> Hogs {
        let mut all = Hogs::default();
        if over(self.staying_bytes, limits.bytes) {
            for isolate in self.isolates.keys() {
                let Hogs { idle, busy_bytes } = self.hogs_of(*isolate, limits);
                all.idle.extend(idle);
                all.busy_bytes += busy_bytes;
            }
        }
        all
    }

    /// Which limit of the whole cache is broken, the most specific first; `hog_bytes` leave as soon as they can.
    fn broken(
        &self,
        limits: &CacheLimits,
        hog_bytes: u64,
        is_asked_back: bool,
    ) -> Option<EvictionReason> {
        if limits.count.is_some_and(|count| self.staying_count > count) {
            Some(EvictionReason::CacheFull)
        } else if over(self.staying_bytes.saturating_sub(hog_bytes), limits.bytes) {
            Some(EvictionReason::CacheBytes)
        } else {
            is_asked_back.then_some(EvictionReason::ProcessPressure)
        }
    }

    fn isolates_over(&self, limit_bytes: Option<u64>) -> Vec<usize> {
        let isolates = self.isolates.iter();
        isolates
            .filter(|(_, runs)| over(runs.bytes, limit_bytes))
            .map(|(isolate, _)| *isolate)
            .collect()
    }

    fn hogs_of(&self, isolate: usize, limits: &CacheLimits) -> Hogs {
        let Some(runs) = self.isolates.get(&isolate) else {
            return Hogs::default();
        };
        let hog = |run_id: &RunId| self.cost(run_id).filter(|cost| limits.is_hog(*cost));
        let idle = runs.idle.iter().filter(|(_, run_id)| hog(run_id).is_some());
        let busy = runs.busy.values().filter_map(hog);
        Hogs {
            idle: idle
                .map(|(used, run_id)| (*used, Arc::clone(run_id)))
                .collect(),
            busy_bytes: busy.map(RunCost::total_bytes).sum(),
        }
    }

    fn oldest_of(&self, isolate: usize) -> Option<RunId> {
        let (_, run_id) = self.isolates.get(&isolate)?.idle.first_key_value()?;
        Some(Arc::clone(run_id))
    }

    /// Marks a run as leaving. Returns the bytes that it gives back.
    fn choose(&mut self, run_id: RunId, reason: EvictionReason, victims: &mut Vec<Victim>) -> u64 {
        self.leave(&run_id);
        let bytes = self.cost(&run_id).map_or(0, RunCost::total_bytes);
        victims.push((run_id, reason));
        bytes
    }

    fn take_use(&mut self) -> u64 {
        self.next_use += 1;
        self.next_use
    }

    /// Changes an entry and all that is counted by it.
    fn change(&mut self, run_id: &str, change: impl FnOnce(&mut CacheEntry)) -> bool {
        let Some((run_id, mut entry)) = self.runs.remove_entry(run_id) else {
            return false;
        };
        self.exit(&entry);
        change(&mut entry);
        self.enter(&run_id, &entry);
        self.runs.insert(run_id, entry);
        true
    }

    fn enter(&mut self, run_id: &RunId, entry: &CacheEntry) {
        let bytes = entry.cost.total_bytes();
        if entry.is_leaving {
            self.leaving_bytes = self.leaving_bytes.saturating_add(bytes);
            return;
        }
        self.staying_count += 1;
        self.staying_bytes = self.staying_bytes.saturating_add(bytes);
        let isolate = self.isolates.entry(entry.isolate).or_default();
        isolate.bytes = isolate.bytes.saturating_add(bytes);
        if entry.is_idle() {
            isolate.idle.insert(entry.used, Arc::clone(run_id));
            self.idle.insert(entry.used, Arc::clone(run_id));
        } else {
            isolate.busy.insert(entry.used, Arc::clone(run_id));
        }
    }

    fn exit(&mut self, entry: &CacheEntry) {
        let bytes = entry.cost.total_bytes();
        if entry.is_leaving {
            self.leaving_bytes = self.leaving_bytes.saturating_sub(bytes);
            return;
        }
        self.staying_count = self.staying_count.saturating_sub(1);
        self.staying_bytes = self.staying_bytes.saturating_sub(bytes);
        self.idle.remove(&entry.used);
        if let Some(isolate) = self.isolates.get_mut(&entry.isolate) {
            isolate.bytes = isolate.bytes.saturating_sub(bytes);
            isolate.idle.remove(&entry.used);
            isolate.busy.remove(&entry.used);
        }
    }
}

fn over(bytes: u64, limit_bytes: Option<u64>) -> bool {
    limit_bytes.is_some_and(|limit_bytes| bytes > limit_bytes)
}
