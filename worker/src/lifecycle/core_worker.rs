//! sdk-core's worker from our configuration.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use temporalio_client::Connection;
use temporalio_common::telemetry::TelemetryOptions;
use temporalio_common::telemetry::metrics::CoreMeter;
use temporalio_common::worker::WorkerTaskTypes;
use temporalio_sdk_core::{
    CoreRuntime, PollerBehavior, RuntimeOptions, Worker, WorkerConfig as CoreWorkerConfig,
    WorkerVersioningStrategy, WorkflowErrorType, init_worker,
};

use super::error::RunError;
use crate::config::WorkerConfig;
use crate::config::elements::FailureErrorTypes;

/// What sdk-core keeps for the process, with metrics going to `meter`. Its log events go to the worker's own
/// subscriber. Must be called inside of the tokio runtime.
pub(super) fn core_runtime(meter: Option<Arc<dyn CoreMeter>>) -> Result<CoreRuntime, RunError> {
    let telemetry = TelemetryOptions::builder().maybe_metrics(meter).build();
    let options = RuntimeOptions::builder()
        .telemetry_options(telemetry)
        .build()
        .map_err(RunError::Core)?;
    CoreRuntime::new_assume_tokio(options).map_err(|error| RunError::Core(format!("{error:#}")))
}

/// A worker that does not poll yet.
pub(super) fn core_worker(
    runtime: &CoreRuntime,
    config: &WorkerConfig,
    build_id: String,
    connection: Connection,
) -> Result<Worker, RunError> {
    let core_config = core_config(config, build_id).map_err(RunError::Core)?;
    init_worker(runtime, core_config, connection)
        .map_err(|error| RunError::Core(format!("{error:#}")))
}

fn core_config(config: &WorkerConfig, build_id: String) -> Result<CoreWorkerConfig, String> {
    let some = |slots: usize| (slots > 0).then_some(slots);
    CoreWorkerConfig::builder()
        .namespace(config.client.namespace.clone())
        .task_queue(config.task_queue.to_string())
        .client_identity_override(config.identity.to_string())
        .max_cached_workflows(*config.max_cached_workflows)
        .maybe_workflow_task_poller_behavior(
            some(*config.workflow_pollers).map(PollerBehavior::SimpleMaximum),
        )
        .maybe_activity_task_poller_behavior(
            some(*config.activity_pollers).map(PollerBehavior::SimpleMaximum),
        )
        .nonsticky_to_sticky_poll_ratio(*config.nonsticky_to_sticky_poll_ratio)
        .task_types(WorkerTaskTypes {
            enable_workflows: config.hosts_workflows(),
            enable_local_activities: config.hosts_local_activities(),
            enable_remote_activities: config.hosts_activities(),
            enable_nexus: false,
        })
        .sticky_queue_schedule_to_start_timeout(*config.sticky_queue_schedule_to_start_timeout)
        .max_heartbeat_throttle_interval(*config.max_heartbeat_throttle_interval)
        .default_heartbeat_throttle_interval(*config.default_heartbeat_throttle_interval)
        .maybe_max_worker_activities_per_second(*config.max_activities_per_second)
        .maybe_max_task_queue_activities_per_second(*config.max_task_queue_activities_per_second)
        .max_eager_activity_reservations_per_workflow_task(
            *config.max_eager_activity_reservations_per_workflow_task,
        )
        // Runs die with the isolates anyway; nobody waits for hundreds of evictions.
        .ignore_evicts_on_shutdown(true)
        .graceful_shutdown_period(*config.shutdown_grace_time)
        .maybe_max_outstanding_workflow_tasks(some(*config.workflow_slots))
        .maybe_max_outstanding_activities(some(*config.activity_slots))
        .maybe_max_outstanding_local_activities(some(*config.local_activity_slots))
        .workflow_failure_errors(workflow_failure_errors(config))
        .workflow_types_to_failure_errors(failure_errors_by_type(config))
        .versioning_strategy(WorkerVersioningStrategy::None { build_id })
        .build()
}

/// Of the errors that fail a workflow, sdk-core itself finds nondeterminism alone.
fn nondeterminism(names: &[String]) -> HashSet<WorkflowErrorType> {
    let included = FailureErrorTypes::include_nondeterminism(names);
    included
        .then_some(WorkflowErrorType::Nondeterminism)
        .into_iter()
        .collect()
}

fn workflow_failure_errors(config: &WorkerConfig) -> HashSet<WorkflowErrorType> {
    let types = config.workflow_failure_error_types.as_ref();
    types.map_or_else(HashSet::new, |types| nondeterminism(&types.everywhere))
}

fn failure_errors_by_type(config: &WorkerConfig) -> HashMap<String, HashSet<WorkflowErrorType>> {
    let types = config.workflow_failure_error_types.as_ref();
    types.map_or_else(HashMap::new, |types| {
        let by_type = types.by_workflow_type.iter();
        by_type
            .map(|(workflow, names)| (workflow.clone(), nondeterminism(names)))
            .collect()
    })
}
