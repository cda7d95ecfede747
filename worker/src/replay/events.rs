//! Events of a history in a few words.

use temporalio_common::protos::constants::{LOCAL_ACTIVITY_MARKER_NAME, PATCH_MARKER_NAME};
use temporalio_common::protos::coresdk::common::{
    decode_change_marker_details, extract_local_activity_marker_data,
};
use temporalio_common::protos::temporal::api::common::v1::{
    ActivityType, WorkflowExecution, WorkflowType,
};
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_common::protos::temporal::api::history::v1::{
    HistoryEvent, MarkerRecordedEventAttributes,
};

/// What history has, in the words of its events: `TimerStarted (timer 1)`.
pub(super) fn describe_event(event: &HistoryEvent) -> String {
    let names: Vec<String> = names_of(event)
        .iter()
        .map(|(what, name)| format!("{what} {name}"))
        .collect();
    if names.is_empty() {
        format!("{:?}", event.event_type())
    } else {
        format!("{:?} ({})", event.event_type(), names.join(", "))
    }
}

/// What an event names, each with its heading.
pub(super) fn names_of(event: &HistoryEvent) -> Vec<(&'static str, String)> {
    let Some(attributes) = &event.attributes else {
        return Vec::new();
    };
    match attributes {
        Attributes::TimerStartedEventAttributes(timer) => vec![("timer", timer.timer_id.clone())],
        Attributes::TimerCanceledEventAttributes(timer) => vec![("timer", timer.timer_id.clone())],
        Attributes::TimerFiredEventAttributes(timer) => vec![("timer", timer.timer_id.clone())],
        Attributes::ActivityTaskScheduledEventAttributes(activity) => vec![
            (
                "activity type",
                activity_type(activity.activity_type.as_ref()),
            ),
            ("activity id", activity.activity_id.clone()),
        ],
        Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(child) => vec![
            ("workflow type", workflow_type(child.workflow_type.as_ref())),
            ("workflow id", child.workflow_id.clone()),
        ],
        Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(signal) => vec![
            ("signal", signal.signal_name.clone()),
            (
                "workflow id",
                workflow_id(signal.workflow_execution.as_ref()),
            ),
        ],
        Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(cancel) => {
            vec![(
                "workflow id",
                workflow_id(cancel.workflow_execution.as_ref()),
            )]
        }
        Attributes::WorkflowExecutionContinuedAsNewEventAttributes(next) => {
            vec![("workflow type", workflow_type(next.workflow_type.as_ref()))]
        }
        Attributes::NexusOperationScheduledEventAttributes(operation) => vec![
            ("service", operation.service.clone()),
            ("operation", operation.operation.clone()),
        ],
        Attributes::MarkerRecordedEventAttributes(marker) => vec![marker_name(marker)],
        _ => Vec::new(),
    }
}

/// Markers of sdk-core say more than their name.
fn marker_name(marker: &MarkerRecordedEventAttributes) -> (&'static str, String) {
    let known = match marker.marker_name.as_str() {
        PATCH_MARKER_NAME => {
            decode_change_marker_details(&marker.details).map(|(patch_id, _)| ("patch", patch_id))
        }
        LOCAL_ACTIVITY_MARKER_NAME => extract_local_activity_marker_data(&marker.details)
            .map(|data| ("local activity type", data.activity_type)),
        _ => None,
    };
    known.unwrap_or_else(|| ("marker", marker.marker_name.clone()))
}

fn activity_type(found: Option<&ActivityType>) -> String {
    found.map_or_else(String::new, |found| found.name.clone())
}

fn workflow_type(found: Option<&WorkflowType>) -> String {
    found.map_or_else(String::new, |found| found.name.clone())
}

fn workflow_id(found: Option<&WorkflowExecution>) -> String {
    found.map_or_else(String::new, |found| found.workflow_id.clone())
}
