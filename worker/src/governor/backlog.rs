//! How long the tasks in flight will take.

use std::time::Duration;

/// The server gives a workflow task to another worker after its timeout, 10 s by default, counted from when it was handed
/// out; a task that waits longer than this for its isolate is in danger of that.
const BACKLOG_MAX: Duration = Duration::from_secs(2);
/// The weight of the newest activation in the mean.
const NEWEST: f64 = 0.05;

/// The tasks in flight and how long activations take.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    begun: u64,
    in_flight: usize,
    mean_seconds: f64,
}

impl Backlog {
    pub(super) fn begin(&mut self) {
        self.begun += 1;
        self.in_flight += 1;
    }

    /// Tasks that began since the worker's start.
    pub(super) fn begun(&self) -> u64 {
        self.begun
    }

    pub(super) fn end(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    pub(super) fn note(&mut self, took: Duration) {
        self.mean_seconds += (took.as_secs_f64() - self.mean_seconds) * NEWEST;
    }

    /// Whether `isolates` have more than enough to do.
    pub(super) fn is_full(&self, isolates: usize) -> bool {
        let isolates = isolates.max(1);
        let seconds = self.mean_seconds * self.in_flight as f64 / isolates as f64;
        // Each isolate may always have one task at work and one waiting.
        self.in_flight > 2 * isolates && seconds > BACKLOG_MAX.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backlog(in_flight: usize, took: Duration) -> Backlog {
        let mut backlog = Backlog::default();
        for _ in 0..in_flight {
            backlog.begin();
        }
        for _ in 0..200 {
            backlog.note(took);
        }
        backlog
    }

    #[test]
    fn short_tasks_never_pile_up() {
        assert!(!backlog(100, Duration::from_millis(1)).is_full(2));
    }

    #[test]
    fn long_ones_do() {
        let mut busy = backlog(11, Duration::from_millis(400));
        assert!(busy.is_full(2));
        for _ in 0..2 {
            busy.end();
        }
        assert!(!busy.is_full(2));
    }

    #[test]
    fn every_isolate_may_have_a_task_at_work_and_one_waiting() {
        assert!(!backlog(4, Duration::from_secs(60)).is_full(2));
        assert!(backlog(5, Duration::from_secs(60)).is_full(2));
    }
}
