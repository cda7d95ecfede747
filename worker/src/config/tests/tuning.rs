//! Slot suppliers and poller behaviours: what goes together and what does not.

use super::*;

const RESOURCE_BASED: [&str; 3] = [
    "--workflow-slot-supplier=resource-based",
    "--target-memory-usage=0.8",
    "--target-cpu-usage=0.9",
];

/// The only mistake, which must hold these parts.
fn assert_mistake(line: &[&str], parts: &[&str]) {
    let mistakes = mistakes(line, []);
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    for part in parts {
        assert!(mistakes[0].contains(part), "{part} is not in {mistakes:?}");
    }
}

#[test]
fn a_fixed_size_has_no_minimum_and_no_throttle() {
    let parts = [
        "`min-workflow-slots` is given",
        "`workflow-slot-supplier` is fixed-size",
    ];
    assert_mistake(&["--min-workflow-slots=3"], &parts);
    let parts = [
        "`activity-slot-ramp-throttle`",
        "set `activity-slot-supplier` to resource-based",
    ];
    assert_mistake(&["--activity-slot-ramp-throttle=1s"], &parts);
    let config = resolved(&[], []);
    assert_eq!(*config.workflow_slot_supply.min_slots, None);
}

#[test]
fn a_target_needs_a_supplier_and_a_supplier_both_targets() {
    let parts = [
        "`target-memory-usage` is given",
        "no slot supplier is resource-based",
    ];
    assert_mistake(&["--target-memory-usage=0.8"], &parts);
    assert_mistake(&RESOURCE_BASED[..2], &["`target-cpu-usage` is required"]);
    let mistakes = mistakes(&RESOURCE_BASED[..1], []);
    assert_eq!(mistakes.len(), 2, "{mistakes:?}");
}

#[test]
fn the_minimum_lies_between_what_the_queues_need_and_the_maximum() {
    let with = |flags: &[&'static str]| [&RESOURCE_BASED[..], flags].concat();
    let line = with(&["--min-workflow-slots=50", "--workflow-slots=40"]);
    assert_mistake(
        &line,
        &[
            "`min-workflow-slots` is 50",
            "`workflow-slots`, which is 40",
        ],
    );
    assert_mistake(
        &with(&["--min-workflow-slots=1"]),
        &["one for each of its queues"],
    );
    let config = resolved(
        &with(&["--min-workflow-slots=1", "--max-cached-workflows=0"]),
        [],
    );
    assert_eq!(*config.workflow_slot_supply.min_slots, Some(1));
}

#[test]
fn a_default_minimum_fits_a_small_maximum() {
    let line = [
        "--activity-slot-supplier=resource-based",
        "--target-memory-usage=0.8",
        "--target-cpu-usage=0.9",
        "--activity-slots=1",
    ];
    let config = resolved(&line, []);
    assert_eq!(*config.activity_slot_supply.min_slots, Some(1));
    assert!(config.warnings.is_empty());
}

#[test]
fn a_supplier_for_what_is_off_is_mentioned() {
    let line = [
        "--activity-slot-supplier=resource-based",
        "--target-memory-usage=0.8",
        "--target-cpu-usage=0.9",
        "--activity-slots=0",
    ];
    let warnings = resolved(&line, []).warnings;
    assert!(
        warnings[0].0.contains("`activity-slot-supplier`"),
        "{warnings:?}"
    );
}

#[test]
fn a_simple_maximum_has_no_minimum_and_no_beginning() {
    let parts = [
        "`min-workflow-pollers` is given",
        "simple-maximum",
        "to autoscaling",
    ];
    assert_mistake(&["--min-workflow-pollers=3"], &parts);
    assert_mistake(
        &["--initial-activity-pollers=3"],
        &["`activity-poller-behavior`"],
    );
}

#[test]
fn minimum_beginning_and_maximum_ascend() {
    let scaled =
        |flags: &[&'static str]| [&["--workflow-poller-behavior=autoscaling"], flags].concat();
    let line = scaled(&["--min-workflow-pollers=6", "--initial-workflow-pollers=5"]);
    assert_mistake(
        &line,
        &[
            "`min-workflow-pollers` is 6",
            "`initial-workflow-pollers`, which is 5",
        ],
    );
    let line = scaled(&["--initial-workflow-pollers=50", "--workflow-pollers=20"]);
    assert_mistake(
        &line,
        &[
            "`initial-workflow-pollers` is 50",
            "`workflow-pollers`, which is 20",
        ],
    );
    let line = scaled(&["--min-workflow-pollers=50", "--workflow-pollers=20"]);
    assert_mistake(&line, &["`min-workflow-pollers` is 50"]);
}

#[test]
fn a_default_beginning_fits_between_minimum_and_maximum() {
    let initial = |flags: &[&'static str]| {
        let line = [&["--activity-poller-behavior=autoscaling"], flags].concat();
        *resolved(&line, []).activity_poller_scale.initial
    };
    assert_eq!(initial(&[]), Some(5));
    assert_eq!(initial(&["--activity-pollers=3"]), Some(3));
    assert_eq!(initial(&["--min-activity-pollers=8"]), Some(8));
}

#[test]
fn an_unreadable_rule_makes_up_no_contradiction() {
    let line = [
        "--workflow-slot-supplier=resource",
        "--min-workflow-slots=3",
    ];
    assert_mistake(&line, &["is no slot supplier"]);
    let line = [
        "--workflow-poller-behavior=auto",
        "--min-workflow-pollers=3",
    ];
    assert_mistake(&line, &["is no poller behaviour"]);
}
