//! The worker's pulse in the log: one line at a fixed interval.

use super::memory_sample::PerCachedWorkflow;
use super::sample::{Deltas, WorkerSample};
use super::sampler::Sampler;
use crate::memory::EvictionReason;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// The shortest interval; a shorter one is lifted to this.
const EVERY_MIN: Duration = Duration::from_millis(100);

/// Logs a sample at once and then one per interval, until the future is dropped. Deltas in
/// `/status` are counted from the last of these lines.
pub async fn run_log_line(sampler: Arc<Sampler>, every: Duration) {
    let mut ticks = interval(every.max(EVERY_MIN));
    // After a stall one line is enough: a burst of lines would show zero deltas.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let sample = sampler.sample().await;
        sampler.mark_logged(&sample);
        log_sample(&sample);
    }
}

fn log_sample(sample: &WorkerSample) {
    let Deltas {
        rss_bytes,
        used_heap_bytes,
        native_bytes,
        num_cached_workflows,
        evictions,
    } = sample.deltas.clone().unwrap_or_default();
    tracing::info!(
        run_state = %sample.run_state,
        cached_workflows = %format_args!("{} ({num_cached_workflows:+})", sample.num_cached_workflows),
        in_flight_activations = sample.num_in_flight_workflow_activations,
        in_flight_activities = sample.num_in_flight_activities,
        rss = %sized(sample.rss_bytes, rss_bytes),
        heap = %sized(sample.used_heap_bytes(), used_heap_bytes),
        native = %sized(sample.native_bytes, native_bytes),
        unexplained = sample.memory.breakdown.map(|found| tracing::field::display(signed_mebibytes(found.unexplained_bytes))),
        per_workflow = %per_workflow(&sample.memory.per_cached_workflow),
        evictions = %counted(&evictions),
        pressure = %sample.pressure,
        diagnosis = sample.diagnosis.as_deref(),
        limit = %sample.memory_limit_bytes.map_or("none".to_owned(), mebibytes),
        stale = sample.stale.then_some(true),
        "worker status"
    );
}

/// `12.3 MiB (+0.5)`.
fn sized(bytes: u64, change_bytes: i64) -> String {
    // A change that rounds to nothing has no sign to show.
    let tenths = (change_bytes as f64 / MEBIBYTE * 10.0).round();
    let change = if tenths == 0.0 { 0.0 } else { tenths / 10.0 };
    format!("{} ({change:+.1})", mebibytes(bytes))
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / MEBIBYTE)
}

fn signed_mebibytes(bytes: i64) -> String {
    format!("{:.1} MiB", bytes as f64 / MEBIBYTE)
}

/// `36.7 KiB estimated, 209.2 KiB +-3.1 by RSS`: from inside, then from outside. What is not known is left out.
fn per_workflow(cost: &PerCachedWorkflow) -> String {
    let kibibytes = |bytes: f64| format!("{:.1}", bytes / 1024.0);
    let estimated = cost
        .estimated_bytes
        .map(|bytes| format!("{} KiB estimated", kibibytes(bytes as f64)));
    let slope = cost.rss_slope_bytes.zip(cost.rss_slope_confidence_bytes);
    let slope = slope.map(|(bytes, confidence)| {
        format!(
            "{} KiB +-{} by RSS",
            kibibytes(bytes as f64),
            kibibytes(confidence as f64)
        )
    });
    let known: Vec<String> = [estimated, slope].into_iter().flatten().collect();
    if known.is_empty() {
        "unknown".to_owned()
    } else {
        known.join(", ")
    }
}

/// `12 (cache_full 9, completed 3)`: evictions since the last line.
fn counted(evictions: &BTreeMap<EvictionReason, u64>) -> String {
    let all: u64 = evictions.values().sum();
    if all == 0 {
        return "0".to_owned();
    }
    let reasons: Vec<String> = evictions
        .iter()
        .map(|(reason, count)| format!("{reason} {count}"))
        .collect();
    format!("{all} ({})", reasons.join(", "))
}

const MEBIBYTE: f64 = 1_048_576.0;

#[cfg(test)]
mod tests {
    use super::super::test_support::{FakeWorker, proc_root};
    use super::*;
    use std::io;
    use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

    /// A writer that sends each formatted event to the test.
    #[derive(Clone)]
    struct Lines(UnboundedSender<String>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let line = String::from_utf8_lossy(bytes).into_owned();
            self.0.send(line).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn captured() -> (tracing::subscriber::DefaultGuard, UnboundedReceiver<String>) {
        let (sender, receiver) = unbounded_channel();
        let lines = Lines(sender);
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || lines.clone())
            .finish();
        (tracing::subscriber::set_default(subscriber), receiver)
    }

    async fn next_line(lines: &mut UnboundedReceiver<String>) -> String {
        lines.recv().await.expect("the subscriber holds a sender")
    }

    #[tokio::test]
    async fn logs_at_once_and_only_then_waits() {
        let (_guard, mut lines) = captured();
        let root = proc_root(100 << 10, 0);
        let sampler = Sampler::new(FakeWorker::running(), None).with_root(root.path());
        let hourly = run_log_line(Arc::new(sampler), Duration::from_secs(3600));
        tokio::pin!(hourly);

        let first = tokio::select! {
            () = &mut hourly => panic!("the line goes on for ever"),
            line = next_line(&mut lines) => line,
        };
        for part in [
            "INFO",
            "worker status",
            "run_state=RUNNING",
            "cached_workflows=5 (+0)",
            "rss=100.0 MiB (+0.0)",
            "limit=none",
            "per_workflow=0.0 KiB estimated",
            "evictions=0",
            "pressure=elevated",
        ] {
            assert!(first.contains(part), "{part} in {first}");
        }
        assert!(!first.contains("stale"), "{first}");
        tokio::select! {
            biased;
            () = &mut hourly => panic!("the line goes on for ever"),
            () = tokio::task::yield_now() => {}
        }
        assert!(lines.try_recv().is_err(), "one line per interval");
    }

    #[tokio::test]
    async fn deltas_count_from_the_line_before() {
        let (_guard, mut lines) = captured();
        let worker = FakeWorker::running();
        let root = proc_root(100 << 10, 0);
        let sampler = Arc::new(Sampler::new(worker.clone(), None).with_root(root.path()));
        let running = run_log_line(sampler.clone(), Duration::ZERO);
        tokio::pin!(running);
        let mut line = async || {
            tokio::select! {
                () = &mut running => panic!("the line goes on for ever"),
                line = next_line(&mut lines) => line,
            }
        };

        line().await;
        worker.edit(|parts, _| {
            parts.num_cached_workflows = 3;
            parts.evictions.insert(EvictionReason::CacheFull, 9);
        });
        let grown = "VmRSS:\t105472 kB\n";
        std::fs::write(root.path().join("proc/self/status"), grown).expect("write");
        let page = sampler.sample().await.deltas.expect("since the first line");
        assert_eq!((page.num_cached_workflows, page.rss_bytes), (-2, 3 << 20));

        let second = line().await;
        assert!(second.contains("cached_workflows=3 (-2)"), "{second}");
        assert!(second.contains("rss=103.0 MiB (+3.0)"), "{second}");
        assert!(second.contains("evictions=2 (cache_full 2)"), "{second}");
        let page = sampler
            .sample()
            .await
            .deltas
            .expect("since the second line");
        assert_eq!(page, Deltas::default());
    }

    #[test]
    fn the_cost_of_a_workflow_is_told_as_far_as_it_is_known() {
        let mut cost = PerCachedWorkflow::default();
        assert_eq!(per_workflow(&cost), "unknown");
        (cost.rss_slope_bytes, cost.rss_slope_confidence_bytes) = (Some(214_200), Some(3200));
        assert_eq!(per_workflow(&cost), "209.2 KiB +-3.1 by RSS");
        cost.estimated_bytes = Some(37_600);
        assert_eq!(
            per_workflow(&cost),
            "36.7 KiB estimated, 209.2 KiB +-3.1 by RSS"
        );
    }

    #[test]
    fn evictions_are_told_by_reason() {
        let some = BTreeMap::from([
            (EvictionReason::CacheFull, 9),
            (EvictionReason::Completed, 3),
        ]);
        assert_eq!(counted(&some), "12 (cache_full 9, completed 3)");
        assert_eq!(counted(&BTreeMap::new()), "0");
    }

    #[test]
    fn sizes_read_like_a_person_writes_them() {
        assert_eq!(sized(12_900_000, 524_288), "12.3 MiB (+0.5)");
        assert_eq!(sized(0, -3 << 20), "0.0 MiB (-3.0)");
        assert_eq!(sized(1 << 30, -1), "1024.0 MiB (+0.0)");
    }
}
