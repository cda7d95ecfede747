//! From what a handler did to what core is told. The rules are those of the TypeScript SDK
//! (`packages/worker/src/activity.ts`), so that a workflow sees the same failures from either.

use std::any::Any;

use temporalio_common::protos::coresdk::activity_result::ActivityExecutionResult;
use temporalio_common::protos::temporal::api::common::v1::Payload;

use crate::cancellation::{CancelReason, CancelRequest};
use crate::error::{ActivityError, ActivityResult};
use crate::failure::{ApplicationFailure, cancelled_proto};

/// The first word is the Node worker's whole message.
const HEARTBEAT_NOT_ENCODED: &str = "HEARTBEAT_DETAILS_CONVERSION_FAILED: a payload codec could not encode the \
    details of a heartbeat; see the worker's log";

/// The type of a failure that a payload codec caused.
const CODEC_FAILURE: &str = "PayloadCodecError";

/// The result of an attempt whose payloads a codec failed on. Retryable, as in the Node worker: the codec may be well
/// again by the next attempt.
pub(crate) fn codec_failure(message: String) -> ActivityExecutionResult {
    let failure = ApplicationFailure::new(CODEC_FAILURE, message);
    ActivityExecutionResult::fail(failure.into_proto(false))
}

/// The result to report.
///
/// A cancellation counts as one only if it was asked for, and a failure stays a failure even then:
/// it happened, and the workflow should see it.
pub(crate) fn execution_result(
    outcome: ActivityResult<Payload>,
    cancel: Option<CancelRequest>,
    is_local: bool,
) -> ActivityExecutionResult {
    let error = match outcome {
        Ok(payload) => return ActivityExecutionResult::ok(payload),
        Err(error) => error,
    };
    match resolve(error, cancel, is_local) {
        ActivityError::Retryable(failure) => {
            ActivityExecutionResult::fail(failure.into_proto(false))
        }
        ActivityError::NonRetryable(failure) => {
            ActivityExecutionResult::fail(failure.into_proto(true))
        }
        ActivityError::Cancelled { details } => {
            ActivityExecutionResult::cancel(cancelled_proto(details))
        }
        ActivityError::WillCompleteAsync => ActivityExecutionResult::will_complete_async(),
    }
}

/// Replaces the endings that core would refuse or misread under the circumstances.
fn resolve(error: ActivityError, cancel: Option<CancelRequest>, is_local: bool) -> ActivityError {
    match (error, cancel) {
        // Whatever the handler made of the request, the server knows nothing of a cancellation.
        (
            ActivityError::Retryable(_)
            | ActivityError::NonRetryable(_)
            | ActivityError::Cancelled { .. },
            Some(request),
        ) if request.reason == CancelReason::HeartbeatNotEncoded => {
            ActivityError::retryable("CancelledFailure", HEARTBEAT_NOT_ENCODED)
        }
        (ActivityError::Cancelled { .. }, Some(request)) if request.details.reset => {
            ActivityError::retryable("ActivityReset", "Activity reset")
        }
        (ActivityError::Cancelled { .. }, Some(request)) if request.details.paused => {
            ActivityError::retryable("ActivityPause", "Activity paused")
        }
        (ActivityError::Cancelled { .. }, None) => ActivityError::retryable(
            "CancelledFailure",
            "the activity reported a cancellation that nobody requested",
        ),
        (ActivityError::WillCompleteAsync, _) if is_local => ActivityError::non_retryable(
            "IllegalStateError",
            "a local activity cannot be completed asynchronously; schedule it as a normal activity",
        ),
        (error, _) => error,
    }
}

/// A panic as a failure: retryable, because another attempt may fare better, and no other
/// activity is touched by it.
pub(crate) fn panic_error(panic: &(dyn Any + Send)) -> ActivityError {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    ActivityError::retryable("PanicError", format!("the activity panicked: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancellation::CancelDetails;
    use crate::payload::encode;
    use temporalio_common::protos::coresdk::activity_result::activity_execution_result::Status;
    use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;

    fn request(details: CancelDetails) -> Option<CancelRequest> {
        Some(CancelRequest {
            reason: CancelReason::Cancelled,
            details,
        })
    }

    fn requested() -> Option<CancelRequest> {
        request(CancelDetails {
            cancel_requested: true,
            ..Default::default()
        })
    }

    fn report(error: ActivityError, cancel: Option<CancelRequest>) -> Status {
        execution_result(Err(error), cancel, false).status.unwrap()
    }

    /// Type and retryability of a failed report.
    fn failed(status: Status) -> (String, bool) {
        let Status::Failed(failed) = status else {
            panic!("{status:?}")
        };
        let failure = failed.failure.unwrap();
        let info = failure.maybe_application_failure().unwrap();
        (info.r#type.clone(), !info.non_retryable)
    }

    #[test]
    fn a_result_is_completed_even_after_a_request_to_cancel() {
        let payload = encode(&1).unwrap();
        let result = execution_result(Ok(payload.clone()), requested(), false);
        assert_eq!(result, ActivityExecutionResult::ok(payload));
    }

    #[test]
    fn failures_keep_type_and_retryability() {
        assert_eq!(
            failed(report(ActivityError::retryable("A", ""), None)),
            ("A".into(), true)
        );
        assert_eq!(
            failed(report(ActivityError::non_retryable("B", ""), None)),
            ("B".into(), false)
        );
    }

    #[test]
    fn a_failure_after_a_request_to_cancel_stays_a_failure() {
        assert_eq!(
            failed(report(ActivityError::retryable("A", ""), requested())),
            ("A".into(), true)
        );
    }

    #[test]
    fn a_requested_cancellation_is_reported_with_its_details() {
        let status = report(ActivityError::cancelled_with("half way"), requested());
        let Status::Cancelled(cancelled) = status else {
            panic!("{status:?}")
        };
        let Some(FailureInfo::CanceledFailureInfo(info)) = cancelled.failure.unwrap().failure_info
        else {
            panic!("not a cancellation");
        };
        assert_eq!(
            info.details.unwrap().payloads,
            [encode("half way").unwrap()]
        );
    }

    #[test]
    fn a_cancellation_that_nobody_requested_is_a_retryable_failure() {
        let status = report(ActivityError::cancelled(), None);
        assert_eq!(failed(status), ("CancelledFailure".into(), true));
    }

    #[test]
    fn pause_and_reset_are_retryable_failures_and_reset_comes_first() {
        let paused = CancelDetails {
            paused: true,
            ..Default::default()
        };
        let both = CancelDetails {
            reset: true,
            ..paused
        };
        let status = report(ActivityError::cancelled(), request(paused));
        assert_eq!(failed(status), ("ActivityPause".into(), true));
        let status = report(ActivityError::cancelled(), request(both));
        assert_eq!(failed(status), ("ActivityReset".into(), true));
    }

    #[test]
    fn after_a_heartbeat_that_was_not_encoded_every_failure_is_that_and_a_result_stays() {
        let request = Some(CancelRequest::heartbeat_not_encoded());
        for error in [
            ActivityError::cancelled(),
            ActivityError::retryable("A", ""),
            ActivityError::non_retryable("B", ""),
        ] {
            let status = report(error, request);
            assert_eq!(failed(status), ("CancelledFailure".into(), true));
        }
        let payload = encode(&1).unwrap();
        let result = execution_result(Ok(payload.clone()), request, false);
        assert_eq!(result, ActivityExecutionResult::ok(payload));
    }

    #[test]
    fn only_a_remote_activity_completes_asynchronously() {
        let status = report(ActivityError::WillCompleteAsync, None);
        assert!(matches!(status, Status::WillCompleteAsync(_)), "{status:?}");
        let local = execution_result(Err(ActivityError::WillCompleteAsync), None, true);
        assert_eq!(
            failed(local.status.unwrap()),
            ("IllegalStateError".into(), false)
        );
    }

    #[test]
    fn a_panic_keeps_its_message() {
        let text = |panic: Box<dyn Any + Send>| panic_error(&*panic).to_string();
        assert_eq!(text(Box::new("a")), "PanicError: the activity panicked: a");
        assert_eq!(
            text(Box::new("b".to_owned())),
            "PanicError: the activity panicked: b"
        );
        assert_eq!(
            text(Box::new(7)),
            "PanicError: the activity panicked: no message"
        );
    }
}
