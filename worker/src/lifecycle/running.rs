//! A worker that is connected: it polls, and drains when it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use burdock_activities::{ActivityDispatcher, DispatchOptions};
use burdock_bundle::Bundle;
use burdock_codecs::{ActivityCodecs, CodecChain, WorkflowCodecs};
use temporalio_client::{Connection, ConnectionOptions};
use temporalio_sdk_core::Worker;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::codecs::codec_chain;
use super::connection::{ATTEMPT_TIMEOUT, Patience};
use super::core_worker::core_worker;
use super::error::RunError;
use super::extensions::WorkerExtensions;
use super::isolates::{heap_limit, isolate_settings, start_isolates};
use super::observed::Observed;
use super::second_try::SecondTries;
use super::shutdown::Signals;
use super::stack_trace_queries::StackTraceQueries;
use super::state::WorkerState;
use super::tuner::refuse_both;
use super::workflow_polling::WorkflowPolling;
use crate::config::WorkerConfig;
use crate::config::elements::StackTraces;
use crate::engine::IsolateSettings;
use crate::governor::MemoryGovernor;
use crate::hosting::IsolatePool;
use crate::memory::MemoryPlan;
use crate::replay::Server;
use crate::sinks::{Sinks, WorkflowMetrics};
use crate::status::RunState;

/// What sdk-core needs beyond the grace time to report what it cancelled.
const DRAIN_MARGIN: Duration = Duration::from_secs(5);
/// How often and how long to wait for a part that a status reading still holds.
const OWNER_TRIES_MAX: usize = 300;
const OWNER_PAUSE: Duration = Duration::from_millis(10);
/// The name under which the server and other workers know bundles of the TypeScript SDK (contract 1.8).
const SDK_NAME: &str = "temporal-typescript";

/// A worker that is connected and has its isolates.
pub(super) struct Running {
    plan: Arc<MemoryPlan>,
    core: Arc<Worker>,
    pub(super) connection: Connection,
    pool: Option<Arc<IsolatePool>>,
    governor: Arc<MemoryGovernor>,
    isolate_settings: Option<IsolateSettings>,
    extensions: WorkerExtensions,
    codecs: CodecChain,
    sinks: Arc<Sinks>,
}

impl Running {
    pub(super) async fn start(
        config: &WorkerConfig,
        extensions: WorkerExtensions,
        state: &Arc<WorkerState>,
        observed: &Observed,
    ) -> Result<Self, RunError> {
        refuse_both(config, &extensions.slot_suppliers)?;
        let sinks = extensions.sink_registry(config)?;
        let bundle = match config.bundle.as_ref().filter(|_| config.hosts_workflows()) {
            Some(path) => Some(Arc::new(Bundle::load(path)?)),
            None => None,
        };
        let codecs = codec_chain(config, &extensions)?;
        let build_id = build_id(config, bundle.as_deref());
        let address = config.client.target.to_string();
        let mut patience = Patience::new(state, address, *config.connect_timeout);
        let isolate_settings = bundle
            .clone()
            .map(|bundle| isolate_settings(config, bundle, &extensions, &observed.plan));
        // The isolates load the bundle while the connection is made.
        let (pool, connection) = tokio::try_join!(
            start_isolates(
                config,
                state,
                isolate_settings.as_ref(),
                &build_id,
                &observed.plan
            ),
            patience.connect(connection_options(config, bundle.as_deref())),
        )?;
        let governor = Arc::new(MemoryGovernor::new(
            &observed.plan,
            config.memory.pressure_thresholds(observed.plan.limit_bytes),
            config.memory.budget(&observed.plan),
        ));
        let core = Arc::new(core_worker(
            &observed.runtime,
            config,
            &observed.plan,
            &extensions.slot_suppliers,
            &governor,
            build_id,
            connection.clone(),
        )?);
        patience.validate(&core).await?;
        governor.set_core(&core);
        state.set_core(Arc::clone(&core));
        state.set_governor(Arc::clone(&governor));
        state.set_memory_plan(&observed.plan);
        let meter = observed.runtime.telemetry().get_metric_meter();
        Ok(Self {
            plan: Arc::clone(&observed.plan),
            core,
            connection,
            pool,
            governor,
            isolate_settings,
            extensions,
            sinks: Arc::new(Sinks::new(
                WorkflowMetrics::new(meter),
                sinks,
                config.log_sinks.value.clone(),
            )),
            codecs,
        })
    }

    /// Polls until a signal comes, or until a part of the worker fails, then drains.
    pub(super) async fn serve(
        self,
        config: &WorkerConfig,
        state: &Arc<WorkerState>,
        mut signals: Signals,
    ) -> Result<(), RunError> {
        let mut workflows = self.poll_workflows(config, state);
        let mut activities = self.poll_activities(config, state);
        let watching = self.watch_memory();
        state.set_run_state(RunState::Running);
        tracing::info!(
            task_queue = *config.task_queue,
            namespace = config.client.namespace,
            "polling"
        );
        let failure = tokio::select! {
            name = signals.next() => {
                tracing::info!(signal = name, "draining");
                None
            }
            reason = self.governor.restart_wanted() => {
                tracing::error!(reason, "draining: only a restart helps");
                Some(RunError::IsolateLost(reason))
            }
            ended = end_of(&mut workflows) => Some(ended),
            ended = end_of(&mut activities) => Some(ended),
        };
        signals.end_at_next();
        state.set_run_state(RunState::Stopping);
        self.core.initiate_shutdown();
        state.set_run_state(RunState::Draining);
        let patience = *config.shutdown_grace_time + DRAIN_MARGIN;
        if let Some(watching) = watching {
            watching.abort();
            let _ = watching.await;
        }
        let drained = timeout(patience, self.drain(state, workflows, activities)).await;
        if let Some(failure) = failure {
            return Err(failure);
        }
        drained.map_err(|_| RunError::DrainedLate(patience.as_secs()))?
    }

    fn poll_workflows(&self, config: &WorkerConfig, state: &Arc<WorkerState>) -> Option<PollTask> {
        let namespace = config.client.namespace.as_str();
        let polling = WorkflowPolling {
            core: Arc::clone(&self.core),
            pool: self.pool.clone()?,
            governor: Arc::clone(&self.governor),
            sinks: Arc::clone(&self.sinks),
            interceptors: self.extensions.activation_interceptors.clone().into(),
            codecs: Arc::new(WorkflowCodecs::new(self.codecs.clone(), namespace)),
            stack_traces: self.stack_trace_queries(config),
            second_tries: Arc::new(SecondTries::new(self.server(config))),
            state: Arc::clone(state),
        };
        Some(tokio::spawn(polling.run()))
    }

    fn server(&self, config: &WorkerConfig) -> Server {
        Server::new(self.connection.clone(), config.client.namespace.clone())
    }

    fn watch_memory(&self) -> Option<JoinHandle<()>> {
        let pool = self.pool.clone()?;
        Some(tokio::spawn(Arc::clone(&self.governor).run(pool)))
    }

    fn stack_trace_queries(&self, config: &WorkerConfig) -> Option<Arc<StackTraceQueries>> {
        let settings = self.isolate_settings.as_ref()?;
        let on_demand = *config.stack_traces == StackTraces::OnDemand;
        on_demand.then(|| {
            let server = self.server(config);
            let codecs = self.codecs.clone();
            let settings = IsolateSettings {
                heap_limit_bytes: heap_limit(self.plan.temporary_heap_bytes),
                ..settings.clone()
            };
            Arc::new(StackTraceQueries::new(&settings, codecs, server))
        })
    }

    fn poll_activities(&self, config: &WorkerConfig, state: &Arc<WorkerState>) -> Option<PollTask> {
        let registry = self.extensions.activities.clone()?;
        let options = DispatchOptions::default()
            .interceptors(self.extensions.activity_interceptors.clone())
            .encode_common_attributes(*config.encode_common_attributes);
        let core = Arc::clone(&self.core);
        let namespace = config.client.namespace.as_str();
        let dispatcher = ActivityDispatcher::with_options(core, registry, options)
            .with_codecs(ActivityCodecs::new(self.codecs.clone(), namespace));
        state.set_activities(dispatcher.counters());
        Some(tokio::spawn(async move {
            dispatcher.run().await;
            Ok(())
        }))
    }

    async fn drain(
        self,
        state: &Arc<WorkerState>,
        workflows: Option<PollTask>,
        activities: Option<PollTask>,
    ) -> Result<(), RunError> {
        for task in [workflows, activities]
            .into_iter()
            .flatten()
            .filter(|task| !task.is_finished())
        {
            flatten(task.await)?;
        }
        state.set_run_state(RunState::Drained);
        state.clear_core();
        state.set_pool(None);
        match sole_owner(self.core).await {
            Some(core) => core.finalize_shutdown().await,
            None => tracing::warn!("sdk-core's worker is still in use and ends with the process"),
        }
        if let Some(pool) = self.pool
            && let Some(pool) = sole_owner(pool).await
        {
            // Joining threads blocks; a runtime that is about to end can bear it on its blocking pool.
            let _ = tokio::task::spawn_blocking(move || pool.shut_down()).await;
        }
        tracing::info!("drained");
        Ok(())
    }
}

/// A task that polls until sdk-core is shut down.
type PollTask = JoinHandle<Result<(), RunError>>;

/// Why a task ended before anybody asked it to; never, if there is no task.
async fn end_of(task: &mut Option<PollTask>) -> RunError {
    match task {
        None => std::future::pending().await,
        Some(task) => {
            let ended = flatten(task.await);
            ended
                .err()
                .unwrap_or_else(|| RunError::Core("it stopped polling by itself".to_owned()))
        }
    }
}

fn flatten(ended: Result<Result<(), RunError>, tokio::task::JoinError>) -> Result<(), RunError> {
    ended.map_err(|error| RunError::Core(error.to_string()))?
}

/// Waits for the status page, which may hold on to a part for as long as one of its readings takes.
async fn sole_owner<T>(mut shared: Arc<T>) -> Option<T> {
    for _ in 0..OWNER_TRIES_MAX {
        match Arc::try_unwrap(shared) {
            Ok(owned) => return Some(owned),
            Err(still_shared) => shared = still_shared,
        }
        tokio::time::sleep(OWNER_PAUSE).await;
    }
    None
}

/// The build id that the Node worker would use for the same bundle, unless one is set.
fn build_id(config: &WorkerConfig, bundle: Option<&Bundle>) -> String {
    match (config.versioning.build_id.as_ref(), bundle) {
        (Some(build_id), _) => build_id.clone(),
        (None, Some(bundle)) => {
            format!(
                "@temporalio/worker@{}+{}",
                bundle.sdk().reported(),
                bundle.sha256_hex()
            )
        }
        (None, None) => format!("burdock@{}", env!("CARGO_PKG_VERSION")),
    }
}

fn connection_options(config: &WorkerConfig, bundle: Option<&Bundle>) -> ConnectionOptions {
    let sdk = bundle.map(|bundle| (SDK_NAME, bundle.sdk().reported()));
    config
        .client
        .connection_options(&*config.identity, ATTEMPT_TIMEOUT, sdk)
}
