//! Metrics of what cached runs cost and of where resident memory is.

use super::prometheus_text::{
    Kind, Point, PrometheusText, labelled, labelled_signed, plain, signed,
};
use super::run_costs::TypeCost;
use super::sample::WorkerSample;
use crate::memory::PressureLevel;

pub(super) fn cost_families(text: &mut PrometheusText, sample: &WorkerSample) {
    part_families(text, sample);
    slope_families(text, sample);
    type_families(text, sample);
    event_families(text, sample);
}

fn part_families(text: &mut PrometheusText, sample: &WorkerSample) {
    let memory = &sample.memory;
    let parts = memory.breakdown.iter().flat_map(|found| {
        let parts = found.parts.named().into_iter();
        let parts = parts.map(|(name, bytes)| labelled([("part", name.to_owned())], bytes));
        let rest = [("part", "unexplained".to_owned())];
        parts.chain([labelled_signed(rest, found.unexplained_bytes)])
    });
    text.family(
        "burdock_memory_part_bytes",
        Kind::Gauge,
        "Resident memory by part; the parts add up to it. Read every ten seconds.",
        parts,
    );
    type Value = fn(&crate::memory::MallocReading) -> u64;
    let families: [(&str, &str, Value); 3] = [
        (
            "burdock_allocator_allocated_bytes",
            "Blocks of malloc in use.",
            |malloc| malloc.allocated_bytes,
        ),
        (
            "burdock_allocator_mapped_bytes",
            "Blocks of malloc in use that have mappings of their own.",
            |malloc| malloc.mapped_bytes,
        ),
        (
            "burdock_allocator_free_bytes",
            "Free blocks that malloc keeps, resident or not.",
            |malloc| malloc.free_bytes,
        ),
    ];
    for (name, help, value) in families {
        let points = memory
            .allocator
            .iter()
            .flat_map(|malloc| plain(value(malloc)));
        text.family(name, Kind::Gauge, help, points);
    }
}

fn slope_families(text: &mut PrometheusText, sample: &WorkerSample) {
    let mut gauge = |name: &str, help: &str, points: Option<Vec<Point<'static>>>| {
        text.family(name, Kind::Gauge, help, points.unwrap_or_default());
    };
    let cost = &sample.memory.per_cached_workflow;
    gauge(
        "burdock_cached_workflows_bytes",
        "Estimated cost of all cached runs.",
        Some(plain(cost.estimated_total_bytes)),
    );
    gauge(
        "burdock_cached_workflow_mean_bytes",
        "Estimated cost of one cached run.",
        cost.estimated_bytes.map(plain),
    );
    gauge(
        "burdock_cached_workflow_rss_slope_bytes",
        "Resident memory per cached workflow, by regression.",
        cost.rss_slope_bytes.map(signed),
    );
    gauge(
        "burdock_cached_workflow_rss_slope_confidence_bytes",
        "Half the width of the 95 % confidence interval of that slope.",
        cost.rss_slope_confidence_bytes.map(plain),
    );
    gauge(
        "burdock_cached_workflow_anon_slope_bytes",
        "Anonymous resident memory per cached workflow, by regression.",
        cost.anon_slope_bytes.map(signed),
    );
    gauge(
        "burdock_cached_workflow_anon_slope_confidence_bytes",
        "Half the width of the 95 % confidence interval of that slope.",
        cost.anon_slope_confidence_bytes.map(plain),
    );
}

/// A label for each of a bounded number of types; the rest is one sum.
fn type_families(text: &mut PrometheusText, sample: &WorkerSample) {
    let types = sample.run_costs.labelled_types();
    type Value = fn(&TypeCost) -> u64;
    let families: [(&str, &str, Value); 2] = [
        (
            "burdock_workflow_type_cached_runs",
            "Cached runs by workflow type; types beyond the fifty most expensive ones are `_other`.",
            |of| of.runs,
        ),
        (
            "burdock_workflow_type_cached_bytes",
            "Estimated cost of cached runs by workflow type.",
            |of| of.bytes,
        ),
    ];
    for (name, help, value) in families {
        let points = types
            .iter()
            .map(|of| labelled([("workflow_type", of.workflow_type.clone())], value(of)));
        text.family(name, Kind::Gauge, help, points);
    }
}

fn event_families(text: &mut PrometheusText, sample: &WorkerSample) {
    let evictions = sample.evictions.iter();
    text.family(
        "burdock_workflow_evictions_total",
        Kind::Counter,
        "Runs that left the cache.",
        evictions.map(|(reason, count)| labelled([("reason", reason.to_string())], *count)),
    );
    let stopped = [
        ("deadline", sample.terminations.deadline),
        ("heap", sample.terminations.heap),
    ];
    text.family(
        "burdock_workflow_terminations_total",
        Kind::Counter,
        "Entries into workflow code that were stopped.",
        stopped.map(|(reason, count)| labelled([("reason", reason.to_owned())], count)),
    );
    text.family(
        "burdock_isolates_rebuilt_total",
        Kind::Counter,
        "Isolates that were lost and replaced.",
        plain(sample.isolates_rebuilt),
    );
    let lost = |thread: &'static str| {
        let isolates = sample.lost_isolates.iter();
        isolates.filter(move |lost| lost.thread == thread)
    };
    text.family(
        "burdock_lost_isolates",
        Kind::Gauge,
        "Lost isolates whose threads have not ended, by what these do.",
        ["parked", "running"]
            .map(|thread| labelled([("thread", thread.to_owned())], lost(thread).count() as u64)),
    );
    text.family(
        "burdock_lost_isolates_held_bytes",
        Kind::Gauge,
        "What lost isolates held at their last readings.",
        ["parked", "running"].map(|thread| {
            let held_bytes = lost(thread).map(|lost| lost.held_bytes).sum();
            labelled([("thread", thread.to_owned())], held_bytes)
        }),
    );
    text.family(
        "burdock_refused_workflow_tasks_total",
        Kind::Counter,
        "Tasks of new runs that failed at once because there was no memory for them.",
        plain(sample.refused_tasks),
    );
    let planned = sample.memory_plan.iter();
    text.family(
        "burdock_memory_budget_bytes",
        Kind::Gauge,
        "The parts of the memory plan; they add up to the limit.",
        planned.map(|of| labelled([("pool", of.part.replace(' ', "_"))], of.bytes)),
    );
    let levels = PressureLevel::ALL.into_iter();
    text.family(
        "burdock_memory_pressure",
        Kind::Gauge,
        "1 for the level of memory pressure that the process is at.",
        levels.map(|level| {
            let label = [("level", level.to_string())];
            labelled(label, (level == sample.pressure).into())
        }),
    );
    let counts = [
        (
            "burdock_budget_offenders",
            "Cached runs over workflow-memory-budget.",
            sample.budget_offenders,
        ),
        (
            "burdock_parked_workflows",
            "Runs that are not tried any more because they do not fit their budget.",
            sample.parked_runs,
        ),
        (
            "burdock_quarantined_workflows",
            "Runs that were stopped or held too much, and are tried again on an isolate of their own.",
            sample.quarantined_runs,
        ),
    ];
    for (name, help, count) in counts {
        text.family(name, Kind::Gauge, help, plain(count));
    }
}

#[cfg(test)]
mod tests {
    use super::super::run_costs::{OTHER_TYPES, TYPE_LABELS_MAX};
    use super::super::sampler::Sampler;
    use super::super::test_support::{FakeWorker, cached_run, proc_root, write_smaps};
    use super::*;
    use std::sync::Arc;

    async fn lines(worker: Arc<FakeWorker>) -> Vec<String> {
        let root = proc_root(20, 20);
        write_smaps(root.path(), 8, 8);
        let sampler = Sampler::new(worker.clone(), None).with_root(root.path());
        for count in 0..20 {
            worker.edit(|_, health| health.num_cached_workflows = count);
            sampler.observe();
        }
        let mut text = PrometheusText::default();
        cost_families(&mut text, &sampler.sample().await);
        text.into_string().lines().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn shows_costs_parts_and_events() {
        let lines = lines(FakeWorker::running()).await;
        for line in [
            "burdock_cached_workflows_bytes 41",
            "burdock_cached_workflow_mean_bytes 20",
            "burdock_cached_workflow_rss_slope_bytes 0",
            "burdock_cached_workflow_rss_slope_confidence_bytes 0",
            "burdock_cached_workflow_anon_slope_bytes 0",
            "burdock_cached_workflow_anon_slope_confidence_bytes 0",
            "burdock_memory_part_bytes{part=\"heap_live\"} 120",
            "burdock_memory_part_bytes{part=\"heap_garbage\"} 30",
            "burdock_memory_part_bytes{part=\"unexplained\"} 4096",
            "burdock_workflow_type_cached_runs{workflow_type=\"order\"} 1",
            "burdock_workflow_type_cached_bytes{workflow_type=\"cart\"} 11",
            "burdock_workflow_evictions_total{reason=\"cache_full\"} 7",
            "burdock_workflow_evictions_total{reason=\"stopped\"} 0",
            "burdock_workflow_terminations_total{reason=\"deadline\"} 2",
            "burdock_workflow_terminations_total{reason=\"heap\"} 1",
            "burdock_memory_pressure{level=\"normal\"} 0",
            "burdock_memory_pressure{level=\"elevated\"} 1",
            "burdock_budget_offenders 1",
            "burdock_parked_workflows 0",
            "burdock_quarantined_workflows 0",
            "burdock_isolates_rebuilt_total 0",
            "burdock_refused_workflow_tasks_total 2",
            "burdock_memory_budget_bytes{pool=\"reserve\"} 77",
        ] {
            assert!(
                lines.iter().any(|found| found == line),
                "{line} in\n{lines:#?}"
            );
        }
    }

    #[tokio::test]
    async fn the_number_of_series_is_bounded_whatever_the_workflows_are() {
        let worker = FakeWorker::running();
        worker.edit(|parts, _| {
            parts.cached_runs = (0..5000)
                .map(|index| cached_run(&format!("r{index}"), &format!("type-{index}"), index))
                .collect();
        });
        let lines = lines(worker).await;
        let of_types = lines
            .iter()
            .filter(|line| line.contains("{workflow_type="))
            .count();
        assert_eq!(of_types, 2 * (TYPE_LABELS_MAX + 1));
        let others =
            format!("burdock_workflow_type_cached_runs{{workflow_type=\"{OTHER_TYPES}\"}} 4950");
        assert!(lines.contains(&others), "{others}");
        assert!(
            !lines
                .iter()
                .any(|line| line.contains("run_id") || line.contains("workflow_id"))
        );
    }
}
