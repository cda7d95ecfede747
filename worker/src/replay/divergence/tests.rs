use temporalio_common::protos::coresdk::workflow_commands::workflow_command::Variant;
use temporalio_common::protos::coresdk::workflow_commands::{
    CompleteWorkflowExecution, QueryResult, ScheduleActivity, StartTimer, WorkflowCommand,
};
use temporalio_common::protos::temporal::api::common::v1::ActivityType;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_common::protos::temporal::api::history::v1::{
    ActivityTaskScheduledEventAttributes, TimerStartedEventAttributes,
};

use super::super::lane::IssuedCommands;
use super::*;

fn event(event_id: i64, event_type: EventType, attributes: Option<Attributes>) -> HistoryEvent {
    HistoryEvent {
        event_id,
        event_type: event_type as i32,
        attributes,
        ..Default::default()
    }
}

fn timer_started(event_id: i64, timer_id: &str) -> HistoryEvent {
    let attributes = TimerStartedEventAttributes {
        timer_id: timer_id.to_owned(),
        ..Default::default()
    };
    event(event_id, EventType::TimerStarted, Some(attributes.into()))
}

fn activity_scheduled(event_id: i64, name: &str) -> HistoryEvent {
    let attributes = ActivityTaskScheduledEventAttributes {
        activity_type: Some(ActivityType {
            name: name.to_owned(),
        }),
        activity_id: "1".to_owned(),
        ..Default::default()
    };
    event(
        event_id,
        EventType::ActivityTaskScheduled,
        Some(attributes.into()),
    )
}

/// A task that completes with event 4, then `events`, then the next task.
fn history(events: Vec<HistoryEvent>) -> History {
    let before = [
        EventType::WorkflowExecutionStarted,
        EventType::WorkflowTaskScheduled,
        EventType::WorkflowTaskStarted,
        EventType::WorkflowTaskCompleted,
    ];
    let mut all: Vec<HistoryEvent> = (1..)
        .zip(before)
        .map(|(id, kind)| event(id, kind, None))
        .collect();
    all.extend(events);
    all.push(event(
        all.len() as i64 + 1,
        EventType::WorkflowTaskScheduled,
        None,
    ));
    History { events: all }
}

fn issued(variant: impl Into<Variant>, line: u32) -> IssuedCommand {
    IssuedCommand {
        command: WorkflowCommand {
            variant: Some(variant.into()),
            ..Default::default()
        },
        stack: Some(format!("Error\n    at f (/src/w.ts:{line}:1)")),
    }
}

fn timer(seq: u32, line: u32) -> IssuedCommand {
    issued(
        StartTimer {
            seq,
            ..Default::default()
        },
        line,
    )
}

fn activity(name: &str, line: u32) -> IssuedCommand {
    let command = ScheduleActivity {
        activity_type: name.to_owned(),
        activity_id: "1".to_owned(),
        ..Default::default()
    };
    issued(command, line)
}

fn explained(message: &str, events: Vec<HistoryEvent>, commands: Vec<IssuedCommand>) -> Divergence {
    let verdict = Verdict {
        message: message.to_owned(),
        tasks: vec![IssuedCommands {
            last_event_id: 3,
            commands,
        }],
        ..Verdict::default()
    };
    explain(&history(events), &verdict)
}

fn line(divergence: &Divergence) -> Option<u32> {
    divergence.source.as_ref().map(|place| place.line)
}

#[test]
fn the_command_at_the_place_of_the_named_event_is_the_one() {
    let found = explained(
        "Activity machine does not handle this event: HistoryEvent(id: 6, TimerStarted)",
        vec![timer_started(5, "1"), timer_started(6, "2")],
        vec![timer(1, 10), activity("echo", 20)],
    );
    assert_eq!((found.event_id, line(&found)), (Some(6), Some(20)));
    assert_eq!(found.history.as_deref(), Some("TimerStarted (timer 2)"));
    assert_eq!(
        found.code.as_deref(),
        Some("ScheduleActivity (activity type echo, activity id 1)")
    );
}

#[test]
fn without_a_named_event_the_first_that_does_not_fit_counts() {
    let found = explained(
        "Activity type of scheduled event 'b' does not match activity type of activity command 'c'",
        vec![activity_scheduled(5, "a"), activity_scheduled(6, "b")],
        vec![activity("a", 10), activity("c", 20)],
    );
    assert_eq!((found.event_id, line(&found)), (Some(6), Some(20)));
}

#[test]
fn commands_that_make_no_event_do_not_count() {
    let found = explained(
        "HistoryEvent(id: 5, TimerStarted)",
        vec![timer_started(5, "1")],
        vec![issued(QueryResult::default(), 10), activity("echo", 20)],
    );
    assert_eq!(line(&found), Some(20));
}

#[test]
fn code_that_did_nothing_is_found_at_its_last_command() {
    let found = explained(
        "No command scheduled for event HistoryEvent(id: 6, TimerStarted)",
        vec![timer_started(5, "1"), timer_started(6, "2")],
        vec![timer(1, 10)],
    );
    assert_eq!((found.event_id, line(&found)), (Some(6), Some(10)));
    assert_eq!(
        found.code.as_deref(),
        Some("issued no command there; its last one was StartTimer (timer 1)")
    );
}

#[test]
fn a_command_too_many_is_the_last_one() {
    let found = explained(
        "Timer machine does not handle this event: HistoryEvent(id: 6, WorkflowTaskScheduled)",
        vec![timer_started(5, "1")],
        vec![
            timer(1, 10),
            issued(CompleteWorkflowExecution::default(), 20),
        ],
    );
    assert_eq!((found.event_id, line(&found)), (Some(6), Some(20)));
    assert_eq!(found.code.as_deref(), Some("CompleteWorkflowExecution"));
}

#[test]
fn without_a_look_at_the_code_the_message_is_all() {
    let verdict = Verdict {
        message: "why".to_owned(),
        ..Verdict::default()
    };
    let found = explain(&history(Vec::new()), &verdict);
    assert_eq!((found.message.as_str(), found.event_id), ("why", None));
    assert_eq!((found.code, found.source), (None, None));
}
