//! How long one connection may take: little, unless what it asks for takes longer.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Lets a request have more time.
#[derive(Clone, Debug)]
pub(super) struct Patience(watch::Sender<Instant>);

/// The time when the connection is given up.
#[derive(Debug)]
pub(super) struct Deadline(watch::Receiver<Instant>);

impl Patience {
    /// A connection that may take `time_max` from now on.
    pub(super) fn new(time_max: Duration) -> (Self, Deadline) {
        let (patience, deadline) = watch::channel(Instant::now() + time_max);
        (Self(patience), Deadline(deadline))
    }

    /// It may take `time_max` from now on.
    pub(super) fn extend(&self, time_max: Duration) {
        self.0.send_replace(Instant::now() + time_max);
    }
}

impl Deadline {
    /// Returns when it has passed.
    pub(super) async fn passed(&mut self) {
        loop {
            let deadline = *self.0.borrow_and_update();
            tokio::select! {
                () = sleep_until(deadline) => return,
                changed = self.0.changed() => if changed.is_err() {
                    return sleep_until(deadline).await;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    /// Whether the time has come, without waiting for it.
    async fn has_passed(deadline: &mut Deadline) -> bool {
        timeout(Duration::ZERO, deadline.passed()).await.is_ok()
    }

    #[tokio::test]
    async fn an_extension_takes_the_place_of_the_first_deadline() {
        let (patience, mut deadline) = Patience::new(Duration::ZERO);
        patience.extend(Duration::from_secs(3600));
        assert!(!has_passed(&mut deadline).await);
        patience.extend(Duration::ZERO);
        deadline.passed().await;
    }

    #[tokio::test]
    async fn a_deadline_holds_without_anybody_to_extend_it() {
        let (patience, mut deadline) = Patience::new(Duration::from_secs(3600));
        drop(patience);
        assert!(!has_passed(&mut deadline).await);
        let (patience, mut deadline) = Patience::new(Duration::from_millis(1));
        drop(patience);
        deadline.passed().await;
    }
}
