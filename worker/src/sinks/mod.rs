//! What becomes of the sink calls that workflow code makes.
//!
//! Built in are the SDK's own sinks: `__temporal_logger` (and its old name `defaultWorkerLogger`) goes to the worker's
//! log, `__temporal_metrics` to its metrics. Others are a [`WorkflowSink`] of the program's own, or are written to the
//! log because the setting `log-sinks` names them. A call of any other sink is an error in the log, as in the Node
//! worker.
#![forbid(unsafe_code)]

mod event;
mod logger;
mod metrics;
mod registry;
mod user;

use crate::config::elements::LogSinks;
use crate::engine::SinkCall;
pub use metrics::WorkflowMetrics;
pub use registry::{SinkRegistry, SinkRegistryError};
pub use user::{OnReplay, SinkError, SinkInvocation, WorkflowInfo, WorkflowSink};

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
    registry: SinkRegistry,
    logged: LogSinks,
}

impl Sinks {
    /// Sinks that record workflow metrics through `metrics`, call those of `registry`, and log calls of `logged`.
    #[must_use]
    pub fn new(metrics: WorkflowMetrics, registry: SinkRegistry, logged: LogSinks) -> Self {
        Self {
            metrics,
            registry,
            logged,
        }
    }

    /// Handles the calls of one activation, one after the other. Calls made while history is replayed are dropped,
    /// because they were made once already; a sink of the program's own may want them all the same.
    pub async fn deliver(&self, labels: RunLabels<'_>, calls: Vec<SinkCall>) {
        for call in calls {
            match call.interface.as_str() {
                "__temporal_logger" | "defaultWorkerLogger" if !call.replaying => {
                    logger::log(&call);
                }
                "__temporal_metrics" if !call.replaying => self.metrics.record(&call),
                name if is_of_sdk(name) && call.replaying => {}
                _ => self.deliver_to_others(labels, &call).await,
            }
        }
    }

    async fn deliver_to_others(&self, labels: RunLabels<'_>, call: &SinkCall) {
        let found = self.registry.find(&call.interface, &call.function);
        if let Some((sink, on_replay)) = found {
            if !call.replaying || on_replay == OnReplay::Call {
                user::invoke(sink, call).await;
            }
            return;
        }
        if call.replaying {
            return;
        }
        let is_registered = self.registry.contains(&call.interface);
        if !is_registered && self.logged.contains(&call.interface) {
            event::log(call);
            return;
        }
        tracing::error!(
            run_id = labels.run_id,
            interface = call.interface,
            function = call.function,
            "Workflow referenced an unregistered external sink"
        );
    }
}

/// Whether the SDK keeps this name for itself.
fn is_of_sdk(name: &str) -> bool {
    name.starts_with(crate::config::elements::RESERVED_SINK_PREFIX) || name == "defaultWorkerLogger"
}

#[cfg(test)]
mod tests;
