//! Takes no new workflow tasks while the process is near its memory limit.

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

/// A tuner whose workflow slots are handed out below high pressure only.
pub(crate) struct GatedTuner {
    inner: TunerHolder,
    workflow: Arc<Gate>,
}

impl GatedTuner {
    pub(crate) fn new(inner: TunerHolder, pressure: watch::Receiver<PressureLevel>) -> Self {
        let workflow = Arc::new(Gate {
            inner: inner.workflow_task_slot_supplier(),
            pressure,
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
    pressure: watch::Receiver<PressureLevel>,
}

fn is_open(level: PressureLevel) -> bool {
    level < PressureLevel::High
}

#[crate::slots::async_trait]
impl SlotSupplier for Gate {
    type SlotKind = WorkflowSlotKind;

    async fn reserve_slot(&self, ctx: &dyn SlotReservationContext) -> SlotSupplierPermit {
        let mut pressure = self.pressure.clone();
        let _ = timeout(TRICKLE, pressure.wait_for(|level| is_open(*level))).await;
        self.inner.reserve_slot(ctx).await
    }

    fn try_reserve_slot(&self, ctx: &dyn SlotReservationContext) -> Option<SlotSupplierPermit> {
        if !is_open(*self.pressure.borrow()) {
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
        let open = PressureLevel::ALL.map(is_open);
        assert_eq!(open, [true, true, false, false]);
    }
}
