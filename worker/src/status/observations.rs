//! Between the lines of the log: a cheap reading every second, from which the cost of a cached workflow is fitted.

use super::sampler::Sampler;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(1);

/// Has the sampler observe the process once a second, until the future is dropped.
pub async fn run_observations(sampler: Arc<Sampler>) {
    observe_every(&sampler, EVERY).await;
}

async fn observe_every(sampler: &Sampler, every: Duration) {
    let mut ticks = interval(every);
    // Missed readings cannot be made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        sampler.observe();
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{FakeWorker, proc_root};
    use super::*;

    #[tokio::test]
    async fn readings_go_on_until_it_is_dropped() {
        let (worker, root) = (FakeWorker::running(), proc_root(1000, 0));
        let sampler = Sampler::new(worker.clone(), None).with_root(root.path());
        let mut observing = Box::pin(observe_every(&sampler, Duration::from_millis(1)));
        tokio::select! {
            () = &mut observing => panic!("observing goes on for ever"),
            () = worker.health_asked(3) => {}
        }
    }
}
