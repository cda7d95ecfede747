//! The memory limit, its shares, and what the plan makes of settings.

use serde_json::Value;

use super::*;
use crate::config::memory_table::memory_json;
use crate::config::source::Source;
use crate::config::units::ByteSize;
use crate::config::{memory_table, render};
use crate::memory::{
    BudgetPolicy, MemoryLimit, MemoryLimitCandidate, MemoryLimitSource, MemoryPlan,
};

const GIB: u64 = 1 << 30;

fn limit(bytes: u64) -> MemoryLimit {
    let (source, origin) = (
        MemoryLimitSource::CgroupV2,
        "/sys/fs/cgroup/memory.max".to_owned(),
    );
    MemoryLimit {
        bytes,
        source,
        candidates: vec![MemoryLimitCandidate {
            source,
            bytes,
            origin,
        }],
        failures: Vec::new(),
    }
}

fn plan(config: &WorkerConfig) -> MemoryPlan {
    config.memory_plan(GIB, 0).unwrap()
}

#[test]
fn the_defaults_are_those_of_the_help() {
    let memory = resolved(&[], []).memory;
    assert_eq!(*memory.workflow_budget, Some(ByteSize::mib(64)));
    assert_eq!(*memory.workflow_budget_policy, BudgetPolicy::Evict);
    assert_eq!(*memory.workflow_budget_tries, 3);
    let levels = [
        memory.pressure_elevated,
        memory.pressure_high,
        memory.pressure_critical,
    ];
    assert_eq!(levels.map(|level| level.to_string()), ["70%", "80%", "88%"]);
}

#[test]
fn the_file_sets_everything_about_memory() {
    let folder = Folder::new();
    let file = folder.file(
        "burdock.toml",
        "memory-base = \"50MiB\"\nmemory-core = \"10%\"\nmemory-heaps = \"40%\"\nmemory-slack = 1048576\n\
         memory-reserve = \"12.5%\"\ncache-memory = \"20MiB\"\nworkflow-memory-budget = \"off\"\n\
         workflow-memory-budget-policy = \"fail-task\"\nworkflow-memory-budget-tries = 1\n\
         pressure-elevated = \"50%\"\npressure-high = \"60%\"\npressure-critical = \"61.5%\"\n",
    );
    let config = resolved(&[&format!("--config={file}")], []);
    let rows = config.rows();
    let given: Vec<_> = rows
        .iter()
        .filter(|row| row.source.is_given())
        .map(|row| (row.name, row.text.as_deref()))
        .collect();
    let expected = [
        ("bundle", Some("b.js")),
        ("memory-base", Some("50MiB")),
        ("memory-core", Some("10%")),
        ("memory-heaps", Some("40%")),
        ("memory-slack", Some("1MiB")),
        ("memory-reserve", Some("12.5%")),
        ("cache-memory", Some("20MiB")),
        ("workflow-memory-budget", None),
        ("workflow-memory-budget-policy", Some("fail-task")),
        ("workflow-memory-budget-tries", Some("1")),
        ("pressure-elevated", Some("50%")),
        ("pressure-high", Some("60%")),
        ("pressure-critical", Some("61.5%")),
        ("task-queue", Some("q")),
    ];
    assert_eq!(given, expected);
    let plan = plan(&config);
    assert_eq!(
        (plan.cache_bytes, plan.workflow_budget_bytes),
        (20 << 20, None)
    );
}

#[test]
fn levels_and_budget_reach_their_policies() {
    let line = [
        "--pressure-high=75%",
        "--workflow-memory-budget=5MiB",
        "--workflow-memory-budget-policy=warn",
    ];
    let config = resolved(&line, []);
    let thresholds = config.memory.pressure_thresholds(1000);
    let levels = [
        thresholds.elevated_bytes,
        thresholds.high_bytes,
        thresholds.critical_bytes,
    ];
    assert_eq!(levels, [700, 750, 880]);
    let budget = config.memory.budget(&plan(&config)).unwrap();
    assert_eq!(
        (budget.bytes, budget.policy, budget.tries),
        (5 << 20, BudgetPolicy::Warn, 3)
    );
    let off = resolved(&["--workflow-memory-budget=off"], []);
    assert_eq!(off.memory.budget(&plan(&off)), None);
}

#[test]
fn pressure_levels_ascend() {
    let mistakes = mistakes(&["--pressure-elevated=80%", "--pressure-critical=80%"], []);
    assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    assert!(
        mistakes[0].contains("`pressure-elevated` is 80% (--pressure-elevated)"),
        "{mistakes:?}"
    );
    assert!(
        mistakes[1].contains("raise `pressure-critical`"),
        "{mistakes:?}"
    );
}

#[test]
fn a_wrong_level_makes_up_no_contradiction() {
    let mistakes = mistakes(&["--pressure-elevated=many", "--pressure-high=60%"], []);
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
}

#[test]
fn a_given_limit_that_is_too_small_is_a_mistake_before_anything_starts() {
    let small = mistakes(&["--memory-limit=100MiB"], []);
    assert_eq!(small.len(), 1, "{small:?}");
    for part in [
        "100.0 MiB",
        "(--memory-limit)",
        "raise the container's limit or `memory-limit` to at least",
    ] {
        assert!(small[0].contains(part), "{small:?}");
    }
    let shares = mistakes(
        &[
            "--memory-limit=1GiB",
            "--memory-heaps=80%",
            "--memory-reserve=30%",
        ],
        [],
    );
    assert!(
        shares[0].contains("`memory-heaps`, `memory-reserve`"),
        "{shares:?}"
    );
}

#[test]
fn what_the_plan_decides_stands_in_the_place_of_what_nobody_said() {
    let config = resolved(&["--memory-base=100MiB"], []);
    let plan = plan(&config);
    let planned = config.planned(&limit(GIB), &plan);
    let bytes = |row: &str| {
        let row = planned
            .rows()
            .into_iter()
            .find(|shown| shown.name == row)
            .unwrap();
        (row.json, row.source)
    };
    assert_eq!(
        bytes("memory-limit"),
        (Value::from(GIB), Source::Detected("cgroup-v2"))
    );
    assert_eq!(
        bytes("memory-base"),
        (Value::from(100 << 20), Source::Flag("memory-base"))
    );
    assert_eq!(
        bytes("max-heap-per-isolate").0,
        Value::from(plan.heap_per_isolate_bytes)
    );
    assert_eq!(bytes("cache-memory").0, Value::from(plan.cache_bytes));
    let (cached, source) = bytes("max-cached-workflows");
    assert_eq!(cached, Value::from(plan.max_cached_workflows));
    assert_eq!(source, Source::Default(Some("as many as fit cache-memory")));
    assert!(
        planned
            .rows()
            .iter()
            .all(|row| !row.name.starts_with("memory-") || row.text.is_some())
    );
}

#[test]
fn a_default_budget_that_was_lowered_says_so() {
    let config = resolved(&[], []);
    let plan = config.memory_plan(256 << 20, 0).unwrap();
    let planned = config.planned(&limit(256 << 20), &plan);
    let budget = planned.memory.workflow_budget;
    assert_eq!(budget.value.map(|size| size.0), plan.workflow_budget_bytes);
    assert_eq!(
        budget.source,
        Source::Default(Some("half of max-heap-per-isolate"))
    );
}

#[test]
fn a_number_of_cached_workflows_that_was_given_holds() {
    let config = resolved(&["--max-cached-workflows=7", "--workflow-slots=7"], []);
    assert_eq!(plan(&config).max_cached_workflows, 7);
}

#[test]
fn the_table_and_the_json_form_say_the_same() {
    let config = resolved(&["--memory-reserve=20%"], []);
    let plan = plan(&config);
    let table = memory_table(&config, &limit(GIB), &plan);
    let lines: Vec<_> = table.lines().collect();
    assert_eq!((lines[0], lines.len()), ("Memory", plan.rows.len() + 4));
    let json = memory_json(&config, &limit(GIB), &plan);
    let shares = json["shares"].as_array().unwrap();
    assert_eq!(shares.len(), plan.rows.len());
    for (line, share) in lines[2..].iter().zip(shares) {
        assert!(
            line.trim_start()
                .starts_with(share["share"].as_str().unwrap()),
            "{line}"
        );
        assert!(
            line.contains(&format!("{:.1}%", share["percent"].as_f64().unwrap())),
            "{line}"
        );
        assert!(line.ends_with(share["source"].as_str().unwrap()), "{line}");
    }
    assert!(table.contains(" 20.0%  --memory-reserve\n"), "{table}");
    assert!(
        table.contains("cgroup-v2 (/sys/fs/cgroup/memory.max)"),
        "{table}"
    );
    assert_eq!(json["limitSource"], "cgroup-v2");
    assert_eq!(json["maxCachedWorkflows"], plan.max_cached_workflows);
}

#[test]
fn warnings_of_the_plan_stand_below_its_table() {
    let config = resolved(&["--isolates=3", "--max-heap-per-isolate=1GiB"], []);
    let table = memory_table(&config, &limit(GIB), &plan(&config));
    assert!(
        table.contains("warning: 3 times `max-heap-per-isolate`"),
        "{table}"
    );
}

#[test]
fn without_workflows_the_plan_has_no_heaps_and_the_table_says_so() {
    let config = resolved(&["--workflow-slots=0"], []);
    let plan = plan(&config);
    let table = memory_table(&config, &limit(GIB), &plan);
    assert!(
        table.contains("no workflows are hosted") && !table.contains("V8 heaps"),
        "{table}"
    );
    let shown = render(&config.planned(&limit(GIB), &plan));
    assert!(shown.contains("max-cached-workflows"), "{shown}");
}
