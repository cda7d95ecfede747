//! One test per rule, and what holds for all combinations.

use proptest::prelude::*;
use temporalio_common::worker::WorkerTaskTypes;
use temporalio_sdk_core::{PollerBehavior, WorkerConfig, WorkerVersioningStrategy};

use super::*;
use crate::memory::plan::fewest_cached_workflows;

fn flag(value: usize) -> Option<Setting<usize>> {
    Some(Setting {
        value,
        source: Source::Flag("test"),
    })
}

fn settled(given: &GivenSizes) -> (Sizes, Findings) {
    let mut findings = Findings::default();
    let sizes = settle(given, &mut findings);
    (sizes, findings)
}

/// The only mistake, which must name these keys.
fn assert_contradiction(given: &GivenSizes, keys: &[&str]) {
    let (_, findings) = settled(given);
    assert_eq!(findings.errors.len(), 1, "{given:?}: {findings:?}");
    let message = findings.errors[0].to_string();
    for key in keys {
        assert!(message.contains(&format!("`{key}`")), "{message}");
    }
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let (sizes, findings) = settled(&GivenSizes::default());
    assert_eq!(*sizes.workflow_slots, 40);
    assert_eq!(*sizes.max_cached_workflows, None);
    assert_eq!(*sizes.isolates, 2);
    assert_eq!(*sizes.workflow_pollers, 10);
    assert_eq!(*sizes.activity_slots, 100);
    assert_eq!(*sizes.local_activity_slots, 100);
    assert_eq!(*sizes.activity_pollers, 10);
    assert!(findings.errors.is_empty() && findings.warnings.is_empty());
}

#[test]
fn a_cache_of_one_works_by_itself() {
    let given = GivenSizes {
        max_cached_workflows: flag(1),
        ..GivenSizes::default()
    };
    let (sizes, findings) = settled(&given);
    assert_eq!(*sizes.max_cached_workflows, Some(1));
    assert_eq!(*sizes.workflow_slots, 2);
    assert_eq!(*sizes.workflow_pollers, 2);
    assert_eq!(*sizes.isolates, 1);
    assert!(findings.errors.is_empty() && findings.warnings.is_empty());
}

#[test]
fn without_a_cache_one_slot_is_enough() {
    let given = GivenSizes {
        max_cached_workflows: flag(0),
        workflow_slots: flag(1),
        isolates: flag(8),
        ..GivenSizes::default()
    };
    let (sizes, findings) = settled(&given);
    assert_eq!((*sizes.workflow_slots, *sizes.workflow_pollers), (1, 1));
    assert_eq!(*sizes.isolates, 8);
    assert!(findings.errors.is_empty() && findings.warnings.is_empty());
}

#[test]
fn a_cache_needs_two_slots() {
    let given = GivenSizes {
        workflow_slots: flag(1),
        ..GivenSizes::default()
    };
    assert_contradiction(&given, &["workflow-slots", "max-cached-workflows"]);
}

#[test]
fn a_cache_needs_two_pollers() {
    let given = GivenSizes {
        workflow_pollers: flag(1),
        ..GivenSizes::default()
    };
    assert_contradiction(&given, &["workflow-pollers", "max-cached-workflows"]);
}

#[test]
fn pollers_do_not_exceed_slots() {
    let workflows = GivenSizes {
        workflow_slots: flag(5),
        workflow_pollers: flag(6),
        ..GivenSizes::default()
    };
    assert_contradiction(&workflows, &["workflow-slots", "workflow-pollers"]);
    let activities = GivenSizes {
        activity_slots: flag(5),
        activity_pollers: flag(6),
        ..GivenSizes::default()
    };
    assert_contradiction(&activities, &["activity-slots", "activity-pollers"]);
}

#[test]
fn isolates_do_not_exceed_the_cache() {
    let given = GivenSizes {
        max_cached_workflows: flag(3),
        isolates: flag(4),
        ..GivenSizes::default()
    };
    assert_contradiction(&given, &["isolates", "max-cached-workflows"]);
}

#[test]
fn a_worker_with_nothing_to_do_is_refused() {
    let given = GivenSizes {
        workflow_slots: flag(0),
        activity_slots: flag(0),
        ..GivenSizes::default()
    };
    assert_contradiction(&given, &["workflow-slots", "activity-slots"]);
}

#[test]
fn slots_beyond_the_cache_are_lowered_with_a_warning() {
    let given = GivenSizes {
        max_cached_workflows: flag(5),
        workflow_slots: flag(40),
        workflow_pollers: flag(8),
        ..GivenSizes::default()
    };
    let (sizes, findings) = settled(&given);
    assert_eq!((*sizes.workflow_slots, *sizes.workflow_pollers), (5, 5));
    assert!(matches!(
        sizes.workflow_slots.source,
        Source::Lowered { given: 40, .. }
    ));
    assert!(findings.errors.is_empty());
    assert!(findings.warnings[0].0.contains("`max-cached-workflows`"));
}

#[test]
fn default_pollers_follow_lowered_slots() {
    let given = GivenSizes {
        max_cached_workflows: flag(3),
        workflow_slots: flag(40),
        ..GivenSizes::default()
    };
    assert_eq!(*settled(&given).0.workflow_pollers, 3);
}

#[test]
fn without_workflows_their_sizes_are_zero_and_given_ones_are_mentioned() {
    let given = GivenSizes {
        workflow_slots: flag(0),
        isolates: flag(4),
        max_cached_workflows: flag(100),
        ..GivenSizes::default()
    };
    let (sizes, findings) = settled(&given);
    assert_eq!(*sizes.max_cached_workflows, Some(0));
    assert_eq!(*sizes.isolates, 0);
    assert_eq!(*sizes.workflow_pollers, 0);
    assert_eq!(*sizes.local_activity_slots, 0);
    assert!(findings.errors.is_empty());
    assert_eq!(findings.warnings.len(), 2);
}

#[test]
fn without_activities_their_pollers_are_zero() {
    let given = GivenSizes {
        activity_slots: flag(0),
        activity_pollers: flag(4),
        ..GivenSizes::default()
    };
    let (sizes, findings) = settled(&given);
    assert_eq!(*sizes.activity_pollers, 0);
    assert!(findings.warnings[0].0.contains("`activity-pollers`"));
}

#[test]
fn dev_without_a_bundle_hosts_no_workflows() {
    let given = GivenSizes {
        workflows_are_optional: true,
        ..GivenSizes::default()
    };
    let (sizes, findings) = settled(&given);
    assert_eq!(*sizes.workflow_slots, 0);
    assert!(findings.errors.is_empty() && findings.warnings.is_empty());
}

/// The smallest cache that the memory plan may make of one that nobody said.
fn cache_of(sizes: &Sizes) -> usize {
    sizes
        .max_cached_workflows
        .unwrap_or_else(|| fewest_cached_workflows(*sizes.workflow_slots, *sizes.isolates))
}

/// What core says to these sizes.
fn ask_core(sizes: &Sizes) -> Result<WorkerConfig, String> {
    let unless_zero = |size: &Setting<usize>| Some(**size).filter(|size| *size > 0);
    let poller = |size: &Setting<usize>| unless_zero(size).map(PollerBehavior::SimpleMaximum);
    WorkerConfig::builder()
        .namespace("n")
        .task_queue("q")
        .task_types(WorkerTaskTypes {
            enable_workflows: *sizes.workflow_slots > 0,
            enable_local_activities: *sizes.local_activity_slots > 0,
            enable_remote_activities: *sizes.activity_slots > 0,
            enable_nexus: false,
        })
        .versioning_strategy(WorkerVersioningStrategy::None {
            build_id: String::new(),
        })
        .max_cached_workflows(cache_of(sizes))
        .maybe_max_outstanding_workflow_tasks(unless_zero(&sizes.workflow_slots))
        .maybe_max_outstanding_activities(unless_zero(&sizes.activity_slots))
        .maybe_max_outstanding_local_activities(unless_zero(&sizes.local_activity_slots))
        .maybe_workflow_task_poller_behavior(poller(&sizes.workflow_pollers))
        .maybe_activity_task_poller_behavior(poller(&sizes.activity_pollers))
        .build()
}

#[test]
fn core_refuses_one_slot_and_one_poller_with_a_cache() {
    for (slots, pollers) in [(1, 1), (2, 1)] {
        let given = GivenSizes {
            workflow_slots: flag(slots),
            workflow_pollers: flag(pollers),
            ..GivenSizes::default()
        };
        let (sizes, findings) = settled(&given);
        assert!(ask_core(&sizes).is_err());
        assert_eq!(findings.errors.len(), 1);
    }
}

#[test]
fn resource_based_slots_are_bounded_by_a_cache_of_a_given_size() {
    let given = GivenSizes {
        max_cached_workflows: flag(300),
        resource_based: ResourceBased {
            workflows: true,
            activities: true,
            local_activities: true,
        },
        ..GivenSizes::default()
    };
    let (sizes, findings) = settled(&given);
    assert_eq!(*sizes.workflow_slots, 300);
    assert_eq!(*sizes.activity_slots, 2_000);
    assert_eq!(*sizes.local_activity_slots, 2_000);
    assert!(findings.errors.is_empty() && findings.warnings.is_empty());
}

#[test]
fn autoscaled_pollers_may_be_more_than_slots_and_less_than_two() {
    let autoscaling = Autoscaling {
        workflows: true,
        activities: true,
    };
    let given = GivenSizes {
        workflow_slots: flag(4),
        activity_slots: flag(4),
        autoscaling,
        ..GivenSizes::default()
    };
    let (sizes, findings) = settled(&given);
    assert_eq!(
        (*sizes.workflow_pollers, *sizes.activity_pollers),
        (100, 100)
    );
    assert!(findings.errors.is_empty() && findings.warnings.is_empty());
    let given = GivenSizes {
        workflow_pollers: flag(1),
        activity_pollers: flag(200),
        autoscaling,
        ..GivenSizes::default()
    };
    assert!(settled(&given).1.errors.is_empty());
}

fn size(max: usize) -> impl Strategy<Value = Option<Setting<usize>>> {
    proptest::option::of((0..=max).prop_map(|value| Setting {
        value,
        source: Source::Flag("test"),
    }))
}

proptest! {
    /// What passes our rules passes core's own as well, and core has nothing left to cap.
    #[test]
    fn core_accepts_what_is_accepted(
        workflow_slots in size(60),
        max_cached_workflows in size(60),
        isolates in size(8),
        workflow_pollers in size(60),
        activity_slots in size(60),
        activity_pollers in size(60),
        workflows_are_optional: bool,
    ) {
        let at_least_one = |given: Option<Setting<usize>>| given.filter(|given| **given > 0);
        let given = GivenSizes {
            workflow_slots,
            max_cached_workflows,
            isolates: at_least_one(isolates),
            workflow_pollers: at_least_one(workflow_pollers),
            activity_slots,
            local_activity_slots: None,
            activity_pollers: at_least_one(activity_pollers),
            workflows_are_optional,
            ..GivenSizes::default()
        };
        let (sizes, findings) = settled(&given);
        if findings.errors.is_empty() {
            let answer = ask_core(&sizes);
            prop_assert!(answer.is_ok(), "{:?}", answer.err());
            let slots = *sizes.workflow_slots;
            let cache = cache_of(&sizes);
            prop_assert!(slots > 0 || *sizes.activity_slots > 0);
            prop_assert!(slots == 0 || (1..=slots).contains(&*sizes.workflow_pollers));
            prop_assert!(cache == 0 || (slots >= 2 && *sizes.workflow_pollers >= 2));
            prop_assert!(cache == 0 || slots <= cache.max(2));
            prop_assert!(cache == 0 || *sizes.isolates <= cache);
            prop_assert!(slots == 0 || *sizes.isolates > 0);
            prop_assert!(slots > 0 || *sizes.local_activity_slots == 0);
        }
    }
}
