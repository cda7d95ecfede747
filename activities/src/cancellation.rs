//! Requests to cancel an activity, as core passes them on.

use temporalio_common::protos::coresdk::activity_task::{
    ActivityCancelReason, ActivityCancellationDetails, Cancel,
};
use tokio::sync::watch;

/// Why an activity is asked to stop. The names are those of core's `ActivityCancelReason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelReason {
    /// The server no longer knows the activity.
    NotFound,
    /// The workflow, or a client, asked for it.
    Cancelled,
    /// The attempt ran into one of its timeouts.
    TimedOut,
    /// The worker is shutting down and its grace time is over.
    WorkerShutdown,
    /// Somebody paused the activity.
    Paused,
    /// Somebody reset the activity: the attempt is to be given up.
    Reset,
    /// A payload codec failed on the details of a heartbeat. The worker asks for this by itself, as the Node worker
    /// does, and the attempt fails retryably.
    HeartbeatNotEncoded,
    /// A reason that is newer than this worker.
    Unknown,
}

/// All that applies when an activity is asked to stop; more than one flag may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    missing_docs,
    reason = "each flag means what the CancelReason of that name means"
)]
pub struct CancelDetails {
    pub not_found: bool,
    pub cancel_requested: bool,
    pub paused: bool,
    pub timed_out: bool,
    pub worker_shutdown: bool,
    pub reset: bool,
}

/// One request to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelRequest {
    /// The main reason.
    pub reason: CancelReason,
    /// Everything that applies.
    pub details: CancelDetails,
}

impl CancelRequest {
    /// What the worker asks for when a payload codec fails on a heartbeat.
    pub(crate) fn heartbeat_not_encoded() -> Self {
        Self {
            reason: CancelReason::HeartbeatNotEncoded,
            details: CancelDetails::default(),
        }
    }
}

impl From<&Cancel> for CancelRequest {
    fn from(cancel: &Cancel) -> Self {
        let reason = ActivityCancelReason::try_from(cancel.reason)
            .map_or(CancelReason::Unknown, CancelReason::from);
        let details = cancel.details.as_ref().map(CancelDetails::from);
        Self {
            reason,
            details: details.unwrap_or_else(|| CancelDetails::of(reason)),
        }
    }
}

impl From<ActivityCancelReason> for CancelReason {
    fn from(reason: ActivityCancelReason) -> Self {
        match reason {
            ActivityCancelReason::NotFound => Self::NotFound,
            ActivityCancelReason::Cancelled => Self::Cancelled,
            ActivityCancelReason::TimedOut => Self::TimedOut,
            ActivityCancelReason::WorkerShutdown => Self::WorkerShutdown,
            ActivityCancelReason::Paused => Self::Paused,
            ActivityCancelReason::Reset => Self::Reset,
        }
    }
}

impl CancelDetails {
    /// The flags that a bare reason implies.
    fn of(reason: CancelReason) -> Self {
        Self {
            not_found: reason == CancelReason::NotFound,
            cancel_requested: reason == CancelReason::Cancelled,
            paused: reason == CancelReason::Paused,
            timed_out: reason == CancelReason::TimedOut,
            worker_shutdown: reason == CancelReason::WorkerShutdown,
            reset: reason == CancelReason::Reset,
        }
    }
}

impl From<&ActivityCancellationDetails> for CancelDetails {
    fn from(details: &ActivityCancellationDetails) -> Self {
        Self {
            not_found: details.is_not_found,
            cancel_requested: details.is_cancelled,
            paused: details.is_paused,
            timed_out: details.is_timed_out,
            worker_shutdown: details.is_worker_shutdown,
            reset: details.is_reset,
        }
    }
}

/// The dispatcher's end: hands requests to one running activity.
#[derive(Debug)]
pub(crate) struct Canceller(watch::Sender<Option<CancelRequest>>);

impl Canceller {
    /// A later request replaces an earlier one, as in the TypeScript SDK.
    pub(crate) fn cancel(&self, request: CancelRequest) {
        self.0.send_replace(Some(request));
    }
}

/// The activity's end: sees requests, and may be cloned.
#[derive(Debug, Clone)]
pub(crate) struct Cancellation(watch::Receiver<Option<CancelRequest>>);

impl Cancellation {
    /// The latest request, if there is one.
    pub(crate) fn request(&self) -> Option<CancelRequest> {
        *self.0.borrow()
    }

    /// Waits for a request. Never returns if the activity ends without one.
    pub(crate) async fn requested(&self) -> CancelRequest {
        let mut receiver = self.0.clone();
        let seen = receiver
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|request| *request);
        match seen {
            Some(request) => request,
            None => std::future::pending().await,
        }
    }
}

/// Both ends for one activity.
pub(crate) fn pair() -> (Canceller, Cancellation) {
    let (sender, receiver) = watch::channel(None);
    (Canceller(sender), Cancellation(receiver))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_come_from_the_task_or_else_from_the_reason() {
        let bare = Cancel {
            reason: ActivityCancelReason::Paused.into(),
            details: None,
        };
        let request = CancelRequest::from(&bare);
        assert_eq!(request.reason, CancelReason::Paused);
        assert_eq!(
            request.details,
            CancelDetails {
                paused: true,
                ..Default::default()
            }
        );

        let details = ActivityCancellationDetails {
            is_reset: true,
            ..Default::default()
        };
        let full = Cancel {
            details: Some(details),
            ..bare
        };
        let request = CancelRequest::from(&full);
        assert_eq!(
            request.details,
            CancelDetails {
                reset: true,
                ..Default::default()
            }
        );
    }

    #[test]
    fn a_reason_of_a_newer_core_is_unknown_and_still_a_request() {
        let request = CancelRequest::from(&Cancel {
            reason: 99,
            details: None,
        });
        assert_eq!(request.reason, CancelReason::Unknown);
        assert_eq!(request.details, CancelDetails::default());
    }

    #[tokio::test]
    async fn every_waiter_sees_the_request_and_the_latest_one_stays() {
        let (canceller, cancellation) = pair();
        assert_eq!(cancellation.request(), None);
        let request = |reason| CancelRequest {
            reason,
            details: CancelDetails::of(reason),
        };
        canceller.cancel(request(CancelReason::Paused));
        assert_eq!(
            cancellation.clone().requested().await.reason,
            CancelReason::Paused
        );
        canceller.cancel(request(CancelReason::Cancelled));
        drop(canceller);
        assert_eq!(
            cancellation.requested().await.reason,
            CancelReason::Cancelled
        );
    }
}
