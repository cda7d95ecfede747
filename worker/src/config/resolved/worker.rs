//! The resolved configuration of `burdock worker`.

use std::path::PathBuf;
use std::time::Duration;

use super::CodecConfig;
use super::settings::{self, Purpose};
use crate::config::client::ClientConfig;
use crate::config::elements::{ActivityStore, LogFormat, StatusAddr};
use crate::config::environment::Surroundings;
use crate::config::error::{ConfigErrors, Warning};
use crate::config::given::WorkerFlags;
use crate::config::render::Row;
use crate::config::source::Setting;
use crate::config::units::ByteSize;

/// Everything that a worker goes by. The fields are the keys; see `config::elements` for what
/// each means and why its default is what it is.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// There whenever `workflow_slots` is above 0, except in a mistake that is reported.
    pub bundle: Setting<Option<PathBuf>>,
    /// Nothing: derive it from the bundle.
    pub build_id: Setting<Option<String>>,
    /// The longest entry into workflow code.
    pub workflow_timeout: Setting<Duration>,
    /// 0: no workflow hosting, and then so are cache, isolates, pollers and local activities.
    pub workflow_slots: Setting<usize>,
    /// 0: no cache.
    pub max_cached_workflows: Setting<usize>,
    /// Isolate threads.
    pub isolates: Setting<usize>,
    /// At least 1 when workflows are hosted, at least 2 with a cache.
    pub workflow_pollers: Setting<usize>,
    /// The share of the pollers for the normal queue, 0 to 1.
    pub nonsticky_to_sticky_poll_ratio: Setting<f32>,
    /// How long a task waits on the sticky queue.
    pub sticky_queue_schedule_to_start_timeout: Setting<Duration>,
    /// Nothing: detect it.
    pub memory_limit: Setting<Option<ByteSize>>,
    /// Nothing: V8's own default.
    pub max_heap_per_isolate: Setting<Option<ByteSize>>,
    /// 0: no activities.
    pub activity_slots: Setting<usize>,
    /// 0: no local activities.
    pub local_activity_slots: Setting<usize>,
    /// At least 1 when activities are on.
    pub activity_pollers: Setting<usize>,
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
    /// The store of the built-in activities.
    pub activity_store: Setting<ActivityStore>,
    /// What changes payloads on their way to the server.
    pub codec: CodecConfig,
    /// The task queue.
    pub task_queue: Setting<String>,
    /// The identity.
    pub identity: Setting<String>,
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
            Row::of("build-id", &self.build_id),
            Row::of("workflow-timeout", &self.workflow_timeout),
            Row::of("workflow-slots", &self.workflow_slots),
            Row::of("max-cached-workflows", &self.max_cached_workflows),
            Row::of("isolates", &self.isolates),
            Row::of("workflow-pollers", &self.workflow_pollers),
            Row::of(
                "nonsticky-to-sticky-poll-ratio",
                &self.nonsticky_to_sticky_poll_ratio,
            ),
            Row::of(
                "sticky-queue-schedule-to-start-timeout",
                &self.sticky_queue_schedule_to_start_timeout,
            ),
            Row::of("memory-limit", &self.memory_limit),
            Row::of("max-heap-per-isolate", &self.max_heap_per_isolate),
        ];
        rows.extend(self.activity_rows());
        rows.extend(self.codec.rows());
        rows.push(Row::of("task-queue", &self.task_queue));
        rows.push(Row::of("identity", &self.identity));
        rows.extend(self.client_rows.iter().cloned());
        rows.extend([
            Row::of("connect-timeout", &self.connect_timeout),
            Row::of("status-addr", &self.status_addr),
            Row::of("log-format", &self.log_format),
            Row::of("log-filter", &self.log_filter),
            Row::of("shutdown-grace-time", &self.shutdown_grace_time),
        ]);
        rows
    }

    fn activity_rows(&self) -> [Row; 9] {
        [
            Row::of("activity-slots", &self.activity_slots),
            Row::of("local-activity-slots", &self.local_activity_slots),
            Row::of("activity-pollers", &self.activity_pollers),
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
            Row::of("activity-store", &self.activity_store),
        ]
    }
}
