//! All isolate threads of the worker behind one interface.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::isolate_thread::{IsolateThread, Request};
use super::loss::Loss;
use super::placement::Placement;
use crate::engine::{ActivationOutcome, EngineError, HeapSample, IsolateSettings, Measurement};
use crate::heap_snapshot::{SnapshotError, SnapshotOrder, SnapshotTaken};

/// How long a reading waits for an isolate.
const SAMPLE_PATIENCE: Duration = Duration::from_millis(200);

/// Isolates that may be lost and made anew in a worker's life. Each leaves its memory behind; more than these say that the
/// process should be replaced as a whole.
const REBUILDS_MAX: u64 = 8;

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
    /// A thread ended although the worker still runs, or too many isolates were lost.
    #[error("isolate {0} has ended; restart the worker")]
    Ended(usize),
    /// This isolate was lost and made anew.
    #[error(transparent)]
    Lost(#[from] Loss),
}

/// The isolate threads of one worker.
pub struct IsolatePool {
    threads: Vec<RwLock<Arc<IsolateThread>>>,
    placement: Mutex<Placement>,
    readings: Vec<Mutex<Reading>>,
    settings: IsolateSettings,
    mailbox_capacity: usize,
    rebuilds: AtomicU64,
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
            let (thread, loaded) = spawn(index, settings, mailbox_capacity)?;
            threads.push(RwLock::new(Arc::new(thread)));
            loading.push(loaded);
        }
        for (index, loaded) in loading.into_iter().enumerate() {
            loaded.await.map_err(|_| HostingError::Ended(index))??;
        }
        Ok(Self {
            threads,
            placement: Mutex::new(Placement::new(isolates)),
            readings: (0..isolates).map(|_| Mutex::default()).collect(),
            settings: settings.clone(),
            mailbox_capacity,
            rebuilds: AtomicU64::new(0),
        })
    }

    /// The same pool, which places new runs where the runs of an isolate hold less than this together.
    #[must_use]
    pub fn with_share(self, share_bytes: Option<u64>) -> Self {
        self.placement.lock().set_share(share_bytes);
        self
    }

    /// Runs an activation on its run's thread; a run that is new is placed first.
    ///
    /// # Errors
    /// When the thread has ended.
    pub async fn activate(
        &self,
        activation: WorkflowActivation,
    ) -> Result<ActivationOutcome, HostingError> {
        let run_id = activation.run_id.clone();
        let index = self.placement.lock().place(&run_id);
        let request = |reply| Request::Activate(Box::new(activation), reply);
        let outcome: ActivationOutcome = self.ask(index, request).await?;
        let mut placement = self.placement.lock();
        if let Some(measurement) = &outcome.measurement {
            note(&mut placement, measurement);
        }
        placement.note(&run_id, outcome.run_bytes.total_bytes());
        drop(placement);
        Ok(outcome)
    }

    /// The isolate that a run lives on, if it is cached.
    #[must_use]
    pub fn isolate_of(&self, run_id: &str) -> Option<usize> {
        self.placement.lock().thread_of(run_id)
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
            let thread = Arc::clone(&thread.read());
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

    /// Has every isolate collect its garbage, one after the other: while one does, the others work.
    pub async fn collect_garbage(&self) {
        for index in 0..self.threads.len() {
            // A lost isolate is noticed by its next activation.
            let _ = self.ask_only(index, Request::CollectGarbage).await;
        }
    }

    /// Has isolates measure their runs that have nothing else to do and changed runs.
    pub async fn measure_when_idle(&self) -> Vec<Measurement> {
        let mut measurements = Vec::new();
        for index in 0..self.threads.len() {
            let thread = self.thread(index);
            if !thread.is_idle() {
                continue;
            }
            if let Ok(Some(measurement)) = self.ask_only(index, Request::MeasureWhenIdle).await {
                note(&mut self.placement.lock(), &measurement);
                measurements.push(measurement);
            }
        }
        measurements
    }

    /// Whether no isolate has a request waiting.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        (0..self.threads.len()).all(|index| self.thread(index).is_idle())
    }

    /// Isolates that were lost and made anew.
    #[must_use]
    pub fn rebuilds(&self) -> u64 {
        self.rebuilds.load(Ordering::Relaxed)
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
        let thread = self.threads.get(order.isolate);
        if let Some(thread) = thread.map(|thread| Arc::clone(&thread.read())) {
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
            if let Some(thread) = Arc::into_inner(thread.into_inner()) {
                thread.join();
            }
        }
    }

    fn thread(&self, index: usize) -> Arc<IsolateThread> {
        Arc::clone(&self.threads[index].read())
    }

    /// Asks a thread; a lost isolate is made anew.
    async fn ask<R>(
        &self,
        index: usize,
        request: impl FnOnce(oneshot::Sender<R>) -> Request,
    ) -> Result<R, HostingError> {
        let thread = self.thread(index);
        match answer_of(&thread, index, request).await {
            Err(HostingError::Lost(loss)) => Err(self.rebuild(index, &thread, loss.reason).await),
            answered => answered,
        }
    }

    async fn ask_only<R>(
        &self,
        index: usize,
        request: impl FnOnce(oneshot::Sender<R>) -> Request,
    ) -> Result<R, HostingError> {
        answer_of(&self.thread(index), index, request).await
    }

    /// Puts a new isolate in the place of `lost`, once, and says which runs went with it.
    async fn rebuild(
        &self,
        index: usize,
        lost: &Arc<IsolateThread>,
        reason: String,
    ) -> HostingError {
        let spawned = {
            let mut place = self.threads[index].write();
            if !Arc::ptr_eq(&place, lost) {
                // Somebody else was here first, and named the runs.
                return Loss::because(reason).into();
            }
            if self.rebuilds.fetch_add(1, Ordering::Relaxed) >= REBUILDS_MAX {
                return HostingError::Ended(index);
            }
            match spawn(index, &self.settings, self.mailbox_capacity) {
                Ok((thread, loaded)) => {
                    *place = Arc::new(thread);
                    loaded
                }
                Err(error) => return error.into(),
            }
        };
        let run_ids = self.placement.lock().clear(index);
        let culprit = lost.entered_run();
        tracing::error!(
            isolate = index,
            reason,
            runs = run_ids.len(),
            culprit,
            "an isolate is lost and made anew; its runs are replayed"
        );
        match spawned.await {
            Ok(Ok(())) => {
                let loss = Loss {
                    reason,
                    run_ids,
                    culprit,
                };
                loss.into()
            }
            Ok(Err(error)) => error.into(),
            Err(_) => HostingError::Ended(index),
        }
    }
}

fn note(placement: &mut Placement, measurement: &Measurement) {
    for (run_id, bytes) in &measurement.runs {
        placement.note(run_id, bytes.total_bytes());
    }
}

type Loading = oneshot::Receiver<Result<(), EngineError>>;

fn spawn(
    index: usize,
    settings: &IsolateSettings,
    mailbox_capacity: usize,
) -> std::io::Result<(IsolateThread, Loading)> {
    let (sender, loaded) = oneshot::channel();
    let thread = IsolateThread::spawn(index, settings.clone(), mailbox_capacity, sender)?;
    Ok((thread, loaded))
}

async fn answer_of<R>(
    thread: &IsolateThread,
    index: usize,
    request: impl FnOnce(oneshot::Sender<R>) -> Request,
) -> Result<R, HostingError> {
    let (reply, answer) = oneshot::channel();
    let answered = async {
        if !thread.send(request(reply)).await {
            return Err(HostingError::Ended(index));
        }
        answer.await.map_err(|_| HostingError::Ended(index))
    };
    tokio::select! {
        biased;
        answered = answered => answered,
        reason = thread.lost() => Err(Loss::because(reason).into()),
    }
}
