//! The memory governor: decides which runs leave the cache, which tasks are refused, and when the worker takes no more.
//!
//! Data flows one way: activations and measurements come in ([`MemoryGovernor::begin`], [`MemoryGovernor::note`],
//! [`MemoryGovernor::end`]), evictions are asked of sdk-core and come back as activations of their own
//! ([`MemoryGovernor::evicted`]). A clock of its own watches the process (`tick`). The rules themselves are the pure
//! modules of `memory/`.
#![forbid(unsafe_code)]

mod backlog;
mod gate;
mod host_bytes;
mod ledger;
mod recovery;
mod room;
mod tick;
mod watch;

use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_common::protos::coresdk::workflow_completion::workflow_activation_completion::Status;
use temporalio_sdk_core::Worker;
use tokio::sync::watch as channel;

use crate::engine::{ActivationOutcome, Stop, is_stopping};
use crate::hosting::{Loss, Parting};
use crate::memory::{
    BudgetDecision, CacheLimits, EvictionReason, MemoryPlan, PressureLevel, PressureThresholds,
    WorkflowBudget,
};

use backlog::Backlog;
pub use gate::Closed;
pub(crate) use gate::{Admission, GatedTuner};
pub use ledger::CacheReport;
use ledger::Ledger;
use room::Room;

/// A run that was used within this time is likely to be used again at once: between the first tasks of a workflow.
const CHURN: Duration = Duration::from_secs(1);

/// What becomes of an activation whose run was judged.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Its completion stands.
    Stands,
    /// The task fails with this message instead.
    Fails(String),
}

/// Keeps one worker under its memory limit.
pub(crate) struct MemoryGovernor {
    ledger: Mutex<Ledger>,
    limits: CacheLimits,
    admission: channel::Sender<Admission>,
    thresholds: PressureThresholds,
    backlog: Mutex<Backlog>,
    room: Mutex<Room>,
    isolates: usize,
    core: OnceLock<Weak<Worker>>,
    /// Why the worker has to be restarted.
    restart: channel::Sender<Option<String>>,
}

impl MemoryGovernor {
    /// For a worker that keeps to `plan`.
    pub(crate) fn new(
        plan: &MemoryPlan,
        thresholds: PressureThresholds,
        budget: Option<WorkflowBudget>,
    ) -> Self {
        Self {
            ledger: Mutex::new(Ledger::new(budget)),
            limits: plan.cache_limits(),
            admission: channel::Sender::new(Admission::default()),
            thresholds,
            backlog: Mutex::default(),
            room: Mutex::new(Room::new(thresholds.critical_bytes, plan.isolates)),
            isolates: plan.isolates,
            core: OnceLock::new(),
            restart: channel::Sender::default(),
        }
    }

    /// From now on evictions can be asked for.
    pub(crate) fn set_core(&self, core: &Arc<Worker>) {
        let _ = self.core.set(Arc::downgrade(core));
    }

    /// A task of a run begins. The message is why it must not enter an isolate.
    ///
    /// # Errors
    /// When the run is parked, or when it is new and there is no memory for it.
    pub(crate) fn begin(&self, activation: &WorkflowActivation) -> Result<(), String> {
        self.backlog.lock().begin();
        let mut ledger = self.ledger.lock();
        if let Some(message) = ledger.parked(&activation.run_id) {
            return Err(message);
        }
        if ledger.begin(activation) {
            return Ok(());
        }
        if !self.has_room_for(&activation.run_id, ledger.workflow_type(&activation.run_id)) {
            ledger.count_refusal();
            return Err(format!(
                "The worker is at its memory limit ({} MiB reached of the process) and starts no further run; the server \
                 hands the task out again",
                self.thresholds.critical_bytes >> 20
            ));
        }
        drop(ledger);
        self.adjust_admission();
        Ok(())
    }

    fn has_room_for(&self, run_id: &str, workflow_type: &str) -> bool {
        self.admission.borrow().pressure < PressureLevel::Critical
            && self.room.lock().begin(run_id, workflow_type)
    }

    /// An activation of `run_id` ran on `isolate`.
    pub(crate) fn note(
        &self,
        run_id: &str,
        isolate: usize,
        outcome: &ActivationOutcome,
    ) -> Verdict {
        self.backlog.lock().note(outcome.took);
        let is_failed = !matches!(outcome.completion.status, Some(Status::Successful(_)));
        let held_bytes = (!is_failed).then(|| outcome.run_bytes.total_bytes());
        self.room.lock().activated(run_id, held_bytes);
        let mut ledger = self.ledger.lock();
        if let Some(stop) = outcome.stopped {
            ledger.count_stop(run_id, stop);
        }
        // Before the others' figures come in, or what this run cost until now would be gone.
        let decision = ledger.note(run_id, isolate, outcome);
        if let Some(measurement) = &outcome.measurement {
            ledger.measured(measurement);
        }
        match decision {
            BudgetDecision::Fine => Verdict::Stands,
            BudgetDecision::Warn(message) => {
                tracing::warn!(run_id, "{message}");
                Verdict::Stands
            }
            BudgetDecision::Evict(message) => {
                ledger.condemn(run_id, EvictionReason::WorkflowBudget);
                if ledger.is_replaying(run_id) {
                    // sdk-core replays to the task's end before it evicts, and the run would grow on.
                    return Verdict::Fails(message);
                }
                tracing::warn!(run_id, "{message}; it is evicted");
                Verdict::Stands
            }
            BudgetDecision::FailTask(message) => {
                ledger.condemn(run_id, EvictionReason::WorkflowBudget);
                Verdict::Fails(message)
            }
            BudgetDecision::Parked(message) => {
                tracing::error!(run_id, "{message}");
                ledger.condemn(run_id, EvictionReason::WorkflowBudget);
                Verdict::Fails(message)
            }
        }
    }

    /// The completion of a task that began is with sdk-core. Asks for the evictions that are due.
    pub(crate) fn end(&self, run_id: &str) {
        self.backlog.lock().end();
        self.room.lock().ended(run_id);
        self.ledger.lock().end(run_id);
        self.adjust_admission();
        self.keep_limits();
    }

    /// Asks for the evictions that the cache's limits want.
    fn keep_limits(&self) {
        let victims = self.ledger.lock().victims(&self.limits, 0);
        self.request(victims.iter().map(AsRef::as_ref));
    }

    /// The isolate of these runs is lost, for `reason`. The one that it worked for is not tried again: each try would cost an
    /// isolate.
    pub(crate) fn lost(&self, loss: Loss) {
        let mut ledger = self.ledger.lock();
        if let Some(culprit) = loss.culprit {
            let message = format!(
                "this run took its isolate with it ({}), so that this worker no longer tries its tasks; reset or \
                 terminate it, or restart the worker with a bundle that is mended",
                loss.reason
            );
            ledger.park(culprit, message);
        }
        for run_id in &loss.run_ids {
            ledger.condemn(run_id, EvictionReason::IsolateLost);
        }
        drop(ledger);
        self.request(loss.run_ids.iter().map(String::as_str));
    }

    /// Runs that did nothing wrong since they are kept apart go back among others.
    fn bring_back(&self, run_ids: &[String]) {
        let mut ledger = self.ledger.lock();
        for run_id in run_ids {
            ledger.condemn(run_id, EvictionReason::QuarantineOver);
        }
    }

    /// Waits until only a new process helps, and says why.
    pub(crate) async fn restart_wanted(&self) -> String {
        let mut restart = self.restart.subscribe();
        let wanted = restart.wait_for(Option::is_some).await;
        // The sender lives as long as this does.
        wanted
            .ok()
            .and_then(|reason| reason.clone())
            .unwrap_or_default()
    }

    /// Why only a new process helps, if that is so.
    pub(crate) fn restart_reason(&self) -> Option<String> {
        self.restart.borrow().clone()
    }

    /// Why no tasks are taken, if none are.
    pub(crate) fn closed(&self) -> Option<Closed> {
        self.admission.borrow().closed()
    }

    /// For whoever takes new tasks.
    pub(crate) fn admission(&self) -> channel::Receiver<Admission> {
        self.admission.subscribe()
    }

    /// sdk-core evicted a run; `reason` is its own. The answer says how the run parts from its isolate.
    pub(crate) fn evicted(&self, run_id: &str, reason: EvictionReason) -> Parting {
        self.ledger.lock().evicted(run_id, reason, &self.limits)
    }

    /// What the cache holds and what was done about it, for the status page.
    pub(crate) fn report(&self) -> CacheReport {
        let pressure = self.admission.borrow().pressure;
        self.ledger.lock().report(pressure)
    }

    /// Closes the gate, or opens it.
    fn adjust_admission(&self) {
        let is_backlogged = self.backlog.lock().is_full(self.isolates);
        let recently = Instant::now().checked_sub(CHURN);
        let is_churning =
            recently.is_some_and(|recently| self.ledger.lock().is_churning(&self.limits, recently));
        let is_crowded = !self.room.lock().has_room();
        self.admission.send_if_modified(|admission| {
            let before = *admission;
            (admission.is_churning, admission.is_backlogged) = (is_churning, is_backlogged);
            admission.is_crowded = is_crowded;
            admission.is_stopping = is_stopping();
            before != *admission
        });
    }

    fn request<'a>(&self, run_ids: impl Iterator<Item = &'a str>) {
        let Some(core) = self.core.get().and_then(Weak::upgrade) else {
            return;
        };
        for run_id in run_ids {
            core.request_workflow_eviction(run_id);
        }
    }
}

/// What the status page calls a stop.
pub(crate) fn stop_name(stop: Stop) -> &'static str {
    match stop {
        Stop::Deadline => "deadline",
        Stop::HeapLimit | Stop::ProcessLimit => "heap",
    }
}
