//! One activity attempt, from task to report.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use prost::Message as _;
use temporalio_common::protos::coresdk::ActivityTaskCompletion;
use temporalio_common::protos::coresdk::activity_result::ActivityExecutionResult;
use temporalio_common::protos::coresdk::activity_task::Start;
use temporalio_common::protos::temporal::api::common::v1::Payload;

use crate::cancellation::Cancellation;
use crate::context::{ActivityContext, HeartbeatSink};
use crate::converter::Converter;
use crate::core_port::ActivityCore;
use crate::encoded_failure::encode_common_attributes;
use crate::error::{ActivityError, ActivityResult};
use crate::failure::FailureCategory;
use crate::info::ActivityInfo;
use crate::interceptor::{ActivityCall, ActivityNext};
use crate::outcome::{execution_result, panic_error};
use crate::registry::ActivityRegistry;

use super::DispatchOptions;
use super::in_flight::Ticket;

/// Splits a task into the handler's context and its arguments.
pub(super) fn prepare(
    task_token: &[u8],
    start: Start,
    task_queue: &str,
    cancellation: Cancellation,
    heartbeats: HeartbeatSink,
    converter: Converter,
) -> ActivityCall {
    let info = ActivityInfo::new(task_token, &start, task_queue);
    let Start {
        header_fields,
        heartbeat_details,
        input,
        ..
    } = start;
    let context = ActivityContext::new(
        info,
        header_fields,
        heartbeat_details,
        cancellation,
        heartbeats,
        converter,
    );
    ActivityCall { context, input }
}

/// Runs the handler within the interceptors; whatever it does becomes a result.
pub(super) async fn execute(
    registry: &ActivityRegistry,
    options: &DispatchOptions,
    call: ActivityCall,
) -> ActivityExecutionResult {
    let context = call.context.clone();
    let chain = ActivityNext::new(&options.interceptors, registry);
    let outcome = panic_caught(chain.run(call)).await;
    log_outcome(context.info(), &outcome);
    let mut result = execution_result(outcome, context.cancel_request(), context.info().is_local);
    if options.encode_common_attributes {
        encode_common_attributes(&mut result, context.converter());
    }
    result
}

/// Gives the result to core. A completion that core refuses is a defect of this crate: there is
/// nobody left to tell but the log, and the server's timeout will end the attempt.
pub(super) async fn report<C: ActivityCore>(
    core: &C,
    mut ticket: Ticket,
    task_token: Vec<u8>,
    result: ActivityExecutionResult,
) {
    ticket.handler_ended();
    let completion = ActivityTaskCompletion {
        task_token,
        result: Some(result),
    };
    ticket.holds(completion.encoded_len());
    if let Err(error) = core.complete(completion).await {
        tracing::error!(%error, "core refused the result of an activity");
    }
}

/// Turns a panic inside a future into its error. The future is not polled again after a panic,
/// so nobody sees the state that the panic left behind.
async fn panic_caught<F>(future: F) -> ActivityResult<Payload>
where
    F: Future<Output = ActivityResult<Payload>>,
{
    let mut future = pin!(future);
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)))
            .unwrap_or_else(|panic| Poll::Ready(Err(panic_error(&*panic))))
    })
    .await
}

fn log_outcome(info: &ActivityInfo, outcome: &ActivityResult<Payload>) {
    let ActivityInfo {
        activity_type,
        activity_id,
        attempt,
        is_local,
        ..
    } = info;
    let workflow_id = info
        .workflow
        .as_ref()
        .map(|workflow| workflow.workflow_id.as_str());
    match outcome {
        Ok(_) => {
            tracing::debug!(
                activity_type,
                activity_id,
                workflow_id,
                attempt,
                is_local,
                "activity completed"
            );
        }
        Err(error) if is_failure(error) => {
            tracing::warn!(activity_type, activity_id, workflow_id, attempt, is_local, %error, "activity failed");
        }
        Err(error) => {
            tracing::debug!(activity_type, activity_id, workflow_id, attempt, is_local, %error, "activity ended");
        }
    }
}

/// `false` for the expected ways to end without a result: they are no news to an operator.
fn is_failure(error: &ActivityError) -> bool {
    match error {
        ActivityError::Retryable(failure) | ActivityError::NonRetryable(failure) => {
            failure.category != FailureCategory::Benign
        }
        ActivityError::Cancelled { .. } | ActivityError::WillCompleteAsync => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::ApplicationFailure;

    #[test]
    fn expected_endings_are_no_failures() {
        assert!(is_failure(&ActivityError::retryable("T", "")));
        assert!(is_failure(&ActivityError::non_retryable("T", "")));
        assert!(!is_failure(&ActivityError::Retryable(
            ApplicationFailure::new("T", "").benign()
        )));
        assert!(!is_failure(&ActivityError::cancelled()));
        assert!(!is_failure(&ActivityError::WillCompleteAsync));
    }
}
