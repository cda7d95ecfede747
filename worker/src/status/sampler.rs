//! Takes samples: asks the worker, reads `/proc`, keeps what is compared over time.

use super::health::{LivenessLimits, Verdict, judge_live, judge_ready};
use super::memory_sample::{MemorySample, PerCachedWorkflow};
use super::memory_watch::MemoryWatch;
use super::run_costs::RunCosts;
use super::sample::{Baseline, SampleInputs, WorkerSample, cache_counts_disagree};
use super::source::{RunState, StatusSource, WorkerHealth, WorkerParts};
use super::symptoms::{Observed, Past};
use crate::engine::read_malloc;
use crate::memory::diagnosis::diagnose;
use crate::memory::{MemoryLimit, ProcessMemory};
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Past this, a sample shows the last answer and is marked stale.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(2);

type Clock = Box<dyn Fn() -> Instant + Send + Sync>;

/// Joins the worker's parts with the process's readings. Shared by the status page, the probes,
/// the metrics and the log line.
pub struct Sampler {
    source: Arc<dyn StatusSource>,
    memory_limit: Option<MemoryLimit>,
    liveness: LivenessLimits,
    root: PathBuf,
    answer_time_max: Duration,
    clock: Clock,
    started: Instant,
    questions: AtomicU64,
    answers: tokio::sync::Mutex<Answers>,
    logged: Mutex<Option<Baseline>>,
    watch: MemoryWatch,
    past: Mutex<Past>,
}

/// What is known from asking the worker.
#[derive(Clone)]
struct Answers {
    /// The number of the last question that was asked to its end.
    question: u64,
    parts: Arc<WorkerParts>,
    answered: Instant,
    stale: bool,
    mismatches: u64,
}

impl Sampler {
    /// `memory_limit` is what [`crate::memory::find_memory_limit`] found.
    pub fn new(source: Arc<dyn StatusSource>, memory_limit: Option<MemoryLimit>) -> Self {
        let started = Instant::now();
        Self {
            source,
            memory_limit,
            liveness: LivenessLimits::default(),
            root: PathBuf::from("/"),
            answer_time_max: ANSWER_TIME_MAX,
            clock: Box::new(Instant::now),
            started,
            questions: AtomicU64::new(0),
            answers: tokio::sync::Mutex::new(Answers {
                question: 0,
                parts: Arc::default(),
                answered: started,
                stale: true,
                mismatches: 0,
            }),
            logged: Mutex::default(),
            watch: MemoryWatch::new(PathBuf::from("/"), read_malloc),
            past: Mutex::default(),
        }
    }

    /// Other limits of silence for `/live` than the default ones.
    pub fn with_liveness_limits(mut self, liveness: LivenessLimits) -> Self {
        self.liveness = liveness;
        self
    }

    /// Reads `proc/self/status` and `proc/self/smaps` below another directory than `/`.
    pub fn with_root(mut self, root: &Path) -> Self {
        self.root = root.to_path_buf();
        self.watch = MemoryWatch::new(root.to_path_buf(), read_malloc);
        self
    }

    #[cfg(test)]
    fn with_answer_time_max(mut self, answer_time_max: Duration) -> Self {
        self.answer_time_max = answer_time_max;
        self
    }

    #[cfg(test)]
    fn with_clock(mut self, clock: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// A sample taken now; waits some seconds at most for the worker.
    pub async fn sample(&self) -> WorkerSample {
        let answers = self.ask().await;
        let memory = self.process_memory();
        let run_costs = RunCosts::of(&answers.parts.cached_runs);
        let (explained, diagnosis) = self.explain(&answers.parts, &run_costs, memory).await;
        let baseline = self.logged.lock().clone();
        WorkerSample::compose(SampleInputs {
            parts: &answers.parts,
            health: &self.source.health(),
            memory,
            limit: self.memory_limit.as_ref(),
            cache_count_mismatch: answers.mismatches,
            uptime_seconds: self.since(self.started).as_secs(),
            baseline: baseline.as_ref(),
            stale: answers.stale,
            run_costs,
            explained,
            diagnosis,
        })
    }

    /// Takes a reading for the slopes; cheap, and without the event loop.
    pub fn observe(&self) {
        let health = self.source.health();
        // Memory that grows while the worker starts has nothing to do with cached workflows.
        if health.run_state == RunState::Running {
            let count = health.num_cached_workflows;
            self.watch
                .observe((self.clock)(), count, self.process_memory());
        }
    }

    /// Where the memory is, and what is wrong with it.
    async fn explain(
        &self,
        parts: &WorkerParts,
        costs: &RunCosts,
        memory: ProcessMemory,
    ) -> (MemorySample, Option<String>) {
        let now = (self.clock)();
        let explained = self.watch.explained(parts, costs, now).await;
        let slopes = self.watch.slopes();
        let symptoms = self.past.lock().symptoms(
            now,
            &Observed {
                parts,
                costs,
                breakdown: explained.breakdown.as_ref(),
                slopes: &slopes,
                rss_bytes: memory.rss_bytes,
                limit_bytes: self.memory_limit.as_ref().map(|limit| limit.bytes),
            },
        );
        let sample = MemorySample {
            breakdown: explained.breakdown,
            age_seconds: now.saturating_duration_since(explained.at).as_secs(),
            allocator: explained.allocator,
            per_cached_workflow: PerCachedWorkflow::of(&slopes, costs),
        };
        (sample, diagnose(&symptoms))
    }

    /// From now on, deltas are counted from this sample.
    pub fn mark_logged(&self, sample: &WorkerSample) {
        *self.logged.lock() = Some(sample.baseline());
    }

    /// The answer to `/live`. Asks the event loop, so that a probe alone keeps its record fresh.
    pub async fn live(&self) -> (WorkerHealth, Verdict) {
        let answered = self.ask().await.answered;
        let silent_for = self.since(answered);
        let health = self.source.health();
        let verdict = judge_live(&health, silent_for, &self.liveness);
        (health, verdict)
    }

    /// The answer to `/ready`. Does not need the event loop.
    pub fn ready(&self) -> (WorkerHealth, Verdict) {
        let health = self.source.health();
        let verdict = judge_ready(&health);
        (health, verdict)
    }

    /// Asks the worker, together with all who wait for the same question: however many requests
    /// come in, the worker has one question at a time to answer.
    async fn ask(&self) -> Answers {
        let asked_before = self.questions.load(Ordering::Acquire);
        let mut answers = self.answers.lock().await;
        if answers.question > asked_before {
            return answers.clone();
        }
        let question = self.questions.fetch_add(1, Ordering::AcqRel) + 1;
        match timeout(self.answer_time_max, self.source.collect()).await {
            Ok(parts) => answers.take(parts, (self.clock)()),
            Err(_) => answers.stale = true,
        }
        // Set last: a question whose asker went away half-way counts as not asked.
        answers.question = question;
        answers.clone()
    }

    fn since(&self, then: Instant) -> Duration {
        (self.clock)().saturating_duration_since(then)
    }

    fn process_memory(&self) -> ProcessMemory {
        ProcessMemory::read(&self.root).unwrap_or_else(|error| {
            tracing::warn!(%error, "the process's memory cannot be read");
            ProcessMemory::default()
        })
    }
}

impl Answers {
    fn take(&mut self, parts: WorkerParts, now: Instant) {
        if cache_counts_disagree(&parts) {
            self.mismatches += 1;
            tracing::warn!(
                num_cached_workflows = parts.num_cached_workflows,
                num_cached_workflows_core = parts.num_cached_workflows_core,
                "the worker and sdk-core disagree about the number of cached workflows"
            );
        }
        self.parts = Arc::new(parts);
        self.answered = now;
        self.stale = false;
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{FakeWorker, proc_root};
    use super::*;
    use crate::memory::PressureLevel;
    use std::sync::atomic::AtomicU64;

    const SOON: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn joins_the_worker_s_parts_with_proc() {
        let worker = FakeWorker::running();
        let root = proc_root(2048, 1024);
        let sample = Sampler::new(worker, None)
            .with_root(root.path())
            .sample()
            .await;
        assert_eq!(sample.num_cached_workflows, 5);
        assert_eq!(
            (sample.rss_bytes, sample.anon_bytes),
            (2048 << 10, 1024 << 10)
        );
        assert!(!sample.stale);
    }

    #[tokio::test]
    async fn without_proc_the_sizes_are_zero() {
        let root = tempfile::tempdir().expect("temp dir");
        let sampler = Sampler::new(FakeWorker::running(), None).with_root(root.path());
        let sample = sampler.sample().await;
        assert_eq!((sample.rss_bytes, sample.native_bytes), (0, 0));
    }

    #[tokio::test]
    async fn counts_each_disagreement_once_per_question() {
        let worker = FakeWorker::running();
        worker.edit(|parts, _| {
            parts.num_in_flight_workflow_activations = 0;
            parts.num_cached_workflows_core = Some(6);
        });
        let sampler = Sampler::new(worker.clone(), None);
        assert_eq!(sampler.sample().await.cache_count_mismatch, 1);
        assert_eq!(sampler.sample().await.cache_count_mismatch, 2);
        worker.edit(|parts, _| parts.num_cached_workflows_core = Some(5));
        assert_eq!(sampler.sample().await.cache_count_mismatch, 2);
    }

    #[tokio::test]
    async fn a_silent_worker_gives_its_last_answer_marked_stale() {
        let worker = FakeWorker::running();
        let sampler = Sampler::new(worker.clone(), None).with_answer_time_max(SOON);
        assert!(!sampler.sample().await.stale);
        worker.fall_silent();
        let sample = sampler.sample().await;
        assert!(sample.stale);
        assert_eq!(sample.num_cached_workflows, 5);
    }

    #[tokio::test]
    async fn liveness_follows_the_event_loop_s_answers() {
        let worker = FakeWorker::running();
        let (seconds, start) = (Arc::new(AtomicU64::new(0)), Instant::now());
        let shown = seconds.clone();
        let clock = move || start + Duration::from_secs(shown.load(Ordering::SeqCst));
        let sampler = Sampler::new(worker.clone(), None)
            .with_answer_time_max(SOON)
            .with_clock(clock);
        let limit = LivenessLimits::default().event_loop_silent_max.as_secs();

        seconds.store(3600, Ordering::SeqCst);
        assert!(sampler.live().await.1.is_good(), "the probe itself asks");
        worker.fall_silent();
        seconds.store(3600 + limit, Ordering::SeqCst);
        assert!(sampler.live().await.1.is_good(), "at the limit");
        seconds.store(3600 + limit + 1, Ordering::SeqCst);
        assert!(!sampler.live().await.1.is_good(), "above the limit");
        worker.answer_again();
        assert!(sampler.live().await.1.is_good(), "recovered");
    }

    #[tokio::test]
    async fn many_askers_share_the_questions() {
        let worker = FakeWorker::running();
        worker.fall_silent();
        let sampler = Arc::new(Sampler::new(worker.clone(), None));
        let first = tokio::spawn({
            let sampler = sampler.clone();
            async move { sampler.sample().await }
        });
        worker.asked(1).await;
        // These arrive while the first question is open; they share the second one.
        let rest: Vec<_> = (0..20)
            .map(|_| Box::pin(sampler.sample()))
            .map(|mut waiting| {
                assert!(poll_once(&mut waiting).is_pending());
                waiting
            })
            .collect();
        worker.answer_again();
        first.await.expect("first");
        for sample in rest {
            assert!(!sample.await.stale);
        }
        assert_eq!(worker.questions(), 2);
    }

    #[tokio::test]
    async fn a_question_whose_asker_went_away_is_asked_again() {
        let worker = FakeWorker::running();
        worker.fall_silent();
        let sampler = Sampler::new(worker.clone(), None);
        {
            let mut abandoned = Box::pin(sampler.sample());
            assert!(poll_once(&mut abandoned).is_pending());
        }
        worker.answer_again();
        assert!(!sampler.sample().await.stale);
        assert_eq!(worker.questions(), 2);
    }

    #[tokio::test]
    async fn observations_become_slopes() {
        let (worker, root) = (FakeWorker::running(), proc_root(1000, 0));
        let sampler = Sampler::new(worker.clone(), None).with_root(root.path());
        worker.edit(|_, health| health.run_state = RunState::Initialized);
        sampler.observe();
        worker.edit(|_, health| health.run_state = RunState::Running);
        for count in 0..30 {
            worker.edit(|_, health| health.num_cached_workflows = count);
            let status = format!("VmRSS:\t{} kB\nRssAnon:\t{count} kB\n", 1000 + 2 * count);
            std::fs::write(root.path().join("proc/self/status"), status).expect("write");
            sampler.observe();
        }
        let found = sampler.sample().await.memory.per_cached_workflow;
        let near = |found: Option<i64>, expected: i64| {
            found.is_some_and(|bytes| (bytes - expected).abs() < 50)
        };
        assert!(near(found.rss_slope_bytes, 2048), "{found:?}");
        assert!(near(found.anon_slope_bytes, 1024), "{found:?}");
        assert_eq!(found.slope_samples, 30, "not while the worker starts");
        assert_eq!(found.estimated_bytes, Some(20));
    }

    #[tokio::test]
    async fn says_what_is_wrong() {
        let (worker, root) = (FakeWorker::running(), proc_root(8, 4));
        worker.edit(|parts, _| parts.pressure = PressureLevel::Normal);
        let sampler = Sampler::new(worker.clone(), None).with_root(root.path());
        assert_eq!(sampler.sample().await.diagnosis, None);
        worker.edit(|parts, _| parts.parked_runs = 2);
        let sentence = sampler.sample().await.diagnosis.expect("a sentence");
        assert!(sentence.starts_with("2 runs are parked"), "{sentence}");
    }

    fn poll_once<F: Future + Unpin>(future: &mut F) -> std::task::Poll<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        std::pin::Pin::new(future).poll(&mut context)
    }
}
