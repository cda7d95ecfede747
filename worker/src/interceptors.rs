//! Code of the program's own around activations of workflows and around activities.
//!
//! Interceptors form chains: the one that is registered first is the outermost.
//! [`WorkerExtensions`](crate::lifecycle::WorkerExtensions) takes both kinds. Interceptors of workflow *modules*, in
//! TypeScript, are part of the bundle and work as in the Node worker.
#![forbid(unsafe_code)]

use std::sync::Arc;

pub use async_trait::async_trait;
pub use burdock_activities::{ActivityCall, ActivityInterceptor, ActivityNext};
pub use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
pub use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;

use crate::panics;

/// Why an interceptor could not let an activation pass. Any standard error turns into it by `?`.
pub type ActivationError = Box<dyn std::error::Error + Send + Sync>;

/// Code around one activation: the jobs that sdk-core hands to a run, and the commands that the run answers with.
///
/// It runs in replay as well, whenever history is replayed, and what it changes must be the same each time: sdk-core
/// compares commands with history. Evictions do not come here. An error or a panic fails the workflow task, which the
/// server then tries again.
#[async_trait]
pub trait ActivationInterceptor: Send + Sync {
    /// Lets one activation pass. The jobs and the completion's commands may be changed; the run cannot.
    ///
    /// # Errors
    /// Whatever went wrong; it becomes the message of the failed workflow task.
    async fn activate(
        &self,
        activation: WorkflowActivation,
        next: ActivationNext<'_>,
    ) -> Result<WorkflowActivationCompletion, ActivationError>;
}

/// What runs an activation in the end.
#[async_trait]
pub(crate) trait Activate: Sync {
    async fn activate(&self, activation: WorkflowActivation) -> WorkflowActivationCompletion;
}

/// The rest of the chain.
pub struct ActivationNext<'a> {
    interceptors: &'a [Arc<dyn ActivationInterceptor>],
    last: &'a dyn Activate,
    run_id: &'a str,
}

impl ActivationNext<'_> {
    /// Runs what comes next, in the end the workflow's code. What fails there is a failed completion.
    ///
    /// # Errors
    /// Those of the interceptors that come next.
    pub async fn run(
        self,
        mut activation: WorkflowActivation,
    ) -> Result<WorkflowActivationCompletion, ActivationError> {
        match self.interceptors.split_first() {
            Some((first, rest)) => {
                let next = Self {
                    interceptors: rest,
                    ..self
                };
                first.activate(activation, next).await
            }
            None => {
                activation.run_id = self.run_id.to_owned();
                Ok(self.last.activate(activation).await)
            }
        }
    }
}

/// Runs an activation through the chain. Whatever the interceptors do, the completion is one of the activation's run.
pub(crate) async fn intercept(
    interceptors: &[Arc<dyn ActivationInterceptor>],
    activation: WorkflowActivation,
    last: &dyn Activate,
) -> Result<WorkflowActivationCompletion, String> {
    if interceptors.is_empty() {
        return Ok(last.activate(activation).await);
    }
    let run_id = activation.run_id.clone();
    let next = ActivationNext {
        interceptors,
        last,
        run_id: &run_id,
    };
    let outcome = panics::caught(next.run(activation)).await;
    let mut completion = match outcome {
        Ok(Ok(completion)) => completion,
        Ok(Err(error)) => return Err(format!("An activation interceptor failed: {error}")),
        Err(panic) => return Err(format!("An activation interceptor panicked: {panic}")),
    };
    completion.run_id = run_id;
    Ok(completion)
}

#[cfg(test)]
mod tests;
