//! What each run of one isolate costs, as of its last measurement, and when the next one is worth its time.
//!
//! A measurement is a walk over the heap (see `heap_walk`); activations earn it: each adds a share of its own time to an
//! account, and a walk is due when the account holds what the last one took, or a part of that when a run may have grown
//! past all proportion: the account then goes into debt. So in the long run measuring stays below 2 % of the time of
//! activations. An idle isolate measures on credit too, so that what is shown settles, and once in a while beyond it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::buffers::Held;
use super::heap_walk::{Reached, Walked};
use super::measure::Measurement;

/// The share of the activations' time that measuring may take.
const TIME_SHARE: f64 = 0.012;
/// The account's upper bound, in walks: a quiet worker does not save up for a storm.
const SAVED_WALKS_MAX: f64 = 2.0;
/// What a run must have allocated since its last measurement to be urgent.
const URGENT_BYTES: u64 = 4 << 20;
/// The part of a walk's time that must be there for an urgent one.
const URGENT_DOWN_PAYMENT: f64 = 0.25;
/// How far apart, in walks of its length, an idle isolate measures.
const IDLE_SPACING: u32 = 200;
/// And how far apart at least.
const IDLE_SPACING_MIN: Duration = Duration::from_secs(5);
/// How many walks an isolate may owe and measure when it is idle all the same.
const IDLE_DEBT_WALKS: f64 = 2.0;
/// After this time even the debt is no reason to show what was true long ago.
const IDLE_PATIENCE: Duration = Duration::from_secs(600);
/// The part of a budget by which an isolate must have grown before a run of it is suspected, as a divisor.
const BUDGET_SHARE: u64 = 4;

/// One run's account.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    measured: Option<Reached>,
    /// Bytes that activations allocated since; most of them are garbage as a rule.
    allocated_bytes: u64,
    /// Buffers with mappings that the run made, garbage included.
    buffers: Held,
}

/// The runs of one isolate.
#[derive(Debug)]
pub(super) struct RunCosts {
    runs: HashMap<String, Account>,
    base: Reached,
    /// All that was alive at the last walk, contents of buffers included.
    live_bytes: u64,
    /// What one run may hold: growth beyond it must not wait for time that is earned.
    budget_bytes: Option<u64>,
    /// Time that is earned and not yet spent; negative after an urgent walk.
    earned_seconds: f64,
    last_walk: Duration,
    last_walked_at: Option<Instant>,
    changed: bool,
    /// Median of the runs that a walk found last: one large run makes no other one large.
    median_bytes: Option<usize>,
    totals: MeasuringTime,
}

/// How the time of an isolate was spent, since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeasuringTime {
    /// In activations.
    pub activations: Duration,
    /// In walks over the heap.
    pub walks: Duration,
    /// Number of walks.
    pub walk_count: u64,
}

/// What one run keeps alive in its isolate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunBytes {
    /// Objects of the heap.
    pub heap_bytes: u64,
    /// Contents of buffers, as far as they are resident.
    pub external_bytes: u64,
    /// Contents of buffers that were never touched, and cost nothing until they are.
    pub untouched_bytes: u64,
    /// Whether the run was measured since its last activation.
    pub is_current: bool,
}

impl RunBytes {
    /// All that exists.
    #[must_use]
    pub const fn total_bytes(&self) -> u64 {
        self.heap_bytes + self.external_bytes
    }
}

impl RunCosts {
    pub(super) fn new(budget_bytes: Option<u64>) -> Self {
        Self {
            runs: HashMap::new(),
            base: Reached::default(),
            live_bytes: 0,
            budget_bytes,
            earned_seconds: 0.0,
            last_walk: Duration::ZERO,
            last_walked_at: None,
            changed: false,
            median_bytes: None,
            totals: MeasuringTime::default(),
        }
    }

    /// Notes an activation of `run_id` that took `took` and allocated `allocated_bytes`; its buffers take `buffers` by now.
    pub(super) fn note_activation(
        &mut self,
        run_id: &str,
        took: Duration,
        allocated_bytes: u64,
        buffers: Held,
    ) {
        self.changed = true;
        self.totals.activations += took;
        let earned_seconds = self.earned_seconds + took.as_secs_f64() * TIME_SHARE;
        self.earned_seconds = earned_seconds.min(self.last_walk.as_secs_f64() * SAVED_WALKS_MAX);
        if !self.runs.contains_key(run_id) {
            self.runs.insert(run_id.to_owned(), Account::default());
        }
        if let Some(account) = self.runs.get_mut(run_id) {
            account.allocated_bytes += allocated_bytes;
            account.buffers = buffers;
        }
    }

    pub(super) fn forget(&mut self, run_id: &str) {
        if let Some(account) = self.runs.remove(run_id) {
            self.changed = true;
            self.live_bytes = self.live_bytes.saturating_sub(account.measured_bytes());
        }
    }

    /// Whether a walk is due after an activation; `used_bytes` is what the isolate holds, garbage and contents of buffers included.
    pub(super) fn is_due(&self, used_bytes: u64) -> bool {
        if !self.changed {
            return false;
        }
        if self.last_walked_at.is_none() {
            return true;
        }
        let price_seconds = self.last_walk.as_secs_f64();
        self.may_exceed_budget(used_bytes)
            || self.earned_seconds >= price_seconds
            || (self.earned_seconds >= price_seconds * URGENT_DOWN_PAYMENT
                && self.runs.values().any(Account::is_urgent))
    }

    /// Whether a run may have passed its budget: it allocated that much since it was measured, and the isolate grew as much. What
    /// is garbage by now does not count, so a run that allocates much and keeps little costs no walks.
    fn may_exceed_budget(&self, used_bytes: u64) -> bool {
        let Some(budget_bytes) = self.budget_bytes else {
            return false;
        };
        let grown_bytes = used_bytes.saturating_sub(self.live_bytes);
        grown_bytes >= budget_bytes / BUDGET_SHARE
            && self.runs.values().any(|account| {
                let kept_bytes = account.allocated_bytes.min(grown_bytes);
                account.measured_bytes().saturating_add(kept_bytes) > budget_bytes
            })
    }

    /// Whether a walk is due in an isolate that has nothing else to do.
    pub(super) fn is_due_when_idle(&self, now: Instant) -> bool {
        let spacing = (self.last_walk * IDLE_SPACING).max(IDLE_SPACING_MIN);
        let owes_much = self.earned_seconds < -IDLE_DEBT_WALKS * self.last_walk.as_secs_f64();
        let patience = if owes_much { IDLE_PATIENCE } else { spacing };
        self.changed
            && self
                .last_walked_at
                .is_none_or(|last| now.duration_since(last) >= patience.max(spacing))
    }

    /// Whether anything happened since the last walk.
    pub(super) fn is_stale(&self) -> bool {
        self.changed
    }

    /// Takes over what a walk from `began` to `ended` found about the runs in `run_ids`.
    pub(super) fn note_walk(
        &mut self,
        run_ids: Vec<String>,
        walked: &Walked,
        began: Instant,
        ended: Instant,
    ) {
        self.last_walk = ended.duration_since(began);
        self.last_walked_at = Some(ended);
        self.earned_seconds -= self.last_walk.as_secs_f64();
        self.totals.walks += self.last_walk;
        self.totals.walk_count += 1;
        self.changed = false;
        self.base = walked.base;
        self.median_bytes = median_heap_bytes(&walked.runs).or(self.median_bytes);
        let all = walked.runs.iter().chain([&walked.base]);
        self.live_bytes = all.map(Reached::total_bytes).sum();
        self.runs = run_ids
            .into_iter()
            .zip(&walked.runs)
            .map(|(run_id, reached)| {
                let account = Account {
                    measured: Some(*reached),
                    ..Account::default()
                };
                (run_id, account)
            })
            .collect();
    }

    /// What a run costs; a run that was never measured is taken for a typical one, or for what it allocated.
    pub(super) fn of(&self, run_id: &str) -> RunBytes {
        let Some(account) = self.runs.get(run_id) else {
            return RunBytes::default();
        };
        let known = self.known(account);
        RunBytes {
            heap_bytes: known.heap_bytes as u64,
            external_bytes: known.buffers_bytes as u64,
            untouched_bytes: known.untouched_bytes as u64,
            is_current: account.measured.is_some() && account.allocated_bytes == 0,
        }
    }

    /// Every run with what it costs, and what the isolate keeps for all of them.
    pub(super) fn measurement(&self) -> Measurement {
        let runs = self.runs.keys();
        Measurement {
            base: RunBytes {
                heap_bytes: self.base.heap_bytes as u64,
                external_bytes: self.base.buffers_bytes as u64,
                untouched_bytes: self.base.untouched_bytes as u64,
                is_current: !self.changed,
            },
            runs: runs
                .map(|run_id| (run_id.clone(), self.of(run_id)))
                .collect(),
        }
    }

    /// All that was alive at the last walk, contents of buffers included.
    pub(super) fn live_bytes(&self) -> u64 {
        self.live_bytes
    }

    /// Live bytes of the heap: what the last walk found, without the runs that have gone, and with a guess for those that came.
    /// Nothing before the first walk.
    pub(super) fn live_heap_bytes(&self) -> Option<usize> {
        self.last_walked_at?;
        let runs = self.runs.values();
        let runs: usize = runs.map(|account| self.known(account).heap_bytes).sum();
        Some(self.base.heap_bytes + runs)
    }

    pub(super) fn time(&self) -> MeasuringTime {
        self.totals
    }

    /// What was measured; a guess if nothing was. What buffers take is known all the same.
    fn known(&self, account: &Account) -> Reached {
        let Held {
            bytes,
            resident_bytes,
        } = account.buffers;
        account.measured.unwrap_or_else(|| Reached {
            heap_bytes: self.guess_bytes(
                account
                    .allocated_bytes
                    .saturating_sub(resident_bytes as u64),
            ),
            buffers_bytes: resident_bytes,
            untouched_bytes: bytes - resident_bytes,
        })
    }

    fn guess_bytes(&self, allocated_bytes: u64) -> usize {
        let allocated = usize::try_from(allocated_bytes).unwrap_or(usize::MAX);
        self.median_bytes
            .map_or(allocated, |median| allocated.min(median))
    }
}

/// The lower one of two.
fn median_heap_bytes(runs: &[Reached]) -> Option<usize> {
    let mut sizes: Vec<usize> = runs.iter().map(|reached| reached.heap_bytes).collect();
    let middle = sizes.len().checked_sub(1)? / 2;
    Some(*sizes.select_nth_unstable(middle).1)
}

impl Account {
    fn measured_bytes(&self) -> u64 {
        self.measured.as_ref().map_or(0, Reached::total_bytes)
    }

    fn is_urgent(&self) -> bool {
        self.allocated_bytes >= URGENT_BYTES && self.allocated_bytes >= self.measured_bytes() / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(heap_bytes: usize) -> Reached {
        Reached {
            heap_bytes,
            buffers_bytes: 1,
            untouched_bytes: 2,
        }
    }

    fn walk(costs: &mut RunCosts, runs: &[(&str, usize)], began: Instant, took: Duration) {
        let walked = Walked {
            base: reached(1000),
            runs: runs.iter().map(|(_, bytes)| reached(*bytes)).collect(),
        };
        let ids = runs.iter().map(|(id, _)| (*id).to_owned()).collect();
        costs.note_walk(ids, &walked, began, began + took);
    }

    /// No buffers.
    const NONE: Held = Held {
        bytes: 0,
        resident_bytes: 0,
    };
    const MS: Duration = Duration::from_millis(1);

    /// Time of activations that earns a walk of `walk`.
    fn price(walk: Duration) -> Duration {
        walk.div_f64(TIME_SHARE) + Duration::from_nanos(100)
    }

    #[test]
    fn activations_earn_a_walk() {
        let mut costs = RunCosts::new(None);
        assert!(!costs.is_due(0), "there is nothing to measure");
        costs.note_activation("a", MS, 10, NONE);
        assert!(costs.is_due(0), "the first walk sets the price");
        walk(&mut costs, &[("a", 500)], Instant::now(), 2 * MS);
        costs.note_activation("a", price(2 * MS), 10, NONE);
        assert!(!costs.is_due(0), "the first walk is paid back too");
        costs.note_activation("a", price(2 * MS), 10, NONE);
        assert!(costs.is_due(0));
        walk(&mut costs, &[("a", 500)], Instant::now(), 2 * MS);
        assert!(!costs.is_due(0));
        let time = costs.time();
        assert_eq!((time.walk_count, time.walks), (2, 4 * MS));
        assert_eq!(time.activations, MS + 2 * price(2 * MS));
    }

    #[test]
    fn a_leap_is_measured_on_credit() {
        let mut costs = RunCosts::new(None);
        walk(&mut costs, &[("a", 500)], Instant::now(), 4 * MS);
        costs.note_activation("a", price(4 * MS), 0, NONE);
        costs.note_activation("a", price(MS), URGENT_BYTES - 1, NONE);
        assert!(!costs.is_due(0));
        costs.note_activation("a", MS, 1, NONE);
        assert!(costs.is_due(0));
        walk(&mut costs, &[("a", 64 << 20)], Instant::now(), 4 * MS);
        costs.note_activation("a", price(4 * MS), URGENT_BYTES, NONE);
        assert!(!costs.is_due(0), "little beside what the run has anyway");
    }

    #[test]
    fn a_run_that_may_have_passed_its_budget_is_measured_at_once() {
        let mut costs = RunCosts::new(Some(1000));
        walk(&mut costs, &[("a", 700)], Instant::now(), 4 * MS);
        let live_bytes = 700 + 1 + 1001;
        costs.note_activation("a", MS, 299, NONE);
        assert!(!costs.is_due(live_bytes + 400), "at most 1000 bytes");
        costs.note_activation("a", MS, 10, NONE);
        assert!(costs.is_due(live_bytes + 400));
        assert!(
            !costs.is_due(live_bytes + 299),
            "what it dropped is collected"
        );
        costs.note_activation("b", MS, 1001, NONE);
        assert!(
            !costs.is_due(live_bytes + 299),
            "most of it is garbage that was collected"
        );
        costs.forget("a");
        assert!(
            costs.is_due(1001 + 1001),
            "what a run held that is gone is room"
        );
    }

    #[test]
    fn an_idle_isolate_measures_what_changed_but_seldom() {
        let began = Instant::now();
        let mut costs = RunCosts::new(None);
        assert!(!costs.is_due_when_idle(began));
        costs.note_activation("a", MS, 0, NONE);
        assert!(costs.is_due_when_idle(began));
        walk(&mut costs, &[("a", 500)], began, 50 * MS);
        costs.note_activation("a", MS, 0, NONE);
        assert!(!costs.is_due_when_idle(began + 10_000 * MS));
        assert!(costs.is_due_when_idle(began + 10_050 * MS));
        let mut costs = RunCosts::new(None);
        walk(&mut costs, &[("a", 500)], began, MS);
        costs.note_activation("a", MS, 0, NONE);
        assert!(!costs.is_due_when_idle(began + 1000 * MS));
        assert!(costs.is_due_when_idle(began + 5001 * MS));
    }

    #[test]
    fn an_idle_isolate_runs_into_debt_only_so_far() {
        let mut costs = RunCosts::new(None);
        let mut now = Instant::now();
        for _ in 0..3 {
            costs.note_activation("a", MS, 0, NONE);
            assert!(costs.is_due_when_idle(now));
            walk(&mut costs, &[("a", 500)], now, 10 * MS);
            now += 5010 * MS;
        }
        costs.note_activation("a", MS, 0, NONE);
        assert!(
            !costs.is_due_when_idle(now),
            "activations of 1 ms, walks of 10 ms"
        );
        assert!(costs.is_due_when_idle(now + IDLE_PATIENCE));
        costs.note_activation("a", price(10 * MS), 0, NONE);
        assert!(costs.is_due_when_idle(now), "paid back");
    }

    #[test]
    fn a_run_that_was_never_measured_is_taken_for_a_typical_one() {
        let began = Instant::now();
        let mut costs = RunCosts::new(None);
        costs.note_activation("new", MS, 900, NONE);
        assert_eq!(costs.of("new").heap_bytes, 900);
        walk(
            &mut costs,
            &[("a", 100), ("b", 9000), ("c", 200)],
            began,
            MS,
        );
        costs.note_activation("new", MS, 900, NONE);
        assert_eq!(costs.of("new").heap_bytes, 200);
        costs.note_activation("tiny", MS, 50, NONE);
        assert_eq!(costs.of("tiny").heap_bytes, 50);
        walk(&mut costs, &[], began, MS);
        costs.note_activation("later", MS, 900, NONE);
        assert_eq!(costs.of("later").heap_bytes, 200);
        assert_eq!(costs.of("unknown"), RunBytes::default());
    }

    /// Otherwise a worker whose runs come and go between two walks shows them as garbage.
    #[test]
    fn what_is_alive_counts_runs_that_came_since_the_last_walk() {
        let mut costs = RunCosts::new(None);
        costs.note_activation("a", MS, 900, NONE);
        assert_eq!(costs.live_heap_bytes(), None);
        walk(&mut costs, &[("a", 500)], Instant::now(), MS);
        assert_eq!(costs.live_heap_bytes(), Some(1000 + 500));
        costs.note_activation("new", MS, 9000, NONE);
        costs.note_activation("tiny", MS, 50, NONE);
        assert_eq!(costs.live_heap_bytes(), Some(1000 + 500 + 500 + 50));
        costs.forget("a");
        assert_eq!(costs.live_heap_bytes(), Some(1000 + 500 + 50));
    }

    #[test]
    fn a_measurement_is_current_until_the_next_activation() {
        let mut costs = RunCosts::new(None);
        walk(&mut costs, &[("a", 100)], Instant::now(), MS);
        let expected = RunBytes {
            heap_bytes: 100,
            external_bytes: 1,
            untouched_bytes: 2,
            is_current: true,
        };
        assert_eq!(costs.of("a"), expected);
        assert!(!costs.is_stale());
        costs.note_activation("a", MS, 1, NONE);
        assert!(costs.is_stale() && !costs.of("a").is_current);
        costs.forget("a");
        assert!(costs.measurement().runs.is_empty() && costs.is_stale());
    }
}
