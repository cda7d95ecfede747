//! A history as it was found: checked, so that sdk-core can replay it.

use temporalio_common::protos::temporal::api::enums::v1::EventType;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_common::protos::temporal::api::history::v1::{
    History, HistoryEvent, WorkflowExecutionStartedEventAttributes,
};
use temporalio_sdk_core::replay::HistoryInfo;

/// Why there is nothing to replay; a sentence without its subject, the history's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// One run's history.
#[derive(Clone, Debug)]
pub struct RecordedHistory {
    /// The workflow id; that of the first event, or what the caller knows.
    pub workflow_id: String,
    /// The run id at the beginning of the execution, which seeds the run's randomness.
    pub run_id: String,
    /// The workflow's type.
    pub workflow_type: String,
    /// The events.
    pub history: History,
    /// Whether a worker completed, or has, a workflow task of the run. If not there is nothing to replay.
    pub has_workflow_task: bool,
    /// Event types that the protocol does not have, in the order of their events, where they have names.
    unknown_event_types: Vec<String>,
}

impl RecordedHistory {
    /// Checks what sdk-core takes for granted. `workflow_id` is for histories whose server did not note it.
    ///
    /// # Errors
    /// When the events are no history of a run.
    pub fn new(
        history: History,
        unknown_event_types: Vec<String>,
        workflow_id: &str,
    ) -> Result<Self, Unreadable> {
        let started = started_attributes(&history)?;
        check_event_ids(&history.events)?;
        let info = HistoryInfo::new_from_history(&history, None).map_err(|error| {
            Unreadable(format!("is no history of a run: {error}; record it again"))
        })?;
        if started.original_execution_run_id.is_empty() {
            return Err(Unreadable(
                "has no run id in its first event (`originalExecutionRunId`); record it again"
                    .to_owned(),
            ));
        }
        let workflow_id = match started.workflow_id.as_str() {
            "" => workflow_id,
            noted => noted,
        };
        Ok(Self {
            workflow_id: workflow_id.to_owned(),
            has_workflow_task: info.workflow_task_started_event_id() > 0,
            run_id: started.original_execution_run_id.clone(),
            workflow_type: started
                .workflow_type
                .as_ref()
                .map_or_else(String::new, |workflow_type| workflow_type.name.clone()),
            unknown_event_types,
            history,
        })
    }

    /// The first event that this version does not know and must not skip, for the reason of a failure.
    #[must_use]
    pub fn unknown_event(&self) -> Option<String> {
        let is_unknown = |event: &HistoryEvent| {
            event.event_type() == EventType::Unspecified || event.attributes.is_none()
        };
        let mut names = self.unknown_event_types.iter();
        for event in self.history.events.iter().filter(|event| is_unknown(event)) {
            let name = match event.event_type {
                0 => names.next().map(|name| format!("`{name}`")),
                number => Some(match EventType::try_from(number) {
                    Ok(known) => format!("`{known:?}` without its attributes"),
                    Err(_) => format!("number {number}"),
                }),
            };
            if !event.worker_may_ignore {
                let name = name.unwrap_or_else(|| "without a name".to_owned());
                return Some(format!("event {} is of the type {name}", event.event_id));
            }
        }
        None
    }
}

fn started_attributes(
    history: &History,
) -> Result<&WorkflowExecutionStartedEventAttributes, Unreadable> {
    let Some(first) = history.events.first() else {
        return Err(Unreadable(
            "has no events; give a history as the CLI, the UI or an SDK writes it".to_owned(),
        ));
    };
    match &first.attributes {
        Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => Ok(started),
        _ => Err(Unreadable(format!(
            "begins with {:?} instead of WorkflowExecutionStarted; give the whole history",
            first.event_type()
        ))),
    }
}

/// A part of a history would be replayed as if it were all of it.
fn check_event_ids(events: &[HistoryEvent]) -> Result<(), Unreadable> {
    for (expected, event) in (1_i64..).zip(events) {
        if event.event_id != expected {
            return Err(Unreadable(format!(
                "has event {} where event {expected} is due; give the whole history",
                event.event_id
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::WorkflowType;

    use super::*;

    fn started() -> HistoryEvent {
        HistoryEvent {
            event_id: 1,
            event_type: EventType::WorkflowExecutionStarted as i32,
            attributes: Some(Attributes::WorkflowExecutionStartedEventAttributes(
                WorkflowExecutionStartedEventAttributes {
                    original_execution_run_id: "r".to_owned(),
                    workflow_type: Some(WorkflowType {
                        name: "t".to_owned(),
                    }),
                    ..Default::default()
                },
            )),
            ..Default::default()
        }
    }

    fn event(event_id: i64, event_type: i32) -> HistoryEvent {
        HistoryEvent {
            event_id,
            event_type,
            ..Default::default()
        }
    }

    fn recorded(events: Vec<HistoryEvent>) -> Result<RecordedHistory, Unreadable> {
        RecordedHistory::new(History { events }, Vec::new(), "w")
    }

    #[test]
    fn a_history_knows_its_run() {
        let found = recorded(vec![started()]).unwrap();
        assert_eq!(
            (found.workflow_id.as_str(), found.run_id.as_str()),
            ("w", "r")
        );
        assert_eq!(found.workflow_type, "t");
        assert!(!found.has_workflow_task);
        let mut noted = started();
        if let Some(Attributes::WorkflowExecutionStartedEventAttributes(attributes)) =
            &mut noted.attributes
        {
            attributes.workflow_id = "noted".to_owned();
        }
        assert_eq!(recorded(vec![noted]).unwrap().workflow_id, "noted");
    }

    #[test]
    fn what_is_no_history_of_a_run_says_why() {
        let mut nobody = started();
        nobody.attributes = Some(Attributes::WorkflowExecutionStartedEventAttributes(
            WorkflowExecutionStartedEventAttributes {
                workflow_type: Some(WorkflowType::default()),
                ..Default::default()
            },
        ));
        for (events, part) in [
            (vec![], "no events"),
            (vec![event(1, 5)], "begins with WorkflowTaskScheduled"),
            (vec![started(), event(3, 5)], "event 3 where event 2 is due"),
            (vec![nobody], "no run id"),
        ] {
            let Unreadable(message) = recorded(events).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn the_first_unknown_event_that_matters_is_named() {
        let ignorable = HistoryEvent {
            worker_may_ignore: true,
            ..event(2, 0)
        };
        let events = vec![started(), ignorable, event(3, 0), event(4, 9999)];
        let names = vec!["A".to_owned(), "B".to_owned()];
        let found = RecordedHistory::new(History { events }, names, "w").unwrap();
        assert_eq!(
            found.unknown_event().as_deref(),
            Some("event 3 is of the type `B`")
        );
        let found = recorded(vec![started(), event(2, 9999)]).unwrap();
        assert_eq!(
            found.unknown_event().as_deref(),
            Some("event 2 is of the type number 9999")
        );
        assert_eq!(recorded(vec![started()]).unwrap().unknown_event(), None);
    }
}
