//! The seam to the worker: the raw parts that only the worker knows.

use super::poll_watch::PollerHealth;
use crate::governor::Closed;
use crate::heap_snapshot::{SnapshotError, SnapshotTaken};
use crate::memory::{CachedRun, EvictionReason, HeapSpace, PressureLevel};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The worker's life, with the names of the TypeScript SDK's `Worker.getState()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RunState {
    /// Built, possibly still connecting; not polling yet.
    #[default]
    Initialized,
    /// Polling.
    Running,
    /// Shutdown was asked for; polling stops.
    Stopping,
    /// No more polls; what is in flight is being finished.
    Draining,
    /// Nothing in flight any more; resources are being released.
    Drained,
    /// Ended in order.
    Stopped,
    /// Ended by an error.
    Failed,
}

impl RunState {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 7] = [
        Self::Initialized,
        Self::Running,
        Self::Stopping,
        Self::Draining,
        Self::Drained,
        Self::Stopped,
        Self::Failed,
    ];

    /// The name in `/status`, in metrics and in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initialized => "INITIALIZED",
            Self::Running => "RUNNING",
            Self::Stopping => "STOPPING",
            Self::Draining => "DRAINING",
            Self::Drained => "DRAINED",
            Self::Stopped => "STOPPED",
            Self::Failed => "FAILED",
        }
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Slots of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SlotUse {
    /// Slots that hold a task now.
    pub used: u64,
    /// Slots that could take one now.
    pub available: u64,
}

/// One V8 isolate, from `v8::HeapStatistics`; all sizes in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IsolateSample {
    /// `used_heap_size`.
    pub used_heap_bytes: u64,
    /// `total_heap_size`: committed for the heap.
    pub total_heap_bytes: u64,
    /// Held outside the heap by objects in it: `external_memory`, of buffers what is resident.
    pub external_bytes: u64,
    /// What buffers may take: array buffers of all kinds and WebAssembly memories.
    pub array_buffers_bytes: u64,
    /// What of that is resident.
    pub array_buffers_resident_bytes: u64,
    /// What of that lies in mappings; for the breakdown alone.
    #[serde(skip)]
    pub array_buffers_mapped_resident_bytes: u64,
    /// Live objects after the last full measurement; at most `used_heap_size`.
    pub live_heap_bytes: u64,
    /// `total_physical_size`: resident pages of the heap.
    pub physical_heap_bytes: u64,
    /// `malloced_memory`: what V8 took from `malloc` for itself.
    pub malloced_bytes: u64,
    /// Machine code, inside the heap.
    pub code_bytes: u64,
    /// Bytecode and other trusted objects, inside the heap.
    pub bytecode_bytes: u64,
    /// `heap_size_limit`: the most that the heap may grow to.
    pub heap_limit_bytes: u64,
    /// Runs that live on this isolate.
    pub cached_workflows: u64,
    /// `number_of_native_contexts`: V8 contexts, that of the host included.
    pub native_contexts: u64,
    /// `number_of_detached_contexts`: gone and not collected yet.
    pub detached_contexts: u64,
    /// Microseconds that the isolate spent in activations, since it was made.
    pub activation_time_us: u64,
    /// Microseconds that it spent on measuring what runs cost.
    pub measuring_time_us: u64,
    /// What the heap is divided into; in the metrics alone.
    #[serde(skip)]
    pub spaces: Vec<HeapSpace>,
}

/// Entries into workflow code that were stopped, since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Terminations {
    /// They ran longer than `workflow-timeout`.
    pub deadline: u64,
    /// They filled the heap.
    pub heap: u64,
}

/// An isolate that was lost and replaced, and whose thread has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LostIsolateSample {
    /// The index in `isolates` of the one that has taken its place.
    pub isolate: u64,
    /// Why it is lost.
    pub reason: String,
    /// `running`: its thread uses a processor; `parked`: it sleeps for good.
    pub thread: &'static str,
    /// What its heap and buffers held at the last reading, in bytes.
    pub held_bytes: u64,
    /// Seconds since the loss was noticed.
    pub lost_for_seconds: u64,
}

/// The workflow bundle that the worker hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BundleInfo {
    /// Path as configured.
    pub file: String,
    /// Version of `@temporalio/workflow` inside.
    pub sdk_version: String,
    /// The worker's build id.
    pub build_id: String,
}

/// A part of the memory plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedPart {
    /// Its name, as `burdock config` shows it.
    pub part: &'static str,
    /// What is planned for it.
    pub bytes: u64,
}

/// What the worker contributes to a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkerParts {
    /// Runs in the cache, by our own count.
    pub num_cached_workflows: u64,
    /// Runs in the cache, by sdk-core's count. `None` when it was not asked, or when our own
    /// count moved while it was being asked: then the two cannot be compared.
    pub num_cached_workflows_core: Option<u64>,
    /// Activations that were polled and not yet completed.
    pub num_in_flight_workflow_activations: u64,
    /// Activity tasks that were polled and not yet completed.
    pub num_in_flight_activities: u64,
    /// Slots for workflow tasks.
    pub workflow_slots: SlotUse,
    /// Slots for activity tasks.
    pub activity_slots: SlotUse,
    /// Slots for local activities.
    pub local_activity_slots: SlotUse,
    /// One entry per isolate, in the isolates' order.
    pub isolates: Vec<IsolateSample>,
    /// `None` when workflows are switched off.
    pub bundle: Option<BundleInfo>,
    /// Bytes that the bundle's text and its source map take in memory.
    pub bundle_bytes: u64,
    /// Every cached run with its last measured cost.
    pub cached_runs: Vec<CachedRun>,
    /// Mean cost of a run right after the modules of its first activation were evaluated. `None` while not measured.
    pub module_bytes: Option<u64>,
    /// Bytes that activities in flight hold, as far as they are known.
    pub activities_bytes: u64,
    /// Runs that left the cache since the start, by reason; reasons without any may be left out.
    pub evictions: BTreeMap<EvictionReason, u64>,
    /// Entries that were stopped.
    pub terminations: Terminations,
    /// How near the process is to its memory limit.
    pub pressure: PressureLevel,
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
    /// The memory limit divided, in the order of the plan's table: part and bytes.
    pub memory_plan: Vec<PlannedPart>,
}

/// What the probes ask; cheap enough for any moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkerHealth {
    /// Where the worker is in its life.
    pub run_state: RunState,
    /// The server has confirmed the namespace.
    pub namespace_validated: bool,
    /// At least one poll has gone out.
    pub first_poll_issued: bool,
    /// Runs in the cache, by our own count.
    pub num_cached_workflows: u64,
    /// One reading per poll loop that runs.
    pub pollers: Vec<PollerHealth>,
    /// A sentence on what the worker is waiting for, such as a server that does not answer.
    pub waiting_for: Option<String>,
    /// Why no workflow tasks are taken, if none are.
    pub closed: Option<Closed>,
    /// A sentence on why only a restart of the process helps, if that is so.
    pub restart_reason: Option<String>,
}

/// Implemented by the worker.
pub trait StatusSource: Send + Sync + 'static {
    /// Answered by the worker's event loop: that it answers at all is what `/live` watches. An
    /// isolate that is inside an entry is reported by its last reading and not waited for. The
    /// future may be dropped before it ends.
    fn collect(&self) -> BoxFuture<'_, WorkerParts>;

    /// Must not block; does not need the event loop.
    fn health(&self) -> WorkerHealth;
}

/// Takes heap snapshots when somebody asks for one; implemented by the worker.
pub trait HeapSnapshotSource: Send + Sync + 'static {
    /// Takes one of this isolate, or of the one with the largest heap. The snapshot is taken to its end when the future
    /// is dropped.
    fn take(&self, isolate: Option<usize>) -> BoxFuture<'_, Result<SnapshotTaken, SnapshotError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_has_one_name() {
        for state in RunState::ALL {
            let json = serde_json::to_value(state).expect("a string");
            assert_eq!(json, state.as_str());
        }
    }
}
