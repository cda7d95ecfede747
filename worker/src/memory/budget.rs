//! What becomes of runs that hold more than `workflow-memory-budget`: a pure decision for each measure, and a bounded
//! memory of the runs that passed it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Serialize;

use super::cost::{CachedRun, RunCost};
use super::share::mib_text;

#[cfg(test)]
#[path = "budget_tests.rs"]
mod tests;

/// Offenders that are remembered. Of more the oldest is forgotten, which gives it its tries again.
const OFFENDERS_MAX: usize = 10_000;

/// What becomes of a run over its budget. Shown in kebab case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BudgetPolicy {
    /// It is reported.
    Warn,
    /// It leaves the cache and replays at its next task.
    #[default]
    Evict,
    /// Its workflow task fails, and it leaves the cache.
    FailTask,
}

impl BudgetPolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Warn, Self::Evict, Self::FailTask];

    /// The name in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Evict => "evict",
            Self::FailTask => "fail-task",
        }
    }
}

impl fmt::Display for BudgetPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The budget of every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkflowBudget {
    /// What one run may hold: live heap and array buffers.
    pub bytes: u64,
    /// What becomes of one that holds more.
    pub policy: BudgetPolicy,
    /// How often a run may be evicted or have its task failed before it is parked. At least 1.
    pub tries: usize,
}

/// One measure of a run.
#[derive(Clone, Copy, Debug)]
pub struct BudgetMeasure<'a> {
    /// The run as it is now.
    pub run: &'a CachedRun,
    /// What it cost at the measure before; nothing at the first.
    pub before: RunCost,
    /// Whether the run may hold more in a moment than it does by this measure: history is being replayed, and it has not yet
    /// reached the state that it was evicted with; or the measure is an estimate.
    pub is_preliminary: bool,
}

/// What to do. The texts are one sentence for the log, and for the failure of the task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BudgetDecision {
    /// Nothing.
    Fine,
    /// Report it.
    Warn(String),
    /// Report it and evict the run.
    Evict(String),
    /// Fail the task with this message and evict the run.
    FailTask(String),
    /// Fail this task and those to come with this message; evict the run. Also for a run that is parked already.
    Parked(String),
}

/// What is remembered of a run over its budget.
#[derive(Clone, Debug)]
struct Offender {
    /// Its place in the order of remembering.
    since: u64,
    /// How often it was evicted or had its task failed.
    tries: usize,
    /// Its size when it was last warned about.
    warned_bytes: u64,
    parked: Option<String>,
}

/// Judges runs by their budget and remembers who passed it.
#[derive(Clone, Debug)]
pub struct BudgetGuard {
    budget: WorkflowBudget,
    offenders: HashMap<String, Offender>,
    by_age: BTreeMap<u64, String>,
    next: u64,
}

impl BudgetGuard {
    /// Nobody passed it yet.
    #[must_use]
    pub fn new(budget: WorkflowBudget) -> Self {
        Self {
            budget,
            offenders: HashMap::new(),
            by_age: BTreeMap::new(),
            next: 0,
        }
    }

    /// Whether there is nothing to judge: the run holds no more than it may, and never did.
    #[must_use]
    pub fn is_innocent(&self, run_id: &str, cost: RunCost) -> bool {
        cost.state_bytes() <= self.budget.bytes && !self.offenders.contains_key(run_id)
    }

    /// Judges one measure.
    pub fn judge(&mut self, measure: &BudgetMeasure) -> BudgetDecision {
        let run = measure.run;
        if let Some(message) = self.parked(&run.run_id) {
            return BudgetDecision::Parked(message.to_owned());
        }
        if run.cost.state_bytes() <= self.budget.bytes {
            // While history is replayed every run is small for a while; forgiven there, one that cannot fit would replay
            // for ever.
            if !measure.is_preliminary {
                self.forget(&run.run_id);
            }
            return BudgetDecision::Fine;
        }
        match self.budget.policy {
            BudgetPolicy::Warn => self.warn(measure),
            BudgetPolicy::Evict => self.act(measure, BudgetDecision::Evict),
            BudgetPolicy::FailTask => self.act(measure, BudgetDecision::FailTask),
        }
    }

    /// The message that every task of a parked run fails with, to be asked before its history is replayed.
    #[must_use]
    pub fn parked(&self, run_id: &str) -> Option<&str> {
        self.offenders.get(run_id)?.parked.as_deref()
    }

    /// Runs that passed their budget and were not under it since, the parked ones included.
    #[must_use]
    pub fn offender_count(&self) -> usize {
        self.offenders.len()
    }

    /// Runs whose tasks are no longer tried.
    #[must_use]
    pub fn parked_count(&self) -> usize {
        let parked = self.offenders.values();
        parked.filter(|offender| offender.parked.is_some()).count()
    }

    /// Forgets a run that was measured to be under its budget again, unless it is parked.
    pub fn forgive(&mut self, run_id: &str, cost: RunCost) {
        if cost.state_bytes() <= self.budget.bytes && self.parked(run_id).is_none() {
            self.forget(run_id);
        }
    }

    /// Forgets a run: it is under its budget again, has ended, or is gone from the server.
    pub fn forget(&mut self, run_id: &str) {
        if let Some(offender) = self.offenders.remove(run_id) {
            self.by_age.remove(&offender.since);
        }
    }

    /// Once when the budget is passed and then whenever the size has doubled, not at each task.
    fn warn(&mut self, measure: &BudgetMeasure) -> BudgetDecision {
        let bytes = measure.run.cost.state_bytes();
        let offender = self.offender(&measure.run.run_id);
        let is_due = bytes >= offender.warned_bytes.saturating_mul(2);
        if !is_due {
            return BudgetDecision::Fine;
        }
        offender.warned_bytes = bytes;
        BudgetDecision::Warn(format!(
            "{}; {}",
            finding(measure, self.budget.bytes),
            REMEDY
        ))
    }

    fn act(
        &mut self,
        measure: &BudgetMeasure,
        decide: impl FnOnce(String) -> BudgetDecision,
    ) -> BudgetDecision {
        let WorkflowBudget { bytes, tries, .. } = self.budget;
        let found = finding(measure, bytes);
        let offender = self.offender(&measure.run.run_id);
        if offender.tries < tries.max(1) {
            offender.tries += 1;
            let turn = offender.tries;
            return decide(format!("{found} (time {turn} of {tries}); {REMEDY}"));
        }
        let message = format!(
            "{found}, after {tries} tries, so that this worker no longer tries its tasks; reset or terminate it, or {REMEDY}"
        );
        offender.parked = Some(message.clone());
        BudgetDecision::Parked(message)
    }

    fn offender(&mut self, run_id: &str) -> &mut Offender {
        if !self.offenders.contains_key(run_id) {
            self.make_room();
            self.by_age.insert(self.next, run_id.to_owned());
        }
        let next = &mut self.next;
        self.offenders.entry(run_id.to_owned()).or_insert_with(|| {
            let since = *next;
            *next += 1;
            Offender {
                since,
                tries: 0,
                warned_bytes: 0,
                parked: None,
            }
        })
    }

    fn make_room(&mut self) {
        if self.offenders.len() >= OFFENDERS_MAX
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.offenders.remove(&oldest);
        }
    }
}

const REMEDY: &str = "keep less in its variables, split it with continueAsNew or child workflows, or raise \
                      `workflow-memory-budget`";

/// Which run holds how much, and what of it grew.
fn finding(measure: &BudgetMeasure, budget_bytes: u64) -> String {
    let run = measure.run;
    format!(
        "workflow {:?} with id {:?} (run {}) holds {}, more than `workflow-memory-budget` ({}): {}",
        run.workflow_type,
        run.workflow_id,
        run.run_id,
        mib_text(run.cost.state_bytes()),
        mib_text(budget_bytes),
        growth(measure.before, run.cost)
    )
}

fn growth(before: RunCost, now: RunCost) -> String {
    let heap_bytes = now.heap_bytes.saturating_sub(before.heap_bytes);
    let external_bytes = now.external_bytes.saturating_sub(before.external_bytes);
    let heap = || format!("its heap grew by {}", mib_text(heap_bytes));
    let external = || format!("its array buffers grew by {}", mib_text(external_bytes));
    match (heap_bytes, external_bytes) {
        (0, 0) => "it did not grow since the last measure".to_owned(),
        (_, 0) => heap(),
        (0, _) => external(),
        _ => format!("{} and {}", heap(), external()),
    }
}
