//! Isolates that are lost and whose threads have not ended: what they hold, and the processor that one may still use, come
//! back only with the process.

use std::sync::Weak;
use std::time::Instant;

use parking_lot::Mutex;

use crate::engine::LostThread;

/// An isolate that another one has taken the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostIsolate {
    /// Its number, which the new one has too.
    pub isolate: usize,
    /// Why it is lost: one sentence without a full stop.
    pub reason: String,
    /// What its thread does.
    pub thread: LostThread,
    /// When the loss was noticed.
    pub since: Instant,
    /// What its heap and its buffers held at the last reading.
    pub held_bytes: u64,
}

/// Those of one worker. No more than can be replaced, see `threads`.
#[derive(Debug, Default)]
pub(super) struct LostIsolates(Mutex<Vec<(LostIsolate, Weak<()>)>>);

impl LostIsolates {
    /// `alive` is there for as long as the thread is.
    pub(super) fn add(&self, lost: LostIsolate, alive: Weak<()>) {
        self.0.lock().push((lost, alive));
    }

    /// Those whose threads have not ended.
    pub(super) fn list(&self) -> Vec<LostIsolate> {
        let mut lost = self.0.lock();
        lost.retain(|(lost, alive)| {
            let is_left = alive.strong_count() > 0;
            if !is_left {
                tracing::info!(
                    isolate = lost.isolate,
                    "the thread of a lost isolate has ended after all"
                );
            }
            is_left
        });
        lost.iter().map(|(lost, _)| lost.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn one_is_listed_until_its_thread_has_ended() {
        let lost = LostIsolates::default();
        let alive = Arc::new(());
        let isolate = LostIsolate {
            isolate: 1,
            reason: "an entry that was stopped does not end".to_owned(),
            thread: LostThread::Running,
            since: Instant::now(),
            held_bytes: 7,
        };
        lost.add(isolate.clone(), Arc::downgrade(&alive));
        assert_eq!(lost.list(), [isolate]);
        drop(alive);
        assert_eq!(lost.list(), []);
    }
}
