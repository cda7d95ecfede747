//! What the parts of a running worker tell each other and the status page.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use burdock_activities::ActivityCounters;
use parking_lot::Mutex;
use temporalio_sdk_core::Worker;

use crate::config::WorkerConfig;
use crate::engine::LostThread;
use crate::governor::{CacheReport, MemoryGovernor};
use crate::hosting::{IsolatePool, LostIsolate};
use crate::memory::{HeapSpace, MemoryPlan};
use crate::status::{
    BoxFuture, BundleInfo, IsolateSample, LostIsolateSample, PlannedPart, PollWatch, RunState,
    SlotUse, StatusSource, Terminations, WorkerHealth, WorkerParts,
};

/// Parts that exist only from some moment of the worker's life on.
#[derive(Default)]
struct Late {
    run_state: RunState,
    namespace_validated: bool,
    waiting_for: Option<String>,
    bundle: Option<BundleInfo>,
    bundle_bytes: u64,
    pool: Option<Arc<IsolatePool>>,
    governor: Option<Arc<MemoryGovernor>>,
    memory_plan: Vec<PlannedPart>,
    core: Option<Arc<Worker>>,
    activities: Option<Arc<ActivityCounters>>,
}

/// State shared by the polling loops and the status page.
pub(super) struct WorkerState {
    late: Mutex<Late>,
    in_flight_activations: AtomicUsize,
    /// Watches the loop that polls workflow activations.
    pub(super) workflow_polls: PollWatch,
    hosts_workflows: bool,
    workflow_slots: usize,
    activity_slots: usize,
    local_activity_slots: usize,
}

/// Counts one activation as in flight until it is dropped.
pub(super) struct InFlight(Arc<WorkerState>);

impl WorkerState {
    pub(super) fn new(config: &WorkerConfig) -> Self {
        Self {
            late: Mutex::default(),
            in_flight_activations: AtomicUsize::new(0),
            workflow_polls: PollWatch::new("workflow"),
            hosts_workflows: config.hosts_workflows(),
            workflow_slots: *config.workflow_slots,
            activity_slots: *config.activity_slots,
            local_activity_slots: *config.local_activity_slots,
        }
    }

    pub(super) fn set_run_state(&self, run_state: RunState) {
        tracing::debug!(%run_state, "worker state");
        self.late.lock().run_state = run_state;
    }

    pub(super) fn set_waiting_for(&self, waiting_for: Option<String>) {
        self.late.lock().waiting_for = waiting_for;
    }

    pub(super) fn set_pool(&self, pool: Option<Arc<IsolatePool>>) {
        self.late.lock().pool = pool;
    }

    pub(super) fn pool(&self) -> Option<Arc<IsolatePool>> {
        self.late.lock().pool.clone()
    }

    pub(super) fn set_memory_plan(&self, plan: &MemoryPlan) {
        let rows = plan.rows.iter().map(|row| PlannedPart {
            part: row.part.as_str(),
            bytes: row.bytes,
        });
        self.late.lock().memory_plan = rows.collect();
    }

    pub(super) fn set_governor(&self, governor: Arc<MemoryGovernor>) {
        self.late.lock().governor = Some(governor);
    }

    /// `bundle_bytes` is what the bundle's text and source map take in memory.
    pub(super) fn set_bundle(&self, bundle: BundleInfo, bundle_bytes: u64) {
        let mut late = self.late.lock();
        late.bundle = Some(bundle);
        late.bundle_bytes = bundle_bytes;
    }

    /// The namespace is known and polling may begin.
    pub(super) fn set_core(&self, core: Arc<Worker>) {
        let mut late = self.late.lock();
        late.namespace_validated = true;
        late.core = Some(core);
    }

    /// Gives sdk-core's worker free, so that it can be taken apart.
    pub(super) fn clear_core(&self) {
        self.late.lock().core = None;
    }

    pub(super) fn set_activities(&self, counters: Arc<ActivityCounters>) {
        self.late.lock().activities = Some(counters);
    }

    pub(super) fn begin_activation(self: &Arc<Self>) -> InFlight {
        self.in_flight_activations.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    async fn parts(&self) -> WorkerParts {
        let (pool, governor, core, activities, bundle, bundle_bytes, memory_plan) = {
            let late = self.late.lock();
            (
                late.pool.clone(),
                late.governor.clone(),
                late.core.clone(),
                late.activities.clone(),
                late.bundle.clone(),
                late.bundle_bytes,
                late.memory_plan.clone(),
            )
        };
        let cached = |pool: &Option<Arc<IsolatePool>>| {
            pool.as_ref().map_or(0, |pool| pool.cached_workflows()) as u64
        };
        let before = cached(&pool);
        let core_count = match &core {
            Some(core) if self.hosts_workflows => Some(core.cached_workflows().await as u64),
            _ => None,
        };
        let in_flight = self.in_flight_activations.load(Ordering::Relaxed) as u64;
        let num_cached_workflows = cached(&pool);
        let isolates = match &pool {
            Some(pool) => pool
                .heap_samples()
                .await
                .iter()
                .map(isolate_sample)
                .collect(),
            None => Vec::new(),
        };
        let (local, remote, activities_bytes) = activities.map_or((0, 0, 0), |counters| {
            (
                counters.in_flight_local() as u64,
                counters.in_flight_non_local() as u64,
                counters.in_flight_bytes(),
            )
        });
        WorkerParts {
            num_cached_workflows,
            num_cached_workflows_core: core_count
                .filter(|_| before == num_cached_workflows && in_flight == 0),
            num_in_flight_workflow_activations: in_flight,
            num_in_flight_activities: local + remote,
            workflow_slots: slots(in_flight, self.workflow_slots),
            activity_slots: slots(remote, self.activity_slots),
            local_activity_slots: slots(local, self.local_activity_slots),
            isolates,
            activities_bytes,
            bundle,
            bundle_bytes,
            memory_plan,
            isolates_rebuilt: pool.as_ref().map_or(0, |pool| pool.rebuilds()),
            lost_isolates: pool.as_ref().map_or_else(Vec::new, |pool| {
                pool.lost_isolates()
                    .iter()
                    .map(lost_isolate_sample)
                    .collect()
            }),
            quarantined_runs: pool.as_ref().map_or(0, |pool| pool.quarantined_runs()),
            ..governor.map_or_else(WorkerParts::default, |governor| {
                cache_parts(governor.report())
            })
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight_activations.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What the governor contributes.
fn cache_parts(report: CacheReport) -> WorkerParts {
    let stopped = |name| report.terminations.get(name).copied().unwrap_or_default();
    WorkerParts {
        terminations: Terminations {
            deadline: stopped("deadline"),
            heap: stopped("heap"),
        },
        cached_runs: report.runs,
        module_bytes: report.first_activation_bytes,
        evictions: report.evictions,
        pressure: report.pressure,
        budget_offenders: report.budget_offenders as u64,
        parked_runs: report.parked_runs as u64,
        refused_tasks: report.refused_tasks,
        ..WorkerParts::default()
    }
}

fn slots(used: u64, all: usize) -> SlotUse {
    // Evictions are activations that hold no slot.
    let used = used.min(all as u64);
    SlotUse {
        used,
        available: all as u64 - used,
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn isolate_sample(sample: &crate::engine::HeapSample) -> IsolateSample {
    let used = |holds: fn(&HeapSpace) -> bool| {
        let spaces = sample.spaces.iter().filter(|space| holds(space));
        spaces.map(|space| space.used_bytes).sum()
    };
    IsolateSample {
        used_heap_bytes: sample.used_heap_bytes as u64,
        total_heap_bytes: sample.total_heap_bytes as u64,
        external_bytes: sample.external_bytes as u64,
        array_buffers_bytes: sample.array_buffers_bytes as u64,
        array_buffers_resident_bytes: sample.array_buffers_resident_bytes as u64,
        array_buffers_mapped_resident_bytes: sample.array_buffers_mapped_resident_bytes as u64,
        live_heap_bytes: sample.live_heap_bytes as u64,
        physical_heap_bytes: sample.physical_heap_bytes as u64,
        malloced_bytes: sample.malloced_bytes as u64,
        code_bytes: used(HeapSpace::holds_code),
        bytecode_bytes: used(HeapSpace::holds_bytecode),
        heap_limit_bytes: sample.heap_limit_bytes as u64,
        cached_workflows: sample.cached_workflows as u64,
        native_contexts: sample.native_contexts as u64,
        detached_contexts: sample.detached_contexts as u64,
        activation_time_us: micros(sample.time.activations),
        measuring_time_us: micros(sample.time.walks),
        spaces: sample.spaces.clone(),
    }
}

fn lost_isolate_sample(lost: &LostIsolate) -> LostIsolateSample {
    LostIsolateSample {
        isolate: lost.isolate as u64,
        reason: lost.reason.clone(),
        thread: match lost.thread {
            LostThread::Parked => "parked",
            LostThread::Running => "running",
        },
        held_bytes: lost.held_bytes,
        lost_for_seconds: lost.since.elapsed().as_secs(),
    }
}

impl StatusSource for WorkerState {
    fn collect(&self) -> BoxFuture<'_, WorkerParts> {
        Box::pin(self.parts())
    }

    fn health(&self) -> WorkerHealth {
        let late = self.late.lock();
        let polls = self.hosts_workflows && late.core.is_some();
        WorkerHealth {
            run_state: late.run_state,
            namespace_validated: late.namespace_validated,
            first_poll_issued: if self.hosts_workflows {
                self.workflow_polls.has_polled()
            } else {
                late.activities.is_some()
            },
            pollers: if polls {
                vec![self.workflow_polls.reading()]
            } else {
                Vec::new()
            },
            num_cached_workflows: late
                .pool
                .as_ref()
                .map_or(0, |pool| pool.cached_workflows() as u64),
            waiting_for: late.waiting_for.clone(),
            closed: late
                .governor
                .as_ref()
                .and_then(|governor| governor.closed()),
            restart_reason: late
                .governor
                .as_ref()
                .and_then(|governor| governor.restart_reason()),
        }
    }
}
