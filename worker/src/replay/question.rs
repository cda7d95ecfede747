//! A question to a run that is not there with what the question needs: its history is fetched and replayed first.

use std::sync::Arc;

use burdock_codecs::CodecChain;
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;

use super::lane::{Lane, LaneError};
use super::recorded::Unreadable;
use super::server::Server;
use crate::engine::IsolateSettings;
use crate::hosting::HostingError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// The history is not to be had.
    #[error("the history {0}")]
    History(#[from] Unreadable),
    /// The isolate for the replay cannot be made.
    #[error(transparent)]
    Hosting(#[from] HostingError),
    /// sdk-core does not replay the history.
    #[error("{0}")]
    Replay(String),
}

/// Replays the history of a run, as far as the server has it, in an isolate of its own, and asks the run at the end.
/// `question` holds the jobs; its payloads are decoded, and those of the answer are not encoded.
pub(crate) async fn ask_in_replay(
    settings: &IsolateSettings,
    codecs: CodecChain,
    server: &Server,
    (workflow_id, run_id): (&str, &str),
    question: WorkflowActivation,
) -> Result<WorkflowActivationCompletion, NoAnswer> {
    let recorded = Arc::new(server.fetch(workflow_id, run_id).await?);
    let mut lane = Lane::start(settings, codecs).await?;
    let verdict = lane.replay_and_ask(&recorded, Some(question)).await;
    lane.shut_down().await;
    let verdict = verdict.map_err(|error| match error {
        LaneError::Hosting(error) => NoAnswer::Hosting(error),
        LaneError::Core(stopped) => NoAnswer::Replay(stopped.to_string()),
    })?;
    verdict.answer.ok_or(NoAnswer::Replay(verdict.message))
}
