//! The books of the governor: cached runs with their names and costs, and what was done to them.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant;

use super::{host_bytes, stop_name};
use crate::engine::{ActivationOutcome, Measurement, RunBytes, Stop};
use crate::hosting::Parting;
use crate::memory::{
    BudgetDecision, BudgetGuard, BudgetMeasure, CacheLimits, CachedRun, EvictionReason,
    PressureLevel, RunCost, StickyLru, WorkflowBudget, lru::RunId,
};

/// A run by the names that people know.
#[derive(Clone, Debug, Default)]
struct Name {
    workflow_id: String,
    workflow_type: String,
    isolate: usize,
    host_bytes: u64,
    is_replaying: bool,
    used_at: Option<Instant>,
    /// Its cost when its first activation had ended: what the modules of the bundle made for it.
    first: Option<RunBytes>,
}

/// What the cache holds, and what was done to runs since the worker's start.
#[derive(Clone, Debug, Default)]
pub struct CacheReport {
    /// Every cached run.
    pub runs: Vec<CachedRun>,
    /// Runs that left the cache.
    pub evictions: BTreeMap<EvictionReason, u64>,
    /// Entries that were stopped, by `deadline` and `heap`.
    pub terminations: BTreeMap<&'static str, u64>,
    /// How near the process is to its limit.
    pub pressure: PressureLevel,
    /// Runs over their budget that were not under it since.
    pub budget_offenders: usize,
    /// Runs whose tasks are no longer tried.
    pub parked_runs: usize,
    /// Tasks that were refused because there was no memory for their runs.
    pub refused_tasks: u64,
    /// Mean cost of a run right after its first activation; nothing before the first.
    pub first_activation_bytes: Option<u64>,
}

pub(super) struct Ledger {
    lru: StickyLru,
    names: HashMap<String, Name>,
    budget: Option<BudgetGuard>,
    /// Why the evictions that were asked for were.
    requested: HashMap<String, EvictionReason>,
    condemned: Vec<RunId>,
    /// Runs that took their isolates with them, and what their tasks fail with. As many as isolates may be lost, which are few.
    culprits: HashMap<String, String>,
    evictions: BTreeMap<EvictionReason, u64>,
    terminations: BTreeMap<&'static str, u64>,
    refused_tasks: u64,
    evicted_bytes: u64,
    /// An entry was stopped for its memory, and what it freed is still with `malloc`.
    is_trim_due: bool,
}

impl Ledger {
    pub(super) fn new(budget: Option<WorkflowBudget>) -> Self {
        Self {
            lru: StickyLru::new(),
            names: HashMap::new(),
            budget: budget.map(BudgetGuard::new),
            requested: HashMap::new(),
            condemned: Vec::new(),
            culprits: HashMap::new(),
            evictions: BTreeMap::new(),
            terminations: BTreeMap::new(),
            refused_tasks: 0,
            evicted_bytes: 0,
            is_trim_due: false,
        }
    }

    pub(super) fn parked(&self, run_id: &str) -> Option<String> {
        let by_budget = || self.budget.as_ref()?.parked(run_id).map(str::to_owned);
        self.culprits.get(run_id).cloned().or_else(by_budget)
    }

    /// The run's tasks are no longer tried; they fail with `message`.
    pub(super) fn park(&mut self, run_id: String, message: String) {
        self.culprits.insert(run_id, message);
    }

    /// Whether the run is cached.
    pub(super) fn begin(&mut self, activation: &WorkflowActivation) -> bool {
        let run_id = &activation.run_id;
        let start = activation.jobs.iter().find_map(|job| match &job.variant {
            Some(Variant::InitializeWorkflow(start)) => Some(start),
            _ => None,
        });
        if let Some(start) = start {
            let name = Name {
                workflow_id: start.workflow_id.clone(),
                workflow_type: start.workflow_type.clone(),
                host_bytes: host_bytes::RUN_BYTES,
                ..Name::default()
            };
            self.names.insert(run_id.clone(), name);
        }
        if let Some(name) = self.names.get_mut(run_id) {
            name.is_replaying = activation.is_replaying;
            name.host_bytes += host_bytes::JOB_BYTES * happened(activation);
            name.used_at = Some(Instant::now());
        }
        self.lru.begin(run_id)
    }

    /// The type of a run that began; empty for one that is not known.
    pub(super) fn workflow_type(&self, run_id: &str) -> &str {
        let name = self.names.get(run_id);
        name.map_or("", |name| name.workflow_type.as_str())
    }

    /// Whether the run is catching up with its history.
    pub(super) fn is_replaying(&self, run_id: &str) -> bool {
        self.names.get(run_id).is_some_and(|name| name.is_replaying)
    }

    /// Enters what the run costs now and judges it by the budget.
    pub(super) fn note(
        &mut self,
        run_id: &str,
        isolate: usize,
        outcome: &ActivationOutcome,
    ) -> BudgetDecision {
        let Some(name) = self.names.get_mut(run_id) else {
            return BudgetDecision::Fine;
        };
        name.isolate = isolate;
        name.host_bytes += host_bytes::added_by(outcome);
        name.first.get_or_insert(outcome.run_bytes);
        let cost = cost(name, outcome.run_bytes);
        let before = self.lru.cost(run_id).unwrap_or_default();
        if self.lru.cost(run_id).is_some() {
            self.lru.set_cost(run_id, cost);
        } else {
            self.lru.insert(run_id, isolate, cost, true);
        }
        // An estimate is no reason to forgive.
        let is_preliminary = !outcome.run_bytes.is_current;
        self.judge(run_id, before, cost, is_preliminary)
    }

    /// What a measurement found of runs that had no activation just now.
    pub(super) fn measured(&mut self, measurement: &Measurement) {
        for (run_id, bytes) in &measurement.runs {
            let Some(name) = self.names.get(run_id) else {
                continue;
            };
            let cost = cost(name, *bytes);
            self.lru.set_cost(run_id, cost);
            if let Some(budget) = &mut self.budget
                && bytes.is_current
                && !name.is_replaying
            {
                budget.forgive(run_id, cost);
            }
        }
    }

    fn judge(
        &mut self,
        run_id: &str,
        before: RunCost,
        now: RunCost,
        is_preliminary: bool,
    ) -> BudgetDecision {
        let budget = self.budget.as_ref();
        if budget.is_none_or(|budget| budget.is_innocent(run_id, now)) {
            return BudgetDecision::Fine;
        }
        let run = self.cached_run(run_id);
        match (&mut self.budget, run) {
            (Some(budget), Some((run, is_replaying))) => budget.judge(&BudgetMeasure {
                run: &run,
                before,
                is_preliminary: is_preliminary || is_replaying,
            }),
            _ => BudgetDecision::Fine,
        }
    }

    pub(super) fn end(&mut self, run_id: &str) {
        self.lru.end(run_id);
    }

    /// Has the run evicted as soon as its task has ended.
    pub(super) fn condemn(&mut self, run_id: &str, reason: EvictionReason) {
        self.requested.insert(run_id.to_owned(), reason);
        self.condemned.push(run_id.into());
        self.lru.leave(run_id);
    }

    /// The runs whose evictions are to be asked for now.
    pub(super) fn victims(&mut self, limits: &CacheLimits, extra_bytes: u64) -> Vec<RunId> {
        let mut victims = std::mem::take(&mut self.condemned);
        for (run_id, reason) in self.lru.victims(limits, extra_bytes) {
            self.requested.insert(run_id.to_string(), reason);
            victims.push(run_id);
        }
        victims
    }

    /// The run has left the cache; tells how.
    pub(super) fn evicted(
        &mut self,
        run_id: &str,
        reason: EvictionReason,
        limits: &CacheLimits,
    ) -> Parting {
        let reason = self.requested.remove(run_id).unwrap_or(reason);
        let cost = self.lru.remove(run_id).unwrap_or_default();
        self.evicted_bytes = self.evicted_bytes.saturating_add(cost.total_bytes());
        self.names.remove(run_id);
        *self.evictions.entry(reason).or_default() += 1;
        if reason == EvictionReason::Completed
            && let Some(budget) = &mut self.budget
        {
            budget.forget(run_id);
        }
        match reason {
            EvictionReason::Stopped | EvictionReason::WorkflowBudget => Parting::Offended,
            EvictionReason::IsolateBudget if limits.is_hog(cost) => Parting::Offended,
            _ => Parting::InPeace,
        }
    }

    pub(super) fn count_stop(&mut self, run_id: &str, stop: Stop) {
        *self.terminations.entry(stop_name(stop)).or_default() += 1;
        self.is_trim_due |= matches!(stop, Stop::HeapLimit | Stop::ProcessLimit);
        self.requested
            .insert(run_id.to_owned(), EvictionReason::Stopped);
    }

    pub(super) fn count_refusal(&mut self) {
        self.refused_tasks += 1;
    }

    /// Whether a further run would push out one that was used only since `recently`: such a cache does nothing but replay.
    pub(super) fn is_churning(&self, limits: &CacheLimits, recently: Instant) -> bool {
        let Some(limit_bytes) = limits.bytes else {
            return false;
        };
        let runs = u64::try_from(self.names.len()).unwrap_or(u64::MAX);
        let held_bytes = self.lru.staying_bytes() + self.lru.leaving_bytes();
        let mean_bytes = held_bytes.checked_div(runs).unwrap_or_default();
        if held_bytes + mean_bytes <= limit_bytes {
            return false;
        }
        let oldest = self
            .lru
            .oldest_idle()
            .and_then(|run_id| self.names.get(&**run_id));
        oldest.is_none_or(|name| name.used_at.is_none_or(|used_at| used_at >= recently))
    }

    /// Bytes whose eviction was asked for and is not done yet.
    pub(super) fn leaving_bytes(&self) -> u64 {
        self.lru.leaving_bytes()
    }

    /// Bytes of the runs that stay.
    pub(super) fn staying_bytes(&self) -> u64 {
        self.lru.staying_bytes()
    }

    /// Bytes that evictions set free since the last collection: garbage until the next.
    pub(super) fn evicted_bytes(&self) -> u64 {
        self.evicted_bytes
    }

    /// Whether `malloc` is likely to hold much that is free.
    pub(super) fn is_trim_due(&self) -> bool {
        self.is_trim_due
    }

    /// A collection begins.
    pub(super) fn forget_evicted_bytes(&mut self) {
        self.evicted_bytes = 0;
    }

    /// `malloc` gives back what is free.
    pub(super) fn forget_trim(&mut self) {
        self.is_trim_due = false;
    }

    pub(super) fn report(&self, pressure: PressureLevel) -> CacheReport {
        let names = self.names.keys();
        let first: Vec<u64> = self
            .names
            .values()
            .filter_map(|name| name.first.map(|bytes| bytes.heap_bytes))
            .collect();
        let budget = self.budget.as_ref();
        CacheReport {
            runs: names
                .filter_map(|run_id| self.cached_run(run_id).map(|(run, _)| run))
                .collect(),
            evictions: self.evictions.clone(),
            terminations: self.terminations.clone(),
            pressure,
            budget_offenders: budget.map_or(0, BudgetGuard::offender_count),
            parked_runs: budget.map_or(0, BudgetGuard::parked_count) + self.culprits.len(),
            refused_tasks: self.refused_tasks,
            first_activation_bytes: first
                .iter()
                .sum::<u64>()
                .checked_div(u64::try_from(first.len()).unwrap_or(u64::MAX)),
        }
    }

    fn cached_run(&self, run_id: &str) -> Option<(CachedRun, bool)> {
        let name = self.names.get(run_id)?;
        let run = CachedRun {
            run_id: run_id.to_owned(),
            workflow_id: name.workflow_id.clone(),
            workflow_type: name.workflow_type.clone(),
            isolate: name.isolate,
            cost: self.lru.cost(run_id)?,
        };
        Some((run, name.is_replaying))
    }
}

/// What happened to the run, apart from its start and from questions.
fn happened(activation: &WorkflowActivation) -> u64 {
    let variants = activation
        .jobs
        .iter()
        .filter_map(|job| job.variant.as_ref());
    let counted = variants.filter(|variant| {
        !matches!(
            variant,
            Variant::InitializeWorkflow(_)
                | Variant::QueryWorkflow(_)
                | Variant::RemoveFromCache(_)
        )
    });
    counted.count() as u64
}

fn cost(name: &Name, bytes: RunBytes) -> RunCost {
    RunCost {
        heap_bytes: bytes.heap_bytes,
        external_bytes: bytes.external_bytes,
        untouched_bytes: bytes.untouched_bytes,
        host_bytes: name.host_bytes,
    }
}
