//! When a poll loop last polled.

use parking_lot::Mutex;
use std::time::{Duration, Instant};

/// Shared by a poll loop, which holds a guard during each poll, and the health probes.
///
/// A poll on an idle task queue lasts as long as the queue is idle, so a poll under way counts as
/// polling now. What shows here is a loop that stopped asking, for instance because it cannot
/// hand over what it got.
#[derive(Debug)]
pub struct PollWatch {
    name: &'static str,
    polls: Mutex<Polls>,
}

#[derive(Debug, Default)]
struct Polls {
    under_way: u64,
    last_seen: Option<Instant>,
}

/// A reading of a [`PollWatch`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollerHealth {
    /// `workflow` or `activity`.
    pub name: &'static str,
    /// A poll is under way now.
    pub outstanding: bool,
    /// Time since the last poll began or ended; `None` before the first one.
    pub silent_for: Option<Duration>,
}

/// Marks a poll as under way until it is dropped.
#[derive(Debug)]
#[must_use = "the poll counts as ended when the guard is dropped"]
pub struct PollGuard<'a> {
    watch: &'a PollWatch,
}

impl PollWatch {
    /// A loop that has not polled yet.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            polls: Mutex::default(),
        }
    }

    /// Call this before the poll and drop the guard after it.
    pub fn begin_poll(&self) -> PollGuard<'_> {
        let mut polls = self.polls.lock();
        polls.under_way += 1;
        polls.last_seen = Some(Instant::now());
        PollGuard { watch: self }
    }

    /// Whether any poll has ever begun.
    pub fn has_polled(&self) -> bool {
        self.polls.lock().last_seen.is_some()
    }

    /// The state now.
    pub fn reading(&self) -> PollerHealth {
        self.reading_at(Instant::now())
    }

    fn reading_at(&self, now: Instant) -> PollerHealth {
        let polls = self.polls.lock();
        PollerHealth {
            name: self.name,
            outstanding: polls.under_way > 0,
            silent_for: polls
                .last_seen
                .map(|seen| now.saturating_duration_since(seen)),
        }
    }
}

impl Drop for PollGuard<'_> {
    fn drop(&mut self) {
        let mut polls = self.watch.polls.lock();
        polls.under_way = polls.under_way.saturating_sub(1);
        polls.last_seen = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_a_loop_through_two_overlapping_polls() {
        let watch = PollWatch::new("workflow");
        assert!(!watch.has_polled());
        assert_eq!(watch.reading().silent_for, None);

        let first = watch.begin_poll();
        let second = watch.begin_poll();
        assert!(watch.has_polled());
        drop(first);
        assert!(watch.reading().outstanding, "the second one is under way");
        drop(second);
        assert!(!watch.reading().outstanding);
    }

    #[test]
    fn silence_counts_from_the_last_begin_or_end() {
        let watch = PollWatch::new("activity");
        let silence_at = |now| watch.reading_at(now).silent_for;
        let minute = Duration::from_secs(60);

        let before = Instant::now();
        let poll = watch.begin_poll();
        assert!(silence_at(Instant::now() + minute).is_some_and(|silent| silent >= minute));
        assert_eq!(silence_at(before), Some(Duration::ZERO));

        let ended = Instant::now();
        drop(poll);
        assert!(silence_at(ended + minute).is_some_and(|silent| silent <= minute));
    }
}
