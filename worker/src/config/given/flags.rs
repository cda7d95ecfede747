//! The flags of `burdock worker`, as text.
//!
//! The command-line parser checks names alone. Values are read by their elements together with
//! those of variables and file, so that all mistakes come at once.

use std::fmt;

use clap::Args;

use super::{Entry, Layer};
use crate::config::source::Source;

/// A text that `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The flags of `burdock worker`. Each field holds what was typed.
///
/// Every setting may also stand in burdock.toml under the flag's name, or in the environment:
/// BURDOCK_MAX_CACHED_WORKFLOWS for --max-cached-workflows, and TEMPORAL_ADDRESS and the like for
/// the connection.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(allow_negative_numbers = true)]
pub struct WorkerFlags {
    /// A TOML file with any of these settings under the same names [env: BURDOCK_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,

    /// The workflow bundle that `bundleWorkflowCode` of npm `@temporalio/worker` wrote
    /// [required when --workflow-slots is above 0]
    #[arg(long, value_name = "FILE", help_heading = "Workflows")]
    pub bundle: Option<String>,

    /// The build id that the worker reports [default: derived from the bundle]
    #[arg(long, value_name = "ID", help_heading = "Workflows")]
    pub build_id: Option<String>,

    /// The deployment that this worker is a version of [default: none]
    #[arg(long, value_name = "NAME", help_heading = "Workflows")]
    pub deployment_name: Option<String>,

    /// Whether the server gives this worker only workflows of its version [default: false]
    #[arg(long, value_name = "true|false", help_heading = "Workflows", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub use_worker_versioning: Option<String>,

    /// pinned or auto-upgrade, for workflows that name none [required with --use-worker-versioning]
    #[arg(long, value_name = "BEHAVIOR", help_heading = "Workflows")]
    pub default_versioning_behavior: Option<String>,

    /// The older versioning by --build-id alone, which servers have given up [default: false]
    #[arg(long, value_name = "true|false", help_heading = "Workflows", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub use_versioning: Option<String>,

    /// Stops an entry into workflow code that runs longer; its workflow task fails [default: 5s]
    #[arg(long, value_name = "DURATION", help_heading = "Workflows")]
    pub workflow_timeout: Option<String>,

    /// Which runs share a V8 context: `shared` for all of an isolate, `per-workflow` for none [default: shared]
    #[arg(long, value_name = "MODE", help_heading = "Workflows")]
    pub context: Option<String>,

    /// Errors that fail a workflow instead of its task: class names, or `WORKFLOW_TYPE:ERROR`, separated by commas
    #[arg(long, value_name = "ERRORS", help_heading = "Workflows")]
    pub workflow_failure_error_types: Option<String>,

    /// Patches that new code does not activate yet, separated by commas
    #[arg(long, value_name = "IDS", help_heading = "Workflows")]
    pub inactive_patches: Option<String>,

    /// When the place of each promise is noted for stack trace queries: off, on-demand or always [default: on-demand]
    #[arg(long, value_name = "WHEN", help_heading = "Workflows")]
    pub stack_traces: Option<String>,

    /// Whether enhanced stack traces hold the texts of sources [default: false]
    #[arg(long, value_name = "BOOL", help_heading = "Workflows")]
    pub show_stack_trace_sources: Option<String>,

    /// Workflow tasks at a time; 0 switches workflow hosting off [default: 40]
    #[arg(long, value_name = "N", help_heading = "Slots and cache")]
    pub workflow_slots: Option<String>,

    /// fixed-size or resource-based; then --workflow-slots is the most there are [default: fixed-size]
    #[arg(long, value_name = "SUPPLIER", help_heading = "Slots and cache")]
    pub workflow_slot_supplier: Option<String>,

    /// Slots that a resource-based supplier always hands out [default: 2]
    #[arg(long, value_name = "N", help_heading = "Slots and cache")]
    pub min_workflow_slots: Option<String>,

    /// Pause of a resource-based supplier between two slots above the minimum [default: 10ms]
    #[arg(long, value_name = "DURATION", help_heading = "Slots and cache")]
    pub workflow_slot_ramp_throttle: Option<String>,

    /// Share of the memory that resource-based suppliers aim at [required with one of them]
    #[arg(long, value_name = "SHARE", help_heading = "Slots and cache")]
    pub target_memory_usage: Option<String>,

    /// Share of the processors that resource-based suppliers aim at [required with one of them]
    #[arg(long, value_name = "SHARE", help_heading = "Slots and cache")]
    pub target_cpu_usage: Option<String>,

    /// Workflow runs kept in memory; 0 switches the cache off [default: as many as fit --memory-limit]
    #[arg(long, value_name = "N", help_heading = "Slots and cache")]
    pub max_cached_workflows: Option<String>,

    /// V8 isolates, each on its own thread, from 1 to 64 [default: 2]
    #[arg(long, value_name = "N", help_heading = "Slots and cache")]
    pub isolates: Option<String>,

    /// Concurrent polls for workflow tasks [default: 10, at most --workflow-slots]
    #[arg(long, value_name = "N", help_heading = "Slots and cache")]
    pub workflow_pollers: Option<String>,

    /// simple-maximum or autoscaling; then --workflow-pollers is the most there are [default: simple-maximum]
    #[arg(long, value_name = "BEHAVIOR", help_heading = "Slots and cache")]
    pub workflow_poller_behavior: Option<String>,

    /// Fewest polls under autoscaling [default: 1]
    #[arg(long, value_name = "N", help_heading = "Slots and cache")]
    pub min_workflow_pollers: Option<String>,

    /// Polls to begin with under autoscaling [default: 5]
    #[arg(long, value_name = "N", help_heading = "Slots and cache")]
    pub initial_workflow_pollers: Option<String>,

    /// Share of the workflow pollers for the normal queue while the cache is on [default: 0.2]
    #[arg(long, value_name = "SHARE", help_heading = "Slots and cache")]
    pub nonsticky_to_sticky_poll_ratio: Option<String>,

    /// How long a workflow task waits for this worker before any worker may take it [default: 10s]
    #[arg(long, value_name = "DURATION", help_heading = "Slots and cache")]
    pub sticky_queue_schedule_to_start_timeout: Option<String>,

    /// Memory that the process may take, for example 4GiB [default: detected]
    #[arg(long, value_name = "SIZE", help_heading = "Slots and cache")]
    pub memory_limit: Option<String>,

    /// Part of the limit for the process itself: bundle, mappings, threads [default: 72MiB and twice the bundle]
    #[arg(long, value_name = "SIZE|PERCENT", help_heading = "Slots and cache")]
    pub memory_base: Option<String>,

    /// Part of the limit for sdk-core and activities [default: 6%, at least 16MiB]
    #[arg(long, value_name = "SIZE|PERCENT", help_heading = "Slots and cache")]
    pub memory_core: Option<String>,

    /// Part of the limit for the V8 heaps of all isolates [default: the rest]
    #[arg(long, value_name = "SIZE|PERCENT", help_heading = "Slots and cache")]
    pub memory_heaps: Option<String>,

    /// Part of the limit that the allocator keeps without using it [default: 6%, at least 8MiB]
    #[arg(long, value_name = "SIZE|PERCENT", help_heading = "Slots and cache")]
    pub memory_slack: Option<String>,

    /// Part of the limit that stays free [default: 10%]
    #[arg(long, value_name = "SIZE|PERCENT", help_heading = "Slots and cache")]
    pub memory_reserve: Option<String>,

    /// Heap that one isolate may take, for example 1GiB [default: its part of --memory-heaps, at most 4GiB]
    #[arg(long, value_name = "SIZE", help_heading = "Slots and cache")]
    pub max_heap_per_isolate: Option<String>,

    /// Live bytes that cached runs may hold together [default: about half of --memory-heaps]
    #[arg(long, value_name = "SIZE", help_heading = "Slots and cache")]
    pub cache_memory: Option<String>,

    /// Live bytes that one run may hold, or off [default: 64MiB, at most half of an isolate's heap]
    #[arg(long, value_name = "SIZE|off", help_heading = "Slots and cache")]
    pub workflow_memory_budget: Option<String>,

    /// What becomes of a run over its budget: warn, evict or fail-task [default: evict]
    #[arg(long, value_name = "POLICY", help_heading = "Slots and cache")]
    pub workflow_memory_budget_policy: Option<String>,

    /// How often a run may pass its budget before its tasks are no longer tried [default: 3]
    #[arg(long, value_name = "N", help_heading = "Slots and cache")]
    pub workflow_memory_budget_tries: Option<String>,

    /// Resident part of the limit from which idle runs are evicted and heaps collected [default: 70%]
    #[arg(long, value_name = "PERCENT", help_heading = "Slots and cache")]
    pub pressure_elevated: Option<String>,

    /// Resident part of the limit from which no new workflow tasks are taken [default: 80%]
    #[arg(long, value_name = "PERCENT", help_heading = "Slots and cache")]
    pub pressure_high: Option<String>,

    /// Resident part of the limit from which the entry that takes memory is stopped [default: 88%]
    #[arg(long, value_name = "PERCENT", help_heading = "Slots and cache")]
    pub pressure_critical: Option<String>,

    /// Activity tasks at a time; 0 switches activities off [default: 100]
    #[arg(long, value_name = "N", help_heading = "Activities")]
    pub activity_slots: Option<String>,

    /// fixed-size or resource-based; then --activity-slots is the most there are [default: fixed-size]
    #[arg(long, value_name = "SUPPLIER", help_heading = "Activities")]
    pub activity_slot_supplier: Option<String>,

    /// Slots that a resource-based supplier always hands out [default: 1]
    #[arg(long, value_name = "N", help_heading = "Activities")]
    pub min_activity_slots: Option<String>,

    /// Pause of a resource-based supplier between two slots above the minimum [default: 50ms]
    #[arg(long, value_name = "DURATION", help_heading = "Activities")]
    pub activity_slot_ramp_throttle: Option<String>,

    /// Local activities at a time; 0 switches them off [default: 100]
    #[arg(long, value_name = "N", help_heading = "Activities")]
    pub local_activity_slots: Option<String>,

    /// fixed-size or resource-based; then --local-activity-slots is the most there are [default: fixed-size]
    #[arg(long, value_name = "SUPPLIER", help_heading = "Activities")]
    pub local_activity_slot_supplier: Option<String>,

    /// Slots that a resource-based supplier always hands out [default: 1]
    #[arg(long, value_name = "N", help_heading = "Activities")]
    pub min_local_activity_slots: Option<String>,

    /// Pause of a resource-based supplier between two slots above the minimum [default: 50ms]
    #[arg(long, value_name = "DURATION", help_heading = "Activities")]
    pub local_activity_slot_ramp_throttle: Option<String>,

    /// Concurrent polls for activity tasks [default: 10, at most --activity-slots]
    #[arg(long, value_name = "N", help_heading = "Activities")]
    pub activity_pollers: Option<String>,

    /// simple-maximum or autoscaling; then --activity-pollers is the most there are [default: simple-maximum]
    #[arg(long, value_name = "BEHAVIOR", help_heading = "Activities")]
    pub activity_poller_behavior: Option<String>,

    /// Fewest polls under autoscaling [default: 1]
    #[arg(long, value_name = "N", help_heading = "Activities")]
    pub min_activity_pollers: Option<String>,

    /// Polls to begin with under autoscaling [default: 5]
    #[arg(long, value_name = "N", help_heading = "Activities")]
    pub initial_activity_pollers: Option<String>,

    /// Activities per second that this worker takes [default: no limit]
    #[arg(long, value_name = "RATE", help_heading = "Activities")]
    pub max_activities_per_second: Option<String>,

    /// Activities per second that the server hands out from the whole queue [default: no limit]
    #[arg(long, value_name = "RATE", help_heading = "Activities")]
    pub max_task_queue_activities_per_second: Option<String>,

    /// Activity slots that a completed workflow task may reserve; 0 switches eager activities off
    /// [default: 3]
    #[arg(long, value_name = "N", help_heading = "Activities")]
    pub max_eager_activity_reservations_per_workflow_task: Option<String>,

    /// Pause between heartbeats to the server for activities without heartbeat timeout [default: 30s]
    #[arg(long, value_name = "DURATION", help_heading = "Activities")]
    pub default_heartbeat_throttle_interval: Option<String>,

    /// Longest pause between heartbeats to the server [default: 60s]
    #[arg(long, value_name = "DURATION", help_heading = "Activities")]
    pub max_heartbeat_throttle_interval: Option<String>,

    /// Whether messages of failures of activities in Rust are payloads, for codecs to hide [default: false]
    #[arg(long, value_name = "true|false", help_heading = "Activities", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub encode_common_attributes: Option<String>,

    /// SQLite file of the built-in conversation activities [default: :memory:]
    #[arg(long, value_name = "FILE", help_heading = "Activities")]
    pub activity_store: Option<String>,

    /// A server that encodes and decodes payloads by Temporal's remote codec protocol; {namespace} in it is filled in
    #[arg(long, value_name = "URL", help_heading = "Payload codecs")]
    pub codec_endpoint: Option<String>,

    /// Authorization header for the codec server; other users of the machine can see flags, so prefer BURDOCK_CODEC_AUTH
    #[arg(long, value_name = "TEXT", help_heading = "Payload codecs")]
    pub codec_auth: Option<SecretText>,

    /// Keys that payloads are encrypted with, as Temporal's samples do; the first key encrypts, the others decrypt old
    /// payloads; a key is base64 or hex; prefer BURDOCK_CODEC_AES_GCM_KEY
    #[arg(long, value_name = "NAME:KEY,..", help_heading = "Payload codecs")]
    pub codec_aes_gcm_key: Option<SecretText>,

    /// How long one call of a payload codec may take [default: 5s]
    #[arg(long, value_name = "DURATION", help_heading = "Payload codecs")]
    pub codec_timeout: Option<String>,

    /// The task queue to poll [required; `burdock dev`: burdock-dev]
    #[arg(long, value_name = "NAME", help_heading = "Connection")]
    pub task_queue: Option<String>,

    /// Who this worker is to the server [default: process id@host name]
    #[arg(long, value_name = "NAME", help_heading = "Connection")]
    pub identity: Option<String>,

    /// Pause between the worker's own heartbeats to the server, from 1s to 60s, or off [default: 60s]
    #[arg(long, value_name = "DURATION|off", help_heading = "Connection")]
    pub worker_heartbeat_interval: Option<String>,

    /// Whether payloads beyond the server's limits are sent all the same [default: false]
    #[arg(long, value_name = "true|false", help_heading = "Connection", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub disable_payload_error_limit: Option<String>,

    /// The Temporal server; `https://HOST` switches TLS on [default: localhost:7233]
    #[arg(long, value_name = "HOST:PORT", help_heading = "Connection")]
    pub address: Option<String>,

    /// The namespace [default: default]
    #[arg(long, value_name = "NAME", help_heading = "Connection")]
    pub namespace: Option<String>,

    /// The API key; other users of the machine can see flags, so prefer TEMPORAL_API_KEY
    #[arg(long, value_name = "KEY", help_heading = "Connection")]
    pub api_key: Option<SecretText>,

    /// Whether the connection is encrypted [default: on with an API key, TLS settings or an https address]
    #[arg(long, value_name = "true|false", help_heading = "Connection", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub tls: Option<String>,

    /// The name in the server's certificate [default: the host of --address]
    #[arg(long, value_name = "NAME", help_heading = "Connection")]
    pub tls_server_name: Option<String>,

    /// The authority that signed the server's certificate (PEM) [default: the system's]
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    pub tls_ca_path: Option<String>,

    /// The client's certificate for mutual TLS (PEM)
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    pub tls_cert_path: Option<String>,

    /// The client's private key for mutual TLS (PEM)
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    pub tls_key_path: Option<String>,

    /// The profile in temporal.toml [default: default]
    #[arg(long, value_name = "NAME", help_heading = "Connection")]
    pub profile: Option<String>,

    /// The temporal.toml to read [default: temporalio/temporal.toml in the user's configuration folder]
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    pub temporal_config: Option<String>,

    /// How long to try to reach the server before ending [default: 60s]
    #[arg(long, value_name = "DURATION", help_heading = "Connection")]
    pub connect_timeout: Option<String>,

    /// Where /status, /live, /ready and /metrics are served [default: 127.0.0.1:8077]
    #[arg(long, value_name = "IP:PORT|off", help_heading = "Observability")]
    pub status_addr: Option<String>,

    /// auto, text or json; auto is text on a terminal [default: auto]
    #[arg(long, value_name = "FORMAT", help_heading = "Observability")]
    pub log_format: Option<String>,

    /// Log levels by module, for example info,burdock_worker=debug [default: info]
    #[arg(long, value_name = "FILTER", help_heading = "Observability")]
    pub log_filter: Option<String>,

    /// Sinks of workflow code whose calls are logged, with commas between; * is every sink [default: none]
    #[arg(long, value_name = "NAMES", help_heading = "Observability")]
    pub log_sinks: Option<String>,

    /// Folder that heap snapshots are written to, or `off` [default: the working folder]
    #[arg(long, value_name = "FOLDER", help_heading = "Observability")]
    pub heap_snapshot_dir: Option<String>,

    /// How long work in flight may go on after the first signal [default: 10s]
    #[arg(long, value_name = "DURATION", help_heading = "Shutdown")]
    pub shutdown_grace_time: Option<String>,
}

impl WorkerFlags {
    /// The flags that were given, by the key's name.
    pub(super) fn layer(&self) -> Layer {
        let api_key = self.api_key.as_ref().map(|key| &key.0);
        let codec_auth = self.codec_auth.as_ref().map(|text| &text.0);
        let codec_aes_gcm_key = self.codec_aes_gcm_key.as_ref().map(|keys| &keys.0);
        let flags = [
            ("bundle", self.bundle.as_ref()),
            ("build-id", self.build_id.as_ref()),
            ("deployment-name", self.deployment_name.as_ref()),
            ("use-worker-versioning", self.use_worker_versioning.as_ref()),
            (
                "default-versioning-behavior",
                self.default_versioning_behavior.as_ref(),
            ),
            ("use-versioning", self.use_versioning.as_ref()),
            ("workflow-timeout", self.workflow_timeout.as_ref()),
            ("context", self.context.as_ref()),
            (
                "workflow-failure-error-types",
                self.workflow_failure_error_types.as_ref(),
            ),
            ("inactive-patches", self.inactive_patches.as_ref()),
            ("stack-traces", self.stack_traces.as_ref()),
            (
                "show-stack-trace-sources",
                self.show_stack_trace_sources.as_ref(),
            ),
            ("workflow-slots", self.workflow_slots.as_ref()),
            (
                "workflow-slot-supplier",
                self.workflow_slot_supplier.as_ref(),
            ),
            ("min-workflow-slots", self.min_workflow_slots.as_ref()),
            (
                "workflow-slot-ramp-throttle",
                self.workflow_slot_ramp_throttle.as_ref(),
            ),
            ("target-memory-usage", self.target_memory_usage.as_ref()),
            ("target-cpu-usage", self.target_cpu_usage.as_ref()),
            ("max-cached-workflows", self.max_cached_workflows.as_ref()),
            ("isolates", self.isolates.as_ref()),
            ("workflow-pollers", self.workflow_pollers.as_ref()),
            (
                "workflow-poller-behavior",
                self.workflow_poller_behavior.as_ref(),
            ),
            ("min-workflow-pollers", self.min_workflow_pollers.as_ref()),
            (
                "initial-workflow-pollers",
                self.initial_workflow_pollers.as_ref(),
            ),
            (
                "nonsticky-to-sticky-poll-ratio",
                self.nonsticky_to_sticky_poll_ratio.as_ref(),
            ),
            (
                "sticky-queue-schedule-to-start-timeout",
                self.sticky_queue_schedule_to_start_timeout.as_ref(),
            ),
            ("memory-limit", self.memory_limit.as_ref()),
            ("memory-base", self.memory_base.as_ref()),
            ("memory-core", self.memory_core.as_ref()),
            ("memory-heaps", self.memory_heaps.as_ref()),
            ("memory-slack", self.memory_slack.as_ref()),
            ("memory-reserve", self.memory_reserve.as_ref()),
            ("max-heap-per-isolate", self.max_heap_per_isolate.as_ref()),
            ("cache-memory", self.cache_memory.as_ref()),
            (
                "workflow-memory-budget",
                self.workflow_memory_budget.as_ref(),
            ),
            (
                "workflow-memory-budget-policy",
                self.workflow_memory_budget_policy.as_ref(),
            ),
            (
                "workflow-memory-budget-tries",
                self.workflow_memory_budget_tries.as_ref(),
            ),
            ("pressure-elevated", self.pressure_elevated.as_ref()),
            ("pressure-high", self.pressure_high.as_ref()),
            ("pressure-critical", self.pressure_critical.as_ref()),
            ("activity-slots", self.activity_slots.as_ref()),
            (
                "activity-slot-supplier",
                self.activity_slot_supplier.as_ref(),
            ),
            ("min-activity-slots", self.min_activity_slots.as_ref()),
            (
                "activity-slot-ramp-throttle",
                self.activity_slot_ramp_throttle.as_ref(),
            ),
            ("local-activity-slots", self.local_activity_slots.as_ref()),
            (
                "local-activity-slot-supplier",
                self.local_activity_slot_supplier.as_ref(),
            ),
            (
                "min-local-activity-slots",
                self.min_local_activity_slots.as_ref(),
            ),
            (
                "local-activity-slot-ramp-throttle",
                self.local_activity_slot_ramp_throttle.as_ref(),
            ),
            ("activity-pollers", self.activity_pollers.as_ref()),
            (
                "activity-poller-behavior",
                self.activity_poller_behavior.as_ref(),
            ),
            ("min-activity-pollers", self.min_activity_pollers.as_ref()),
            (
                "initial-activity-pollers",
                self.initial_activity_pollers.as_ref(),
            ),
            (
                "max-activities-per-second",
                self.max_activities_per_second.as_ref(),
            ),
            (
                "max-task-queue-activities-per-second",
                self.max_task_queue_activities_per_second.as_ref(),
            ),
            (
                "max-eager-activity-reservations-per-workflow-task",
                self.max_eager_activity_reservations_per_workflow_task
                    .as_ref(),
            ),
            (
                "default-heartbeat-throttle-interval",
                self.default_heartbeat_throttle_interval.as_ref(),
            ),
            (
                "max-heartbeat-throttle-interval",
                self.max_heartbeat_throttle_interval.as_ref(),
            ),
            (
                "encode-common-attributes",
                self.encode_common_attributes.as_ref(),
            ),
            ("activity-store", self.activity_store.as_ref()),
            ("codec-endpoint", self.codec_endpoint.as_ref()),
            ("codec-auth", codec_auth),
            ("codec-aes-gcm-key", codec_aes_gcm_key),
            ("codec-timeout", self.codec_timeout.as_ref()),
            ("task-queue", self.task_queue.as_ref()),
            ("identity", self.identity.as_ref()),
            (
                "worker-heartbeat-interval",
                self.worker_heartbeat_interval.as_ref(),
            ),
            (
                "disable-payload-error-limit",
                self.disable_payload_error_limit.as_ref(),
            ),
            ("address", self.address.as_ref()),
            ("namespace", self.namespace.as_ref()),
            ("api-key", api_key),
            ("tls", self.tls.as_ref()),
            ("tls-server-name", self.tls_server_name.as_ref()),
            ("tls-ca-path", self.tls_ca_path.as_ref()),
            ("tls-cert-path", self.tls_cert_path.as_ref()),
            ("tls-key-path", self.tls_key_path.as_ref()),
            ("profile", self.profile.as_ref()),
            ("temporal-config", self.temporal_config.as_ref()),
            ("connect-timeout", self.connect_timeout.as_ref()),
            ("status-addr", self.status_addr.as_ref()),
            ("log-format", self.log_format.as_ref()),
            ("log-filter", self.log_filter.as_ref()),
            ("log-sinks", self.log_sinks.as_ref()),
            ("heap-snapshot-dir", self.heap_snapshot_dir.as_ref()),
            ("shutdown-grace-time", self.shutdown_grace_time.as_ref()),
        ];
        flags
            .into_iter()
            .filter_map(|(name, text)| Some((name, text?.clone())))
            .map(|(name, text)| {
                let source = Source::Flag(name);
                (name, Entry { text, source })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::elements::{KEYS, key};

    fn arguments() -> Vec<clap::Arg> {
        let command = WorkerFlags::augment_args(clap::Command::new("worker"));
        command.get_arguments().cloned().collect()
    }

    #[test]
    fn every_setting_has_a_flag_and_every_flag_but_config_a_setting() {
        let flags: BTreeSet<_> = arguments()
            .iter()
            .filter_map(|argument| argument.get_long().map(str::to_owned))
            .filter(|name| name != "config")
            .collect();
        let keys: BTreeSet<_> = KEYS.iter().map(|key| key.name.to_owned()).collect();
        assert_eq!(flags, keys);
    }

    #[test]
    fn every_flag_stands_under_the_heading_of_its_setting() {
        for argument in arguments() {
            let Some(key) = argument.get_long().and_then(key) else {
                continue;
            };
            assert_eq!(argument.get_help_heading(), Some(key.group.heading()));
        }
    }

    #[test]
    fn every_flag_reaches_its_setting() {
        let line = KEYS.map(|key| format!("--{}={}-text", key.name, key.name));
        let command = WorkerFlags::augment_args(clap::Command::new("worker"));
        let matches = command
            .no_binary_name(true)
            .try_get_matches_from(line)
            .unwrap();
        let flags = <WorkerFlags as clap::FromArgMatches>::from_arg_matches(&matches).unwrap();
        let layer = flags.layer();
        for key in KEYS {
            let entry = &layer[key.name];
            assert_eq!(entry.text, format!("{}-text", key.name));
            assert_eq!(entry.source, Source::Flag(key.name));
        }
    }
}
