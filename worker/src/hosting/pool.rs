//! All isolate threads of the worker behind one interface.

use std::time::Duration;

use parking_lot::Mutex;
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::isolate_thread::{IsolateThread, Request};
use super::placement::Placement;
use crate::engine::{ActivationOutcome, EngineError, HeapSample, IsolateSettings};
use crate::heap_snapshot::{SnapshotError, SnapshotOrder, SnapshotTaken};

/// How long a reading waits for an isolate.
const SAMPLE_PATIENCE: Duration = Duration::from_millis(200);

/// Why the isolates cannot host runs.
#[derive(Debug, thiserror::Error)]
pub enum HostingError {
    /// The bundle does not run.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The operating system refused a thread.
    #[error(
        "an isolate thread cannot be started: {0}; lower `isolates` or raise the limit on threads"
    )]
    Thread(#[from] std::io::Error),
    /// A thread ended although the worker still runs: V8 gave up on its isolate.
    #[error("isolate {0} has ended; restart the worker")]
    Ended(usize),
}

/// The isolate threads of one worker.
pub struct IsolatePool {
    threads: Vec<IsolateThread>,
    placement: Mutex<Placement>,
    readings: Vec<Mutex<Reading>>,
}

/// The last reading of one isolate, and the one that it has not answered yet.
#[derive(Default)]
struct Reading {
    last: HeapSample,
    asked: Option<oneshot::Receiver<HeapSample>>,
}

impl IsolatePool {
    /// Starts `isolates` threads, which load the bundle side by side. Each mailbox holds `mailbox_capacity` requests.
    ///
    /// # Errors
    /// When the bundle does not load or a thread cannot be started.
    pub async fn start(
        isolates: usize,
        mailbox_capacity: usize,
        settings: &IsolateSettings,
    ) -> Result<Self, HostingError> {
        let mut threads = Vec::with_capacity(isolates);
        let mut loading = Vec::with_capacity(isolates);
        for index in 0..isolates {
            let (sender, receiver) = oneshot::channel();
            threads.push(IsolateThread::spawn(
                index,
                settings.clone(),
                mailbox_capacity,
                sender,
            )?);
            loading.push(receiver);
        }
        for (index, loaded) in loading.into_iter().enumerate() {
            loaded.await.map_err(|_| HostingError::Ended(index))??;
        }
        Ok(Self {
            threads,
            placement: Mutex::new(Placement::new(isolates)),
            readings: (0..isolates).map(|_| Mutex::default()).collect(),
        })
    }

    /// Runs an activation on its run's thread; a run that is new is placed first.
    ///
    /// # Errors
    /// When the thread has ended.
    pub async fn activate(
        &self,
        activation: WorkflowActivation,
    ) -> Result<ActivationOutcome, HostingError> {
        let thread = self.placement.lock().place(&activation.run_id);
        self.ask(thread, |reply| {
            Request::Activate(Box::new(activation), reply)
        })
        .await
    }

    /// Disposes of a run; one that no thread holds is no error.
    ///
    /// # Errors
    /// When the thread has ended.
    pub async fn evict(&self, run_id: String) -> Result<(), HostingError> {
        let Some(thread) = self.placement.lock().remove(&run_id) else {
            return Ok(());
        };
        self.ask(thread, |reply| Request::Evict(run_id, reply))
            .await
    }

    /// Memory of every isolate, in order. An isolate that is busy for longer than [`SAMPLE_PATIENCE`] is reported by
    /// its last reading; it is asked once at a time, so that readings never fill its mailbox.
    pub async fn heap_samples(&self) -> Vec<HeapSample> {
        for (thread, reading) in self.threads.iter().zip(&self.readings) {
            let asked = reading.lock().asked.take().or_else(|| {
                let (reply, answer) = oneshot::channel();
                thread.try_send(Request::Sample(reply)).then_some(answer)
            });
            let Some(mut answer) = asked else { continue };
            match timeout(SAMPLE_PATIENCE, &mut answer).await {
                Ok(Ok(sample)) => reading.lock().last = sample,
                Ok(Err(_)) => {}
                Err(_) => reading.lock().asked = Some(answer),
            }
        }
        self.readings
            .iter()
            .map(|reading| reading.lock().last)
            .collect()
    }

    /// Number of isolates.
    #[must_use]
    pub fn isolates(&self) -> usize {
        self.threads.len()
    }

    /// Asks an isolate for a heap snapshot; the answer comes when it has been taken or refused, and no answer when the
    /// thread ends first. The isolate must be one of [`Self::isolates`].
    pub async fn snapshot(
        &self,
        order: SnapshotOrder,
    ) -> oneshot::Receiver<Result<SnapshotTaken, SnapshotError>> {
        let (reply, answer) = oneshot::channel();
        if let Some(thread) = self.threads.get(order.isolate) {
            // A thread that is gone drops the request, and with it the sender of the answer.
            thread.send(Request::Snapshot(order, reply)).await;
        }
        answer
    }

    /// Number of runs that are placed on a thread: the workflows that are cached.
    #[must_use]
    pub fn cached_workflows(&self) -> usize {
        self.placement.lock().runs()
    }

    /// Ends the threads after what is in their mailboxes. Blocks until then.
    pub fn shut_down(self) {
        for thread in self.threads {
            thread.join();
        }
    }

    async fn ask<R>(
        &self,
        thread: usize,
        request: impl FnOnce(oneshot::Sender<R>) -> Request,
    ) -> Result<R, HostingError> {
        let (reply, answer) = oneshot::channel();
        if !self.threads[thread].send(request(reply)).await {
            return Err(HostingError::Ended(thread));
        }
        answer.await.map_err(|_| HostingError::Ended(thread))
    }
}
