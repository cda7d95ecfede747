//! Whether `patched()` takes the new way in code that runs for the first time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use deno_core::v8;

/// The run that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchedRun {
    /// Workflow id.
    pub workflow_id: String,
    /// Run id.
    pub run_id: String,
    /// Workflow type.
    pub workflow_type: String,
    /// Namespace.
    pub namespace: String,
    /// Task queue.
    pub task_queue: String,
}

/// Decides about patches, so that a fleet can be rolled out before any run takes the new way (the Node worker's
/// `patchActivationCallback`). Asked once for a run and a patch, never while history is replayed.
pub trait PatchActivation: Send + Sync {
    /// Whether this run takes the new way of this patch. A panic fails the workflow task.
    fn activate(&self, run: &PatchedRun, patch_id: &str) -> bool;
}

/// Patches that no run activates yet, by their ids.
#[derive(Clone, Debug)]
pub struct Inactive(pub Vec<String>);

impl PatchActivation for Inactive {
    fn activate(&self, _run: &PatchedRun, patch_id: &str) -> bool {
        !self.0.iter().any(|inactive| inactive == patch_id)
    }
}

/// In a slot of the isolate.
pub(super) struct PatchSlot(pub(super) Arc<dyn PatchActivation>);

/// `(patchId, workflowId, runId, workflowType, namespace, taskQueue) => boolean`.
pub(super) fn activate_patch(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let Some(activation) = scope
        .get_slot::<PatchSlot>()
        .map(|slot| Arc::clone(&slot.0))
    else {
        return result.set_bool(true);
    };
    let text = |index| arguments.get(index).to_rust_string_lossy(scope);
    let patch_id = text(0);
    let run = PatchedRun {
        workflow_id: text(1),
        run_id: text(2),
        workflow_type: text(3),
        namespace: text(4),
        task_queue: text(5),
    };
    // A panic must not unwind through V8's frames.
    match catch_unwind(AssertUnwindSafe(|| activation.activate(&run, &patch_id))) {
        Ok(active) => result.set_bool(active),
        Err(_) => {
            let text = format!("the worker's patch activation panicked for the patch '{patch_id}'");
            let text = v8::String::new(scope, &text).unwrap_or_else(|| v8::String::empty(scope));
            let error = v8::Exception::error(scope, text);
            scope.throw_exception(error);
        }
    }
}
