//! One worker from start to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use burdock_activities::{ActivityDispatcher, DispatchOptions};
use burdock_bundle::Bundle;
use burdock_codecs::{ActivityCodecs, CodecChain, WorkflowCodecs};
use temporalio_client::errors::ClientNewError;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions};
use temporalio_sdk_core::{CoreRuntime, Worker};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::activities::built_in_activities;
use super::codecs::codec_chain;
use super::connection::{ATTEMPT_TIMEOUT, Patience};
use super::core_worker::{core_runtime, core_worker};
use super::error::RunError;
use super::extensions::WorkerExtensions;
use super::heap_snapshots::{HeapSnapshots, OnDemand, at_signals};
use super::isolates::{heap_limit, isolate_settings, start_isolates};
use super::memory::PlannedMemory;
use super::shutdown::Signals;
use super::stack_trace_queries::StackTraceQueries;
use super::state::WorkerState;
use super::tuner::refuse_both;
use super::workflow_polling::WorkflowPolling;
use crate::config::elements::{StackTraces, StatusAddr};
use crate::config::{WorkerConfig, memory_table};
use crate::engine::IsolateSettings;
use crate::governor::MemoryGovernor;
use crate::hosting::IsolatePool;
use crate::memory::MemoryPlan;
use crate::replay::Server;
use crate::sinks::{Sinks, WorkflowMetrics};
use crate::status::{
    CoreMetricsHandle, RunState, RunningStatusServer, Sampler, StatusServer, StatusService,
    core_metrics, run_log_line, run_observations,
};

/// How often the status line is logged.
const LOG_LINE_EVERY: Duration = Duration::from_secs(10);
/// What sdk-core needs beyond the grace time to report what it cancelled.
const DRAIN_MARGIN: Duration = Duration::from_secs(5);
/// How often and how long to wait for a part that a status reading still holds.
const OWNER_TRIES_MAX: usize = 300;
const OWNER_PAUSE: Duration = Duration::from_millis(10);
/// The name under which the server and other workers know bundles of the TypeScript SDK (contract 1.8).
const SDK_NAME: &str = "temporal-typescript";

/// A worker that polls, for the program that it runs in.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Where the status server listens.
    pub status: Option<SocketAddr>,
    connection: Connection,
    namespace: String,
}

impl Ready {
    /// A client on the worker's own connection. A workflow of the worker's task queue that it starts with
    /// `enable_eager_workflow_start` has its first task handed to this worker in the answer, if a slot is free, without
    /// the way through the task queue. Hold it no longer than the worker runs.
    ///
    /// # Errors
    /// Options that the client refuses.
    pub fn client(&self) -> Result<Client, ClientNewError> {
        let options = ClientOptions::new(self.namespace.clone()).build();
        Client::new(self.connection.clone(), options)
    }
}

/// Called once, when the worker polls.
pub type Announce = Box<dyn FnOnce(&Ready) + Send>;

/// Runs a worker with the built-in activities until a signal ends it.
///
/// # Errors
/// When it cannot start, loses an isolate, or does not drain in time.
pub async fn run_worker(config: WorkerConfig, announce: Announce) -> Result<(), RunError> {
    let extensions = WorkerExtensions {
        activities: built_in_activities(&config)?,
        ..WorkerExtensions::default()
    };
    run_worker_with(config, extensions, announce).await
}

/// Runs a worker with extensions of one's own until a signal ends it. Must be called inside of a tokio
/// runtime whose threads descend from the one that called [`initialize_v8`](crate::engine::initialize_v8).
///
/// # Errors
/// When it cannot start, loses an isolate, or does not drain in time.
pub async fn run_worker_with(
    config: WorkerConfig,
    extensions: WorkerExtensions,
    announce: Announce,
) -> Result<(), RunError> {
    let mut signals = Signals::listen().map_err(|error| RunError::Core(error.to_string()))?;
    let state = Arc::new(WorkerState::new(&config));
    let observed = Observed::start(&config, &state).await?;
    let started = tokio::select! {
        started = Running::start(&config, extensions, &state, &observed) => Some(started),
        name = signals.next() => {
            tracing::info!(signal = name, "stopping before the worker polls");
            None
        }
    };
    let result = match started {
        None => Ok(()),
        Some(Err(error)) => Err(error),
        Some(Ok(running)) => {
            announce(&Ready {
                status: observed.address,
                connection: running.connection.clone(),
                namespace: config.client.namespace.clone(),
            });
            running.serve(&config, &state, signals).await
        }
    };
    state.set_run_state(if result.is_ok() {
        RunState::Stopped
    } else {
        RunState::Failed
    });
    observed.stop().await;
    result
}

/// What shows the worker to others: status server, log line, metrics.
struct Observed {
    runtime: CoreRuntime,
    plan: Arc<MemoryPlan>,
    server: Option<RunningStatusServer>,
    address: Option<SocketAddr>,
    log_line: JoinHandle<()>,
    snapshot_signals: JoinHandle<()>,
}

impl Observed {
    /// Binds first of all, so that `/ready` answers while the worker still starts.
    async fn start(config: &WorkerConfig, state: &Arc<WorkerState>) -> Result<Self, RunError> {
        let memory = PlannedMemory::find(config).await?;
        tell_memory(config, &memory);
        let limit = memory.limit.clone();
        let snapshots = Arc::new(HeapSnapshots::new(
            config,
            Some(limit.bytes),
            Arc::clone(state),
        ));
        let snapshot_signals = at_signals(Arc::clone(&snapshots))
            .map_err(|error| RunError::Core(error.to_string()))?;
        let sampler = Arc::new(Sampler::new(Arc::clone(state) as _, Some(limit)));
        let (meter, handle): (_, CoreMetricsHandle) = core_metrics()?;
        let runtime = core_runtime(Some(meter), config)?;
        let (server, address) = match *config.status_addr {
            StatusAddr::Off => (None, None),
            StatusAddr::Listen(address) => {
                let bound = StatusServer::bind(address).await?;
                let address = bound.local_addr();
                tracing::info!(%address, "status server");
                let service = StatusService::new(Arc::clone(&sampler), Some(handle))
                    .with_heap_snapshots(Arc::new(OnDemand(snapshots)));
                (Some(bound.start(service)), Some(address))
            }
        };
        let shown = async move {
            let lines = run_log_line(Arc::clone(&sampler), LOG_LINE_EVERY);
            tokio::join!(lines, run_observations(sampler));
        };
        Ok(Self {
            runtime,
            plan: memory.plan,
            server,
            address,
            log_line: tokio::spawn(shown),
            snapshot_signals,
        })
    }

    async fn stop(self) {
        self.log_line.abort();
        self.snapshot_signals.abort();
        if let Some(server) = self.server {
            server.stop().await;
        }
    }
}

/// Which limit holds and why, and how it is divided.
fn tell_memory(config: &WorkerConfig, memory: &PlannedMemory) {
    let PlannedMemory { limit, plan } = memory;
    tracing::info!(
        bytes = limit.bytes,
        source = limit.source.as_str(),
        found = memory.candidates(),
        "memory limit"
    );
    tracing::info!(
        "memory plan\n{}",
        memory_table(config, limit, plan).trim_end()
    );
    for warning in memory.warnings() {
        tracing::warn!("{warning}");
    }
}

/// A worker that is connected and has its isolates.
struct Running {
    plan: Arc<MemoryPlan>,
    core: Arc<Worker>,
    connection: Connection,
    pool: Option<Arc<IsolatePool>>,
    governor: Arc<MemoryGovernor>,
    isolate_settings: Option<IsolateSettings>,
    extensions: WorkerExtensions,
    codecs: CodecChain,
    sinks: Arc<Sinks>,
}

impl Running {
    async fn start(
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
            start_isolates(config, state, isolate_settings.as_ref(), &build_id),
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
    async fn serve(
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
            state: Arc::clone(state),
        };
        Some(tokio::spawn(polling.run()))
    }

    fn watch_memory(&self) -> Option<JoinHandle<()>> {
        let pool = self.pool.clone()?;
        Some(tokio::spawn(Arc::clone(&self.governor).run(pool)))
    }

    fn stack_trace_queries(&self, config: &WorkerConfig) -> Option<Arc<StackTraceQueries>> {
        let settings = self.isolate_settings.as_ref()?;
        let on_demand = *config.stack_traces == StackTraces::OnDemand;
        on_demand.then(|| {
            let server = Server::new(self.connection.clone(), config.client.namespace.clone());
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
