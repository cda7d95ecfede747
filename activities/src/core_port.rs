//! The part of a core worker that activities need, as a trait, so that the dispatcher can be
//! driven by a script in tests.

use std::future::Future;

use temporalio_common::protos::coresdk::activity_task::ActivityTask;
use temporalio_common::protos::coresdk::{ActivityHeartbeat, ActivityTaskCompletion};
use temporalio_sdk_core::{CompleteActivityError, PollError, Worker};

/// A source of activity tasks and the receiver of their results.
pub trait ActivityCore: Send + Sync + 'static {
    /// The next task. Called by one caller at a time, and never dropped half-way.
    ///
    /// # Errors
    /// [`PollError::ShutDown`] when no task will come any more.
    fn poll(&self) -> impl Future<Output = Result<ActivityTask, PollError>> + Send;

    /// Reports the end of one attempt. May be called concurrently.
    ///
    /// # Errors
    /// A completion that core refuses; the task is lost to the worker then.
    fn complete(
        &self,
        completion: ActivityTaskCompletion,
    ) -> impl Future<Output = Result<(), CompleteActivityError>> + Send;

    /// Says that an attempt is alive. Returns at once; core throttles.
    fn record_heartbeat(&self, heartbeat: ActivityHeartbeat);

    /// The task queue that is polled.
    fn task_queue(&self) -> &str;
}

impl ActivityCore for Worker {
    fn poll(&self) -> impl Future<Output = Result<ActivityTask, PollError>> + Send {
        self.poll_activity_task()
    }

    fn complete(
        &self,
        completion: ActivityTaskCompletion,
    ) -> impl Future<Output = Result<(), CompleteActivityError>> + Send {
        self.complete_activity_task(completion)
    }

    fn record_heartbeat(&self, heartbeat: ActivityHeartbeat) {
        self.record_activity_heartbeat(heartbeat);
    }

    fn task_queue(&self) -> &str {
        &self.get_config().task_queue
    }
}
