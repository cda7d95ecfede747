//! A stand-in for the worker.

use super::source::{
    BoxFuture, BundleInfo, IsolateSample, PlannedPart, RunState, SlotUse, StatusSource,
    Terminations, WorkerHealth, WorkerParts,
};
use crate::memory::PressureLevel;
use crate::memory::{CachedRun, EvictionReason, HeapSpace, RunCost};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// Answers with what a test has set, or not at all while it is silent.
pub struct FakeWorker {
    state: Mutex<(WorkerParts, WorkerHealth)>,
    silent: watch::Sender<bool>,
    questions: watch::Sender<u64>,
    health_questions: watch::Sender<u64>,
}

impl FakeWorker {
    pub fn running() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new((busy_parts(), running_health())),
            silent: watch::Sender::new(false),
            questions: watch::Sender::new(0),
            health_questions: watch::Sender::new(0),
        })
    }

    pub fn edit(&self, change: impl FnOnce(&mut WorkerParts, &mut WorkerHealth)) {
        let (parts, health) = &mut *self.state.lock();
        change(parts, health);
    }

    pub fn fall_silent(&self) {
        self.silent.send_replace(true);
    }

    pub fn answer_again(&self) {
        self.silent.send_replace(false);
    }

    pub fn questions(&self) -> u64 {
        *self.questions.borrow()
    }

    /// Waits until the worker's health was asked for so many times.
    pub async fn health_asked(&self, count: u64) {
        let mut questions = self.health_questions.subscribe();
        let waited = questions.wait_for(|asked| *asked >= count).await;
        assert!(waited.is_ok(), "the sender lives in self");
    }

    /// Waits until so many questions have been asked.
    pub async fn asked(&self, count: u64) {
        let mut questions = self.questions.subscribe();
        let waited = questions.wait_for(|asked| *asked >= count).await;
        assert!(waited.is_ok(), "the sender lives in self");
    }
}

impl StatusSource for FakeWorker {
    fn collect(&self) -> BoxFuture<'_, WorkerParts> {
        Box::pin(async {
            self.questions.send_modify(|asked| *asked += 1);
            let mut silent = self.silent.subscribe();
            let waited = silent.wait_for(|silent| !silent).await;
            assert!(waited.is_ok(), "the sender lives in self");
            drop(waited);
            self.state.lock().0.clone()
        })
    }

    fn health(&self) -> WorkerHealth {
        self.health_questions.send_modify(|asked| *asked += 1);
        self.state.lock().1.clone()
    }
}

pub fn running_health() -> WorkerHealth {
    WorkerHealth {
        run_state: RunState::Running,
        namespace_validated: true,
        first_poll_issued: true,
        num_cached_workflows: 5,
        ..WorkerHealth::default()
    }
}

pub fn busy_parts() -> WorkerParts {
    let slots = |used, available| SlotUse { used, available };
    WorkerParts {
        num_cached_workflows: 5,
        num_cached_workflows_core: Some(5),
        num_in_flight_workflow_activations: 1,
        num_in_flight_activities: 4,
        workflow_slots: slots(1, 39),
        activity_slots: slots(4, 96),
        local_activity_slots: slots(0, 100),
        isolates: vec![
            IsolateSample {
                used_heap_bytes: 100,
                total_heap_bytes: 200,
                external_bytes: 30,
                array_buffers_bytes: 20,
                array_buffers_resident_bytes: 19,
                array_buffers_mapped_resident_bytes: 0,
                live_heap_bytes: 80,
                physical_heap_bytes: 150,
                malloced_bytes: 7,
                code_bytes: 3,
                bytecode_bytes: 4,
                heap_limit_bytes: 600,
                cached_workflows: 3,
                native_contexts: 2,
                detached_contexts: 1,
                activation_time_us: 2_000_000,
                measuring_time_us: 30_001,
                spaces: vec![HeapSpace {
                    name: "old_space",
                    used_bytes: 90,
                    size_bytes: 180,
                    available_bytes: 60,
                    physical_bytes: 140,
                }],
            },
            IsolateSample {
                used_heap_bytes: 50,
                total_heap_bytes: 100,
                external_bytes: 3,
                array_buffers_bytes: 2,
                array_buffers_resident_bytes: 1,
                live_heap_bytes: 40,
                physical_heap_bytes: 90,
                heap_limit_bytes: 400,
                cached_workflows: 2,
                ..IsolateSample::default()
            },
        ],
        bundle: Some(BundleInfo {
            file: "workflow-bundle.js".to_owned(),
            sdk_version: "1.24.0".to_owned(),
            build_id: "b1".to_owned(),
        }),
        bundle_bytes: 40,
        cached_runs: vec![cached_run("r1", "cart", 10), cached_run("r2", "order", 29)],
        module_bytes: None,
        activities_bytes: 6,
        evictions: BTreeMap::from([(EvictionReason::CacheFull, 7)]),
        terminations: Terminations {
            deadline: 2,
            heap: 1,
        },
        pressure: PressureLevel::Elevated,
        budget_offenders: 1,
        parked_runs: 0,
        quarantined_runs: 0,
        refused_tasks: 2,
        isolates_rebuilt: 0,
        lost_isolates: Vec::new(),
        memory_plan: vec![PlannedPart {
            part: "reserve",
            bytes: 77,
        }],
    }
}

/// A run with so many bytes on the heap and one more at the host.
pub fn cached_run(run_id: &str, workflow_type: &str, heap_bytes: u64) -> CachedRun {
    CachedRun {
        run_id: run_id.to_owned(),
        workflow_id: format!("id-of-{run_id}"),
        workflow_type: workflow_type.to_owned(),
        isolate: 0,
        cost: RunCost {
            heap_bytes,
            host_bytes: 1,
            ..RunCost::default()
        },
    }
}

/// A directory with a `proc/self/status` of these sizes.
pub fn proc_root(rss_kib: u64, anon_kib: u64) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("temp dir");
    let dir = root.path().join("proc/self");
    std::fs::create_dir_all(&dir).expect("mkdir");
    let text = format!("VmRSS:\t{rss_kib} kB\nRssAnon:\t{anon_kib} kB\n");
    std::fs::write(dir.join("status"), text).expect("write");
    root
}

/// Adds a `proc/self/smaps` with so much for V8 and for `malloc`.
pub fn write_smaps(root: &Path, v8_kib: u64, malloc_kib: u64) {
    let text = format!(
        "5e9eb00000-5e9eb40000 rw-p 00000000 00:00 0 \nRss: {v8_kib} kB\nVmFlags: rd wr dc ac\n\
         55744233a000-5574424d9000 rw-p 00000000 00:00 0    [heap]\nRss: {malloc_kib} kB\nVmFlags: rd wr ac\n"
    );
    std::fs::write(root.join("proc/self/smaps"), text).expect("write");
}
