//! The activities that run at the moment: who can be cancelled, and how many there are.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;

use crate::cancellation::{self, CancelRequest, Cancellation, Canceller};

/// Counts of one dispatcher. An activity counts until core has taken its result.
#[derive(Debug, Default)]
pub struct ActivityCounters {
    local: AtomicUsize,
    non_local: AtomicUsize,
    poll_errors: AtomicU64,
    bytes: AtomicU64,
}

impl ActivityCounters {
    /// Activities under way, of both kinds.
    pub fn in_flight(&self) -> usize {
        self.in_flight_local() + self.in_flight_non_local()
    }

    /// Local activities under way.
    pub fn in_flight_local(&self) -> usize {
        self.local.load(Ordering::Relaxed)
    }

    /// Activities under way that came from the task queue.
    pub fn in_flight_non_local(&self) -> usize {
        self.non_local.load(Ordering::Relaxed)
    }

    /// Bytes of the messages of activities under way: arguments, headers, and results that core has not taken yet. What a
    /// handler allocates is not among them.
    pub fn in_flight_bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Polls that failed so far, the end of a shutdown not counted.
    pub fn poll_errors(&self) -> u64 {
        self.poll_errors.load(Ordering::Relaxed)
    }

    pub(super) fn record_poll_error(&self) {
        self.poll_errors.fetch_add(1, Ordering::Relaxed);
    }

    fn of(&self, is_local: bool) -> &AtomicUsize {
        if is_local {
            &self.local
        } else {
            &self.non_local
        }
    }
}

/// The running activities by task token.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    cancellers: Mutex<HashMap<Vec<u8>, Canceller>>,
    counters: Arc<ActivityCounters>,
}

impl InFlight {
    pub(super) fn counters(&self) -> Arc<ActivityCounters> {
        Arc::clone(&self.counters)
    }

    /// Enters an activity. It leaves when the ticket is dropped, whatever way it ends.
    pub(super) fn enter(self: &Arc<Self>, token: &[u8], is_local: bool) -> (Ticket, Cancellation) {
        let (canceller, cancellation) = cancellation::pair();
        self.cancellers.lock().insert(token.to_vec(), canceller);
        self.counters.of(is_local).fetch_add(1, Ordering::Relaxed);
        let cancellable = Some(Cancellable {
            in_flight: Arc::clone(self),
            token: token.to_vec(),
        });
        (
            Ticket {
                cancellable,
                counters: self.counters(),
                is_local,
                bytes: 0,
            },
            cancellation,
        )
    }

    /// Passes a request on. `false` if no such activity runs (any more).
    pub(super) fn cancel(&self, token: &[u8], request: CancelRequest) -> bool {
        let cancellers = self.cancellers.lock();
        let canceller = cancellers.get(token);
        canceller
            .inspect(|canceller| canceller.cancel(request))
            .is_some()
    }
}

/// One activity's place among those that run.
#[derive(Debug)]
pub(super) struct Ticket {
    cancellable: Option<Cancellable>,
    counters: Arc<ActivityCounters>,
    is_local: bool,
    bytes: u64,
}

impl Ticket {
    /// A message of the activity of this size is kept until the ticket is dropped.
    pub(super) fn holds(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
        self.counters
            .bytes
            .fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The handler is through: a request to cancel means nothing to it any more. To be called
    /// before the result is reported, so that core may use the token again afterwards.
    pub(super) fn handler_ended(&mut self) {
        self.cancellable = None;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.counters
            .of(self.is_local)
            .fetch_sub(1, Ordering::Relaxed);
        self.counters.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Cancellable {
    in_flight: Arc<InFlight>,
    token: Vec<u8>,
}

impl Drop for Cancellable {
    fn drop(&mut self) {
        self.in_flight.cancellers.lock().remove(&self.token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancellation::{CancelDetails, CancelReason};

    const REQUEST: CancelRequest = CancelRequest {
        reason: CancelReason::Cancelled,
        details: CancelDetails {
            not_found: false,
            cancel_requested: true,
            paused: false,
            timed_out: false,
            worker_shutdown: false,
            reset: false,
        },
    };

    #[test]
    fn kinds_are_counted_apart_until_the_ticket_is_dropped() {
        let in_flight = Arc::new(InFlight::default());
        let counters = in_flight.counters();
        let (local, _) = in_flight.enter(b"a", true);
        let (mut remote, _) = in_flight.enter(b"b", false);
        assert_eq!(
            (counters.in_flight_local(), counters.in_flight_non_local()),
            (1, 1)
        );
        drop(local);
        remote.handler_ended();
        assert_eq!(
            (counters.in_flight_local(), counters.in_flight_non_local()),
            (0, 1)
        );
        remote.holds(100);
        remote.holds(20);
        assert_eq!(counters.in_flight_bytes(), 120);
        drop(remote);
        assert_eq!((counters.in_flight(), counters.in_flight_bytes()), (0, 0));
    }

    #[test]
    fn a_request_reaches_its_activity_only() {
        let in_flight = Arc::new(InFlight::default());
        let (_a, cancellation_a) = in_flight.enter(b"a", false);
        let (_b, cancellation_b) = in_flight.enter(b"b", false);
        assert!(in_flight.cancel(b"a", REQUEST));
        assert_eq!(cancellation_a.request(), Some(REQUEST));
        assert_eq!(cancellation_b.request(), None);
    }

    #[test]
    fn no_entry_stays_behind() {
        let in_flight = Arc::new(InFlight::default());
        let (mut ended, _) = in_flight.enter(b"a", false);
        let (dropped, _) = in_flight.enter(b"b", false);
        ended.handler_ended();
        drop(dropped);
        assert!(!in_flight.cancel(b"a", REQUEST));
        assert!(!in_flight.cancel(b"b", REQUEST));
        assert!(in_flight.cancellers.lock().is_empty());
    }
}
