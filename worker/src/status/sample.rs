//! One sample of the worker, as `/status` shows it.

use super::memory_sample::MemorySample;
use super::run_costs::{RunCosts, TypeCost, evictions_since};
use super::source::{
    BundleInfo, IsolateSample, LostIsolateSample, PlannedPart, RunState, SlotUse, Terminations,
    WorkerHealth, WorkerParts,
};
use crate::memory::PressureLevel;
use crate::memory::{CachedRun, EvictionReason, MemoryLimit, MemoryLimitSource, ProcessMemory};
use serde::Serialize;
use std::collections::BTreeMap;

/// The JSON of `GET /status`; sizes in bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerSample {
    /// Where the worker is in its life.
    pub run_state: RunState,
    /// Runs in the cache, by our own count.
    pub num_cached_workflows: u64,
    /// Runs in the cache, by sdk-core's count; `null` where the two cannot be compared.
    pub num_cached_workflows_core: Option<u64>,
    /// How often the two counts differed while nothing was in flight, since the start.
    pub cache_count_mismatch: u64,
    /// Activations that were polled and not yet completed.
    pub num_in_flight_workflow_activations: u64,
    /// Activity tasks that were polled and not yet completed.
    pub num_in_flight_activities: u64,
    /// Slots by kind.
    pub slots: SlotsSample,
    /// Resident memory of the process; 0 where `/proc` cannot be read.
    pub rss_bytes: u64,
    /// Its anonymous part: what a container limit cannot reclaim.
    pub anon_bytes: u64,
    /// What the process may use; `null` where nothing states it.
    pub memory_limit_bytes: Option<u64>,
    /// Who states that limit.
    pub memory_limit_source: Option<MemoryLimitSource>,
    /// One entry per isolate.
    pub isolates: Vec<IsolateSample>,
    /// What V8 does not account for, see [`native_bytes`].
    pub native_bytes: u64,
    /// Resident memory by parts, and what a cached workflow costs.
    pub memory: MemorySample,
    /// How near the process is to its memory limit.
    pub pressure: PressureLevel,
    /// The most expensive cached runs, ten at most.
    pub top_runs: Vec<CachedRun>,
    /// The workflow types whose cached runs cost most, ten at most.
    pub top_workflow_types: Vec<TypeCost>,
    /// Runs that left the cache since the start, by reason.
    pub evictions: BTreeMap<EvictionReason, u64>,
    /// Entries into workflow code that were stopped since the start.
    pub terminations: Terminations,
    /// Cached runs that are over `workflow-memory-budget` now.
    pub budget_offenders: u64,
    /// Runs that are not tried any more because they do not fit their budget.
    pub parked_runs: u64,
    /// Runs that were stopped or held too much, and are tried again on an isolate of their own.
    pub quarantined_runs: u64,
    /// Tasks of new runs that failed at once because there was no memory for them, since the start.
    pub refused_tasks: u64,
    /// Isolates that were lost and replaced, since the start.
    pub isolates_rebuilt: u64,
    /// Those of them whose threads have not ended.
    pub lost_isolates: Vec<LostIsolateSample>,
    /// The memory limit divided.
    pub memory_plan: Vec<PlannedPart>,
    /// What is wrong with the worker's memory, in one sentence; `null` if nothing is.
    pub diagnosis: Option<String>,
    /// All runs, for the metrics.
    #[serde(skip)]
    pub run_costs: RunCosts,
    /// `null` when workflows are switched off.
    pub bundle: Option<BundleInfo>,
    /// Since the process's sampler was made.
    pub uptime_seconds: u64,
    /// Changes since the last log line; `null` before the first one.
    pub deltas: Option<Deltas>,
    /// The worker did not answer in time: its counts are those of the last answer.
    pub stale: bool,
}

/// Slots by kind of task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SlotsSample {
    /// Workflow tasks.
    pub workflow: SlotUse,
    /// Activity tasks.
    pub activity: SlotUse,
    /// Local activities.
    pub local_activity: SlotUse,
}

/// Changes since the last log line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deltas {
    /// Change of `rssBytes`.
    pub rss_bytes: i64,
    /// Change of the sum of `usedHeapBytes`.
    pub used_heap_bytes: i64,
    /// Change of `nativeBytes`.
    pub native_bytes: i64,
    /// Change of `numCachedWorkflows`.
    pub num_cached_workflows: i64,
    /// Runs that left the cache, by reason; reasons without any are left out.
    pub evictions: BTreeMap<EvictionReason, u64>,
}

/// The figures that [`Deltas`] compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Baseline {
    rss_bytes: u64,
    used_heap_bytes: u64,
    native_bytes: u64,
    num_cached_workflows: u64,
    evictions: BTreeMap<EvictionReason, u64>,
}

/// What a sample is made of.
pub(super) struct SampleInputs<'a> {
    pub parts: &'a WorkerParts,
    pub health: &'a WorkerHealth,
    pub memory: ProcessMemory,
    pub limit: Option<&'a MemoryLimit>,
    pub cache_count_mismatch: u64,
    pub uptime_seconds: u64,
    pub baseline: Option<&'a Baseline>,
    pub stale: bool,
    pub run_costs: RunCosts,
    pub explained: MemorySample,
    pub diagnosis: Option<String>,
}

/// Resident bytes that are neither V8 heap nor known to V8 as external: the Rust side, sdk-core,
/// compiled code, the binary itself. 0 where V8 counts more than is resident, for it commits heap
/// before it touches it.
pub fn native_bytes(rss_bytes: u64, isolates: &[IsolateSample]) -> u64 {
    isolates.iter().fold(rss_bytes, |rest, isolate| {
        rest.saturating_sub(isolate.total_heap_bytes)
            .saturating_sub(isolate.external_bytes)
    })
}

/// Whether the two cache counts contradict each other: they may differ for the time that an
/// activation or an eviction is under way, and never else.
pub(super) fn cache_counts_disagree(parts: &WorkerParts) -> bool {
    parts.num_in_flight_workflow_activations == 0
        && parts
            .num_cached_workflows_core
            .is_some_and(|core| core != parts.num_cached_workflows)
}

impl WorkerSample {
    pub(super) fn compose(inputs: SampleInputs<'_>) -> Self {
        let parts = inputs.parts;
        let mut sample = Self {
            run_state: inputs.health.run_state,
            num_cached_workflows: parts.num_cached_workflows,
            num_cached_workflows_core: parts.num_cached_workflows_core,
            cache_count_mismatch: inputs.cache_count_mismatch,
            num_in_flight_workflow_activations: parts.num_in_flight_workflow_activations,
            num_in_flight_activities: parts.num_in_flight_activities,
            slots: SlotsSample {
                workflow: parts.workflow_slots,
                activity: parts.activity_slots,
                local_activity: parts.local_activity_slots,
            },
            rss_bytes: inputs.memory.rss_bytes,
            anon_bytes: inputs.memory.anon_bytes,
            memory_limit_bytes: inputs.limit.map(|limit| limit.bytes),
            memory_limit_source: inputs.limit.map(|limit| limit.source),
            isolates: parts.isolates.clone(),
            native_bytes: native_bytes(inputs.memory.rss_bytes, &parts.isolates),
            memory: inputs.explained,
            pressure: parts.pressure,
            top_runs: inputs.run_costs.top_runs.clone(),
            top_workflow_types: inputs.run_costs.top_types().to_vec(),
            evictions: all_reasons(&parts.evictions),
            terminations: parts.terminations,
            budget_offenders: parts.budget_offenders,
            parked_runs: parts.parked_runs,
            quarantined_runs: parts.quarantined_runs,
            refused_tasks: parts.refused_tasks,
            isolates_rebuilt: parts.isolates_rebuilt,
            lost_isolates: parts.lost_isolates.clone(),
            memory_plan: parts.memory_plan.clone(),
            diagnosis: inputs.diagnosis,
            run_costs: inputs.run_costs,
            bundle: parts.bundle.clone(),
            uptime_seconds: inputs.uptime_seconds,
            deltas: None,
            stale: inputs.stale,
        };
        sample.deltas = inputs.baseline.map(|since| sample.deltas_since(since));
        sample
    }

    /// Sum of `usedHeapBytes` over the isolates.
    pub fn used_heap_bytes(&self) -> u64 {
        self.isolates
            .iter()
            .map(|isolate| isolate.used_heap_bytes)
            .sum()
    }

    pub(super) fn baseline(&self) -> Baseline {
        Baseline {
            rss_bytes: self.rss_bytes,
            used_heap_bytes: self.used_heap_bytes(),
            native_bytes: self.native_bytes,
            num_cached_workflows: self.num_cached_workflows,
            evictions: self.evictions.clone(),
        }
    }

    fn deltas_since(&self, since: &Baseline) -> Deltas {
        let now = self.baseline();
        Deltas {
            rss_bytes: change(since.rss_bytes, now.rss_bytes),
            used_heap_bytes: change(since.used_heap_bytes, now.used_heap_bytes),
            native_bytes: change(since.native_bytes, now.native_bytes),
            num_cached_workflows: change(since.num_cached_workflows, now.num_cached_workflows),
            evictions: evictions_since(&since.evictions, &now.evictions),
        }
    }
}

/// The counters with a zero for each reason that has none: a reader finds every reason from the start.
fn all_reasons(counted: &BTreeMap<EvictionReason, u64>) -> BTreeMap<EvictionReason, u64> {
    let count = |reason| counted.get(&reason).copied().unwrap_or(0);
    EvictionReason::ALL
        .into_iter()
        .map(|reason| (reason, count(reason)))
        .collect()
}

/// `after - before`, limited to what an `i64` holds.
fn change(before: u64, after: u64) -> i64 {
    let size = i64::try_from(before.abs_diff(after)).unwrap_or(i64::MAX);
    if after >= before { size } else { -size }
}

#[cfg(test)]
mod tests {
    use super::super::memory_sample::{PerCachedWorkflow, Slopes};
    use super::super::test_support::{busy_parts, running_health};
    use super::*;

    fn isolate(total_heap_bytes: u64, external_bytes: u64) -> IsolateSample {
        IsolateSample {
            total_heap_bytes,
            external_bytes,
            array_buffers_bytes: external_bytes,
            array_buffers_resident_bytes: external_bytes,
            ..IsolateSample::default()
        }
    }

    #[test]
    fn native_is_what_v8_does_not_account_for() {
        assert_eq!(native_bytes(100, &[isolate(30, 5), isolate(20, 1)]), 44);
        assert_eq!(native_bytes(100, &[]), 100);
    }

    #[test]
    fn native_is_never_below_zero() {
        assert_eq!(native_bytes(100, &[isolate(90, 5), isolate(90, 5)]), 0);
        assert_eq!(native_bytes(100, &[isolate(u64::MAX, u64::MAX)]), 0);
    }

    #[test]
    fn counts_are_compared_only_while_nothing_is_in_flight() {
        let mut parts = WorkerParts {
            num_cached_workflows: 3,
            num_cached_workflows_core: Some(4),
            ..WorkerParts::default()
        };
        assert!(cache_counts_disagree(&parts));
        parts.num_in_flight_workflow_activations = 1;
        assert!(!cache_counts_disagree(&parts));
        parts.num_in_flight_workflow_activations = 0;
        parts.num_cached_workflows_core = Some(3);
        assert!(!cache_counts_disagree(&parts));
        parts.num_cached_workflows_core = None;
        assert!(!cache_counts_disagree(&parts));
    }

    #[test]
    fn changes_have_a_sign_and_do_not_overflow() {
        assert_eq!(change(10, 7), -3);
        assert_eq!(change(7, 10), 3);
        assert_eq!(change(u64::MAX, 0), -i64::MAX);
        assert_eq!(change(0, u64::MAX), i64::MAX);
    }

    fn composed(baseline: Option<&Baseline>, rss_bytes: u64) -> WorkerSample {
        let parts = busy_parts();
        let run_costs = RunCosts::of(&parts.cached_runs);
        WorkerSample::compose(SampleInputs {
            parts: &parts,
            health: &running_health(),
            memory: ProcessMemory {
                rss_bytes,
                anon_bytes: 60,
                ..ProcessMemory::default()
            },
            limit: None,
            cache_count_mismatch: 2,
            uptime_seconds: 9,
            baseline,
            stale: false,
            explained: MemorySample {
                per_cached_workflow: PerCachedWorkflow::of(&Slopes::default(), &run_costs),
                ..MemorySample::default()
            },
            run_costs,
            diagnosis: Some("Something is wrong.".to_owned()),
        })
    }

    #[test]
    fn deltas_compare_with_the_last_line() {
        let before = composed(None, 2000);
        assert_eq!(before.deltas, None);
        let after = composed(Some(&before.baseline()), 1900);
        let expected = Deltas {
            rss_bytes: -100,
            native_bytes: -100,
            ..Deltas::default()
        };
        assert_eq!(after.deltas, Some(expected));
    }

    #[test]
    fn the_json_has_the_documented_keys() {
        let json = serde_json::to_value(composed(None, 2000)).expect("JSON");
        let expected = serde_json::json!({
            "runState": "RUNNING",
            "numCachedWorkflows": 5,
            "numCachedWorkflowsCore": 5,
            "cacheCountMismatch": 2,
            "numInFlightWorkflowActivations": 1,
            "numInFlightActivities": 4,
            "slots": {
                "workflow": { "used": 1, "available": 39 },
                "activity": { "used": 4, "available": 96 },
                "localActivity": { "used": 0, "available": 100 },
            },
            "rssBytes": 2000,
            "anonBytes": 60,
            "memoryLimitBytes": null,
            "memoryLimitSource": null,
            "isolates": [
                { "usedHeapBytes": 100, "totalHeapBytes": 200, "externalBytes": 30,
                  "arrayBuffersBytes": 20, "arrayBuffersResidentBytes": 19, "liveHeapBytes": 80, "physicalHeapBytes": 150, "mallocedBytes": 7,
                  "codeBytes": 3, "bytecodeBytes": 4, "heapLimitBytes": 600, "cachedWorkflows": 3,
                  "nativeContexts": 2, "detachedContexts": 1,
                  "activationTimeUs": 2_000_000, "measuringTimeUs": 30_001 },
                { "usedHeapBytes": 50, "totalHeapBytes": 100, "externalBytes": 3,
                  "arrayBuffersBytes": 2, "arrayBuffersResidentBytes": 1, "liveHeapBytes": 40, "physicalHeapBytes": 90, "mallocedBytes": 0,
                  "codeBytes": 0, "bytecodeBytes": 0, "heapLimitBytes": 400, "cachedWorkflows": 2,
                  "nativeContexts": 0, "detachedContexts": 0,
                  "activationTimeUs": 0, "measuringTimeUs": 0 },
            ],
            "nativeBytes": 1667,
            "memory": {
                "ageSeconds": 0,
                "allocator": null,
                "perCachedWorkflow": {
                    "rssSlopeBytes": null, "rssSlopeConfidenceBytes": null, "rssSlopeR2Percent": null,
                    "anonSlopeBytes": null, "anonSlopeConfidenceBytes": null, "slopeSamples": 0,
                    "estimatedBytes": 20, "estimatedTotalBytes": 41,
                },
            },
            "pressure": "elevated",
            "topRuns": [
                { "runId": "r2", "workflowId": "id-of-r2", "workflowType": "order", "isolate": 0,
                  "cost": { "heapBytes": 29, "externalBytes": 0, "untouchedBytes": 0, "hostBytes": 1 } },
                { "runId": "r1", "workflowId": "id-of-r1", "workflowType": "cart", "isolate": 0,
                  "cost": { "heapBytes": 10, "externalBytes": 0, "untouchedBytes": 0, "hostBytes": 1 } },
            ],
            "topWorkflowTypes": [
                { "workflowType": "order", "runs": 1, "bytes": 30, "meanBytes": 30 },
                { "workflowType": "cart", "runs": 1, "bytes": 11, "meanBytes": 11 },
            ],
            "evictions": {
                "cache_full": 7, "cache_bytes": 0, "isolate_budget": 0, "workflow_budget": 0, "process_pressure": 0,
                "stopped": 0, "isolate_lost": 0, "quarantine_over": 0, "completed": 0, "requested": 0,
            },
            "terminations": { "deadline": 2, "heap": 1 },
            "budgetOffenders": 1,
            "parkedRuns": 0,
            "quarantinedRuns": 0,
            "refusedTasks": 2,
            "isolatesRebuilt": 0,
            "lostIsolates": [],
            "memoryPlan": [{ "part": "reserve", "bytes": 77 }],
            "diagnosis": "Something is wrong.",
            "bundle": { "file": "workflow-bundle.js", "sdkVersion": "1.24.0", "buildId": "b1" },
            "uptimeSeconds": 9,
            "deltas": null,
            "stale": false,
        });
        assert_eq!(json, expected);
    }
}
