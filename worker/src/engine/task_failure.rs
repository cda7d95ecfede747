//! Failures of a workflow task that are written without the run, because it cannot be asked any more.

use std::time::Duration;

use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
use temporalio_common::protos::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};

/// What the TypeScript SDK writes into `Failure.source`.
const SOURCE: &str = "TypeScriptSDK";

/// A completion that fails the workflow task; the server tries the task again.
pub(super) fn failed_completion(
    run_id: &str,
    message: &str,
    error_type: &str,
) -> WorkflowActivationCompletion {
    let failure = Failure {
        message: message.to_owned(),
        source: SOURCE.to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(
            ApplicationFailureInfo {
                r#type: error_type.to_owned(),
                ..Default::default()
            },
        )),
        ..Default::default()
    };
    WorkflowActivationCompletion::fail(run_id, failure, None)
}

/// Rule TMPRL1101 of Temporal's rules: a workflow task must yield in time.
pub(super) fn timeout_message(timeout: Duration) -> String {
    format!(
        "[TMPRL1101] Script execution timed out after {}ms: workflow code did not yield; look for an endless loop or move \
         the work to an activity",
        timeout.as_millis()
    )
}

/// For commands that are no messages of the protocol.
pub(super) fn unusable_completion_message(reason: &str) -> String {
    format!("The workflow task produced a completion that cannot be sent: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_names_its_rule_and_the_limit() {
        let message = timeout_message(Duration::from_secs(5));
        assert!(
            message.starts_with("[TMPRL1101] Script execution timed out after 5000ms"),
            "{message}"
        );
    }
}
