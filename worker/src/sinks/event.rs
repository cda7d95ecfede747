//! Calls of the sinks that `log-sinks` names: one call is one event of the worker's log.

use super::WorkflowInfo;
use crate::engine::SinkCall;

/// Logs one call with its arguments as a JSON array.
pub(super) fn log(call: &SinkCall) {
    let info = WorkflowInfo::of(call);
    tracing::info!(
        target: "burdock::sink",
        sink = call.interface,
        function = call.function,
        arguments = call.arguments_json,
        workflow_id = info.workflow_id,
        run_id = info.run_id,
        workflow_type = info.workflow_type,
        "a workflow called a sink"
    );
}
