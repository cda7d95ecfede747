//! Takes no new workflow tasks while the process is near its memory limit, and no new runs while the cache would have to push
//! out for them what it has only just taken in. And no more tasks than it can finish before the server gives them to others.

use std::sync::Arc;
use std::time::Duration;

use temporalio_sdk_core::{
    ActivitySlotKind, LocalActivitySlotKind, NexusSlotKind, SlotMarkUsedContext,
    SlotReleaseContext, SlotReservationContext, SlotSupplier, SlotSupplierPermit, TunerHolder,
    WorkerTuner, WorkflowSlotKind,
};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::memory::PressureLevel;

/// A worker that stays under pressure still takes one task in this time and poller: what takes the memory may be what only
/// further tasks can end.
const TRICKLE: Duration = Duration::from_secs(2);

type WorkflowSlots = Arc<dyn SlotSupplier<SlotKind = WorkflowSlotKind> + Send + Sync>;

/// What the gate lets through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Admission {
    pub(crate) pressure: PressureLevel,
    /// The cache is full of runs that were used just now.
    pub(crate) is_churning: bool,
    /// What is in flight takes longer than a task may wait.
    pub(crate) is_backlogged: bool,
    /// What new runs in flight may still take leaves no room for another.
    pub(crate) is_crowded: bool,
    /// An entry is being stopped for its memory, which comes back in a moment.
    pub(crate) is_stopping: bool,
}

/// Why no task is taken at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The process is near its memory limit.
    MemoryPressure(PressureLevel),
    /// What is in flight takes longer than a task may wait.
    Backlog,
}

impl Admission {
    /// `is_sticky`: for a run of this worker's cache, as far as that can be known before the task is.
    fn admits(self, is_sticky: bool) -> bool {
        // What takes the memory is known and about to give it back: cached runs need not wait for that.
        let has_memory = self.pressure < PressureLevel::High || (is_sticky && self.is_stopping);
        has_memory && !self.is_backlogged && (is_sticky || !(self.is_churning || self.is_crowded))
    }

    /// Why not even tasks of cached runs are taken, if they are not.
    pub(crate) fn closed(self) -> Option<Closed> {
        if self.admits(true) {
            return None;
        }
        Some(if self.is_backlogged {
            Closed::Backlog
        } else {
            Closed::MemoryPressure(self.pressure)
        })
    }
}

/// A tuner whose workflow slots are handed out below high pressure only.
pub(crate) struct GatedTuner {
    inner: TunerHolder,
    workflow: Arc<Gate>,
}

impl GatedTuner {
    pub(crate) fn new(inner: TunerHolder, admission: watch::Receiver<Admission>) -> Self {
        let workflow = Arc::new(Gate {
            inner: inner.workflow_task_slot_supplier(),
            admission,
        });
        Self { inner, workflow }
    }
}

impl WorkerTuner for GatedTuner {
    fn workflow_task_slot_supplier(&self) -> WorkflowSlots {
        Arc::clone(&self.workflow) as _
    }

    fn activity_task_slot_supplier(
        &self,
    ) -> Arc<dyn SlotSupplier<SlotKind = ActivitySlotKind> + Send + Sync> {
        self.inner.activity_task_slot_supplier()
    }

    fn local_activity_slot_supplier(
        &self,
    ) -> Arc<dyn SlotSupplier<SlotKind = LocalActivitySlotKind> + Send + Sync> {
        self.inner.local_activity_slot_supplier()
    }

    fn nexus_task_slot_supplier(
        &self,
    ) -> Arc<dyn SlotSupplier<SlotKind = NexusSlotKind> + Send + Sync> {
        self.inner.nexus_task_slot_supplier()
    }
}

struct Gate {
    inner: WorkflowSlots,
    admission: watch::Receiver<Admission>,
}

#[crate::slots::async_trait]
impl SlotSupplier for Gate {
    type SlotKind = WorkflowSlotKind;

    async fn reserve_slot(&self, ctx: &dyn SlotReservationContext) -> SlotSupplierPermit {
        let mut admission = self.admission.clone();
        let is_sticky = ctx.is_sticky();
        let admitted = admission.wait_for(|admission| admission.admits(is_sticky));
        let _ = timeout(TRICKLE, admitted).await.map(drop);
        self.inner.reserve_slot(ctx).await
    }

    fn try_reserve_slot(&self, ctx: &dyn SlotReservationContext) -> Option<SlotSupplierPermit> {
        if !self.admission.borrow().admits(ctx.is_sticky()) {
            return None;
        }
        self.inner.try_reserve_slot(ctx)
    }

    fn mark_slot_used(&self, ctx: &dyn SlotMarkUsedContext<SlotKind = Self::SlotKind>) {
        self.inner.mark_slot_used(ctx);
    }

    fn release_slot(&self, ctx: &dyn SlotReleaseContext<SlotKind = Self::SlotKind>) {
        self.inner.release_slot(ctx);
    }

    fn available_slots(&self) -> Option<usize> {
        self.inner.available_slots()
    }

    fn slot_supplier_kind(&self) -> String {
        self.inner.slot_supplier_kind()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_taken_below_high_pressure() {
        let admits = PressureLevel::ALL.map(|pressure| {
            let admission = Admission {
                pressure,
                ..Admission::default()
            };
            assert_eq!(admission.admits(true), admission.admits(false));
            admission.admits(true)
        });
        assert_eq!(admits, [true, true, false, false]);
    }

    #[test]
    fn while_an_entry_is_stopped_cached_runs_go_on() {
        let stopping = Admission {
            pressure: PressureLevel::Critical,
            is_stopping: true,
            ..Admission::default()
        };
        assert!(stopping.admits(true) && !stopping.admits(false));
        assert_eq!(stopping.closed(), None);
    }

    #[test]
    fn what_keeps_all_tasks_out_is_said() {
        let pressed = Admission {
            pressure: PressureLevel::High,
            ..Admission::default()
        };
        let reason = Closed::MemoryPressure(PressureLevel::High);
        assert_eq!(pressed.closed(), Some(reason));
        let both = Admission {
            is_backlogged: true,
            ..pressed
        };
        assert_eq!(both.closed(), Some(Closed::Backlog));
        let churning = Admission {
            is_churning: true,
            ..Admission::default()
        };
        assert_eq!(churning.closed(), None);
    }

    #[test]
    fn a_churning_cache_takes_tasks_of_its_own_runs_only() {
        let admission = Admission {
            is_churning: true,
            ..Admission::default()
        };
        assert!(admission.admits(true) && !admission.admits(false));
    }

    #[test]
    fn new_runs_wait_while_those_in_flight_may_take_all_that_is_left() {
        let admission = Admission {
            is_crowded: true,
            ..Admission::default()
        };
        assert!(admission.admits(true) && !admission.admits(false));
    }

    #[test]
    fn a_backlog_is_worked_off_first() {
        let admission = Admission {
            is_backlogged: true,
            ..Admission::default()
        };
        assert!(!admission.admits(true) && !admission.admits(false));
    }
}
