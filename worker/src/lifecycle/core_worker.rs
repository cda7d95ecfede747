//! sdk-core's worker from our configuration.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use temporalio_client::Connection;
use temporalio_common::telemetry::TelemetryOptions;
use temporalio_common::telemetry::metrics::CoreMeter;
use temporalio_common::worker::WorkerTaskTypes;
use temporalio_sdk_core::{
    CoreRuntime, RuntimeOptions, Worker, WorkerConfig as CoreWorkerConfig, WorkflowErrorType,
    init_worker,
};

use super::error::RunError;
use super::tuner::{CustomSuppliers, poller_behavior, tuner};
use super::versioning::versioning_strategy;
use crate::config::WorkerConfig;
use crate::config::elements::FailureErrorTypes;
use crate::governor::{GatedTuner, MemoryGovernor};
use crate::memory::MemoryPlan;

/// What sdk-core keeps for the process, with metrics going to `meter`. Its log events go to the worker's own
/// subscriber. Must be called inside of the tokio runtime.
pub(super) fn core_runtime(
    meter: Option<Arc<dyn CoreMeter>>,
    config: &WorkerConfig,
) -> Result<CoreRuntime, RunError> {
    let telemetry = TelemetryOptions::builder().maybe_metrics(meter).build();
    let options = RuntimeOptions::builder()
        .telemetry_options(telemetry)
        .heartbeat_interval(*config.worker_heartbeat_interval)
        .build()
        .map_err(RunError::Core)?;
    CoreRuntime::new_assume_tokio(options).map_err(|error| RunError::Core(format!("{error:#}")))
}

/// A worker that does not poll yet.
pub(super) fn core_worker(
    runtime: &CoreRuntime,
    config: &WorkerConfig,
    plan: &MemoryPlan,
    suppliers: &CustomSuppliers,
    governor: &MemoryGovernor,
    build_id: String,
    connection: Connection,
) -> Result<Worker, RunError> {
    let mut core_config = core_config(config, plan, suppliers, build_id)?;
    let tuner = GatedTuner::new(tuner(config, suppliers)?, governor.admission());
    core_config.tuner = Some(Arc::new(tuner));
    init_worker(runtime, core_config, connection)
        .map_err(|error| RunError::Core(format!("{error:#}")))
}

fn core_config(
    config: &WorkerConfig,
    plan: &MemoryPlan,
    suppliers: &CustomSuppliers,
    build_id: String,
) -> Result<CoreWorkerConfig, RunError> {
    CoreWorkerConfig::builder()
        .namespace(config.client.namespace.clone())
        .task_queue(config.task_queue.to_string())
        .client_identity_override(config.identity.to_string())
        .max_cached_workflows(plan.max_cached_workflows)
        .maybe_workflow_task_poller_behavior(poller_behavior(
            &config.workflow_pollers,
            &config.workflow_poller_scale,
        ))
        .maybe_activity_task_poller_behavior(poller_behavior(
            &config.activity_pollers,
            &config.activity_poller_scale,
        ))
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
        .disable_payload_error_limit(*config.disable_payload_error_limit)
        // Runs die with the isolates anyway; nobody waits for hundreds of evictions.
        .ignore_evicts_on_shutdown(true)
        .graceful_shutdown_period(*config.shutdown_grace_time)
        .workflow_failure_errors(workflow_failure_errors(config))
        .workflow_types_to_failure_errors(failure_errors_by_type(config))
        .tuner(Arc::new(tuner(config, suppliers)?))
        .versioning_strategy(versioning_strategy(&config.versioning, build_id))
        .build()
        .map_err(RunError::Core)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::lifecycle::test_config::config;

    fn core(line: &[&str]) -> CoreWorkerConfig {
        let config = config(line);
        let plan = config.memory_plan(1 << 30, 0).unwrap();
        core_config(&config, &plan, &CustomSuppliers::default(), "b".to_owned()).unwrap()
    }

    #[test]
    fn rates_and_timeouts_reach_core() {
        let core = core(&[
            "--max-activities-per-second=2.5",
            "--max-task-queue-activities-per-second=7",
            "--max-eager-activity-reservations-per-workflow-task=0",
            "--sticky-queue-schedule-to-start-timeout=3s",
            "--max-heartbeat-throttle-interval=9s",
            "--default-heartbeat-throttle-interval=8s",
            "--nonsticky-to-sticky-poll-ratio=0.5",
            "--shutdown-grace-time=4s",
            "--disable-payload-error-limit",
        ]);
        let seconds = Duration::from_secs;
        assert_eq!(core.max_worker_activities_per_second, Some(2.5));
        assert_eq!(core.max_task_queue_activities_per_second, Some(7.0));
        assert_eq!(core.max_eager_activity_reservations_per_workflow_task, 0);
        assert_eq!(core.sticky_queue_schedule_to_start_timeout, seconds(3));
        assert_eq!(core.max_heartbeat_throttle_interval, seconds(9));
        assert_eq!(core.default_heartbeat_throttle_interval, seconds(8));
        assert_eq!(core.nonsticky_to_sticky_poll_ratio, 0.5);
        assert_eq!(core.graceful_shutdown_period, Some(seconds(4)));
        assert!(core.disable_payload_error_limit);
    }

    #[test]
    fn without_settings_core_gets_the_defaults_of_the_node_worker() {
        let core = core(&[]);
        let seconds = Duration::from_secs;
        assert_eq!(core.max_worker_activities_per_second, None);
        assert_eq!(core.max_task_queue_activities_per_second, None);
        assert_eq!(core.max_eager_activity_reservations_per_workflow_task, 3);
        assert_eq!(core.sticky_queue_schedule_to_start_timeout, seconds(10));
        assert_eq!(core.max_heartbeat_throttle_interval, seconds(60));
        assert_eq!(core.default_heartbeat_throttle_interval, seconds(30));
        assert_eq!(core.nonsticky_to_sticky_poll_ratio, 0.2);
        assert!(!core.disable_payload_error_limit);
        assert!(core.tuner.is_some());
    }

    #[test]
    fn the_cache_is_as_large_as_the_plan_says_unless_it_was_said() {
        let planned = config(&[]).memory_plan(1 << 30, 0).unwrap();
        assert_eq!(core(&[]).max_cached_workflows, planned.max_cached_workflows);
        assert_eq!(core(&["--max-cached-workflows=9"]).max_cached_workflows, 9);
        assert_eq!(core(&["--max-cached-workflows=0"]).max_cached_workflows, 0);
        assert_eq!(core(&["--workflow-slots=0"]).max_cached_workflows, 0);
    }

    #[test]
    fn what_is_off_is_not_polled_for() {
        let types = core(&["--workflow-slots=0"]).task_types;
        assert!(!types.enable_workflows && !types.enable_local_activities);
        assert!(types.enable_remote_activities && !types.enable_nexus);
    }

    #[tokio::test]
    async fn the_heartbeat_interval_is_one_that_core_takes() {
        for interval in ["1s", "60s", "off"] {
            let flag = format!("--worker-heartbeat-interval={interval}");
            assert!(core_runtime(None, &config(&[&flag])).is_ok(), "{interval}");
        }
    }
}
