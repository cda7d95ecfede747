//! What comes before a run that offended is tried again: a pause, in which whoever watches it may end it, until no other entry
//! is being stopped for its memory; and the question whether it is still open. Two that fill the memory at once are more than
//! twice as hard to contain as one.

use std::time::Duration;

use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant;
use tokio::time::{Instant, sleep};

use crate::engine::is_stopping;
use crate::hosting::IsolatePool;
use crate::replay::Server;

/// The least pause. The server tries a failed task again at once, and pauses itself from the second time on.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest: the server gives a task to others after its timeout, 10 s by default.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often it is looked whether an entry is still being stopped.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Decides about second tries.
pub(super) struct SecondTries {
    server: Server,
}

impl SecondTries {
    /// `server` knows which runs are open.
    pub(super) fn new(server: Server) -> Self {
        Self { server }
    }

    /// Whether the run of this activation is to be tried; answers at once unless it starts a run that offended.
    pub(super) async fn are_wanted(
        &self,
        pool: &IsolatePool,
        activation: &WorkflowActivation,
    ) -> bool {
        let run_id = &activation.run_id;
        let workflow_id = activation.jobs.iter().find_map(|job| match &job.variant {
            Some(Variant::InitializeWorkflow(start)) => Some(&start.workflow_id),
            _ => None,
        });
        let Some(workflow_id) = workflow_id.filter(|_| pool.is_offender(run_id)) else {
            return true;
        };
        let began = Instant::now();
        sleep(PAUSE).await;
        while is_stopping() && began.elapsed() < PAUSE_MAX {
            sleep(LOOK_EVERY).await;
        }
        match self.server.is_open(workflow_id, run_id).await {
            Ok(true) => true,
            Ok(false) => {
                tracing::info!(
                    workflow_id,
                    run_id,
                    "a run that offended has ended meanwhile; it is not tried again"
                );
                false
            }
            Err(status) => {
                tracing::debug!(run_id, %status, "the server does not say whether a run is open; it is tried");
                true
            }
        }
    }
}
