//! Failures of a workflow task that are written without the run, because it cannot be asked any more.

use std::time::Duration;

use temporalio_common::protos::coresdk::workflow_commands::WorkflowCommand;
use temporalio_common::protos::coresdk::workflow_commands::workflow_command::Variant;
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;
use temporalio_common::protos::coresdk::workflow_completion::workflow_activation_completion::Status;
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
use temporalio_common::protos::temporal::api::failure::v1::{ApplicationFailureInfo, Failure};

use super::command_lines::CommandLines;

/// The id by which sdk-core marks a query that came in a task of its own.
const LEGACY_QUERY_ID: &str = "legacy_query";

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

/// For a run that took memory when the process had none to give.
pub(super) fn process_limit_message() -> String {
    "The workflow took more and more memory while the worker was at its memory limit, and was stopped; keep less in its \
     state, or raise `memory-limit`"
        .to_owned()
}

/// For an activation that is no message of the protocol.
pub(super) fn unreadable_activation_message(reason: &str) -> String {
    format!("The activation from the server cannot be read: {reason}")
}

/// For commands that are no messages of the protocol. The reason names a command by its index, `lines` by its source.
pub(super) fn unusable_completion_message(reason: &str, lines: &CommandLines) -> String {
    let workflow = match lines.workflow_type.as_str() {
        "" => String::new(),
        workflow_type => format!(" of '{workflow_type}'"),
    };
    let source = command_index(reason).and_then(|index| lines.line(index));
    let source = source.map_or_else(String::new, |line| {
        format!("; the command comes from {line}")
    });
    format!(
        "The workflow task{workflow} produced a completion that cannot be sent: {reason}{source}"
    )
}

/// The index in a path such as `successful.commands[1].startTimer`.
fn command_index(reason: &str) -> Option<usize> {
    let (_, behind) = reason.split_once("commands[")?;
    behind.split_once(']')?.0.parse().ok()
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
        && success.commands.len() > 1
        && success.commands.iter().any(answers_legacy_query)
    {
        return Err(
            "the handler of a query scheduled commands, and queries may only read".to_owned(),
        );
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

/// A query of a task of its own, which sdk-core takes alone.
fn answers_legacy_query(command: &WorkflowCommand) -> bool {
    matches!(&command.variant, Some(Variant::RespondToQuery(query)) if query.query_id == LEGACY_QUERY_ID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use temporalio_common::protos::coresdk::workflow_commands::{QueryResult, StartTimer};

    #[test]
    fn a_completion_of_another_run_is_refused() {
        let refused = check_completion(WorkflowActivationCompletion::empty("a"), "b");
        assert_eq!(refused.unwrap_err(), "it is for run a instead of b");
    }

    #[test]
    fn a_command_without_a_variant_is_refused_by_its_place() {
        let known = Variant::StartTimer(StartTimer::default());
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
    fn an_answer_to_a_query_task_with_other_commands_is_refused() {
        let answer = Variant::RespondToQuery(QueryResult {
            query_id: LEGACY_QUERY_ID.to_owned(),
            ..Default::default()
        });
        let timer = Variant::StartTimer(StartTimer::default());
        let alone = WorkflowActivationCompletion::from_cmds("r", vec![answer.clone()]);
        assert!(check_completion(alone, "r").is_ok());
        let both = WorkflowActivationCompletion::from_cmds("r", vec![answer, timer]);
        let refused = check_completion(both, "r").unwrap_err();
        assert!(refused.contains("queries may only read"), "{refused}");
    }

    #[test]
    fn a_command_is_named_by_workflow_type_and_source_line() {
        let lines = CommandLines {
            workflow_type: "order".to_owned(),
            lines: vec![None, Some("pay (src/order.ts:7:3)".to_owned())],
        };
        let message = |reason: &str| unusable_completion_message(reason, &lines);
        assert_eq!(
            message("`successful.commands[1].startTimer.seq`: expected a number, found a text"),
            "The workflow task of 'order' produced a completion that cannot be sent: \
             `successful.commands[1].startTimer.seq`: expected a number, found a text; the command comes from pay \
             (src/order.ts:7:3)"
        );
        assert!(message("`successful.commands[0]`: no object").ends_with("no object"));
        assert!(message("it is for run a").contains("of 'order'"));
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
