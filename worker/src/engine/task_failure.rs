//! Failures of a workflow task that are written without the run, because it cannot be asked any more.

use std::time::Duration;

use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;
use temporalio_common::protos::coresdk::workflow_completion::workflow_activation_completion::Status;
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

/// For a run that filled its isolate's heap.
pub(super) fn heap_limit_message(limit_bytes: usize) -> String {
    format!(
        "The workflow filled the heap of its isolate ({limit_bytes} bytes) and was stopped; keep less in its state, or \
         raise `max-heap-per-isolate`"
    )
}

/// For an activation that is no message of the protocol.
pub(super) fn unreadable_activation_message(reason: &str) -> String {
    format!("The activation from the server cannot be read: {reason}")
}

/// For commands that are no messages of the protocol.
pub(super) fn unusable_completion_message(reason: &str) -> String {
    format!("The workflow task produced a completion that cannot be sent: {reason}")
}

/// sdk-core would refuse a completion of another run, or one with a command that it does not know, and the run would
/// wait for ever.
pub(super) fn check_completion(
    completion: WorkflowActivationCompletion,
    run_id: &str,
) -> Result<WorkflowActivationCompletion, String> {
    if completion.run_id != run_id {
        return Err(format!(
            "it is for run {} instead of {run_id}",
            completion.run_id
        ));
    }
    if let Some(Status::Successful(success)) = &completion.status
        && let Some(index) = success
            .commands
            .iter()
            .position(|command| command.variant.is_none())
    {
        return Err(format!(
            "`successful.commands[{index}]` has no variant that this worker knows"
        ));
    }
    Ok(completion)
}

#[cfg(test)]
mod tests {
    use super::*;
    use temporalio_common::protos::coresdk::workflow_commands::{
        StartTimer, WorkflowCommand, workflow_command,
    };

    #[test]
    fn a_completion_of_another_run_is_refused() {
        let refused = check_completion(WorkflowActivationCompletion::empty("a"), "b");
        assert_eq!(refused.unwrap_err(), "it is for run a instead of b");
    }

    #[test]
    fn a_command_without_a_variant_is_refused_by_its_place() {
        let known = workflow_command::Variant::StartTimer(StartTimer::default());
        let commands = vec![
            WorkflowCommand {
                variant: Some(known),
                ..Default::default()
            },
            WorkflowCommand::default(),
        ];
        let completion = WorkflowActivationCompletion::from_cmds("r", Vec::new());
        assert!(check_completion(completion.clone(), "r").is_ok());
        let mut unknown = completion;
        if let Some(Status::Successful(success)) = &mut unknown.status {
            success.commands = commands;
        }
        assert!(
            check_completion(unknown, "r")
                .unwrap_err()
                .contains("commands[1]")
        );
    }

    #[test]
    fn the_timeout_names_its_rule_and_the_limit() {
        let message = timeout_message(Duration::from_secs(5));
        assert!(
            message.starts_with("[TMPRL1101] Script execution timed out after 5000ms"),
            "{message}"
        );
    }
}
