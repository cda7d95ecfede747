//! One test for each rule, and one for their order.

use super::super::cost::RunCost;
use super::*;

fn run(bytes: u64) -> CachedRun {
    CachedRun {
        run_id: "r1".to_owned(),
        workflow_id: "order-7".to_owned(),
        workflow_type: "order".to_owned(),
        isolate: 0,
        cost: RunCost {
            heap_bytes: bytes,
            ..RunCost::default()
        },
    }
}

/// A worker with 100 runs of 1 MB each and nothing to complain of.
fn healthy() -> Symptoms {
    Symptoms {
        cached_runs: 100,
        cached_bytes: 100_000_000,
        largest_run: Some(run(2_000_000)),
        module_bytes: Some(100_000),
        heap_percent: Some(35),
        limit_percent: Some(40),
        rss_slope_bytes_min: Some(1_200_000.0),
        rss_bytes: 300_000_000,
        unexplained_bytes: 3_000_000,
        ..Symptoms::default()
    }
}

fn said(change: impl FnOnce(&mut Symptoms)) -> String {
    let mut symptoms = healthy();
    change(&mut symptoms);
    diagnose(&symptoms).unwrap_or_default()
}

#[test]
fn a_healthy_or_an_empty_worker_has_no_diagnosis() {
    assert_eq!(diagnose(&healthy()), None);
    assert_eq!(diagnose(&Symptoms::default()), None);
}

#[test]
fn a_small_cache_beside_much_room_is_the_user_s_setting() {
    let evicting = |symptoms: &mut Symptoms| symptoms.cache_full_evictions_per_second = 40.2;
    assert_eq!(
        said(evicting),
        "cache evicts 40 runs/s while the heap is at 35 %: raise max-cached-workflows"
    );
    for full in [
        |symptoms: &mut Symptoms| symptoms.heap_percent = Some(50),
        |symptoms: &mut Symptoms| symptoms.limit_percent = Some(50),
        |symptoms: &mut Symptoms| symptoms.cache_full_evictions_per_second = 0.9,
    ] {
        assert_eq!(
            said(|symptoms| {
                evicting(symptoms);
                full(symptoms)
            }),
            ""
        );
    }
}

#[test]
fn modules_of_each_run_are_named_when_they_are_its_cost() {
    let heavy = |symptoms: &mut Symptoms| {
        symptoms.cached_bytes = 1_200_000_000;
        symptoms.module_bytes = Some(11_900_000);
    };
    assert!(
        said(heavy).starts_with(
            "12.0 MB per cached workflow, 11.9 MB of it created by module evaluation: "
        )
    );
    let light = |symptoms: &mut Symptoms| {
        heavy(symptoms);
        symptoms.module_bytes = Some(9_000_000)
    };
    assert_eq!(said(light), "");
    assert_eq!(
        said(|symptoms| {
            heavy(symptoms);
            symptoms.module_bytes = None
        }),
        ""
    );
    assert_eq!(
        said(|symptoms| symptoms.module_bytes = Some(1_000_000)),
        "",
        "1 MB is not worth a word"
    );
}

#[test]
fn a_run_that_holds_half_of_the_cache_is_named() {
    let sentence = said(|symptoms| symptoms.largest_run = Some(run(51_000_000)));
    assert_eq!(
        sentence,
        "one run holds 51.0 MB of the cache's 100.0 MB: workflow order-7 of type order, run r1"
    );
    assert_eq!(
        said(|symptoms| symptoms.largest_run = Some(run(50_000_000))),
        ""
    );
    let alone = said(|symptoms| {
        symptoms.largest_run = Some(run(51_000_000));
        symptoms.cached_runs = 1
    });
    assert!(!alone.starts_with("one run"), "{alone}");
    let small = said(|symptoms| {
        symptoms.largest_run = Some(run(900));
        symptoms.cached_bytes = 1000
    });
    assert!(!small.starts_with("one run"), "{small}");
}

#[test]
fn pressure_with_few_runs_is_not_the_cache_s_fault() {
    let pressed = |symptoms: &mut Symptoms| {
        symptoms.pressure = Some("elevated");
        symptoms.cached_runs = 5;
        symptoms.cached_bytes = 5_000_000;
        symptoms.largest_part = Some(("allocator_retained", 90_000_000));
    };
    assert!(said(pressed).starts_with(
        "memory pressure is elevated with 5 cached workflows, most of it allocator_retained (90.0 MB): raise the memory limit"
    ));
    assert_eq!(
        said(|symptoms| {
            pressed(symptoms);
            symptoms.cached_runs = 20;
            symptoms.rss_slope_bytes_min = None
        }),
        ""
    );
    assert_eq!(
        said(|symptoms| {
            pressed(symptoms);
            symptoms.pressure = None;
            symptoms.rss_slope_bytes_min = None
        }),
        ""
    );
}

#[test]
fn a_type_whose_runs_double_is_named() {
    let growth = |before_bytes, now_bytes| {
        Some(TypeGrowth {
            workflow_type: "cart".to_owned(),
            runs: 9,
            before_bytes,
            now_bytes,
        })
    };
    assert_eq!(
        said(|symptoms| symptoms.growth = growth(1_000_000, 2_000_000)),
        "runs of type cart grow: 2.0 MB each now, 1.0 MB some minutes ago, 9 of them cached; bound what they keep, or continue as new"
    );
    assert_eq!(
        said(|symptoms| symptoms.growth = growth(1_000_001, 2_000_000)),
        ""
    );
    assert_eq!(
        said(|symptoms| symptoms.growth = growth(1000, 200_000)),
        "",
        "small runs may double"
    );
}

#[test]
fn rss_that_grows_faster_than_the_runs_is_something_else() {
    let sentence = said(|symptoms| {
        symptoms.rss_slope_bytes_min = Some(3_000_000.0);
        symptoms.largest_part = Some(("heap_garbage", 120_000_000));
    });
    assert_eq!(
        sentence,
        "RSS grows by at least 3.0 MB per cached workflow and the runs account for 1.0 MB: the rest is garbage, \
         allocator or code; the largest part of it is heap_garbage (120.0 MB)"
    );
    assert_eq!(
        said(|symptoms| symptoms.rss_slope_bytes_min = Some(2_000_000.0)),
        ""
    );
    let small = |symptoms: &mut Symptoms| {
        symptoms.cached_bytes = 100_000;
        symptoms.largest_run = None;
        symptoms.module_bytes = None;
        symptoms.rss_slope_bytes_min = Some(200_000.0);
    };
    assert_eq!(said(small), "", "the difference is small");
}

#[test]
fn memory_that_nothing_explains_is_admitted() {
    assert!(
        said(|symptoms| symptoms.unexplained_bytes = 33_000_000)
            .starts_with("11 % of resident memory (33.0 MB) is explained by no part")
    );
    assert!(
        said(|symptoms| symptoms.unexplained_bytes = -33_000_000)
            .contains("claimed by more than one part")
    );
    assert_eq!(said(|symptoms| symptoms.unexplained_bytes = 32_000_000), "");
}

#[test]
fn rebuilt_isolates_and_parked_runs_are_told() {
    assert!(said(|symptoms| symptoms.isolates_rebuilt = 1).starts_with("1 isolate was rebuilt"));
    assert!(said(|symptoms| symptoms.isolates_rebuilt = 2).starts_with("2 isolates were rebuilt"));
    assert!(said(|symptoms| symptoms.parked_runs = 1).starts_with("1 run is parked"));
    assert!(said(|symptoms| symptoms.parked_runs = 3).starts_with("3 runs are parked"));
}

/// Everything is wrong; each cause is taken away after it has spoken.
#[test]
fn the_most_important_cause_speaks_first() {
    let mut symptoms = Symptoms {
        isolates_rebuilt: 1,
        parked_runs: 1,
        cached_runs: 5,
        cached_bytes: 100_000_000,
        largest_run: Some(run(60_000_000)),
        pressure: Some("high"),
        largest_part: None,
        module_bytes: Some(19_000_000),
        cache_full_evictions_per_second: 40.0,
        heap_percent: Some(35),
        limit_percent: Some(40),
        growth: Some(TypeGrowth {
            workflow_type: "cart".to_owned(),
            runs: 2,
            before_bytes: 1,
            now_bytes: 1 << 20,
        }),
        rss_slope_bytes_min: Some(90_000_000.0),
        rss_bytes: 100,
        unexplained_bytes: 20,
    };
    type Heal = fn(&mut Symptoms);
    let healed: [(&str, Heal); 9] = [
        ("1 isolate was rebuilt", |symptoms| {
            symptoms.isolates_rebuilt = 0
        }),
        ("1 run is parked", |symptoms| symptoms.parked_runs = 0),
        ("one run holds", |symptoms| symptoms.largest_run = None),
        ("memory pressure is high", |symptoms| {
            symptoms.pressure = None
        }),
        ("20.0 MB per cached workflow", |symptoms| {
            symptoms.module_bytes = None
        }),
        ("cache evicts 40 runs/s", |symptoms| {
            symptoms.heap_percent = None
        }),
        ("runs of type cart grow", |symptoms| symptoms.growth = None),
        ("RSS grows by at least", |symptoms| {
            symptoms.rss_slope_bytes_min = None
        }),
        ("20 % of resident memory", |symptoms| {
            symptoms.unexplained_bytes = 0
        }),
    ];
    assert_eq!(healed.len(), RULES.len());
    for (expected, heal) in healed {
        let sentence = diagnose(&symptoms).unwrap_or_default();
        assert!(sentence.starts_with(expected), "{expected}: {sentence}");
        heal(&mut symptoms);
    }
    assert_eq!(diagnose(&symptoms), None);
}
