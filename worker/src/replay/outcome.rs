//! What came of replaying one history.

use std::time::Duration;

use temporalio_common::protos::coresdk::workflow_activation::remove_from_cache::EvictionReason;

use super::divergence::Divergence;
use super::lane::Verdict;
use super::recorded::RecordedHistory;
use super::stack::{Place, place_in};
use crate::exit_code::ExitCode;

/// What came of one history. The classes are those of the Node worker's `runReplayHistories`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The code does what the history says.
    Ok,
    /// It does not: `DeterminismViolationError` in Node.
    Nondeterminism(Box<Divergence>),
    /// The workflow task fails, so a worker would try it again and again: `ReplayError` in Node.
    TaskFailure {
        /// What failed.
        message: String,
        /// Where in workflow code, if its stack says so.
        source: Option<Place>,
    },
    /// sdk-core cannot replay this history: `ReplayError` in Node.
    Unusable {
        /// Its reason.
        message: String,
    },
    /// There is no history to replay.
    Unreadable {
        /// Why; a sentence without its subject, the name.
        message: String,
    },
}

impl Outcome {
    /// The class as reports name it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Nondeterminism(_) => "nondeterminism",
            Self::TaskFailure { .. } => "workflow-task-failure",
            Self::Unusable { .. } => "unusable-history",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// The exit code of a set of outcomes: the first of nondeterminism, failure, unreadable input that is among them.
    #[must_use]
    pub fn exit_code<'a>(outcomes: impl IntoIterator<Item = &'a Self>) -> ExitCode {
        let rank = |outcome: &Self| match outcome {
            Self::Nondeterminism(_) => (3, ExitCode::Nondeterminism),
            Self::TaskFailure { .. } | Self::Unusable { .. } => (2, ExitCode::ReplayFailure),
            Self::Unreadable { .. } => (1, ExitCode::Input),
            Self::Ok => (0, ExitCode::Ok),
        };
        outcomes
            .into_iter()
            .map(rank)
            .max_by_key(|(rank, _)| *rank)
            .map_or(ExitCode::Ok, |(_, code)| code)
    }

    /// Judges by the reason of the eviction that ended the replay (contract 4). `None` stands for a nondeterminism,
    /// which needs a closer look.
    pub(super) fn of_verdict(verdict: &Verdict, recorded: &RecordedHistory) -> Option<Self> {
        match verdict.reason {
            EvictionReason::CacheFull
            | EvictionReason::LangRequested
            | EvictionReason::WorkflowExecutionEnding => Some(Self::Ok),
            EvictionReason::Nondeterminism => None,
            EvictionReason::LangFail => Some(Self::task_failure(verdict)),
            reason => Some(Self::Unusable {
                message: match recorded.unknown_event() {
                    Some(event) => format!(
                        "{event}, which this version does not know and must not skip: the history is of a newer \
                         server; replay it with a newer version"
                    ),
                    None => format!(
                        "sdk-core gave up ({}): {}",
                        reason.as_str_name(),
                        verdict.message
                    ),
                },
            }),
        }
    }

    fn task_failure(verdict: &Verdict) -> Self {
        let failure = verdict.failure.as_ref();
        Self::TaskFailure {
            message: failure.map_or_else(
                || verdict.message.clone(),
                |failure| failure.message.clone(),
            ),
            source: failure.and_then(|failure| place_in(&failure.stack_trace)),
        }
    }
}

/// One history's line in the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryReport {
    /// The file, or `WORKFLOW_ID/RUN_ID` on a server.
    pub name: String,
    /// What is known of the run; nothing if the history cannot be read.
    pub run: Option<RunInfo>,
    /// What came of it.
    pub outcome: Outcome,
    /// How long reading and replaying took.
    pub took: Duration,
}

/// The run of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunInfo {
    /// Workflow id.
    pub workflow_id: String,
    /// Run id.
    pub run_id: String,
    /// Workflow type.
    pub workflow_type: String,
    /// Events of the history.
    pub events: usize,
}

impl RunInfo {
    pub(super) fn of(recorded: &RecordedHistory) -> Self {
        Self {
            workflow_id: recorded.workflow_id.clone(),
            run_id: recorded.run_id.clone(),
            workflow_type: recorded.workflow_type.clone(),
            events: recorded.history.events.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::WorkflowType;
    use temporalio_common::protos::temporal::api::enums::v1::EventType;
    use temporalio_common::protos::temporal::api::history::v1::WorkflowExecutionStartedEventAttributes;
    use temporalio_common::protos::temporal::api::history::v1::{
        History, HistoryEvent, history_event,
    };

    use super::*;

    fn recorded(more: Vec<HistoryEvent>) -> RecordedHistory {
        let attributes = WorkflowExecutionStartedEventAttributes {
            original_execution_run_id: "r".to_owned(),
            workflow_type: Some(WorkflowType::default()),
            ..Default::default()
        };
        let started = HistoryEvent {
            event_id: 1,
            event_type: EventType::WorkflowExecutionStarted as i32,
            attributes: Some(
                history_event::Attributes::WorkflowExecutionStartedEventAttributes(attributes),
            ),
            ..Default::default()
        };
        let events = std::iter::once(started).chain(more).collect();
        RecordedHistory::new(History { events }, Vec::new(), "w").unwrap()
    }

    fn judged(reason: EvictionReason, more: Vec<HistoryEvent>) -> Option<Outcome> {
        let verdict = Verdict {
            reason,
            message: "why".to_owned(),
            ..Verdict::default()
        };
        Outcome::of_verdict(&verdict, &recorded(more))
    }

    #[test]
    fn the_reason_of_the_eviction_is_the_verdict() {
        for reason in [
            EvictionReason::CacheFull,
            EvictionReason::LangRequested,
            EvictionReason::WorkflowExecutionEnding,
        ] {
            assert_eq!(judged(reason, Vec::new()), Some(Outcome::Ok), "{reason:?}");
        }
        assert_eq!(judged(EvictionReason::Nondeterminism, Vec::new()), None);
        let failure = judged(EvictionReason::LangFail, Vec::new()).unwrap();
        assert_eq!(failure.name(), "workflow-task-failure");
        let fatal = judged(EvictionReason::Fatal, Vec::new()).unwrap();
        assert!(
            matches!(&fatal, Outcome::Unusable { message } if message.ends_with("(FATAL): why")),
            "{fatal:?}"
        );
    }

    #[test]
    fn an_unknown_event_explains_a_history_that_cannot_be_used() {
        let unknown = HistoryEvent {
            event_id: 2,
            event_type: 9999,
            ..Default::default()
        };
        let outcome = judged(EvictionReason::Fatal, vec![unknown]).unwrap();
        assert!(
            matches!(&outcome, Outcome::Unusable { message } if message.contains("newer server")),
            "{outcome:?}"
        );
    }

    #[test]
    fn the_gravest_outcome_decides_the_exit_code() {
        let unreadable = Outcome::Unreadable {
            message: String::new(),
        };
        let unusable = Outcome::Unusable {
            message: String::new(),
        };
        let divergence = Outcome::Nondeterminism(Box::default());
        assert_eq!(Outcome::exit_code([]), ExitCode::Ok);
        assert_eq!(
            Outcome::exit_code([&Outcome::Ok, &unreadable]),
            ExitCode::Input
        );
        assert_eq!(
            Outcome::exit_code([&unusable, &unreadable]),
            ExitCode::ReplayFailure
        );
        assert_eq!(
            Outcome::exit_code([&divergence, &unusable]),
            ExitCode::Nondeterminism
        );
    }
}
