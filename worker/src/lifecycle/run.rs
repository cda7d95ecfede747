//! One worker from start to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use burdock_activities::{ActivityDispatcher, ActivityRegistry};
use burdock_bundle::Bundle;
use temporalio_sdk_core::{CoreRuntime, Worker};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::activities::built_in_activities;
use super::connection::Patience;
use super::core_worker::{core_runtime, core_worker};
use super::error::RunError;
use super::shutdown::Signals;
use super::state::WorkerState;
use super::workflow_polling::WorkflowPolling;
use crate::config::WorkerConfig;
use crate::config::elements::StatusAddr;
use crate::engine::IsolateSettings;
use crate::hosting::IsolatePool;
use crate::memory::{MemorySources, find_memory_limit};
use crate::sinks::{Sinks, WorkflowMetrics};
use crate::status::{
    BundleInfo, CoreMetricsHandle, RunState, RunningStatusServer, Sampler, StatusServer,
    StatusService, core_metrics, run_log_line,
};

/// How often the status line is logged.
const LOG_LINE_EVERY: Duration = Duration::from_secs(10);
/// Time for one attempt to connect.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// What sdk-core needs beyond the grace time to report what it cancelled.
const DRAIN_MARGIN: Duration = Duration::from_secs(5);
/// The name under which the server and other workers know bundles of the TypeScript SDK (contract 1.8).
const SDK_NAME: &str = "temporal-typescript";

/// Addresses of a worker that polls.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Where the status server listens.
    pub status: Option<SocketAddr>,
}

/// Called once, when the worker polls.
pub type Announce = Box<dyn FnOnce(&Ready) + Send>;

/// Runs a worker until a signal ends it.
///
/// # Errors
/// When it cannot start, loses an isolate, or does not drain in time.
pub async fn run_worker(config: WorkerConfig, announce: Announce) -> Result<(), RunError> {
    let mut signals = Signals::listen().map_err(|error| RunError::Core(error.to_string()))?;
    let state = Arc::new(WorkerState::new(&config));
    let observed = Observed::start(&config, &state).await?;
    let started = tokio::select! {
        started = Running::start(&config, &state, &observed) => Some(started),
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
    server: Option<RunningStatusServer>,
    address: Option<SocketAddr>,
    log_line: JoinHandle<()>,
}

impl Observed {
    /// Binds first of all, so that `/ready` answers while the worker still starts.
    async fn start(config: &WorkerConfig, state: &Arc<WorkerState>) -> Result<Self, RunError> {
        let explicit_bytes = config.memory_limit.as_ref().map(|limit| limit.0);
        let limit = find_memory_limit(&MemorySources::detected(explicit_bytes)).await;
        match &limit {
            Some(limit) => {
                tracing::info!(
                    bytes = limit.bytes,
                    source = limit.source.as_str(),
                    "memory limit"
                );
                if let Some(warning) = limit.warning() {
                    tracing::warn!("{warning}");
                }
            }
            None => tracing::warn!("no memory limit was found; set `memory-limit`"),
        }
        let sampler = Arc::new(Sampler::new(Arc::clone(state) as _, limit));
        let (meter, handle): (_, CoreMetricsHandle) = core_metrics()?;
        let runtime = core_runtime(Some(meter))?;
        let (server, address) = match *config.status_addr {
            StatusAddr::Off => (None, None),
            StatusAddr::Listen(address) => {
                let bound = StatusServer::bind(address).await?;
                let address = bound.local_addr();
                tracing::info!(%address, "status server");
                (
                    Some(bound.start(StatusService::new(Arc::clone(&sampler), Some(handle)))),
                    Some(address),
                )
            }
        };
        let log_line = tokio::spawn(run_log_line(sampler, LOG_LINE_EVERY));
        Ok(Self {
            runtime,
            server,
            address,
            log_line,
        })
    }

    async fn stop(self) {
        self.log_line.abort();
        if let Some(server) = self.server {
            server.stop().await;
        }
    }
}

/// A worker that is connected and has its isolates.
struct Running {
    core: Arc<Worker>,
    pool: Option<Arc<IsolatePool>>,
    registry: Option<Arc<ActivityRegistry>>,
    sinks: Arc<Sinks>,
}

impl Running {
    async fn start(
        config: &WorkerConfig,
        state: &Arc<WorkerState>,
        observed: &Observed,
    ) -> Result<Self, RunError> {
        let registry = built_in_activities(config)?;
        let bundle = match config.bundle.as_ref().filter(|_| config.hosts_workflows()) {
            Some(path) => Some(Arc::new(Bundle::load(path)?)),
            None => None,
        };
        let build_id = build_id(config, bundle.as_deref());
        // The isolates load the bundle while the connection is made.
        let (pool, connection) = tokio::try_join!(
            start_isolates(
                config,
                state,
                bundle.clone(),
                registry.as_deref(),
                &build_id
            ),
            connect(config, state, bundle.as_deref()),
        )?;
        let core = Arc::new(core_worker(
            &observed.runtime,
            config,
            build_id,
            connection,
        )?);
        Patience::new(
            state,
            config.client.target.to_string(),
            *config.connect_timeout,
        )
        .validate(&core)
        .await?;
        state.set_core(Arc::clone(&core));
        let meter = observed.runtime.telemetry().get_metric_meter();
        Ok(Self {
            core,
            pool,
            registry,
            sinks: Arc::new(Sinks::new(WorkflowMetrics::new(meter))),
        })
    }

    /// Polls until a signal comes, then drains.
    async fn serve(
        self,
        config: &WorkerConfig,
        state: &Arc<WorkerState>,
        mut signals: Signals,
    ) -> Result<(), RunError> {
        let mut workflows = self.poll_workflows(state);
        let activities = self.poll_activities(state);
        state.set_run_state(RunState::Running);
        tracing::info!(
            task_queue = *config.task_queue,
            namespace = config.client.namespace,
            "polling"
        );
        let ended_early = tokio::select! {
            name = signals.next() => {
                tracing::info!(signal = name, "draining");
                None
            }
            ended = &mut workflows => Some(ended),
        };
        signals.end_at_next();
        state.set_run_state(RunState::Stopping);
        self.core.initiate_shutdown();
        state.set_run_state(RunState::Draining);
        if let Some(ended) = ended_early {
            flatten(ended)?;
            return Err(RunError::Core("it stopped polling by itself".to_owned()));
        }
        let patience = *config.shutdown_grace_time + DRAIN_MARGIN;
        timeout(patience, self.drain(state, workflows, activities))
            .await
            .map_err(|_| RunError::DrainedLate(patience.as_secs()))?
    }

    fn poll_workflows(&self, state: &Arc<WorkerState>) -> JoinHandle<Result<(), RunError>> {
        let Some(pool) = self.pool.clone() else {
            return tokio::spawn(std::future::pending());
        };
        let polling = WorkflowPolling {
            core: Arc::clone(&self.core),
            pool,
            sinks: Arc::clone(&self.sinks),
            state: Arc::clone(state),
        };
        tokio::spawn(polling.run())
    }

    fn poll_activities(&self, state: &Arc<WorkerState>) -> Option<JoinHandle<()>> {
        let registry = self.registry.clone()?;
        let dispatcher = ActivityDispatcher::new(Arc::clone(&self.core), registry);
        state.set_activities(dispatcher.counters());
        Some(tokio::spawn(async move { dispatcher.run().await }))
    }

    async fn drain(
        self,
        state: &Arc<WorkerState>,
        workflows: JoinHandle<Result<(), RunError>>,
        activities: Option<JoinHandle<()>>,
    ) -> Result<(), RunError> {
        if self.pool.is_some() {
            flatten(workflows.await)?;
        } else {
            workflows.abort();
        }
        if let Some(activities) = activities {
            activities
                .await
                .map_err(|error| RunError::Core(error.to_string()))?;
        }
        state.set_run_state(RunState::Drained);
        state.clear_core();
        state.set_pool(None);
        if let Ok(core) = Arc::try_unwrap(self.core) {
            core.finalize_shutdown().await;
        }
        if let Some(pool) = self.pool.and_then(|pool| Arc::try_unwrap(pool).ok()) {
            // Joining threads blocks; a runtime that is about to end can bear it on its blocking pool.
            let _ = tokio::task::spawn_blocking(move || pool.shut_down()).await;
        }
        tracing::info!("drained");
        Ok(())
    }
}

fn flatten(ended: Result<Result<(), RunError>, tokio::task::JoinError>) -> Result<(), RunError> {
    ended.map_err(|error| RunError::Core(error.to_string()))?
}

/// The build id that the Node worker would use for the same bundle, unless one is set.
fn build_id(config: &WorkerConfig, bundle: Option<&Bundle>) -> String {
    match (config.build_id.as_ref(), bundle) {
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

async fn connect(
    config: &WorkerConfig,
    state: &WorkerState,
    bundle: Option<&Bundle>,
) -> Result<temporalio_client::Connection, RunError> {
    let sdk = bundle.map(|bundle| (SDK_NAME, bundle.sdk().reported()));
    let options = config
        .client
        .connection_options(&*config.identity, ATTEMPT_TIMEOUT, sdk);
    Patience::new(
        state,
        config.client.target.to_string(),
        *config.connect_timeout,
    )
    .connect(options)
    .await
}

async fn start_isolates(
    config: &WorkerConfig,
    state: &WorkerState,
    bundle: Option<Arc<Bundle>>,
    registry: Option<&ActivityRegistry>,
    build_id: &str,
) -> Result<Option<Arc<IsolatePool>>, RunError> {
    let Some(bundle) = bundle else {
        return Ok(None);
    };
    state.set_bundle(BundleInfo {
        file: bundle.file_name().to_owned(),
        sdk_version: bundle.sdk().to_string(),
        build_id: build_id.to_owned(),
    });
    let settings = IsolateSettings {
        bundle,
        namespace: config.client.namespace.clone(),
        task_queue: config.task_queue.to_string(),
        activity_names: registry
            .map(|registry| registry.names().map(str::to_owned).collect())
            .unwrap_or_default(),
        workflow_timeout: *config.workflow_timeout,
        heap_limit_bytes: config
            .max_heap_per_isolate
            .as_ref()
            .map(|limit| limit.0 as usize),
    };
    let mailbox_capacity = *config.workflow_slots;
    let pool = Arc::new(IsolatePool::start(*config.isolates, mailbox_capacity, &settings).await?);
    state.set_pool(Some(Arc::clone(&pool)));
    Ok(Some(pool))
}
