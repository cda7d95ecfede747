//! A question to an isolate that may be busy: nobody waits for it for long, and it is not asked twice.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::isolate_thread::{IsolateThread, Request};

/// One kind of question to one isolate, with the answer that is still to come.
pub(super) struct Question<R> {
    patience: Duration,
    open: Mutex<Option<oneshot::Receiver<R>>>,
}

impl<R> Question<R> {
    /// Waits for an answer no longer than this.
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            open: Mutex::default(),
        }
    }

    /// Whether an answer is still to come.
    pub(super) fn is_open(&self) -> bool {
        self.open.lock().is_some()
    }

    /// The thread's answer to this question or to the one before, whichever comes first; none if the thread is too busy. So
    /// questions never fill a mailbox.
    pub(super) async fn ask(
        &self,
        thread: &IsolateThread,
        request: impl FnOnce(oneshot::Sender<R>) -> Request,
    ) -> Option<R> {
        let before = self.open.lock().take();
        let asked = before.or_else(|| {
            let (reply, answer) = oneshot::channel();
            thread.try_send(request(reply)).then_some(answer)
        });
        let mut answer = asked?;
        if let Ok(answered) = timeout(self.patience, &mut answer).await {
            return answered.ok();
        }
        *self.open.lock() = Some(answer);
        None
    }
}
