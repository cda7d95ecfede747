//! What a handler sees of its task while it runs.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use temporalio_common::protos::coresdk::ActivityHeartbeat;
use temporalio_common::protos::temporal::api::common::v1::Payload;

use crate::cancellation::{CancelReason, CancelRequest, Cancellation};
use crate::converter::Converter;
use crate::info::ActivityInfo;
use crate::payload::{self, DecodeError, EncodeError};

/// Takes heartbeats to core.
pub(crate) type HeartbeatSink = Arc<dyn Fn(ActivityHeartbeat) + Send + Sync>;

/// A handler's view of its task. Cloning is cheap.
#[derive(Clone)]
pub struct ActivityContext(Arc<Inner>);

struct Inner {
    info: ActivityInfo,
    headers: HashMap<String, Payload>,
    heartbeat_details: Vec<Payload>,
    cancellation: Cancellation,
    heartbeats: HeartbeatSink,
    converter: Converter,
}

impl ActivityContext {
    pub(crate) fn new(
        info: ActivityInfo,
        headers: HashMap<String, Payload>,
        heartbeat_details: Vec<Payload>,
        cancellation: Cancellation,
        heartbeats: HeartbeatSink,
        converter: Converter,
    ) -> Self {
        Self(Arc::new(Inner {
            info,
            headers,
            heartbeat_details,
            cancellation,
            heartbeats,
            converter,
        }))
    }

    pub(crate) fn converter(&self) -> &Converter {
        &self.0.converter
    }

    /// Facts about this attempt.
    pub fn info(&self) -> &ActivityInfo {
        &self.0.info
    }

    /// The headers that the workflow's interceptors attached.
    pub fn headers(&self) -> &HashMap<String, Payload> {
        &self.0.headers
    }

    /// Says that the attempt is alive and how far it is. Call it as often as convenient: core
    /// sends the latest details at a fraction of the heartbeat timeout. A request to cancel
    /// reaches the activity only if it heartbeats. Does nothing in a local activity.
    ///
    /// # Errors
    /// Details that JSON cannot hold, or that the payload converter refuses.
    pub fn heartbeat(&self, details: impl Serialize) -> Result<(), EncodeError> {
        let details = vec![self.0.converter.encode(&details)?];
        if !self.0.info.is_local {
            let task_token = self.0.info.task_token.clone();
            (self.0.heartbeats)(ActivityHeartbeat {
                task_token,
                details,
            });
        }
        Ok(())
    }

    /// The details of the last heartbeat that the server got from an earlier attempt.
    ///
    /// # Errors
    /// Details of another shape than `T`.
    pub fn heartbeat_details<T: DeserializeOwned>(&self) -> Result<Option<T>, DecodeError> {
        let details = self.0.converter.to_default(&self.0.heartbeat_details)?;
        details.first().map(payload::decode).transpose()
    }

    /// Waits until the activity is asked to stop, and says why. The handler should then return
    /// [`ActivityError::Cancelled`](crate::ActivityError::Cancelled), soon. Never returns when the
    /// activity ends without such a request.
    pub async fn cancelled(&self) -> CancelReason {
        self.0.cancellation.requested().await.reason
    }

    /// `true` once the activity was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancel_request().is_some()
    }

    /// The latest request to stop, with everything that led to it.
    pub fn cancel_request(&self) -> Option<CancelRequest> {
        self.0.cancellation.request()
    }
}

impl fmt::Debug for ActivityContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActivityContext")
            .field("info", &self.0.info)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancellation;
    use parking_lot::Mutex;
    use temporalio_common::protos::coresdk::activity_task::Start;

    fn context(start: Start) -> (ActivityContext, Arc<Mutex<Vec<ActivityHeartbeat>>>) {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&sent);
        let (_, cancellation) = cancellation::pair();
        let context = ActivityContext::new(
            ActivityInfo::new(b"token", &start, "q"),
            start.header_fields,
            start.heartbeat_details,
            cancellation,
            Arc::new(move |heartbeat| sink.lock().push(heartbeat)),
            Converter::default(),
        );
        (context, sent)
    }

    #[test]
    fn a_heartbeat_carries_the_token_and_one_payload() {
        let (context, sent) = context(Start::default());
        context.heartbeat(("a", 1)).unwrap();
        let sent = sent.lock();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].task_token, b"token");
        assert_eq!(sent[0].details, [payload::encode(&("a", 1)).unwrap()]);
    }

    #[test]
    fn a_local_activity_sends_no_heartbeat() {
        let (context, sent) = context(Start {
            is_local: true,
            ..Default::default()
        });
        context.heartbeat(1).unwrap();
        assert!(sent.lock().is_empty());
    }

    #[test]
    fn details_that_json_cannot_hold_are_refused() {
        let (context, sent) = context(Start::default());
        assert!(context.heartbeat(HashMap::from([(vec![1], 1)])).is_err());
        assert!(sent.lock().is_empty());
    }

    #[test]
    fn the_details_of_the_last_attempt_are_typed() {
        let details = vec![payload::encode(&41).unwrap()];
        let (context, _) = context(Start {
            heartbeat_details: details,
            ..Default::default()
        });
        assert_eq!(context.heartbeat_details::<u8>().unwrap(), Some(41));
        assert!(context.heartbeat_details::<String>().is_err());
    }

    #[test]
    fn a_first_attempt_has_no_details() {
        let (context, _) = context(Start::default());
        assert_eq!(context.heartbeat_details::<u8>().unwrap(), None);
    }
}
