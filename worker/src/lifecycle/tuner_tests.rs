//! What core gets for each way to hand out slots.

use std::sync::Arc;
use std::time::Duration;

use temporalio_sdk_core::{
    ActivitySlotKind, FixedSizeSlotSupplier, SlotSupplierOptions, WorkerTuner, WorkflowSlotKind,
};

use super::*;
use crate::lifecycle::test_config::config;

const TARGETS: [&str; 2] = ["--target-memory-usage=0.8", "--target-cpu-usage=0.9"];

fn workflow_options(line: &[&str]) -> Option<SlotSupplierOptions<WorkflowSlotKind>> {
    let config = config(line);
    supplier_options(&config.workflow_slots, &config.workflow_slot_supply, None)
}

#[test]
fn slots_are_of_a_fixed_size_by_default() {
    let options = workflow_options(&[]);
    assert!(
        matches!(options, Some(SlotSupplierOptions::FixedSize { slots: 40 })),
        "{options:?}"
    );
    let tuner = tuner(
        &config(&["--activity-slots=7"]),
        &CustomSuppliers::default(),
    )
    .unwrap();
    let slots = tuner.activity_task_slot_supplier().available_slots();
    assert_eq!(slots, Some(7));
}

#[test]
fn resource_based_slots_have_the_defaults_of_the_node_worker() {
    let kinds = [
        "--workflow-slot-supplier=resource-based",
        "--activity-slot-supplier=resource-based",
        "--max-cached-workflows=5000",
    ];
    let config = config(&[&kinds[..], &TARGETS[..]].concat());
    assert_eq!(*config.workflow_slot_supply.min_slots, Some(2));
    assert_eq!(*config.workflow_slots, 1_000);
    let throttle = *config.workflow_slot_supply.ramp_throttle;
    assert_eq!(throttle, Some(Duration::from_millis(10)));
    assert_eq!(*config.activity_slot_supply.min_slots, Some(1));
    assert_eq!(*config.activity_slots, 2_000);
    let throttle = *config.activity_slot_supply.ramp_throttle;
    assert_eq!(throttle, Some(Duration::from_millis(50)));
    assert_eq!(*config.workflow_pollers, 10);
    let tuner = tuner(&config, &CustomSuppliers::default()).unwrap();
    let kind = tuner.workflow_task_slot_supplier().slot_supplier_kind();
    assert_eq!(kind, "ResourceBased");
    let kind = tuner.local_activity_slot_supplier().slot_supplier_kind();
    assert_eq!(kind, "Fixed");
}

#[test]
fn what_is_said_of_resource_based_slots_reaches_core() {
    let line = [
        "--workflow-slot-supplier=resource-based",
        "--workflow-slots=20",
        "--min-workflow-slots=4",
        "--workflow-slot-ramp-throttle=1s",
    ];
    let options = workflow_options(&[&line[..], &TARGETS[..]].concat());
    let Some(SlotSupplierOptions::ResourceBased(options)) = options else {
        panic!("{options:?}");
    };
    let shown = format!("{options:?}");
    assert!(shown.contains("min_slots: 4"), "{shown}");
    assert!(shown.contains("max_slots: 20"), "{shown}");
    assert!(shown.contains("ramp_throttle: 1s"), "{shown}");
}

fn one_slot<K: SlotKind + Send + Sync + 'static>() -> SharedSlotSupplier<K> {
    Arc::new(FixedSizeSlotSupplier::<K>::new(1))
}

#[test]
fn a_supplier_of_the_programs_own_takes_the_place_of_the_setting() {
    let custom = CustomSuppliers {
        workflow: Some(one_slot::<WorkflowSlotKind>()),
        ..CustomSuppliers::default()
    };
    refuse_both(&config(&[]), &custom).unwrap();
    let tuner = tuner(&config(&[]), &custom).unwrap();
    let slots = tuner.workflow_task_slot_supplier().available_slots();
    assert_eq!(slots, Some(1));
    let slots = tuner.activity_task_slot_supplier().available_slots();
    assert_eq!(slots, Some(100));
}

#[test]
fn a_supplier_and_a_setting_for_the_same_slots_are_refused_together() {
    let custom = CustomSuppliers {
        workflow: Some(one_slot::<WorkflowSlotKind>()),
        activity: Some(one_slot::<ActivitySlotKind>()),
        ..CustomSuppliers::default()
    };
    let line = ["--workflow-slots=5", "--activity-slot-supplier=fixed-size"];
    let refused = refuse_both(&config(&line), &custom);
    let text = refused.unwrap_err().to_string();
    assert!(
        text.contains("`workflow-slots` is given (--workflow-slots)"),
        "{text}"
    );
    assert!(text.contains("`activity-slot-supplier`"), "{text}");
}

#[test]
fn pollers_are_a_simple_maximum_by_default() {
    let config = config(&["--workflow-pollers=7"]);
    let behavior = poller_behavior(&config.workflow_pollers, &config.workflow_poller_scale);
    assert_eq!(behavior, Some(PollerBehavior::SimpleMaximum(7)));
}

#[test]
fn autoscaling_has_the_defaults_of_the_node_worker() {
    let config = config(&[
        "--workflow-poller-behavior=autoscaling",
        "--activity-poller-behavior=autoscaling",
        "--activity-pollers=9",
        "--min-activity-pollers=2",
        "--initial-activity-pollers=3",
    ]);
    let behavior = poller_behavior(&config.workflow_pollers, &config.workflow_poller_scale);
    let (minimum, initial, maximum) = (1, 5, 100);
    let expected = PollerBehavior::Autoscaling {
        minimum,
        maximum,
        initial,
    };
    assert_eq!(behavior, Some(expected));
    let behavior = poller_behavior(&config.activity_pollers, &config.activity_poller_scale);
    let (minimum, initial, maximum) = (2, 3, 9);
    let expected = PollerBehavior::Autoscaling {
        minimum,
        maximum,
        initial,
    };
    assert_eq!(behavior, Some(expected));
}

#[test]
fn pollers_of_what_is_off_have_no_behaviour() {
    let config = config(&["--activity-slots=0"]);
    let behavior = poller_behavior(&config.activity_pollers, &config.activity_poller_scale);
    assert_eq!(behavior, None);
}
