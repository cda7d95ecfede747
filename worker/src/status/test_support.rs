//! A stand-in for the worker.

use super::source::{
    BoxFuture, BundleInfo, IsolateSample, RunState, SlotUse, StatusSource, WorkerHealth,
    WorkerParts,
};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::watch;

/// Answers with what a test has set, or not at all while it is silent.
pub struct FakeWorker {
    state: Mutex<(WorkerParts, WorkerHealth)>,
    silent: watch::Sender<bool>,
    questions: watch::Sender<u64>,
}

impl FakeWorker {
    pub fn running() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new((busy_parts(), running_health())),
            silent: watch::Sender::new(false),
            questions: watch::Sender::new(0),
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
        self.state.lock().1.clone()
    }
}

pub fn running_health() -> WorkerHealth {
    WorkerHealth {
        run_state: RunState::Running,
        namespace_validated: true,
        first_poll_issued: true,
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
                cached_workflows: 3,
            },
            IsolateSample {
                used_heap_bytes: 50,
                total_heap_bytes: 100,
                external_bytes: 3,
                array_buffers_bytes: 2,
                cached_workflows: 2,
            },
        ],
        bundle: Some(BundleInfo {
            file: "workflow-bundle.js".to_owned(),
            sdk_version: "1.24.0".to_owned(),
            build_id: "b1".to_owned(),
        }),
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
