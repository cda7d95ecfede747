//! One test per rule, and what holds for every limit.

use proptest::prelude::*;

use super::super::share::Share;
use super::divide::HEAP_MIN_BYTES;
use super::*;

const GIB: u64 = 1 << 30;

fn demand() -> PlanDemand {
    PlanDemand {
        shares: PlanShares::default(),
        isolates: 2,
        workflow_slots: 40,
        bundle_bytes: MIB,
        heap_per_isolate_bytes: None,
        cache_bytes: None,
        max_cached_workflows: None,
        workflow_budget: BudgetSize::UpToHalfAHeap(64 * MIB),
    }
}

fn plan(limit_bytes: u64, demand: &PlanDemand) -> MemoryPlan {
    MemoryPlan::of(limit_bytes, demand).expect("it fits")
}

fn percent(percent: u32) -> Option<Share> {
    Some(Share::Percent(Percent::whole(percent)))
}

#[test]
fn the_rows_add_up_to_the_limit_at_every_usual_size() {
    for mib in [256, 384, 512, 1000, 1024, 2048, 4096, 8192, 24_000] {
        let plan = plan(mib * MIB, &demand());
        let sum: u64 = plan.rows.iter().map(|row| row.bytes).sum();
        assert_eq!(sum, mib * MIB, "{plan:?}");
        assert!(
            plan.bytes_of(PlanPart::Reserve) >= mib * MIB / 10,
            "{plan:?}"
        );
        assert!(plan.heap_per_isolate_bytes >= HEAP_MIN_BYTES, "{plan:?}");
        assert!(plan.max_cached_workflows >= 40, "{plan:?}");
        assert!(plan.warnings().is_empty(), "{:?}", plan.warnings());
    }
}

#[test]
fn a_small_container_still_caches_hundreds_of_runs() {
    let plan = plan(256 * MIB, &demand());
    assert!((200..1000).contains(&plan.max_cached_workflows), "{plan:?}");
    assert!(plan.cache_bytes < plan.bytes_of(PlanPart::Heaps) / 2);
}

#[test]
fn as_many_runs_are_cached_as_fit_their_least_cost() {
    let middle = plan(GIB, &demand());
    let fitting = middle.cache_bytes / RUN_MIN_BYTES;
    assert_eq!(middle.max_cached_workflows as u64, fitting);
    let large = plan(64 * GIB, &demand());
    assert_eq!(large.max_cached_workflows, 16 * (4096 - 96 - 9));
    let isolates = PlanDemand {
        isolates: 8,
        ..demand()
    };
    assert_eq!(
        plan(64 * GIB, &isolates).max_cached_workflows,
        CACHED_WORKFLOWS_MAX
    );
}

#[test]
fn the_cache_is_never_smaller_than_the_slots_nor_than_two_for_each_isolate() {
    assert_eq!(fewest_cached_workflows(40, 2), 40);
    assert_eq!(fewest_cached_workflows(2, 8), 16);
    assert_eq!(fewest_cached_workflows(0, 0), 2);
    let slots = PlanDemand {
        workflow_slots: 1000,
        ..demand()
    };
    assert_eq!(plan(256 * MIB, &slots).max_cached_workflows, 1000);
}

#[test]
fn sizes_that_were_said_hold() {
    let said = PlanDemand {
        heap_per_isolate_bytes: Some(100 * MIB),
        cache_bytes: Some(30 * MIB),
        max_cached_workflows: Some(7),
        workflow_budget: BudgetSize::Bytes(5 * MIB),
        ..demand()
    };
    let plan = plan(GIB, &said);
    assert_eq!(plan.heap_per_isolate_bytes, 100 * MIB);
    assert_eq!((plan.cache_bytes, plan.max_cached_workflows), (30 * MIB, 7));
    assert_eq!(plan.cache_bytes_per_isolate, 30 * MIB);
    assert_eq!(plan.workflow_budget_bytes, Some(5 * MIB));
}

#[test]
fn smaller_heaps_make_a_smaller_cache_and_larger_ones_no_larger() {
    let with = |mib: u64| {
        let heaps = PlanDemand {
            heap_per_isolate_bytes: Some(mib * MIB),
            ..demand()
        };
        plan(GIB, &heaps).cache_bytes
    };
    let by_default = plan(GIB, &demand()).cache_bytes;
    assert!(with(100) < by_default);
    assert_eq!(with(4000), by_default);
}

#[test]
fn a_cache_that_is_off_holds_nothing() {
    let off = PlanDemand {
        max_cached_workflows: Some(0),
        cache_bytes: Some(MIB),
        ..demand()
    };
    let plan = plan(GIB, &off);
    assert_eq!(
        (
            plan.max_cached_workflows,
            plan.cache_bytes,
            plan.cache_bytes_per_isolate
        ),
        (0, 0, 0)
    );
}

#[test]
fn the_cache_is_limited_by_number_bytes_and_isolate_while_there_is_one() {
    let limits = plan(GIB, &demand()).cache_limits();
    assert!(
        limits.bytes_per_isolate > limits.bytes.map(|bytes| bytes / 2),
        "{limits:?}"
    );
    assert!(limits.bytes_per_isolate < limits.bytes, "{limits:?}");
    let off = PlanDemand {
        max_cached_workflows: Some(0),
        ..demand()
    };
    assert_eq!(plan(GIB, &off).cache_limits(), CacheLimits::default());
}

#[test]
fn without_isolates_activities_get_the_rest() {
    let none = PlanDemand {
        isolates: 0,
        workflow_slots: 0,
        ..demand()
    };
    let plan = plan(256 * MIB, &none);
    assert_eq!(plan.bytes_of(PlanPart::Heaps), 0);
    assert_eq!(plan.bytes_of(PlanPart::TemporaryIsolate), 0);
    assert_eq!(
        (plan.heap_per_isolate_bytes, plan.max_cached_workflows),
        (0, 0)
    );
    assert!(plan.bytes_of(PlanPart::Core) > 100 * MIB);
    assert_eq!(
        plan.rows.iter().map(|row| row.bytes).sum::<u64>(),
        256 * MIB
    );
}

#[test]
fn isolates_that_come_up_for_a_while_have_a_row_of_their_own() {
    let plan = plan(GIB, &demand());
    assert_eq!(plan.temporary_heap_bytes, 61 * MIB);
    assert_eq!(plan.bytes_of(PlanPart::TemporaryIsolate), 61 * MIB);
}

#[test]
fn heaps_stay_at_what_v8_itself_takes_at_most() {
    assert_eq!(plan(64 * GIB, &demand()).heap_per_isolate_bytes, 4 * GIB);
}

#[test]
fn shares_that_were_set_are_taken_and_the_heaps_get_the_rest() {
    let shares = PlanShares {
        base: Some(Share::Bytes(100 * MIB)),
        core: percent(10),
        slack: percent(5),
        reserve: percent(25),
        heaps: None,
    };
    let plan = plan(1000 * MIB, &PlanDemand { shares, ..demand() });
    let rows: Vec<_> = plan
        .rows
        .iter()
        .map(|row| (row.bytes / MIB, row.rule))
        .collect();
    let expected = [
        (100, None),
        (100, None),
        (440, Some("the rest")),
        (60, Some("6%, from 32MiB to 256MiB")),
        (50, None),
        (250, None),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn what_set_shares_leave_is_shown() {
    let shares = PlanShares {
        heaps: percent(20),
        ..PlanShares::default()
    };
    let plan = plan(GIB, &PlanDemand { shares, ..demand() });
    assert!(plan.bytes_of(PlanPart::Unassigned) > 0);
    assert_eq!(plan.rows.iter().map(|row| row.bytes).sum::<u64>(), GIB);
}

#[test]
fn a_limit_that_is_too_small_is_refused_with_the_one_that_would_do() {
    for mib in [0, 64, 128, 200] {
        let error = MemoryPlan::of(mib * MIB, &demand()).expect_err("too small");
        let PlanError::TooSmall { needed_bytes, .. } = error else {
            panic!("{error}");
        };
        assert!(MemoryPlan::of(needed_bytes, &demand()).is_ok());
        assert!(MemoryPlan::of(needed_bytes - MIB, &demand()).is_err());
        let text = error.to_string();
        assert!(
            text.contains("`memory-limit`") && text.contains("`isolates`"),
            "{text}"
        );
    }
}

#[test]
fn shares_that_fit_no_limit_are_named() {
    let shares = PlanShares {
        heaps: percent(80),
        reserve: percent(30),
        ..PlanShares::default()
    };
    let error = MemoryPlan::of(GIB, &PlanDemand { shares, ..demand() }).expect_err("110 %");
    let text = error.to_string();
    assert!(matches!(error, PlanError::SharesExceed { .. }), "{text}");
    assert!(text.contains("`memory-heaps`, `memory-reserve`"), "{text}");
}

#[test]
fn what_cannot_work_as_meant_is_mentioned() {
    let mention = |demand: PlanDemand, key: &str| {
        let warnings = plan(GIB, &demand).warnings();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains(key), "{warnings:?}");
    };
    let heap = Some(GIB);
    mention(
        PlanDemand {
            heap_per_isolate_bytes: heap,
            ..demand()
        },
        "`max-heap-per-isolate`",
    );
    mention(
        PlanDemand {
            cache_bytes: Some(GIB),
            ..demand()
        },
        "`cache-memory`",
    );
    let workflow_budget = BudgetSize::Bytes(GIB);
    mention(
        PlanDemand {
            workflow_budget,
            ..demand()
        },
        "`workflow-memory-budget`",
    );
}

#[test]
fn the_default_budget_is_at_most_half_a_heap() {
    let small = plan(256 * MIB, &demand());
    assert_eq!(
        small.workflow_budget_bytes,
        Some(small.heap_per_isolate_bytes / 2)
    );
    assert_eq!(
        plan(2 * GIB, &demand()).workflow_budget_bytes,
        Some(64 * MIB)
    );
    let off = PlanDemand {
        workflow_budget: BudgetSize::Off,
        ..demand()
    };
    assert_eq!(plan(GIB, &off).workflow_budget_bytes, None);
}

/// The figures are those of V8: 6 MiB for the smallest heaps, 96 MiB from 1 GiB on.
#[test]
fn the_young_generation_is_v8_s() {
    for (heap_mib, young_mib) in [
        (16, 6),
        (64, 6),
        (65, 12),
        (256, 24),
        (300, 48),
        (1024, 96),
        (4096, 96),
    ] {
        assert_eq!(
            young_generation(heap_mib * MIB),
            young_mib * MIB,
            "{heap_mib}"
        );
    }
}

fn share() -> impl Strategy<Value = Option<Share>> {
    prop_oneof![
        3 => Just(None),
        1 => (0..=u64::MAX).prop_map(|bytes| Some(Share::Bytes(bytes))),
        1 => (0..=2048 * MIB).prop_map(|bytes| Some(Share::Bytes(bytes))),
        2 => (0..=100_000_u64).prop_map(|part| Percent::from_thousandths(part).map(Share::Percent)),
    ]
}

proptest! {
    /// Whatever is asked for, nothing overflows, and a plan adds up.
    #[test]
    fn a_plan_adds_up_or_is_refused_with_a_limit_that_works(
        limit_bytes in prop_oneof![0..=64 * GIB, 0..=u64::MAX],
        (base, core, heaps, slack, reserve) in (share(), share(), share(), share(), share()),
        isolates in 0..=64_usize,
        workflow_slots in 0..=2000_usize,
        bundle_bytes in prop_oneof![0..=64 * MIB, 0..=u64::MAX],
        heap_per_isolate_bytes in prop::option::of(16 * MIB..=64 * GIB),
        cache_bytes in prop::option::of(0..=u64::MAX),
    ) {
        let demand = PlanDemand {
            shares: PlanShares { base, core, heaps, slack, reserve },
            isolates, workflow_slots, bundle_bytes, heap_per_isolate_bytes, cache_bytes,
            ..demand()
        };
        match MemoryPlan::of(limit_bytes, &demand) {
            Ok(plan) => {
                let sum = plan.rows.iter().try_fold(0_u64, |sum, row| sum.checked_add(row.bytes));
                prop_assert_eq!(sum, Some(limit_bytes));
                prop_assert!(isolates == 0 || plan.max_cached_workflows >= workflow_slots);
                let _ = plan.warnings();
            }
            Err(PlanError::TooSmall { needed_bytes, .. }) => {
                prop_assert!(needed_bytes > limit_bytes);
                prop_assert!(MemoryPlan::of(needed_bytes, &demand).is_ok());
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
