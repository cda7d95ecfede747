//! sdk-core's replay worker: histories in, activations out, completions back.

use std::sync::Arc;
use std::time::Duration;

use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;
use temporalio_common::worker::WorkerTaskTypes;
use temporalio_sdk_core::replay::{HistoryFeeder, HistoryForReplay, ReplayWorkerInput};
use temporalio_sdk_core::{Worker, WorkerConfig, WorkerVersioningStrategy, init_replay_worker};
use tokio::time::timeout;

use super::recorded::RecordedHistory;
use crate::engine::IsolateSettings;

/// Longest time that sdk-core may take between a completion and the next activation. It computes; nothing is fetched.
const PATIENCE: Duration = Duration::from_secs(30);

/// sdk-core does not go on. Its worker is of no use any more.
#[derive(Clone, Debug, thiserror::Error)]
#[error("sdk-core does not replay this history: {0}")]
pub(super) struct CoreStopped(pub(super) String);

/// One replay worker. It replays one history at a time.
pub(super) struct ReplayCore {
    worker: Arc<Worker>,
    feeder: HistoryFeeder,
}

impl ReplayCore {
    /// Must be called inside of a tokio runtime.
    pub(super) async fn start(settings: &IsolateSettings) -> Result<Self, CoreStopped> {
        // The build id that the Node worker would use for the same bundle.
        let (sdk, hash) = (
            settings.bundle.sdk().reported(),
            settings.bundle.sha256_hex(),
        );
        let build_id = format!("@temporalio/worker@{sdk}+{hash}");
        let config = WorkerConfig::builder()
            .namespace(settings.namespace.clone())
            .task_queue(settings.task_queue.clone())
            .task_types(WorkerTaskTypes::workflow_only())
            .versioning_strategy(WorkerVersioningStrategy::None { build_id })
            .build()
            .map_err(CoreStopped)?;
        let (feeder, histories) = HistoryFeeder::new(1);
        let worker = init_replay_worker(ReplayWorkerInput::new(config, histories))
            .map_err(|error| CoreStopped(format!("{error:#}")))?;
        worker
            .validate()
            .await
            .map_err(|error| CoreStopped(error.to_string()))?;
        Ok(Self {
            worker: Arc::new(worker),
            feeder,
        })
    }

    pub(super) async fn feed(&self, recorded: &RecordedHistory) -> Result<(), CoreStopped> {
        let history = HistoryForReplay::new(recorded.history.clone(), recorded.workflow_id.clone());
        let fed = timeout(PATIENCE, self.feeder.feed(history)).await;
        fed.map_err(|_| CoreStopped("it takes no history".to_owned()))?
            .map_err(|error| CoreStopped(error.to_string()))
    }

    pub(super) async fn activation(&self) -> Result<WorkflowActivation, CoreStopped> {
        let polled = timeout(PATIENCE, self.worker.poll_workflow_activation()).await;
        polled
            .map_err(|_| CoreStopped(format!("it has said nothing for {PATIENCE:?}")))?
            .map_err(|error| CoreStopped(error.to_string()))
    }

    pub(super) async fn complete(
        &self,
        completion: WorkflowActivationCompletion,
    ) -> Result<(), CoreStopped> {
        let completed = timeout(
            PATIENCE,
            self.worker.complete_workflow_activation(completion),
        )
        .await;
        completed
            .map_err(|_| CoreStopped("it does not take a completion".to_owned()))?
            .map_err(|error| CoreStopped(error.to_string()))
    }

    /// Ends the worker when nothing is in flight.
    pub(super) async fn shut_down(self) {
        drop(self.feeder);
        let ended = async {
            // The worker shuts itself down when it asks for another history.
            while self.worker.poll_workflow_activation().await.is_ok() {}
            if let Ok(worker) = Arc::try_unwrap(self.worker) {
                worker.finalize_shutdown().await;
            }
        };
        let _ = timeout(PATIENCE, ended).await;
    }
}
