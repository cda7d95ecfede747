//! From what the user said to what the worker goes by.

use std::path::PathBuf;
use std::time::Duration;

use super::sizing::{Autoscaling, GivenSizes, ResourceBased, Sizes, settle};
use super::tuning::Rules;
use super::{CodecConfig, MemoryConfig, WorkerConfig, beside_its_file};
use crate::config::client::{self, ResolvedClient};
use crate::config::elements::activity_limits::{
    DEFAULT_HEARTBEAT_THROTTLE_DEFAULT, DefaultHeartbeatThrottleInterval,
    MAX_EAGER_RESERVATIONS_DEFAULT, MAX_HEARTBEAT_THROTTLE_DEFAULT, MaxActivitiesPerSecond,
    MaxEagerActivityReservations, MaxHeartbeatThrottleInterval, MaxTaskQueueActivitiesPerSecond,
};
use crate::config::elements::log::LOG_FILTER_DEFAULT;
use crate::config::elements::poller_behavior::PollerScaling;
use crate::config::elements::pollers::{
    ActivityPollers, NONSTICKY_TO_STICKY_POLL_RATIO_DEFAULT, NonstickyToStickyPollRatio,
    WorkflowPollers,
};
use crate::config::elements::slot_suppliers::SlotSupplierKind;
use crate::config::elements::slots::{ActivitySlots, LocalActivitySlots, WorkflowSlots};
use crate::config::elements::timeouts::{
    CONNECT_TIMEOUT_DEFAULT, ConnectTimeout, SHUTDOWN_GRACE_TIME_DEFAULT, STICKY_TIMEOUT_DEFAULT,
    ShutdownGraceTime, StickyQueueScheduleToStartTimeout, WORKFLOW_TIMEOUT_DEFAULT,
    WorkflowTimeout,
};
use crate::config::elements::{
    ActivityStore, Bundle, Context, DisablePayloadErrorLimit, EncodeCommonAttributes,
    FailureErrorTypes, HeapSnapshotDir, Identity, InactivePatches, Isolates, LogFilter, LogFormat,
    LogSinks, MaxCachedWorkflows, MaxHeapPerIsolate, MemoryLimit, ShareModules,
    ShowStackTraceSources, StackTraces, StatusAddr, TaskQueue, WorkerHeartbeatInterval, identity,
    status_addr, task_queue, worker_heartbeat,
};
use crate::config::environment::Surroundings;
use crate::config::error::ConfigErrors;
use crate::config::findings::{Findings, Taken};
use crate::config::given::{Given, WorkerFlags};
use crate::config::key::Element;
use crate::config::source::Setting;
use crate::engine::{ContextMode, ModuleSharing};

/// Which command asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `burdock worker` and `burdock config`.
    Worker,
    /// `burdock dev`: the server is its own, the task queue has a default, the bundle is optional.
    Dev,
}

/// Resolves every setting; all mistakes come together.
pub(super) fn resolve(
    flags: &WorkerFlags,
    surroundings: &Surroundings,
    purpose: Purpose,
) -> Result<WorkerConfig, ConfigErrors> {
    let mut given = Given::gather(flags, &surroundings.environment);
    let mut findings = Findings {
        errors: std::mem::take(&mut given.errors),
        ..Findings::default()
    };
    let config = Resolver {
        given: &given,
        surroundings,
        purpose,
        findings: &mut findings,
    }
    .resolve();
    match config {
        Some(mut config) if findings.errors.is_empty() => {
            check_plan(&config, &mut findings);
            if !findings.errors.is_empty() {
                return Err(ConfigErrors::new(findings.errors));
            }
            config.warnings = findings.warnings;
            Ok(config)
        }
        // Nothing comes back only where something was reported.
        _ => Err(ConfigErrors::new(findings.errors)),
    }
}

/// Divides a limit that was given, so that one that is too small is reported before anything starts. The limit that is
/// found later may be smaller, never larger.
fn check_plan(config: &WorkerConfig, findings: &mut Findings) {
    if let Some(limit) = config.memory_limit.value
        && let Err(error) = config.memory_plan(limit.0, 0)
    {
        findings.contradiction(
            format!("{} ({})", error.problem(), config.memory_limit.source),
            error.remedy(),
        );
    }
}

pub(super) struct Resolver<'a> {
    given: &'a Given,
    surroundings: &'a Surroundings,
    purpose: Purpose,
    pub(super) findings: &'a mut Findings,
}

impl Resolver<'_> {
    fn resolve(mut self) -> Option<WorkerConfig> {
        let bundle = self.take::<Bundle>();
        let known = self.findings.errors.len();
        let rules = self.rules();
        let sizes = self.sizes(!matches!(bundle, Taken::Absent), &rules);
        let tuning = self.tuning(rules, &sizes, known);
        let versioning = self.versioning();
        let bundle = self.bundle(bundle, &sizes);
        let task_queue = self.task_queue();
        let memory_limit = self
            .take::<MemoryLimit>()
            .optional(Some("detected when the worker starts"));
        let max_heap_per_isolate = self
            .take::<MaxHeapPerIsolate>()
            .optional(Some("its part of memory-heaps"));
        let memory = MemoryConfig::resolve(&mut self);
        let (default_throttle, max_throttle) = self.heartbeat_throttle();
        let client = self.client();
        let config = WorkerConfig {
            bundle,
            versioning,
            workflow_timeout: self.take::<WorkflowTimeout>().or(WORKFLOW_TIMEOUT_DEFAULT),
            context: self.take::<Context>().or(ContextMode::default()),
            share_modules: self.take::<ShareModules>().or(ModuleSharing::default()),
            workflow_failure_error_types: self
                .take::<FailureErrorTypes>()
                .optional(Some("failures of the SDK alone")),
            inactive_patches: self.take::<InactivePatches>().optional(Some("none")),
            stack_traces: self.take::<StackTraces>().or(StackTraces::default()),
            show_stack_trace_sources: self.take::<ShowStackTraceSources>().or(false),
            workflow_slots: sizes.workflow_slots,
            workflow_slot_supply: tuning.workflow_slot_supply,
            resource_targets: tuning.resource_targets,
            max_cached_workflows: sizes.max_cached_workflows,
            isolates: sizes.isolates,
            workflow_pollers: sizes.workflow_pollers,
            workflow_poller_scale: tuning.workflow_poller_scale,
            nonsticky_to_sticky_poll_ratio: self
                .take::<NonstickyToStickyPollRatio>()
                .or(NONSTICKY_TO_STICKY_POLL_RATIO_DEFAULT),
            sticky_queue_schedule_to_start_timeout: self
                .take::<StickyQueueScheduleToStartTimeout>()
                .or(STICKY_TIMEOUT_DEFAULT),
            memory_limit,
            max_heap_per_isolate,
            memory,
            activity_slots: sizes.activity_slots,
            activity_slot_supply: tuning.activity_slot_supply,
            local_activity_slots: sizes.local_activity_slots,
            local_activity_slot_supply: tuning.local_activity_slot_supply,
            activity_pollers: sizes.activity_pollers,
            activity_poller_scale: tuning.activity_poller_scale,
            max_activities_per_second: self
                .take::<MaxActivitiesPerSecond>()
                .optional(Some("no limit")),
            max_task_queue_activities_per_second: self
                .take::<MaxTaskQueueActivitiesPerSecond>()
                .optional(Some("no limit")),
            max_eager_activity_reservations_per_workflow_task: self
                .take::<MaxEagerActivityReservations>()
                .or(MAX_EAGER_RESERVATIONS_DEFAULT),
            default_heartbeat_throttle_interval: default_throttle,
            max_heartbeat_throttle_interval: max_throttle,
            encode_common_attributes: self.take::<EncodeCommonAttributes>().or(false),
            activity_store: self.activity_store(),
            codec: CodecConfig::resolve(self.given, self.findings),
            identity: self
                .take::<Identity>()
                .given()
                .unwrap_or_else(|| identity::default(self.surroundings)),
            worker_heartbeat_interval: self
                .take::<WorkerHeartbeatInterval>()
                .or(Some(worker_heartbeat::DEFAULT)),
            disable_payload_error_limit: self.take::<DisablePayloadErrorLimit>().or(false),
            connect_timeout: self.take::<ConnectTimeout>().or(CONNECT_TIMEOUT_DEFAULT),
            status_addr: self.take::<StatusAddr>().or(status_addr::DEFAULT),
            log_format: self.take::<LogFormat>().or(LogFormat::default()),
            log_filter: self.take::<LogFilter>().or(LOG_FILTER_DEFAULT.to_owned()),
            log_sinks: self.take::<LogSinks>().or_default(),
            heap_snapshot_dir: self.heap_snapshot_dir(),
            shutdown_grace_time: self
                .take::<ShutdownGraceTime>()
                .or(SHUTDOWN_GRACE_TIME_DEFAULT),
            warnings: Vec::new(),
            // These stand last: an early end before the other settings would hide mistakes.
            task_queue: task_queue?,
            client_rows: client.as_ref()?.rows.clone(),
            client: client?.config,
        };
        Some(config)
    }

    pub(super) fn file_is_broken(&self) -> bool {
        self.given.file_is_broken
    }

    pub(super) fn take<E: Element>(&mut self) -> Taken<E::Value> {
        self.findings.take::<E>(self.given)
    }

    fn sizes(&mut self, has_bundle: bool, rules: &Rules) -> Sizes {
        let taken = [
            self.take::<WorkflowSlots>(),
            self.take::<MaxCachedWorkflows>(),
            self.take::<Isolates>(),
            self.take::<WorkflowPollers>(),
            self.take::<ActivitySlots>(),
            self.take::<LocalActivitySlots>(),
            self.take::<ActivityPollers>(),
        ];
        let is_complete = !taken.iter().any(Taken::is_invalid);
        let [
            workflow_slots,
            max_cached_workflows,
            isolates,
            workflow_pollers,
            activity_slots,
            local_activity_slots,
            activity_pollers,
        ] = taken.map(Taken::given);
        let given = GivenSizes {
            workflow_slots,
            max_cached_workflows,
            isolates,
            workflow_pollers,
            activity_slots,
            local_activity_slots,
            activity_pollers,
            workflows_are_optional: self.purpose == Purpose::Dev && !has_bundle,
            resource_based: ResourceBased {
                workflows: *rules.workflow_supplier == SlotSupplierKind::ResourceBased,
                activities: *rules.activity_supplier == SlotSupplierKind::ResourceBased,
                local_activities: *rules.local_activity_supplier == SlotSupplierKind::ResourceBased,
            },
            autoscaling: Autoscaling {
                workflows: *rules.workflow_pollers == PollerScaling::Autoscaling,
                activities: *rules.activity_pollers == PollerScaling::Autoscaling,
            },
        };
        // With a wrong size in the place of a right one, contradictions would be made up.
        let mut unsure = Findings::default();
        let findings = if is_complete {
            &mut *self.findings
        } else {
            &mut unsure
        };
        settle(&given, findings)
    }

    fn bundle(&mut self, bundle: Taken<PathBuf>, sizes: &Sizes) -> Setting<Option<PathBuf>> {
        let is_absent = matches!(bundle, Taken::Absent) && !self.given.file_is_broken;
        let hosts_workflows = *sizes.workflow_slots > 0;
        if hosts_workflows && is_absent {
            let because = " while `workflow-slots` is above 0";
            self.findings
                .missing(&Bundle::KEY, because, "dist/workflow-bundle.js");
        }
        let Some(path) = bundle.given() else {
            return Setting::default_of(None);
        };
        if !hosts_workflows {
            self.findings.warn(format!(
                "`bundle` is given ({}), which has no effect: workflow-slots is 0",
                path.source
            ));
        }
        beside_its_file(path).map(Some)
    }

    fn task_queue(&mut self) -> Option<Setting<String>> {
        match (self.take::<TaskQueue>(), self.purpose) {
            (Taken::Valid(task_queue), _) => Some(task_queue),
            (Taken::Invalid, _) => None,
            (Taken::Absent, Purpose::Dev) => {
                Some(Setting::default_of(task_queue::DEV_DEFAULT.to_owned()))
            }
            (Taken::Absent, Purpose::Worker) => {
                if !self.given.file_is_broken {
                    self.findings.missing(&TaskQueue::KEY, "", "conversations");
                }
                None
            }
        }
    }

    fn activity_store(&mut self) -> Setting<ActivityStore> {
        let store = self.take::<ActivityStore>().or(ActivityStore::default());
        match store.value {
            ActivityStore::Memory => store,
            ActivityStore::File(path) => beside_its_file(Setting {
                value: path,
                source: store.source,
            })
            .map(ActivityStore::File),
        }
    }

    fn heap_snapshot_dir(&mut self) -> Setting<HeapSnapshotDir> {
        let folder = self.take::<HeapSnapshotDir>().or_default();
        match folder.value {
            HeapSnapshotDir::Off => folder,
            HeapSnapshotDir::Folder(path) => beside_its_file(Setting {
                value: path,
                source: folder.source,
            })
            .map(HeapSnapshotDir::Folder),
        }
    }

    fn heartbeat_throttle(&mut self) -> (Setting<Duration>, Setting<Duration>) {
        let default = self.take::<DefaultHeartbeatThrottleInterval>().given();
        let max = self
            .take::<MaxHeartbeatThrottleInterval>()
            .or(MAX_HEARTBEAT_THROTTLE_DEFAULT);
        let Some(default) = default else {
            let default = if max.value < DEFAULT_HEARTBEAT_THROTTLE_DEFAULT {
                Setting::derived(max.value, "as long as max-heartbeat-throttle-interval")
            } else {
                Setting::default_of(DEFAULT_HEARTBEAT_THROTTLE_DEFAULT)
            };
            return (default, max);
        };
        if default.value > max.value {
            self.findings.contradiction(
                format!(
                    "`default-heartbeat-throttle-interval` ({}) is longer than \
                     `max-heartbeat-throttle-interval` ({})",
                    default.source, max.source
                ),
                "shorten `default-heartbeat-throttle-interval` or lengthen \
                 `max-heartbeat-throttle-interval`",
            );
        }
        (default, max)
    }

    fn client(&mut self) -> Option<ResolvedClient> {
        match self.purpose {
            Purpose::Worker => {
                client::resolve(self.given, &self.surroundings.environment, self.findings)
            }
            Purpose::Dev => client::resolve_for_dev(self.given, self.findings),
        }
    }
}
