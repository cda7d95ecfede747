//! "Of late": a value as it was between one and two periods ago, in the memory of two values.

use std::time::{Duration, Instant};

/// Keeps two readings and forgets the older one when the newer one is a period old.
#[derive(Debug)]
pub(super) struct Window<T> {
    period: Duration,
    readings: Option<[(Instant, T); 2]>,
}

impl<T: Clone> Window<T> {
    pub fn new(period: Duration) -> Self {
        Self {
            period,
            readings: None,
        }
    }

    /// Takes the value of now; gives how long ago the reading for comparison was taken, and that reading. In the first
    /// period that is the very first reading.
    pub fn observe(&mut self, now: Instant, value: T) -> (Duration, &T) {
        let [older, newer] = self
            .readings
            .get_or_insert_with(|| [(now, value.clone()), (now, value.clone())]);
        if now.saturating_duration_since(newer.0) >= self.period {
            std::mem::swap(older, newer);
            *newer = (now, value);
        }
        (now.saturating_duration_since(older.0), &older.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_with_a_reading_between_one_and_two_periods_old() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut window = Window::new(10 * second);
        let mut compared = |at: u32| {
            let (ago, value) = window.observe(start + at * second, at);
            (ago.as_secs(), *value)
        };
        assert_eq!(compared(0), (0, 0));
        assert_eq!(compared(9), (9, 0));
        assert_eq!(compared(10), (10, 0));
        assert_eq!(compared(19), (19, 0));
        assert_eq!(compared(20), (10, 10));
        assert_eq!(compared(29), (19, 10));
        assert_eq!(
            compared(500),
            (480, 20),
            "after a long silence the last reading is all there is"
        );
        assert_eq!(compared(510), (10, 500));
    }

    #[test]
    fn a_clock_that_stands_still_is_no_trouble() {
        let now = Instant::now();
        let mut window = Window::new(Duration::ZERO);
        for value in 0..3 {
            assert_eq!(window.observe(now, value).0, Duration::ZERO);
        }
    }
}
