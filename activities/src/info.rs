//! What a handler can know about the task it runs.

use std::time::{Duration, SystemTime};

use temporalio_common::protos::coresdk::activity_task::Start;

/// Facts about one activity attempt. Times are the server's; a timeout that is not set is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityInfo {
    /// Unique within the workflow run, or within the namespace for a standalone activity.
    pub activity_id: String,
    /// The name under which the handler is registered.
    pub activity_type: String,
    /// Counted from 1.
    pub attempt: u32,
    /// The task queue that the worker polls.
    pub task_queue: String,
    /// The namespace of the activity.
    pub namespace: String,
    /// Who scheduled the activity; `None` for a standalone one.
    pub workflow: Option<WorkflowRef>,
    /// The run id of a standalone activity.
    pub activity_run_id: Option<String>,
    /// A local activity runs in the worker of its workflow and cannot heartbeat.
    pub is_local: bool,
    /// A heartbeat is due at least this often.
    pub heartbeat_timeout: Option<Duration>,
    /// From the first scheduling to the end of the last attempt.
    pub schedule_to_close_timeout: Option<Duration>,
    /// For one attempt.
    pub start_to_close_timeout: Option<Duration>,
    /// When the activity was first scheduled.
    pub scheduled_time: Option<SystemTime>,
    /// When this attempt was scheduled.
    pub current_attempt_scheduled_time: Option<SystemTime>,
    /// When this attempt was handed to the worker.
    pub started_time: Option<SystemTime>,
    /// When the server gives this attempt up: the earlier end of the two timeouts.
    pub deadline: Option<SystemTime>,
    /// Identifies this attempt; needed to complete it from elsewhere.
    pub task_token: Vec<u8>,
}

/// The workflow that scheduled an activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowRef {
    /// The workflow id.
    pub workflow_id: String,
    /// The run id.
    pub run_id: String,
    /// The workflow type.
    pub workflow_type: String,
}

impl ActivityInfo {
    pub(crate) fn new(task_token: &[u8], start: &Start, task_queue: &str) -> Self {
        let scheduled_time = known(start.scheduled_time.map(SystemTime::try_from));
        let started_time = known(start.started_time.map(SystemTime::try_from));
        let schedule_to_close_timeout =
            set(start.schedule_to_close_timeout.map(Duration::try_from));
        let start_to_close_timeout = set(start.start_to_close_timeout.map(Duration::try_from));
        Self {
            activity_id: start.activity_id.clone(),
            activity_type: start.activity_type.clone(),
            attempt: start.attempt,
            task_queue: task_queue.to_owned(),
            namespace: start.workflow_namespace.clone(),
            workflow: workflow(start),
            activity_run_id: (!start.run_id.is_empty()).then(|| start.run_id.clone()),
            is_local: start.is_local,
            heartbeat_timeout: set(start.heartbeat_timeout.map(Duration::try_from)),
            schedule_to_close_timeout,
            start_to_close_timeout,
            scheduled_time,
            current_attempt_scheduled_time: known(
                start
                    .current_attempt_scheduled_time
                    .map(SystemTime::try_from),
            ),
            started_time,
            deadline: deadline(
                (scheduled_time, schedule_to_close_timeout),
                (started_time, start_to_close_timeout),
            ),
            task_token: task_token.to_vec(),
        }
    }
}

fn workflow(start: &Start) -> Option<WorkflowRef> {
    let execution = start.workflow_execution.as_ref()?;
    (!execution.workflow_id.is_empty()).then(|| WorkflowRef {
        workflow_id: execution.workflow_id.clone(),
        run_id: execution.run_id.clone(),
        workflow_type: start.workflow_type.clone(),
    })
}

/// A time that the platform can represent.
fn known<T, E>(converted: Option<Result<T, E>>) -> Option<T> {
    converted.and_then(Result::ok)
}

/// The protocol says "no timeout" by absence or by zero.
fn set<E>(timeout: Option<Result<Duration, E>>) -> Option<Duration> {
    known(timeout).filter(|timeout| !timeout.is_zero())
}

/// The earlier of two ends, each given as a start and a timeout; unset ones do not count.
fn deadline(
    whole: (Option<SystemTime>, Option<Duration>),
    attempt: (Option<SystemTime>, Option<Duration>),
) -> Option<SystemTime> {
    [whole, attempt]
        .into_iter()
        .filter_map(|(from, timeout)| from?.checked_add(timeout?))
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use temporalio_common::protos::temporal::api::common::v1::WorkflowExecution;

    fn at(seconds: u64) -> Option<SystemTime> {
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    fn secs(seconds: u64) -> Option<Duration> {
        Some(Duration::from_secs(seconds))
    }

    #[test]
    fn the_deadline_is_the_earlier_end() {
        assert_eq!(deadline((at(10), secs(100)), (at(50), secs(20))), at(70));
        assert_eq!(deadline((at(10), secs(30)), (at(50), secs(20))), at(40));
    }

    #[test]
    fn an_unset_timeout_is_no_deadline() {
        assert_eq!(deadline((at(10), None), (at(50), secs(20))), at(70));
        assert_eq!(deadline((at(10), None), (at(50), None)), None);
        assert_eq!(
            deadline((at(10), Some(Duration::MAX)), (None, secs(1))),
            None
        );
    }

    #[test]
    fn a_zero_timeout_is_unset() {
        let start = Start {
            heartbeat_timeout: Duration::ZERO.try_into().ok(),
            start_to_close_timeout: Duration::from_secs(3).try_into().ok(),
            ..Default::default()
        };
        let info = ActivityInfo::new(b"t", &start, "q");
        assert_eq!(info.heartbeat_timeout, None);
        assert_eq!(info.start_to_close_timeout, secs(3));
    }

    #[test]
    fn a_workflow_is_named_only_if_there_is_one() {
        let execution = WorkflowExecution {
            workflow_id: "w".into(),
            run_id: "r".into(),
        };
        let of_workflow = Start {
            workflow_execution: Some(execution),
            workflow_type: "T".into(),
            ..Default::default()
        };
        let info = ActivityInfo::new(b"t", &of_workflow, "q");
        let workflow = info.workflow.unwrap();
        assert_eq!(
            (
                workflow.workflow_id.as_str(),
                workflow.workflow_type.as_str()
            ),
            ("w", "T")
        );
        assert_eq!(info.activity_run_id, None);

        let standalone = Start {
            workflow_execution: Some(WorkflowExecution::default()),
            run_id: "a".into(),
            ..Default::default()
        };
        let info = ActivityInfo::new(b"t", &standalone, "q");
        assert_eq!(info.workflow, None);
        assert_eq!(info.activity_run_id.as_deref(), Some("a"));
    }
}
