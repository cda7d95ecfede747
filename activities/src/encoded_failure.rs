//! Failures whose message is a payload, as the TypeScript SDK's `DefaultFailureConverter` writes them with
//! `encodeCommonAttributes`.

use serde::Serialize;
use temporalio_common::protos::coresdk::activity_result::ActivityExecutionResult;
use temporalio_common::protos::coresdk::activity_result::activity_execution_result::Status;
use temporalio_common::protos::temporal::api::failure::v1::Failure;

use crate::converter::Converter;

/// What stands in the place of a message that was encoded. The SDKs use the same words.
const ENCODED_MESSAGE: &str = "Encoded failure";

#[derive(Serialize)]
struct CommonAttributes<'a> {
    message: &'a str,
    stack_trace: &'a str,
}

/// Moves message and stack trace of the result's failure, and of its causes, into payloads.
pub(crate) fn encode_common_attributes(
    result: &mut ActivityExecutionResult,
    converter: &Converter,
) {
    let mut failure = match &mut result.status {
        Some(Status::Failed(failed)) => failed.failure.as_mut(),
        Some(Status::Cancelled(cancelled)) => cancelled.failure.as_mut(),
        _ => None,
    };
    while let Some(current) = failure {
        encode(current, converter);
        failure = current.cause.as_deref_mut();
    }
}

fn encode(failure: &mut Failure, converter: &Converter) {
    let attributes = CommonAttributes {
        message: &failure.message,
        stack_trace: &failure.stack_trace,
    };
    let encoded = converter
        .encode(&attributes)
        .or_else(|_| crate::payload::encode(&attributes));
    // Two texts can be written as JSON, so that nothing is ever left in the open.
    failure.encoded_attributes = encoded.ok();
    failure.message = ENCODED_MESSAGE.to_owned();
    failure.stack_trace = String::new();
}
