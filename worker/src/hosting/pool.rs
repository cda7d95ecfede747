//! All isolate threads of the worker behind one interface.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, RwLock};
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use tokio::sync::oneshot;

use super::isolate_thread::{IsolateThread, Request};
use super::loss::Loss;
use super::lost_isolates::{LostIsolate, LostIsolates};
use super::placement::{Parting, Placement, ThreadIndex};
use super::reading::Reading;
use super::threads::{Replaced, Threads, wait_for};
use crate::engine::{
    ActivationOutcome, EngineError, HeapSample, IsolateLoss, IsolateSettings, LostThread,
    Measurement,
};
use crate::heap_snapshot::{SnapshotError, SnapshotOrder, SnapshotTaken};

/// How long a run is kept apart that does nothing wrong there.
const REFORMED_AFTER: Duration = Duration::from_secs(60);

/// How long the isolate for such runs stays when there is none.
const CLOSE_AFTER: Duration = Duration::from_secs(30);

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
    /// This isolate was lost, and another has taken its place.
    #[error(transparent)]
    Lost(#[from] Loss),
}

/// The isolate threads of one worker.
pub struct IsolatePool {
    threads: Threads,
    placement: Mutex<Placement>,
    /// Of all threads, that for runs that are kept apart last.
    readings: Vec<RwLock<Arc<Reading>>>,
    /// Since when there is no run that is kept apart.
    none_apart_since: Mutex<Option<Instant>>,
    lost: LostIsolates,
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
        Ok(Self {
            threads: Threads::start(isolates, mailbox_capacity, settings).await?,
            placement: Mutex::new(Placement::new(isolates)),
            readings: (0..=isolates).map(|_| RwLock::default()).collect(),
            none_apart_since: Mutex::default(),
            lost: LostIsolates::default(),
        })
    }

    /// The same pool, which places new runs where the runs of an isolate hold less than this together.
    #[must_use]
    pub fn with_share(self, share_bytes: Option<u64>) -> Self {
        self.placement.lock().set_share(share_bytes);
        self
    }

    /// The same pool, which tries runs that offended again on an isolate of their own.
    #[must_use]
    pub fn with_quarantine(self) -> Self {
        self.placement.lock().keep_offenders_apart();
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
        let index = self.place(&run_id).await;
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

    /// Disposes of a run; one that no thread holds is no error. How it parts says where it is tried again.
    ///
    /// # Errors
    /// When the thread has ended.
    pub async fn evict(&self, run_id: String, parting: Parting) -> Result<(), HostingError> {
        let Some(thread) = self.placement.lock().remove(&run_id, parting) else {
            return Ok(());
        };
        self.ask(thread, |reply| Request::Evict(run_id, reply))
            .await
    }

    /// Memory of every isolate, in order. One that is busy is reported by its last reading.
    pub async fn heap_samples(&self) -> Vec<HeapSample> {
        let mut samples = Vec::new();
        for (thread, reading) in self.threads.all().iter().zip(&self.readings) {
            let reading = Arc::clone(&reading.read());
            samples.push(reading.sample(thread).await);
        }
        samples
    }

    /// Has every isolate collect its garbage, one after the other: while one does, the others work. One that is busy for long
    /// collects when it comes to it.
    pub async fn collect_garbage(&self) {
        for (thread, reading) in self.threads.all().iter().zip(&self.readings) {
            let reading = Arc::clone(&reading.read());
            reading.collect_garbage(thread).await;
        }
    }

    /// Has isolates measure their runs that have nothing else to do and changed runs.
    pub async fn measure_when_idle(&self) -> Vec<Measurement> {
        let mut measurements = Vec::new();
        for (thread, reading) in self.threads.all().iter().zip(&self.readings) {
            let reading = Arc::clone(&reading.read());
            if let Some(measurement) = reading.measure_when_idle(thread).await {
                note(&mut self.placement.lock(), &measurement);
                measurements.push(measurement);
            }
        }
        measurements
    }

    /// Whether no isolate has a request waiting.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.threads.all().iter().all(|thread| thread.is_idle())
    }

    /// Isolates that were lost, each replaced by another one.
    #[must_use]
    pub fn rebuilds(&self) -> u64 {
        self.threads.rebuilds()
    }

    /// Those of them whose threads have not ended.
    #[must_use]
    pub fn lost_isolates(&self) -> Vec<LostIsolate> {
        self.lost.list()
    }

    /// Number of isolates, with the one for runs that are kept apart while it is there.
    #[must_use]
    pub fn isolates(&self) -> usize {
        self.threads.all().len()
    }

    /// Whether the run is one that is to be kept apart.
    #[must_use]
    pub fn is_offender(&self, run_id: &str) -> bool {
        self.placement.lock().is_offender(run_id)
    }

    /// Runs that are kept apart now.
    #[must_use]
    pub fn quarantined_runs(&self) -> u64 {
        self.placement.lock().runs_apart()
    }

    /// Runs that were kept apart for so long that they may go back among others.
    #[must_use]
    pub fn reformed_runs(&self) -> Vec<String> {
        let then = Instant::now().checked_sub(REFORMED_AFTER);
        then.map_or_else(Vec::new, |then| self.placement.lock().apart_since(then))
    }

    /// Ends the isolate for runs that are kept apart when there has been none for a while. Its memory comes back.
    pub fn close_idle_quarantine(&self) {
        // Held to the end, so that nobody is placed there meanwhile.
        let placement = self.placement.lock();
        let mut since = self.none_apart_since.lock();
        if placement.runs_apart() > 0 {
            *since = None;
            return;
        }
        let is_due = since.get_or_insert_with(Instant::now).elapsed() >= CLOSE_AFTER;
        if is_due && self.threads.close_apart() {
            self.forget_reading(placement.apart());
            tracing::info!("the isolate for runs that are kept apart has ended");
        }
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
        self.threads.shut_down();
    }

    /// The thread has another isolate now, or none. What the one before was asked may never be answered.
    fn forget_reading(&self, index: ThreadIndex) {
        *self.readings[index].write() = Arc::default();
    }

    async fn place(&self, run_id: &str) -> ThreadIndex {
        let index = self.placement.lock().place(run_id);
        if index != self.threads.apart() {
            return index;
        }
        match self.threads.open_apart().await {
            Ok(()) => {
                tracing::info!(run_id, isolate = index, "a run that offended is kept apart");
                index
            }
            // It is not worth the worker's end.
            Err(error) => {
                tracing::warn!(run_id, %error, "a run that offended cannot be kept apart");
                let mut placement = self.placement.lock();
                placement.remove(run_id, Parting::InPeace);
                placement.place(run_id)
            }
        }
    }

    /// Asks a thread; a lost isolate is replaced.
    async fn ask<R>(
        &self,
        index: ThreadIndex,
        request: impl FnOnce(oneshot::Sender<R>) -> Request,
    ) -> Result<R, HostingError> {
        let Some(thread) = self.threads.get(index) else {
            return Err(Loss::because("it is gone".to_owned()).into());
        };
        match answer_of(&thread, request).await {
            Ok(answered) => Ok(answered),
            Err(Unanswered::Ended) => Err(HostingError::Ended(index)),
            Err(Unanswered::Lost(loss)) => Err(self.rebuild(index, &thread, loss).await),
        }
    }

    /// Has a new isolate take the place of `lost`, once, and says which runs went with it.
    async fn rebuild(
        &self,
        index: ThreadIndex,
        lost: &Arc<IsolateThread>,
        loss: IsolateLoss,
    ) -> HostingError {
        let reason = loss.reason.clone();
        let loading = match self.threads.replace(index, lost) {
            Ok(Replaced::Now(loading)) => loading,
            // The caller that was first names the runs.
            Ok(Replaced::Before) => return Loss::because(reason).into(),
            Err(error) => return error,
        };
        let run_ids = self.placement.lock().clear(index);
        let held_bytes = self.readings[index].read().last_held_bytes();
        self.forget_reading(index);
        let culprit = lost.entered_run();
        tracing::error!(
            isolate = index,
            reason,
            runs = run_ids.len(),
            run_id = culprit,
            is_still_running = loss.thread == LostThread::Running,
            held_bytes,
            "an isolate is lost and replaced; its runs are replayed"
        );
        let left = LostIsolate {
            isolate: index,
            reason: loss.reason,
            thread: loss.thread,
            since: Instant::now(),
            held_bytes,
        };
        self.lost.add(left, lost.alive());
        if let Some(loading) = loading
            && let Err(error) = wait_for(index, loading).await
        {
            return error;
        }
        let loss = Loss {
            reason,
            run_ids,
            culprit,
        };
        loss.into()
    }
}

fn note(placement: &mut Placement, measurement: &Measurement) {
    for (run_id, bytes) in &measurement.runs {
        placement.note(run_id, bytes.total_bytes());
    }
}

/// Why a thread does not answer.
enum Unanswered {
    Ended,
    Lost(IsolateLoss),
}

async fn answer_of<R>(
    thread: &IsolateThread,
    request: impl FnOnce(oneshot::Sender<R>) -> Request,
) -> Result<R, Unanswered> {
    let (reply, answer) = oneshot::channel();
    let answered = async {
        if !thread.send(request(reply)).await {
            return Err(Unanswered::Ended);
        }
        answer.await.map_err(|_| Unanswered::Ended)
    };
    // The loss first: a thread that comes back after it was told may still answer, and its runs have gone elsewhere.
    tokio::select! {
        biased;
        loss = thread.lost() => Err(Unanswered::Lost(loss)),
        answered = answered => answered,
    }
}
