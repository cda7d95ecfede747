//! Sinks of the program's own.

use serde::Deserialize;
use serde_json::Value;

use crate::engine::SinkCall;
use crate::panics;

/// Why a sink could not do what it was asked for. Any standard error turns into it by `?`.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Whether a function of a sink is called for history that is replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnReplay {
    /// It is not, as by default in the Node worker. A workflow task that is tried again after a failure is no replay,
    /// so that a call may still come more than once.
    #[default]
    Skip,
    /// It is, as with `callDuringReplay` in the Node worker.
    Call,
}

/// The outside of a sink that workflow code reaches by `proxySinks`.
///
/// The completion of a workflow task waits for the calls that its code made: a slow sink makes slow tasks. What a sink
/// answers or how it fails changes nothing for the workflow; failures and panics are logged.
#[async_trait::async_trait]
pub trait WorkflowSink: Send + Sync {
    /// What becomes of a function's calls during replay; nothing if the sink has no such function. By default every
    /// function is there, and replayed calls are skipped.
    fn on_replay(&self, _function: &str) -> Option<OnReplay> {
        Some(OnReplay::Skip)
    }

    /// Takes one call. Calls of one workflow task come one after the other, in the order in which they were made.
    ///
    /// # Errors
    /// Whatever went wrong, for the log.
    async fn call(&self, call: SinkInvocation<'_>) -> Result<(), SinkError>;
}

/// One call of a sink function.
#[derive(Debug)]
pub struct SinkInvocation<'a> {
    /// The function's name.
    pub function: &'a str,
    /// The arguments. What JSON lacks arrives as text, a `Map` as an object, a `Set` as an array.
    pub arguments: Vec<Value>,
    /// The run that made the call.
    pub info: WorkflowInfo,
    /// Whether history was replayed when the call was made.
    pub is_replaying: bool,
}

/// `workflowInfo()` of the run at the time of the call.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkflowInfo {
    /// The workflow id.
    pub workflow_id: String,
    /// The run id.
    pub run_id: String,
    /// The workflow type.
    pub workflow_type: String,
    /// The namespace.
    pub namespace: String,
    /// The task queue.
    pub task_queue: String,
    /// The attempt of the run, from 1.
    pub attempt: u32,
    /// Everything, under the names of the TypeScript SDK; dates are ISO texts, functions are left out.
    #[serde(skip)]
    pub all: Value,
}

impl WorkflowInfo {
    pub(super) fn of(call: &SinkCall) -> Self {
        let all: Value = call
            .info_json
            .as_deref()
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default();
        let mut info = Self::deserialize(&all).unwrap_or_default();
        info.all = all;
        info
    }
}

/// Calls a sink; whatever it does is over afterwards.
pub(super) async fn invoke(sink: &dyn WorkflowSink, call: &SinkCall) {
    let invocation = SinkInvocation {
        function: &call.function,
        arguments: serde_json::from_str(&call.arguments_json).unwrap_or_default(),
        info: WorkflowInfo::of(call),
        is_replaying: call.replaying,
    };
    let (run_id, workflow_id) = (
        invocation.info.run_id.clone(),
        invocation.info.workflow_id.clone(),
    );
    let error = match panics::caught(async { sink.call(invocation).await }).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => Some(format!("it panicked: {panic}")),
    };
    if let Some(error) = error {
        tracing::error!(
            run_id,
            workflow_id,
            interface = call.interface,
            function = call.function,
            error,
            "External sink function failed"
        );
    }
}
