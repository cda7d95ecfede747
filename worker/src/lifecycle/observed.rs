//! What shows a worker to others, from before it connects until after it has drained.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use temporalio_sdk_core::CoreRuntime;
use tokio::task::JoinHandle;

use super::core_worker::core_runtime;
use super::error::RunError;
use super::heap_snapshots::{HeapSnapshots, OnDemand, at_signals};
use super::memory::PlannedMemory;
use super::state::WorkerState;
use crate::config::elements::StatusAddr;
use crate::config::{WorkerConfig, memory_table};
use crate::engine::Allocator;
use crate::memory::MemoryPlan;
use crate::status::{
    CoreMetricsHandle, RunningStatusServer, Sampler, StatusServer, StatusService, core_metrics,
    run_log_line, run_observations,
};

/// How often the status line is logged.
const LOG_LINE_EVERY: Duration = Duration::from_secs(10);

/// What shows the worker to others: status server, log line, metrics.
pub(super) struct Observed {
    pub(super) runtime: CoreRuntime,
    pub(super) plan: Arc<MemoryPlan>,
    server: Option<RunningStatusServer>,
    pub(super) address: Option<SocketAddr>,
    log_line: JoinHandle<()>,
    snapshot_signals: JoinHandle<()>,
}

impl Observed {
    /// Binds first of all, so that `/ready` answers while the worker still starts.
    pub(super) async fn start(
        config: &WorkerConfig,
        state: &Arc<WorkerState>,
    ) -> Result<Self, RunError> {
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

    pub(super) async fn stop(self) {
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
        allocator = %Allocator::of_process(),
        "memory limit"
    );
    tracing::info!(
        "memory plan\n{}",
        memory_table(config, limit, plan).trim_end()
    );
    if config.hosts_workflows() {
        match PlannedMemory::overflow(config) {
            Ok(Some(folder)) => tracing::info!(folder = %folder.display(), "memory overflow"),
            Ok(None) => {}
            Err(problem) => tracing::warn!("{problem}"),
        }
    }
    if let Some(warning) = Allocator::of_process().warning() {
        tracing::warn!("{warning}");
    }
    for warning in memory.warnings() {
        tracing::warn!("{warning}");
    }
}
