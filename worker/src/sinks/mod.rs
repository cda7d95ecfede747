//! What becomes of the sink calls that workflow code makes.
//!
//! Built in are the SDK's own sinks: `__temporal_logger` (and its old name `defaultWorkerLogger`) goes to the worker's
//! log, `__temporal_metrics` to its metrics. A call of any other sink is an error in the log, as in the Node worker.
#![forbid(unsafe_code)]

mod logger;
mod metrics;

use crate::engine::SinkCall;
pub use metrics::WorkflowMetrics;

/// The run that made the calls, for the log.
#[derive(Clone, Copy, Debug)]
pub struct RunLabels<'a> {
    /// Run id.
    pub run_id: &'a str,
}

/// Receives the sink calls of all runs.
#[derive(Debug)]
pub struct Sinks {
    metrics: WorkflowMetrics,
}

impl Sinks {
    /// Sinks that record workflow metrics through `metrics`.
    #[must_use]
    pub fn new(metrics: WorkflowMetrics) -> Self {
        Self { metrics }
    }

    /// Handles the calls of one activation, in order. Calls made while history is replayed are dropped: they were made
    /// once already.
    pub fn deliver(&self, labels: RunLabels<'_>, calls: Vec<SinkCall>) {
        for call in calls.into_iter().filter(|call| !call.replaying) {
            match call.interface.as_str() {
                "__temporal_logger" | "defaultWorkerLogger" => logger::log(&call),
                "__temporal_metrics" => self.metrics.record(&call),
                interface => tracing::error!(
                    run_id = labels.run_id,
                    interface,
                    function = call.function,
                    "Workflow referenced an unregistered external sink"
                ),
            }
        }
    }
}
