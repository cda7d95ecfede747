//! Pauses between failing polls.

use std::time::Duration;

const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Also bounds how long a shutdown may go unnoticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Doubles the pause with each failure in a row, up to [`LONGEST_PAUSE`].
#[derive(Debug, Default)]
pub(super) struct PollBackoff {
    last: Option<Duration>,
}

impl PollBackoff {
    pub(super) fn next_pause(&mut self) -> Duration {
        let next = self
            .last
            .map_or(FIRST_PAUSE, |last| (last * 2).min(LONGEST_PAUSE));
        self.last = Some(next);
        next
    }

    /// To be called after a poll that worked.
    pub(super) fn reset(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut backoff = PollBackoff::default();
        let pauses: Vec<_> = (0..8).map(|_| backoff.next_pause().as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    }

    #[test]
    fn a_success_starts_over() {
        let mut backoff = PollBackoff::default();
        backoff.next_pause();
        backoff.next_pause();
        backoff.reset();
        assert_eq!(backoff.next_pause(), FIRST_PAUSE);
    }
}
