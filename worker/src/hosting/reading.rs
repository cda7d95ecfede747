//! What is asked of each isolate beside its activations.

use std::time::Duration;

use parking_lot::Mutex;

use super::isolate_thread::{IsolateThread, Request};
use super::question::Question;
use crate::engine::{HeapSample, Measurement};

/// How long a reading waits for an isolate.
const SAMPLE_PATIENCE: Duration = Duration::from_millis(200);
/// How long a collection or a measurement may take before it goes on by itself. Whoever asks has a memory limit to keep,
/// also while one isolate does not answer.
const WORK_PATIENCE: Duration = Duration::from_secs(2);

/// The last reading of one isolate, and the questions that it has not answered yet.
pub(super) struct Reading {
    last: Mutex<HeapSample>,
    sample: Question<HeapSample>,
    collection: Question<()>,
    measurement: Question<Option<Measurement>>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            last: Mutex::default(),
            sample: Question::new(SAMPLE_PATIENCE),
            collection: Question::new(WORK_PATIENCE),
            measurement: Question::new(WORK_PATIENCE),
        }
    }
}

impl Reading {
    /// The isolate's memory; that of before, if it is busy.
    pub(super) async fn sample(&self, thread: &IsolateThread) -> HeapSample {
        if let Some(sample) = self.sample.ask(thread, Request::Sample).await {
            *self.last.lock() = sample;
        }
        self.last.lock().clone()
    }

    /// What the heap and the buffers held at the last reading.
    pub(super) fn last_held_bytes(&self) -> u64 {
        let last = self.last.lock();
        (last.physical_heap_bytes + last.external_bytes) as u64
    }

    /// Has the isolate collect its garbage, now or when it comes to it.
    pub(super) async fn collect_garbage(&self, thread: &IsolateThread) {
        let _ = self.collection.ask(thread, Request::CollectGarbage).await;
    }

    /// What its runs cost, if it has nothing else to do and they changed.
    pub(super) async fn measure_when_idle(&self, thread: &IsolateThread) -> Option<Measurement> {
        if !thread.is_idle() && !self.measurement.is_open() {
            return None;
        }
        let answered = self.measurement.ask(thread, Request::MeasureWhenIdle);
        answered.await.flatten()
    }
}
