//! One thread that owns one isolate for the worker's life.

use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use tokio::sync::{mpsc, oneshot};

use crate::engine::{
    ActivationOutcome, EngineError, HeapSample, IsolateLoss, IsolateSettings, LossSignal,
    LossWatch, Measurement, WorkflowIsolate,
};
use crate::heap_snapshot::{SnapshotError, SnapshotOrder, SnapshotTaken, take_snapshot};

/// Stack of an isolate thread. V8 itself uses about 1 MB of it before it reports a stack overflow; the rest is ours, for
/// nested messages in the transcoder.
const STACK_BYTES: usize = 4 << 20;

/// Time for the disposal of the runs that are left when the worker ends.
const DISPOSAL_PATIENCE: Duration = Duration::from_secs(2);

/// What a thread can be asked.
pub(super) enum Request {
    Activate(Box<WorkflowActivation>, oneshot::Sender<ActivationOutcome>),
    Evict(String, oneshot::Sender<()>),
    Sample(oneshot::Sender<HeapSample>),
    CollectGarbage(oneshot::Sender<()>),
    MeasureWhenIdle(oneshot::Sender<Option<Measurement>>),
    Snapshot(SnapshotOrder, oneshot::Sender<SnapshotAnswer>),
}

/// What becomes of a heap snapshot that is asked for.
pub(super) type SnapshotAnswer = Result<SnapshotTaken, SnapshotError>;

/// The run whose activation a thread works on.
type Entered = Arc<Mutex<Option<String>>>;

/// The sending end of a thread's mailbox.
pub(super) struct IsolateThread {
    mailbox: mpsc::Sender<Request>,
    loss: LossWatch,
    entered: Entered,
    alive: Weak<()>,
    handle: Option<JoinHandle<()>>,
}

impl IsolateThread {
    /// Starts thread number `index`; `loaded` tells when the bundle is loaded or why it cannot be.
    pub(super) fn spawn(
        index: usize,
        settings: IsolateSettings,
        mailbox_capacity: usize,
        loaded: oneshot::Sender<Result<(), EngineError>>,
    ) -> std::io::Result<Self> {
        let (mailbox, requests) = mpsc::channel(mailbox_capacity.max(1));
        let (signal, loss) = LossSignal::new();
        let entered = Entered::default();
        let shown = Arc::clone(&entered);
        let lives = Arc::new(());
        let alive = Arc::downgrade(&lives);
        let handle = std::thread::Builder::new()
            .name(format!("isolate-{index}"))
            .stack_size(STACK_BYTES)
            .spawn(move || {
                // Before the isolate, so that it goes after it.
                let _lives = lives;
                signal.install();
                match WorkflowIsolate::new(&settings) {
                    Ok(isolate) => {
                        let _ = loaded.send(Ok(()));
                        serve(isolate, requests, &shown, &signal);
                    }
                    Err(error) => {
                        let _ = loaded.send(Err(error));
                    }
                }
            })?;
        Ok(Self {
            mailbox,
            loss,
            entered,
            alive,
            handle: Some(handle),
        })
    }

    /// Puts a request into the mailbox, waiting while it is full. False: the thread is gone.
    pub(super) async fn send(&self, request: Request) -> bool {
        self.mailbox.send(request).await.is_ok()
    }

    /// Whether no request waits.
    pub(super) fn is_idle(&self) -> bool {
        self.mailbox.capacity() == self.mailbox.max_capacity()
    }

    /// Puts a request into the mailbox if there is room.
    pub(super) fn try_send(&self, request: Request) -> bool {
        self.mailbox.try_send(request).is_ok()
    }

    /// Waits until the isolate is lost, and tells why. Never, if its thread ends in order.
    pub(super) async fn lost(&self) -> IsolateLoss {
        let mut loss = self.loss.clone();
        let told = loss.wait_for(Option::is_some).await;
        let loss = told.ok().and_then(|loss| loss.clone());
        match loss {
            Some(loss) => loss,
            None => std::future::pending().await,
        }
    }

    /// There for as long as the thread is.
    pub(super) fn alive(&self) -> Weak<()> {
        Weak::clone(&self.alive)
    }

    /// The run whose activation the thread works on.
    pub(super) fn entered_run(&self) -> Option<String> {
        self.entered.lock().clone()
    }

    /// Lets the thread finish its mailbox and end. A thread whose isolate is lost is left alone.
    pub(super) fn join(mut self) {
        drop(self.mailbox);
        if self.loss.borrow().is_none()
            && let Some(handle) = self.handle.take()
        {
            let _ = handle.join();
        }
    }
}

fn serve(
    mut isolate: WorkflowIsolate,
    mut requests: mpsc::Receiver<Request>,
    entered: &Mutex<Option<String>>,
    signal: &LossSignal,
) {
    while let Some(request) = requests.blocking_recv() {
        // The sender may be gone, and drops the answer then.
        match request {
            Request::Activate(activation, reply) => {
                *entered.lock() = Some(activation.run_id.clone());
                let outcome = isolate.activate(&activation);
                *entered.lock() = None;
                let _ = reply.send(outcome);
            }
            Request::Evict(run_id, reply) => {
                isolate.evict(&run_id);
                let _ = reply.send(());
            }
            Request::Sample(reply) => drop(reply.send(isolate.heap_sample())),
            Request::CollectGarbage(reply) => {
                isolate.collect_garbage();
                let _ = reply.send(());
            }
            Request::MeasureWhenIdle(reply) => drop(reply.send(isolate.measure_when_idle())),
            Request::Snapshot(order, reply) => {
                let taken = take_snapshot(&mut isolate, &order);
                // Before the answer: who has it may ask for the next one.
                drop(order);
                let _ = reply.send(taken);
            }
        }
        if signal.is_told() {
            // It came back after all; another isolate has taken its place.
            return;
        }
    }
    isolate.evict_all(DISPOSAL_PATIENCE);
}
