//! Heartbeats through payload codecs: a handler does not wait for them, and only the latest counts.

use std::sync::Arc;

use burdock_codecs::{ActivityCodecs, ActivityOwner};
use parking_lot::Mutex;
use temporalio_common::protos::coresdk::ActivityHeartbeat;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::cancellation::CancelRequest;
use crate::context::HeartbeatSink;

use super::in_flight::InFlight;

/// The heartbeats of one attempt.
pub(super) struct CodedHeartbeats {
    mailbox: Arc<Mailbox>,
    pump: JoinHandle<()>,
}

/// Where the handler leaves its latest heartbeat.
#[derive(Default)]
struct Mailbox {
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Default)]
struct State {
    latest: Option<ActivityHeartbeat>,
    is_closed: bool,
}

/// What the pump finds in the mailbox.
enum Next {
    Heartbeat(ActivityHeartbeat),
    Nothing,
    End,
}

impl Mailbox {
    fn put(&self, heartbeat: ActivityHeartbeat) {
        let mut state = self.state.lock();
        if !state.is_closed {
            state.latest = Some(heartbeat);
            self.wake.notify_one();
        }
    }

    /// Takes no more. What is in there may still be taken out.
    fn close(&self) {
        self.state.lock().is_closed = true;
        self.wake.notify_one();
    }

    fn next(&self) -> Next {
        let mut state = self.state.lock();
        match state.latest.take() {
            Some(heartbeat) => Next::Heartbeat(heartbeat),
            None if state.is_closed => Next::End,
            None => Next::Nothing,
        }
    }
}

impl CodedHeartbeats {
    /// Encodes one heartbeat at a time and passes it on to `encoded`. If that fails, the attempt is asked to stop.
    pub(super) fn start(
        codecs: ActivityCodecs,
        owner: ActivityOwner,
        encoded: HeartbeatSink,
        in_flight: Arc<InFlight>,
    ) -> Self {
        let mailbox = Arc::<Mailbox>::default();
        let shared = Arc::clone(&mailbox);
        let pump = tokio::spawn(async move {
            loop {
                let mut heartbeat = match shared.next() {
                    Next::Heartbeat(heartbeat) => heartbeat,
                    Next::Nothing => {
                        shared.wake.notified().await;
                        continue;
                    }
                    Next::End => return,
                };
                match codecs.encode_heartbeat(&owner, &mut heartbeat).await {
                    Ok(()) => encoded(heartbeat),
                    Err(error) => {
                        tracing::warn!(%error, "asking an activity to stop, since its heartbeat cannot be sent");
                        shared.close();
                        let request = CancelRequest::heartbeat_not_encoded();
                        in_flight.cancel(&heartbeat.task_token, request);
                    }
                }
            }
        });
        Self { mailbox, pump }
    }

    /// Takes the handler's heartbeats.
    pub(super) fn sink(&self) -> HeartbeatSink {
        let mailbox = Arc::clone(&self.mailbox);
        Arc::new(move |heartbeat| mailbox.put(heartbeat))
    }

    /// Waits until the last heartbeat is passed on.
    pub(super) async fn flush(self) {
        self.mailbox.close();
        // It ends by itself; a panic in it has nothing more to say.
        let _ = self.pump.await;
    }

    /// Drops what was not passed on yet.
    pub(super) fn stop(self) {
        self.mailbox.close();
        self.pump.abort();
    }
}
