//! The resolved configuration of `burdock worker`.

use std::path::PathBuf;
use std::time::Duration;

use super::settings::{self, Purpose};
use super::tuning::{PollerScale, ResourceTargets, SlotSupply};
use super::versioning::VersioningConfig;
use super::{CodecConfig, MemoryConfig};
use crate::config::client::ClientConfig;
use crate::config::elements::{
    ActivityStore, FailureErrorTypes, HeapSnapshotDir, InactivePatches, LogFormat, LogSinks,
    StackTraces, StatusAddr,
};
use crate::config::environment::Surroundings;
use crate::config::error::{ConfigErrors, Warning};
use crate::config::given::WorkerFlags;
use crate::config::render::Row;
use crate::config::source::Setting;
use crate::config::units::ByteSize;
use crate::engine::{ContextMode, ModuleSharing};

/// Everything that a worker goes by. The fields are the keys; see `config::elements` for what
/// each means and why its default is what it is.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// There whenever `workflow_slots` is above 0, except in a mistake that is reported.
    pub bundle: Setting<Option<PathBuf>>,
    /// The build id, and how the server routes by it.
    pub versioning: VersioningConfig,
    /// The longest entry into workflow code.
    pub workflow_timeout: Setting<Duration>,
    /// Which runs share a V8 context.
    pub context: Setting<ContextMode>,
    /// Whether runs share the modules of the bundle.
    pub share_modules: Setting<ModuleSharing>,
    /// Errors that fail a workflow and not its task.
    pub workflow_failure_error_types: Setting<Option<FailureErrorTypes>>,
    /// Patches that new code does not activate yet.
    pub inactive_patches: Setting<Option<InactivePatches>>,
    /// When the place of each promise is noted.
    pub stack_traces: Setting<StackTraces>,
    /// Whether enhanced stack traces hold the texts of sources.
    pub show_stack_trace_sources: Setting<bool>,
    /// 0: no workflow hosting, and then so are cache, isolates, pollers and local activities.
    pub workflow_slots: Setting<usize>,
    /// Who hands them out; `workflow_slots` is the most there are.
    pub workflow_slot_supply: SlotSupply,
    /// What resource-based slot suppliers aim at.
    pub resource_targets: ResourceTargets,
    /// 0: no cache. Nothing: as many as fit, by the memory plan.
    pub max_cached_workflows: Setting<Option<usize>>,
    /// Isolate threads.
    pub isolates: Setting<usize>,
    /// At least 1 when workflows are hosted, at least 2 with a cache.
    pub workflow_pollers: Setting<usize>,
    /// How many of them poll at a time.
    pub workflow_poller_scale: PollerScale,
    /// The share of the pollers for the normal queue, 0 to 1.
    pub nonsticky_to_sticky_poll_ratio: Setting<f32>,
    /// How long a task waits on the sticky queue.
    pub sticky_queue_schedule_to_start_timeout: Setting<Duration>,
    /// Nothing: detect it.
    pub memory_limit: Setting<Option<ByteSize>>,
    /// Nothing: by the memory plan.
    pub max_heap_per_isolate: Setting<Option<ByteSize>>,
    /// How the limit is divided, and what happens near it.
    pub memory: MemoryConfig,
    /// 0: no activities.
    pub activity_slots: Setting<usize>,
    /// Who hands them out.
    pub activity_slot_supply: SlotSupply,
    /// 0: no local activities.
    pub local_activity_slots: Setting<usize>,
    /// Who hands them out.
    pub local_activity_slot_supply: SlotSupply,
    /// At least 1 when activities are on.
    pub activity_pollers: Setting<usize>,
    /// How many of them poll at a time.
    pub activity_poller_scale: PollerScale,
    /// Nothing: no limit.
    pub max_activities_per_second: Setting<Option<f64>>,
    /// Nothing: no limit.
    pub max_task_queue_activities_per_second: Setting<Option<f64>>,
    /// 0: no eager activities.
    pub max_eager_activity_reservations_per_workflow_task: Setting<usize>,
    /// Never longer than the maximum.
    pub default_heartbeat_throttle_interval: Setting<Duration>,
    /// The longest pause between heartbeats.
    pub max_heartbeat_throttle_interval: Setting<Duration>,
    /// Whether messages of activities' failures are written as payloads.
    pub encode_common_attributes: Setting<bool>,
    /// The store of the built-in activities.
    pub activity_store: Setting<ActivityStore>,
    /// What changes payloads on their way to the server.
    pub codec: CodecConfig,
    /// The task queue.
    pub task_queue: Setting<String>,
    /// The identity.
    pub identity: Setting<String>,
    /// Nothing: the worker tells the server nothing about itself.
    pub worker_heartbeat_interval: Setting<Option<Duration>>,
    /// Whether payloads beyond the server's limits are sent all the same.
    pub disable_payload_error_limit: Setting<bool>,
    /// How to reach the server.
    pub client: ClientConfig,
    /// How long to try to reach it.
    pub connect_timeout: Setting<Duration>,
    /// Where the status server listens.
    pub status_addr: Setting<StatusAddr>,
    /// The form of the log.
    pub log_format: Setting<LogFormat>,
    /// A filter that `tracing_subscriber::EnvFilter` reads.
    pub log_filter: Setting<String>,
    /// Sinks whose calls become events of the log.
    pub log_sinks: Setting<LogSinks>,
    /// Where heap snapshots go.
    pub heap_snapshot_dir: Setting<HeapSnapshotDir>,
    /// How long work in flight may go on after the first signal.
    pub shutdown_grace_time: Setting<Duration>,
    /// What works but looks unintended; to be logged.
    pub warnings: Vec<Warning>,
    /// The client's part of `burdock config`.
    pub(super) client_rows: Vec<Row>,
}

/// Resolves the configuration of `burdock worker`.
///
/// # Errors
/// Every mistake in flags, variables and files, together.
pub fn resolve_worker(
    flags: &WorkerFlags,
    surroundings: &Surroundings,
) -> Result<WorkerConfig, ConfigErrors> {
    settings::resolve(flags, surroundings, Purpose::Worker)
}

impl WorkerConfig {
    /// Whether workflows are hosted.
    #[must_use]
    pub fn hosts_workflows(&self) -> bool {
        *self.workflow_slots > 0
    }

    /// Whether activities are run.
    #[must_use]
    pub fn hosts_activities(&self) -> bool {
        *self.activity_slots > 0
    }

    /// Whether local activities are run. Core ties them to workflow hosting.
    #[must_use]
    pub fn hosts_local_activities(&self) -> bool {
        *self.local_activity_slots > 0
    }

    /// Every setting as it is printed, in the order of `config::elements::KEYS`.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = vec![
            Row::of("bundle", &self.bundle),
            Row::of("build-id", &self.versioning.build_id),
            Row::of("deployment-name", &self.versioning.deployment_name),
            Row::of(
                "use-worker-versioning",
                &self.versioning.use_worker_versioning,
            ),
            Row::of(
                "default-versioning-behavior",
                &self.versioning.default_versioning_behavior,
            ),
            Row::of("use-versioning", &self.versioning.use_versioning),
            Row::of("workflow-timeout", &self.workflow_timeout),
            Row::of("context", &self.context),
            Row::of("share-modules", &self.share_modules),
            Row::of(
                "workflow-failure-error-types",
                &self.workflow_failure_error_types,
            ),
            Row::of("inactive-patches", &self.inactive_patches),
            Row::of("stack-traces", &self.stack_traces),
            Row::of("show-stack-trace-sources", &self.show_stack_trace_sources),
        ];
        rows.extend(self.slot_and_cache_rows());
        rows.extend(self.activity_rows());
        rows.extend(self.codec.rows());
        rows.push(Row::of("task-queue", &self.task_queue));
        rows.push(Row::of("identity", &self.identity));
        rows.push(Row::of(
            "worker-heartbeat-interval",
            &self.worker_heartbeat_interval,
        ));
        rows.push(Row::of(
            "disable-payload-error-limit",
            &self.disable_payload_error_limit,
        ));
        rows.extend(self.client_rows.iter().cloned());
        rows.extend([
            Row::of("connect-timeout", &self.connect_timeout),
            Row::of("status-addr", &self.status_addr),
            Row::of("log-format", &self.log_format),
            Row::of("log-filter", &self.log_filter),
            Row::of("log-sinks", &self.log_sinks),
            Row::of("heap-snapshot-dir", &self.heap_snapshot_dir),
            Row::of("shutdown-grace-time", &self.shutdown_grace_time),
        ]);
        rows
    }

    fn slot_and_cache_rows(&self) -> Vec<Row> {
        let slots = &self.workflow_slot_supply;
        let pollers = &self.workflow_poller_scale;
        let mut rows = vec![
            Row::of("workflow-slots", &self.workflow_slots),
            Row::of("workflow-slot-supplier", &slots.supplier),
            Row::of("min-workflow-slots", &slots.min_slots),
            Row::of("workflow-slot-ramp-throttle", &slots.ramp_throttle),
            Row::of("target-memory-usage", &self.resource_targets.memory_usage),
            Row::of("target-cpu-usage", &self.resource_targets.cpu_usage),
            Row::of("max-cached-workflows", &self.max_cached_workflows),
            Row::of("isolates", &self.isolates),
            Row::of("workflow-pollers", &self.workflow_pollers),
            Row::of("workflow-poller-behavior", &pollers.behavior),
            Row::of("min-workflow-pollers", &pollers.min),
            Row::of("initial-workflow-pollers", &pollers.initial),
            Row::of(
                "nonsticky-to-sticky-poll-ratio",
                &self.nonsticky_to_sticky_poll_ratio,
            ),
            Row::of(
                "sticky-queue-schedule-to-start-timeout",
                &self.sticky_queue_schedule_to_start_timeout,
            ),
            Row::of("memory-limit", &self.memory_limit),
        ];
        rows.extend(self.memory.share_rows());
        rows.push(Row::of("max-heap-per-isolate", &self.max_heap_per_isolate));
        rows.extend(self.memory.cache_rows());
        rows
    }

    fn activity_rows(&self) -> Vec<Row> {
        let slots = &self.activity_slot_supply;
        let local_slots = &self.local_activity_slot_supply;
        let pollers = &self.activity_poller_scale;
        vec![
            Row::of("activity-slots", &self.activity_slots),
            Row::of("activity-slot-supplier", &slots.supplier),
            Row::of("min-activity-slots", &slots.min_slots),
            Row::of("activity-slot-ramp-throttle", &slots.ramp_throttle),
            Row::of("local-activity-slots", &self.local_activity_slots),
            Row::of("local-activity-slot-supplier", &local_slots.supplier),
            Row::of("min-local-activity-slots", &local_slots.min_slots),
            Row::of(
                "local-activity-slot-ramp-throttle",
                &local_slots.ramp_throttle,
            ),
            Row::of("activity-pollers", &self.activity_pollers),
            Row::of("activity-poller-behavior", &pollers.behavior),
            Row::of("min-activity-pollers", &pollers.min),
            Row::of("initial-activity-pollers", &pollers.initial),
            Row::of("max-activities-per-second", &self.max_activities_per_second),
            Row::of(
                "max-task-queue-activities-per-second",
                &self.max_task_queue_activities_per_second,
            ),
            Row::of(
                "max-eager-activity-reservations-per-workflow-task",
                &self.max_eager_activity_reservations_per_workflow_task,
            ),
            Row::of(
                "default-heartbeat-throttle-interval",
                &self.default_heartbeat_throttle_interval,
            ),
            Row::of(
                "max-heartbeat-throttle-interval",
                &self.max_heartbeat_throttle_interval,
            ),
            Row::of("encode-common-attributes", &self.encode_common_attributes),
            Row::of("activity-store", &self.activity_store),
        ]
    }
}
