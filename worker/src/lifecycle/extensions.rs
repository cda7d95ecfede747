//! What a program adds to a worker beyond its settings.

use std::sync::Arc;

use burdock_activities::ActivityRegistry;

use super::tuner::CustomSuppliers;
use crate::slots::{ActivitySlotKind, LocalActivitySlotKind, SharedSlotSupplier, WorkflowSlotKind};

/// Code of one's own that the worker calls. Everything is optional; the default adds nothing.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct WorkerExtensions {
    /// Activities that this worker runs.
    pub activities: Option<Arc<ActivityRegistry>>,
    pub(super) slot_suppliers: CustomSuppliers,
}

impl WorkerExtensions {
    /// Runs these activities.
    #[must_use]
    pub fn activities(mut self, registry: ActivityRegistry) -> Self {
        self.activities = Some(Arc::new(registry));
        self
    }

    /// Hands out the slots of workflow tasks. With a cache it must be willing to hand out two, one for each of the
    /// worker's queues. Not together with `workflow-slots` or `workflow-slot-supplier`.
    #[must_use]
    pub fn workflow_slot_supplier(
        mut self,
        supplier: SharedSlotSupplier<WorkflowSlotKind>,
    ) -> Self {
        self.slot_suppliers.workflow = Some(supplier);
        self
    }

    /// Hands out the slots of activity tasks. Not together with `activity-slots` or `activity-slot-supplier`.
    #[must_use]
    pub fn activity_slot_supplier(
        mut self,
        supplier: SharedSlotSupplier<ActivitySlotKind>,
    ) -> Self {
        self.slot_suppliers.activity = Some(supplier);
        self
    }

    /// Hands out the slots of local activities. Not together with `local-activity-slots` or
    /// `local-activity-slot-supplier`.
    #[must_use]
    pub fn local_activity_slot_supplier(
        mut self,
        supplier: SharedSlotSupplier<LocalActivitySlotKind>,
    ) -> Self {
        self.slot_suppliers.local_activity = Some(supplier);
        self
    }
}
