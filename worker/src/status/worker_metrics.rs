//! The worker's own metrics, next to sdk-core's. Names follow the Prometheus rules: unit last,
//! `_total` on counters; labels take few values.

use super::isolate_metrics::isolate_families;
use super::memory_metrics::cost_families;
use super::prometheus_text::{Kind, Point, PrometheusText, labelled, plain};
use super::sample::WorkerSample;
use super::source::RunState;

/// The sample as Prometheus text; `ready` is the verdict of `/ready`.
pub(super) fn encode(sample: &WorkerSample, ready: bool) -> String {
    let mut text = PrometheusText::default();
    worker_families(&mut text, sample, ready);
    memory_families(&mut text, sample);
    cost_families(&mut text, sample);
    isolate_families(&mut text, &sample.isolates);
    text.into_string()
}

fn worker_families(text: &mut PrometheusText, sample: &WorkerSample, ready: bool) {
    let mut gauge = |name: &str, help: &str, points: Vec<Point<'_>>| {
        text.family(name, Kind::Gauge, help, points);
    };
    gauge(
        "burdock_ready",
        "1 while the worker takes new tasks.",
        plain(ready.into()),
    );
    gauge(
        "burdock_run_state",
        "1 for the state that the worker is in.",
        RunState::ALL
            .iter()
            .map(|state| {
                labelled(
                    [("state", state.to_string())],
                    (*state == sample.run_state).into(),
                )
            })
            .collect(),
    );
    gauge(
        "burdock_uptime_seconds",
        "Time since the worker started.",
        plain(sample.uptime_seconds),
    );
    gauge(
        "burdock_status_stale",
        "1 when the worker did not answer in time and older counts are shown.",
        plain(sample.stale.into()),
    );
    gauge(
        "burdock_cached_workflows",
        "Workflow runs in the cache, by the worker's own count.",
        plain(sample.num_cached_workflows),
    );
    gauge(
        "burdock_cached_workflows_core",
        "Workflow runs in the cache, by the count of sdk-core.",
        sample
            .num_cached_workflows_core
            .map(plain)
            .unwrap_or_default(),
    );
    gauge(
        "burdock_in_flight_workflow_activations",
        "Activations that were polled and not yet completed.",
        plain(sample.num_in_flight_workflow_activations),
    );
    gauge(
        "burdock_in_flight_activities",
        "Activity tasks that were polled and not yet completed.",
        plain(sample.num_in_flight_activities),
    );
    let slots = [
        ("workflow", sample.slots.workflow),
        ("activity", sample.slots.activity),
        ("local_activity", sample.slots.local_activity),
    ];
    let of_slots = |value: fn(&super::source::SlotUse) -> u64| {
        slots
            .iter()
            .map(|(kind, slots)| labelled([("kind", (*kind).to_owned())], value(slots)))
            .collect()
    };
    gauge(
        "burdock_slots_used",
        "Slots that hold a task.",
        of_slots(|slots| slots.used),
    );
    gauge(
        "burdock_slots_available",
        "Slots that could take a task.",
        of_slots(|slots| slots.available),
    );
    if let Some(bundle) = &sample.bundle {
        let labels = [
            ("sdk_version", bundle.sdk_version.clone()),
            ("build_id", bundle.build_id.clone()),
        ];
        gauge(
            "burdock_bundle_info",
            "The hosted bundle.",
            vec![labelled(labels, 1)],
        );
    }
    text.family(
        "burdock_cache_count_mismatches_total",
        Kind::Counter,
        "Times that the two cache counts differed while nothing was in flight.",
        plain(sample.cache_count_mismatch),
    );
}

fn memory_families(text: &mut PrometheusText, sample: &WorkerSample) {
    let mut gauge = |name: &str, help: &str, points: Vec<Point<'_>>| {
        text.family(name, Kind::Gauge, help, points);
    };
    gauge(
        "burdock_process_resident_memory_bytes",
        "Resident memory of the process.",
        plain(sample.rss_bytes),
    );
    gauge(
        "burdock_process_anon_memory_bytes",
        "Anonymous resident memory of the process.",
        plain(sample.anon_bytes),
    );
    gauge(
        "burdock_native_memory_bytes",
        "Resident memory that V8 does not account for.",
        plain(sample.native_bytes),
    );
    let limit = sample.memory_limit_bytes.zip(sample.memory_limit_source);
    gauge(
        "burdock_memory_limit_bytes",
        "Memory that the process may use, and who says so.",
        limit
            .map(|(bytes, source)| labelled([("source", source.to_string())], bytes))
            .into_iter()
            .collect(),
    );
}

#[cfg(test)]
mod tests {
    use super::super::sampler::Sampler;
    use super::super::test_support::{FakeWorker, proc_root, write_smaps};
    use super::*;
    use crate::memory::{MemoryLimit, MemoryLimitSource};

    async fn text() -> String {
        let limit = MemoryLimit {
            bytes: 512 << 20,
            source: MemoryLimitSource::CgroupV2,
            candidates: Vec::new(),
            failures: Vec::new(),
        };
        let root = proc_root(2, 1);
        write_smaps(root.path(), 1, 1);
        let sampler = Sampler::new(FakeWorker::running(), Some(limit)).with_root(root.path());
        encode(&sampler.sample().await, true)
    }

    #[tokio::test]
    async fn shows_the_sample() {
        let text = text().await;
        for line in [
            "burdock_ready 1",
            "burdock_run_state{state=\"RUNNING\"} 1",
            "burdock_run_state{state=\"FAILED\"} 0",
            "burdock_cached_workflows 5",
            "burdock_cached_workflows_core 5",
            "burdock_cache_count_mismatches_total 0",
            "burdock_slots_used{kind=\"workflow\"} 1",
            "burdock_slots_available{kind=\"local_activity\"} 100",
            "burdock_process_resident_memory_bytes 2048",
            "burdock_process_anon_memory_bytes 1024",
            "burdock_native_memory_bytes 1715",
            "burdock_memory_limit_bytes{source=\"cgroup-v2\"} 536870912",
            "burdock_isolate_heap_used_bytes{isolate=\"0\"} 100",
            "burdock_isolate_heap_used_bytes{isolate=\"1\"} 50",
            "burdock_isolate_cached_workflows{isolate=\"1\"} 2",
            "burdock_isolate_heap_live_bytes{isolate=\"1\"} 40",
            "burdock_isolate_heap_physical_bytes{isolate=\"0\"} 150",
            "burdock_isolate_heap_limit_bytes{isolate=\"0\"} 600",
            "burdock_isolate_malloced_bytes{isolate=\"0\"} 7",
            "burdock_isolate_code_bytes{isolate=\"0\"} 3",
            "burdock_isolate_contexts{isolate=\"0\",state=\"detached\"} 1",
            "burdock_isolate_measuring_seconds_total{isolate=\"0\"} 0.030001",
            "burdock_isolate_bytecode_bytes{isolate=\"0\"} 4",
            "burdock_bundle_info{sdk_version=\"1.24.0\",build_id=\"b1\"} 1",
            "v8js_memory_heap_used_bytes{isolate=\"0\",v8js_heap_space_name=\"old_space\"} 90",
            "v8js_memory_heap_space_available_size_bytes{isolate=\"0\",v8js_heap_space_name=\"old_space\"} 60",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }

    #[tokio::test]
    async fn names_each_family_once_with_our_prefix() {
        let text = text().await;
        let mut names: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
            .collect();
        assert!(names.len() > 15, "{names:?}");
        assert!(
            names
                .iter()
                .all(|name| OURS.iter().any(|ours| name.starts_with(ours))),
            "{names:?}"
        );
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    /// `docs/memory.md` lists every family, by its name in backticks at the start of a table row, and no other.
    #[tokio::test]
    async fn the_documentation_lists_every_family() {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/memory.md");
        let docs = std::fs::read_to_string(docs).expect("docs/memory.md");
        let mut listed: Vec<_> = docs
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .filter(|name| OURS.iter().any(|ours| name.starts_with(ours)))
            .map(str::to_owned)
            .collect();
        let mut written: Vec<_> = text()
            .await
            .lines()
            .filter_map(|line| {
                line.strip_prefix("# TYPE ")?
                    .split(' ')
                    .next()
                    .map(str::to_owned)
            })
            .chain(SOMETIMES.map(str::to_owned))
            .collect();
        listed.sort_unstable();
        written.sort_unstable();
        assert_eq!(listed, written);
    }

    /// What our families begin with.
    const OURS: [&str; 2] = ["burdock_", "v8js_memory_heap_"];

    /// Families that this sample has no points for, or that stand elsewhere.
    const SOMETIMES: [&str; 5] = [
        "burdock_core_metrics_up",
        "burdock_cached_workflow_rss_slope_bytes",
        "burdock_cached_workflow_rss_slope_confidence_bytes",
        "burdock_cached_workflow_anon_slope_bytes",
        "burdock_cached_workflow_anon_slope_confidence_bytes",
    ];
}
