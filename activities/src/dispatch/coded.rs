//! One activity attempt between payload codecs.

use burdock_codecs::ActivityCodecs;
use temporalio_common::protos::coresdk::activity_result::ActivityExecutionResult;
use temporalio_common::protos::coresdk::activity_result::activity_execution_result::Status;
use temporalio_common::protos::coresdk::activity_task::Start;

use crate::cancellation::Cancellation;
use crate::context::HeartbeatSink;
use crate::outcome::codec_failure;
use crate::registry::ActivityRegistry;

use super::DispatchOptions;
use super::execution;
use super::heartbeats::CodedHeartbeats;
use super::in_flight::InFlight;

/// What an attempt needs besides its task.
pub(super) struct Attempt<'a> {
    pub(super) task_token: &'a [u8],
    pub(super) task_queue: &'a str,
    pub(super) registry: &'a ActivityRegistry,
    pub(super) options: &'a DispatchOptions,
    pub(super) codecs: ActivityCodecs,
    pub(super) in_flight: &'a std::sync::Arc<InFlight>,
    pub(super) cancellation: Cancellation,
    pub(super) heartbeats: HeartbeatSink,
}

impl Attempt<'_> {
    /// Decodes the task, runs the handler, encodes what it returned. A codec that fails makes a failed attempt.
    pub(super) async fn run(self, mut start: Start) -> ActivityExecutionResult {
        let owner = self.codecs.owner(&start);
        if let Err(error) = self.codecs.decode_start(&owner, &mut start).await {
            tracing::warn!(%error, "an activity attempt failed before it began");
            return codec_failure(error.to_string());
        }
        let heartbeats = CodedHeartbeats::start(
            self.codecs.clone(),
            owner.clone(),
            self.heartbeats,
            std::sync::Arc::clone(self.in_flight),
        );
        let call = execution::prepare(
            self.task_token,
            start,
            self.task_queue,
            self.cancellation,
            heartbeats.sink(),
            self.registry.converter(),
        );
        let mut result = execution::execute(self.registry, self.options, call).await;
        // The next attempt reads the details of the last heartbeat, so that one must not be lost.
        if matches!(result.status, Some(Status::Failed(_))) {
            heartbeats.flush().await;
        } else {
            heartbeats.stop();
        }
        match self.codecs.encode_result(&owner, &mut result).await {
            Ok(()) => result,
            Err(error) => {
                tracing::warn!(%error, "the end of an activity attempt could not be encoded");
                codec_failure(error.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests;
