//! The memory plan as it is shown: one table for people, one object for machines.

use serde_json::{Value, json};

use super::resolved::WorkerConfig;
use crate::memory::{MemoryLimit, MemoryPlan, PlanRow, mib_text};

const HEADINGS: [&str; 4] = ["share", "bytes", "percent", "source"];

/// Every part of the limit with its size, its part of the whole and where that comes from, and what follows for the
/// isolates and the cache.
#[must_use]
pub fn memory_table(config: &WorkerConfig, limit: &MemoryLimit, plan: &MemoryPlan) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(plan.rows.iter().map(|row| {
        [
            row.part.as_str().to_owned(),
            mib_text(row.bytes),
            format!("{:.1}%", percent(row.bytes, plan.limit_bytes)),
            source(config, row),
        ]
    }));
    let origin = limit
        .candidates
        .iter()
        .find(|candidate| candidate.source == limit.source)
        .map_or_else(String::new, |candidate| format!(" ({})", candidate.origin));
    rows.push([
        "limit".to_owned(),
        mib_text(plan.limit_bytes),
        "100.0%".to_owned(),
        format!("{}{origin}", limit.source),
    ]);
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (name, bytes, part) = (width(0), width(1), width(2));
    let mut table = String::from("Memory\n");
    for [share, size, percent, source] in &rows {
        table.push_str(&format!(
            "  {share:name$}  {size:>bytes$}  {percent:>part$}  {source}\n"
        ));
    }
    table.push_str(&format!("  {}\n", summary(plan)));
    for warning in plan.warnings() {
        table.push_str(&format!("  warning: {warning}\n"));
    }
    table
}

/// The same for machines: sizes in bytes, parts in percent.
#[must_use]
pub fn memory_json(config: &WorkerConfig, limit: &MemoryLimit, plan: &MemoryPlan) -> Value {
    let shares: Vec<Value> = plan
        .rows
        .iter()
        .map(|row| {
            json!({
                "share": row.part.as_str(),
                "bytes": row.bytes,
                "percent": percent(row.bytes, plan.limit_bytes),
                "source": source(config, row),
            })
        })
        .collect();
    json!({
        "limitBytes": plan.limit_bytes,
        "limitSource": limit.source,
        "shares": shares,
        "isolates": plan.isolates,
        "heapPerIsolateBytes": plan.heap_per_isolate_bytes,
        "cacheBytes": plan.cache_bytes,
        "cacheBytesPerIsolate": plan.cache_bytes_per_isolate,
        "maxCachedWorkflows": plan.max_cached_workflows,
        "workflowBudgetBytes": plan.workflow_budget_bytes,
    })
}

fn summary(plan: &MemoryPlan) -> String {
    if plan.isolates == 0 {
        return "no workflows are hosted".to_owned();
    }
    let cache = match plan.max_cached_workflows {
        0 => "no cache".to_owned(),
        runs => format!(
            "{} live for up to {runs} cached workflows",
            mib_text(plan.cache_bytes)
        ),
    };
    let budget = plan.workflow_budget_bytes.map_or_else(
        || "no budget for one".to_owned(),
        |bytes| format!("{} for one", mib_text(bytes)),
    );
    format!(
        "isolates: {} with a heap of {}; {cache}, {budget}",
        plan.isolates,
        mib_text(plan.heap_per_isolate_bytes)
    )
}

fn source(config: &WorkerConfig, row: &PlanRow) -> String {
    match (row.rule, config.memory.share(row.part)) {
        (Some(rule), _) => format!("default: {rule}"),
        (None, Some(share)) => share.source.to_string(),
        (None, None) => String::new(),
    }
}

/// Rounded to tenths, so that JSON and table say the same.
fn percent(bytes: u64, of_bytes: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a tenth of a percent needs ten bits"
    )]
    let percent = bytes as f64 * 100.0 / of_bytes.max(1) as f64;
    (percent * 10.0).round() / 10.0
}
