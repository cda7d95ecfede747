//! Commands of workflow code in a few words, and the events that they make.

use temporalio_common::protos::coresdk::workflow_commands::signal_external_workflow_execution::Target;
use temporalio_common::protos::coresdk::workflow_commands::workflow_command::Variant;
use temporalio_common::protos::coresdk::workflow_commands::{WorkflowCommand, update_response};
use temporalio_common::protos::temporal::api::enums::v1::EventType;
use temporalio_common::protos::temporal::api::history::v1::HistoryEvent;

use super::events::names_of;

/// What the code did, in the words of its commands: `StartTimer (seq 1)`.
pub(super) fn describe_command(command: &WorkflowCommand) -> String {
    let Some(variant) = &command.variant else {
        return "an empty command".to_owned();
    };
    match detail(variant) {
        Some(detail) => format!("{} ({detail})", name(variant)),
        None => name(variant).to_owned(),
    }
}

/// The kind of event that the server, or sdk-core, makes of a command; nothing if it makes none.
pub(super) fn makes_event(command: &WorkflowCommand) -> Option<EventType> {
    Some(match command.variant.as_ref()? {
        Variant::StartTimer(_) => EventType::TimerStarted,
        Variant::CancelTimer(_) => EventType::TimerCanceled,
        Variant::ScheduleActivity(_) => EventType::ActivityTaskScheduled,
        Variant::RequestCancelActivity(_) => EventType::ActivityTaskCancelRequested,
        Variant::ScheduleLocalActivity(_) | Variant::SetPatchMarker(_) => EventType::MarkerRecorded,
        Variant::CompleteWorkflowExecution(_) => EventType::WorkflowExecutionCompleted,
        Variant::FailWorkflowExecution(_) => EventType::WorkflowExecutionFailed,
        Variant::CancelWorkflowExecution(_) => EventType::WorkflowExecutionCanceled,
        Variant::ContinueAsNewWorkflowExecution(_) => EventType::WorkflowExecutionContinuedAsNew,
        Variant::StartChildWorkflowExecution(_) => EventType::StartChildWorkflowExecutionInitiated,
        Variant::CancelChildWorkflowExecution(_)
        | Variant::RequestCancelExternalWorkflowExecution(_) => {
            EventType::RequestCancelExternalWorkflowExecutionInitiated
        }
        Variant::SignalExternalWorkflowExecution(_) => {
            EventType::SignalExternalWorkflowExecutionInitiated
        }
        Variant::UpsertWorkflowSearchAttributes(_) => EventType::UpsertWorkflowSearchAttributes,
        Variant::ModifyWorkflowProperties(_) => EventType::WorkflowPropertiesModified,
        Variant::ScheduleNexusOperation(_) => EventType::NexusOperationScheduled,
        Variant::RequestCancelNexusOperation(_) => EventType::NexusOperationCancelRequested,
        Variant::UpdateResponse(response) => match response.response.as_ref()? {
            update_response::Response::Accepted(()) => EventType::WorkflowExecutionUpdateAccepted,
            update_response::Response::Completed(_) => EventType::WorkflowExecutionUpdateCompleted,
            // A rejection leaves nothing in history.
            update_response::Response::Rejected(_) => return None,
        },
        Variant::RespondToQuery(_)
        | Variant::RequestCancelLocalActivity(_)
        | Variant::CancelSignalWorkflow(_) => return None,
    })
}

/// Whether an event may be what the server made of a command: the kind is right, and the names that both have are.
pub(super) fn fits(command: &WorkflowCommand, event: &HistoryEvent) -> bool {
    if makes_event(command) != Some(event.event_type()) {
        return false;
    }
    let of_event = names_of(event);
    let of_command = command.variant.as_ref().map(names).unwrap_or_default();
    of_command.iter().all(|(what, name)| {
        of_event
            .iter()
            .all(|(other, there)| what != other || name == there)
    })
}

/// What a command names, under the headings that [`names_of`] uses for events.
fn names(variant: &Variant) -> Vec<(&'static str, String)> {
    match variant {
        Variant::StartTimer(timer) => vec![("timer", timer.seq.to_string())],
        Variant::ScheduleActivity(activity) => vec![
            ("activity type", activity.activity_type.clone()),
            ("activity id", activity.activity_id.clone()),
        ],
        Variant::ScheduleLocalActivity(activity) => {
            vec![("local activity type", activity.activity_type.clone())]
        }
        Variant::StartChildWorkflowExecution(child) => vec![
            ("workflow type", child.workflow_type.clone()),
            ("workflow id", child.workflow_id.clone()),
        ],
        Variant::SetPatchMarker(patch) => vec![("patch", patch.patch_id.clone())],
        Variant::ContinueAsNewWorkflowExecution(next) => {
            vec![("workflow type", next.workflow_type.clone())]
        }
        Variant::ScheduleNexusOperation(operation) => vec![
            ("service", operation.service.clone()),
            ("operation", operation.operation.clone()),
        ],
        Variant::SignalExternalWorkflowExecution(signal) => {
            let workflow_id = match &signal.target {
                Some(Target::WorkflowExecution(target)) => target.workflow_id.clone(),
                Some(Target::ChildWorkflowId(workflow_id)) => workflow_id.clone(),
                None => String::new(),
            };
            vec![
                ("signal", signal.signal_name.clone()),
                ("workflow id", workflow_id),
            ]
        }
        _ => Vec::new(),
    }
}

fn detail(variant: &Variant) -> Option<String> {
    let seq = match variant {
        Variant::CancelTimer(cancel) => Some(cancel.seq),
        Variant::RequestCancelActivity(cancel) => Some(cancel.seq),
        Variant::FailWorkflowExecution(failed) => {
            return failed
                .failure
                .as_ref()
                .map(|failure| failure.message.clone());
        }
        _ => None,
    };
    if let Some(seq) = seq {
        return Some(format!("seq {seq}"));
    }
    let names = names(variant);
    let texts: Vec<String> = names
        .iter()
        .map(|(what, name)| format!("{what} {name}"))
        .collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The name in the protocol.
fn name(variant: &Variant) -> &'static str {
    match variant {
        Variant::StartTimer(_) => "StartTimer",
        Variant::CancelTimer(_) => "CancelTimer",
        Variant::ScheduleActivity(_) => "ScheduleActivity",
        Variant::RequestCancelActivity(_) => "RequestCancelActivity",
        Variant::ScheduleLocalActivity(_) => "ScheduleLocalActivity",
        Variant::RequestCancelLocalActivity(_) => "RequestCancelLocalActivity",
        Variant::RespondToQuery(_) => "RespondToQuery",
        Variant::CompleteWorkflowExecution(_) => "CompleteWorkflowExecution",
        Variant::FailWorkflowExecution(_) => "FailWorkflowExecution",
        Variant::CancelWorkflowExecution(_) => "CancelWorkflowExecution",
        Variant::ContinueAsNewWorkflowExecution(_) => "ContinueAsNewWorkflowExecution",
        Variant::SetPatchMarker(_) => "SetPatchMarker",
        Variant::StartChildWorkflowExecution(_) => "StartChildWorkflowExecution",
        Variant::CancelChildWorkflowExecution(_) => "CancelChildWorkflowExecution",
        Variant::RequestCancelExternalWorkflowExecution(_) => {
            "RequestCancelExternalWorkflowExecution"
        }
        Variant::SignalExternalWorkflowExecution(_) => "SignalExternalWorkflowExecution",
        Variant::CancelSignalWorkflow(_) => "CancelSignalWorkflow",
        Variant::UpsertWorkflowSearchAttributes(_) => "UpsertWorkflowSearchAttributes",
        Variant::ModifyWorkflowProperties(_) => "ModifyWorkflowProperties",
        Variant::UpdateResponse(_) => "UpdateResponse",
        Variant::ScheduleNexusOperation(_) => "ScheduleNexusOperation",
        Variant::RequestCancelNexusOperation(_) => "RequestCancelNexusOperation",
    }
}
