//! One test per rule.

use super::*;

const MIB: u64 = 1 << 20;

fn guard(policy: BudgetPolicy) -> BudgetGuard {
    BudgetGuard::new(WorkflowBudget {
        bytes: 64 * MIB,
        policy,
        tries: 3,
    })
}

fn run(run_id: &str, heap_mib: u64, external_mib: u64) -> CachedRun {
    CachedRun {
        run_id: run_id.to_owned(),
        workflow_id: "chat-7".to_owned(),
        workflow_type: "conversation".to_owned(),
        isolate: 0,
        cost: RunCost {
            heap_bytes: heap_mib * MIB,
            external_bytes: external_mib * MIB,
            untouched_bytes: 100 * MIB,
            host_bytes: 100 * MIB,
        },
    }
}

fn judge_run(guard: &mut BudgetGuard, run: &CachedRun) -> BudgetDecision {
    guard.judge(&BudgetMeasure {
        run,
        before: RunCost::default(),
        is_preliminary: false,
    })
}

fn judge(guard: &mut BudgetGuard, heap_mib: u64) -> BudgetDecision {
    judge_run(guard, &run("r", heap_mib, 0))
}

#[test]
fn a_run_is_innocent_until_it_passes_its_budget() {
    let mut guard = guard(BudgetPolicy::Evict);
    let is_innocent = |guard: &BudgetGuard, mib| guard.is_innocent("r", run("r", mib, 0).cost);
    assert!(is_innocent(&guard, 64) && !is_innocent(&guard, 65));
    let _ = judge(&mut guard, 65);
    assert!(!is_innocent(&guard, 1), "until it is judged again");
    assert_eq!(judge(&mut guard, 1), BudgetDecision::Fine);
    assert!(is_innocent(&guard, 1));
}

#[test]
fn a_run_that_shrinks_between_its_tasks_is_forgiven_unless_it_is_parked() {
    let mut guard = guard(BudgetPolicy::Evict);
    for _ in 0..3 {
        assert!(matches!(judge(&mut guard, 65), BudgetDecision::Evict(_)));
    }
    guard.forgive("r", run("r", 65, 0).cost);
    assert_eq!(guard.offender_count(), 1);
    guard.forgive("r", run("r", 64, 0).cost);
    assert_eq!(guard.offender_count(), 0);
    for _ in 0..4 {
        let _ = judge(&mut guard, 65);
    }
    guard.forgive("r", run("r", 64, 0).cost);
    assert_eq!(guard.parked_count(), 1);
}

#[test]
fn a_run_at_its_budget_is_fine_and_what_the_host_keeps_does_not_count() {
    let mut guard = guard(BudgetPolicy::Evict);
    assert_eq!(judge(&mut guard, 64), BudgetDecision::Fine);
    assert_eq!(guard.offender_count(), 0);
    assert!(matches!(judge(&mut guard, 65), BudgetDecision::Evict(_)));
}

#[test]
fn array_buffers_count() {
    let mut guard = guard(BudgetPolicy::Evict);
    let decision = judge_run(&mut guard, &run("r", 60, 5));
    assert!(matches!(decision, BudgetDecision::Evict(_)));
}

#[test]
fn a_warning_comes_once_per_doubling() {
    let mut guard = guard(BudgetPolicy::Warn);
    let warned: Vec<bool> = [65, 66, 129, 130, 200, 259, 260]
        .into_iter()
        .map(|mib| matches!(judge(&mut guard, mib), BudgetDecision::Warn(_)))
        .collect();
    assert_eq!(warned, [true, false, false, true, false, false, true]);
    assert_eq!(guard.parked_count(), 0);
}

#[test]
fn a_run_that_shrank_is_warned_about_anew() {
    let mut guard = guard(BudgetPolicy::Warn);
    assert!(matches!(judge(&mut guard, 65), BudgetDecision::Warn(_)));
    assert_eq!(judge(&mut guard, 10), BudgetDecision::Fine);
    assert!(matches!(judge(&mut guard, 65), BudgetDecision::Warn(_)));
}

#[test]
fn a_run_that_never_fits_is_parked_after_its_tries() {
    for policy in [BudgetPolicy::Evict, BudgetPolicy::FailTask] {
        let mut guard = guard(policy);
        for turn in 1..=3 {
            let text = match judge(&mut guard, 100) {
                BudgetDecision::Evict(text) if policy == BudgetPolicy::Evict => text,
                BudgetDecision::FailTask(text) if policy == BudgetPolicy::FailTask => text,
                other => panic!("{other:?}"),
            };
            assert!(text.contains(&format!("time {turn} of 3")), "{text}");
            assert_eq!(guard.parked("r"), None);
        }
        let BudgetDecision::Parked(message) = judge(&mut guard, 100) else {
            panic!("not parked");
        };
        assert_eq!(guard.parked("r"), Some(message.as_str()));
        assert_eq!(judge(&mut guard, 1), BudgetDecision::Parked(message));
        assert_eq!((guard.offender_count(), guard.parked_count()), (1, 1));
    }
}

#[test]
fn a_run_under_its_budget_again_is_forgiven() {
    let mut guard = guard(BudgetPolicy::Evict);
    for _ in 0..10 {
        assert!(matches!(judge(&mut guard, 100), BudgetDecision::Evict(_)));
        assert_eq!(judge(&mut guard, 10), BudgetDecision::Fine);
    }
    assert_eq!(guard.offender_count(), 0);
}

#[test]
fn a_replay_forgives_nothing() {
    let mut guard = guard(BudgetPolicy::Evict);
    for _ in 0..3 {
        assert!(matches!(judge(&mut guard, 100), BudgetDecision::Evict(_)));
        let replaying = guard.judge(&BudgetMeasure {
            run: &run("r", 10, 0),
            before: RunCost::default(),
            is_preliminary: true,
        });
        assert_eq!(replaying, BudgetDecision::Fine);
    }
    assert!(matches!(judge(&mut guard, 100), BudgetDecision::Parked(_)));
}

#[test]
fn one_run_s_tries_are_not_another_s() {
    let mut guard = guard(BudgetPolicy::Evict);
    for id in ["a", "b", "c", "d", "e"] {
        let decision = judge_run(&mut guard, &run(id, 100, 0));
        assert!(matches!(decision, BudgetDecision::Evict(_)), "{id}");
    }
    guard.forget("a");
    assert_eq!(guard.offender_count(), 4);
}

#[test]
fn the_message_says_who_holds_what_and_what_grew() {
    let mut guard = guard(BudgetPolicy::FailTask);
    let mut growing = |heap_mib, external_mib| {
        let before = run("r", 60, 4).cost;
        let run = run("r", heap_mib, external_mib);
        let measure = BudgetMeasure {
            run: &run,
            before,
            is_preliminary: false,
        };
        match guard.judge(&measure) {
            BudgetDecision::FailTask(text) => text,
            other => panic!("{other:?}"),
        }
    };
    let text = growing(80, 4);
    for part in [
        "\"conversation\"",
        "\"chat-7\"",
        "run r",
        "holds 84.0 MiB",
        "`workflow-memory-budget` (64.0 MiB)",
        "its heap grew by 20.0 MiB (",
        "continueAsNew",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(growing(60, 10).contains("its array buffers grew by 6.0 MiB"));
    let both = growing(61, 5);
    assert!(
        both.contains("its heap grew by 1.0 MiB and its array buffers grew by 1.0 MiB"),
        "{both}"
    );
}

#[test]
fn a_run_that_did_not_grow_is_said_not_to() {
    let mut guard = guard(BudgetPolicy::Warn);
    let run = run("r", 80, 0);
    let measure = BudgetMeasure {
        run: &run,
        before: run.cost,
        is_preliminary: false,
    };
    let BudgetDecision::Warn(text) = guard.judge(&measure) else {
        panic!("no warning");
    };
    assert!(text.contains("did not grow"), "{text}");
}

#[test]
fn no_more_offenders_are_remembered_than_the_table_holds() {
    let mut guard = guard(BudgetPolicy::Evict);
    for id in 0..=OFFENDERS_MAX {
        judge_run(&mut guard, &run(&id.to_string(), 100, 0));
    }
    assert_eq!(guard.offender_count(), OFFENDERS_MAX);
    assert_eq!(guard.by_age.len(), OFFENDERS_MAX);
    // The oldest was forgotten and has all of its tries again.
    let BudgetDecision::Evict(text) = judge_run(&mut guard, &run("0", 100, 0)) else {
        panic!("not evicted");
    };
    assert!(text.contains("time 1 of 3"), "{text}");
}
