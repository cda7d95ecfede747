//! Who hands out slots and how many polls are open: sdk-core's tuner and poller behaviours from our settings and from
//! suppliers of the program's own.

use std::sync::Arc;

use temporalio_sdk_core::{
    ActivitySlotKind, LocalActivitySlotKind, PollerBehavior, ResourceBasedSlotsOptions,
    ResourceBasedTunerConfig, ResourceSlotOptions, SlotKind, SlotSupplierOptions, TunerHolder,
    TunerHolderOptions, WorkflowSlotKind,
};

use super::error::RunError;
use crate::config::elements::slot_suppliers::SlotSupplierKind;
use crate::config::{PollerScale, Setting, SlotSupply, WorkerConfig};
use crate::slots::SharedSlotSupplier;

/// Slot suppliers of the program's own.
#[derive(Clone, Default)]
pub(super) struct CustomSuppliers {
    pub(super) workflow: Option<SharedSlotSupplier<WorkflowSlotKind>>,
    pub(super) activity: Option<SharedSlotSupplier<ActivitySlotKind>>,
    pub(super) local_activity: Option<SharedSlotSupplier<LocalActivitySlotKind>>,
}

/// The tuner. Kinds of task that are off have no slots of ours; core never asks for them.
pub(super) fn tuner(
    config: &WorkerConfig,
    custom: &CustomSuppliers,
) -> Result<TunerHolder, RunError> {
    let targets = &config.resource_targets;
    let resources = match (*targets.memory_usage, *targets.cpu_usage) {
        (Some(memory), Some(cpu)) => Some(ResourceBasedTunerConfig::Options(
            ResourceBasedSlotsOptions::builder()
                .target_mem_usage(memory)
                .target_cpu_usage(cpu)
                .build(),
        )),
        _ => None,
    };
    TunerHolderOptions::builder()
        .maybe_workflow_slot_options(supplier_options::<WorkflowSlotKind>(
            &config.workflow_slots,
            &config.workflow_slot_supply,
            custom.workflow.as_ref(),
        ))
        .maybe_activity_slot_options(supplier_options::<ActivitySlotKind>(
            &config.activity_slots,
            &config.activity_slot_supply,
            custom.activity.as_ref(),
        ))
        .maybe_local_activity_slot_options(supplier_options::<LocalActivitySlotKind>(
            &config.local_activity_slots,
            &config.local_activity_slot_supply,
            custom.local_activity.as_ref(),
        ))
        .maybe_resource_based_config(resources)
        .build_tuner_holder()
        .map_err(|error| RunError::Core(format!("{error:#}")))
}

fn supplier_options<K: SlotKind>(
    slots: &Setting<usize>,
    supply: &SlotSupply,
    custom: Option<&SharedSlotSupplier<K>>,
) -> Option<SlotSupplierOptions<K>> {
    if let Some(custom) = custom {
        return Some(SlotSupplierOptions::Custom(Arc::clone(custom)));
    }
    if **slots == 0 {
        return None;
    }
    Some(match (*supply.min_slots, *supply.ramp_throttle) {
        (Some(min_slots), Some(ramp_throttle)) => SlotSupplierOptions::ResourceBased(
            ResourceSlotOptions::new(min_slots, **slots, ramp_throttle),
        ),
        _ => SlotSupplierOptions::FixedSize { slots: **slots },
    })
}

/// As the Node worker, which takes a tuner or `maxConcurrent...`, never both: one of them would have no effect.
pub(super) fn refuse_both(config: &WorkerConfig, custom: &CustomSuppliers) -> Result<(), RunError> {
    let kinds = [
        (
            custom.workflow.is_some(),
            ("workflow-slots", &config.workflow_slots),
            (
                "workflow-slot-supplier",
                &config.workflow_slot_supply.supplier,
            ),
        ),
        (
            custom.activity.is_some(),
            ("activity-slots", &config.activity_slots),
            (
                "activity-slot-supplier",
                &config.activity_slot_supply.supplier,
            ),
        ),
        (
            custom.local_activity.is_some(),
            ("local-activity-slots", &config.local_activity_slots),
            (
                "local-activity-slot-supplier",
                &config.local_activity_slot_supply.supplier,
            ),
        ),
    ];
    let mut problems = Vec::new();
    for (is_custom, (slots_key, slots), (supplier_key, supplier)) in kinds {
        if !is_custom {
            continue;
        }
        if **slots > 0 && slots.source.is_given() {
            problems.push(format!("`{slots_key}` is given ({})", slots.source));
        }
        if **supplier != SlotSupplierKind::default() || supplier.source.is_given() {
            problems.push(format!("`{supplier_key}` is given ({})", supplier.source));
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(RunError::Extensions(format!(
        "{}, but the program hands out these slots by a supplier of its own; leave the setting or the supplier out",
        problems.join(" and ")
    )))
}

/// The behaviour of one kind's pollers; nothing if the kind is off.
pub(super) fn poller_behavior(
    pollers: &Setting<usize>,
    scale: &PollerScale,
) -> Option<PollerBehavior> {
    if **pollers == 0 {
        return None;
    }
    Some(match (*scale.min, *scale.initial) {
        (Some(minimum), Some(initial)) => PollerBehavior::Autoscaling {
            minimum,
            maximum: **pollers,
            initial,
        },
        _ => PollerBehavior::SimpleMaximum(**pollers),
    })
}

#[cfg(test)]
#[path = "tuner_tests.rs"]
mod tests;
