//! Takes activations from sdk-core, has them run, and gives the completions back.

use std::sync::Arc;
use std::time::Duration;

use burdock_codecs::{CodecError, WorkflowCodecs};
use parking_lot::Mutex;
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant;
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;
use temporalio_common::protos::temporal::api::failure::v1::Failure;
use temporalio_sdk_core::{CompleteWfError, PollError, Worker};
use tokio::task::{JoinError, JoinSet};

use super::error::RunError;
use super::second_try::SecondTries;
use super::stack_trace_queries::{StackTraceQueries, add_answers};
use super::state::WorkerState;
use crate::governor::{MemoryGovernor, Verdict};
use crate::hosting::{HostingError, IsolatePool, Parting};
use crate::interceptors::{Activate, ActivationInterceptor, async_trait, intercept};
use crate::memory::EvictionReason;
use crate::sinks::{RunLabels, Sinks};

/// Pause after a poll that failed although sdk-core retries by itself.
const POLL_ERROR_PAUSE: Duration = Duration::from_secs(1);

/// The failure of a task that nobody waits for.
const ENDED: &str = "The run has ended since it was stopped, and is not tried again";

/// One worker's workflow tasks.
#[derive(Clone)]
pub(super) struct WorkflowPolling {
    pub(super) core: Arc<Worker>,
    pub(super) pool: Arc<IsolatePool>,
    pub(super) governor: Arc<MemoryGovernor>,
    pub(super) sinks: Arc<Sinks>,
    pub(super) interceptors: Arc<[Arc<dyn ActivationInterceptor>]>,
    pub(super) codecs: Arc<WorkflowCodecs>,
    pub(super) stack_traces: Option<Arc<StackTraceQueries>>,
    pub(super) second_tries: Arc<SecondTries>,
    pub(super) state: Arc<WorkerState>,
}

impl WorkflowPolling {
    /// Polls until sdk-core is shut down and everything in flight is answered. The tasks in flight are bounded by
    /// sdk-core: one activation for each slot, and one eviction for each cached run.
    ///
    /// When an isolate is lost the worker stops taking tasks; what is in flight elsewhere is still answered.
    pub(super) async fn run(self) -> Result<(), RunError> {
        let mut in_flight = JoinSet::new();
        let mut failure = None;
        loop {
            let polled = {
                let _polling = self.state.workflow_polls.begin_poll();
                self.core.poll_workflow_activation().await
            };
            match polled {
                Ok(activation) => {
                    let polling = self.clone();
                    in_flight.spawn(async move { polling.answer(activation).await });
                }
                Err(PollError::ShutDown) => break,
                Err(error) => {
                    tracing::error!(%error, "polling for workflow activations failed; trying again");
                    tokio::time::sleep(POLL_ERROR_PAUSE).await;
                }
            }
            while let Some(answered) = in_flight.try_join_next() {
                self.note(answered, &mut failure);
            }
        }
        while let Some(answered) = in_flight.join_next().await {
            self.note(answered, &mut failure);
        }
        failure.map_or(Ok(()), Err)
    }

    /// Keeps the first failure and has the worker shut down for it.
    fn note(
        &self,
        answered: Result<Result<(), HostingError>, JoinError>,
        failure: &mut Option<RunError>,
    ) {
        let error = match answered {
            Ok(Ok(())) => return,
            Ok(Err(error)) => RunError::Hosting(error),
            Err(error) => RunError::Core(format!("the task of an activation ended: {error}")),
        };
        if failure.is_none() {
            tracing::error!(%error, "the worker cannot go on");
            self.core.initiate_shutdown();
            *failure = Some(error);
        }
    }

    async fn answer(&self, mut activation: WorkflowActivation) -> Result<(), HostingError> {
        let _in_flight = self.state.begin_activation();
        let run_id = activation.run_id.clone();
        let eviction = take_eviction(&mut activation);
        let is_task = !activation.jobs.is_empty();
        let (completion, hosted) = match self.process(activation, eviction).await {
            Ok(completion) => (completion, Ok(())),
            // The run is replayed on another isolate.
            Err(HostingError::Lost(loss)) => {
                let failed = fail(&run_id, loss.to_string());
                self.governor.lost(loss);
                (failed, Ok(()))
            }
            // The server hands the task to another worker.
            Err(error) => (fail(&run_id, error.to_string()), Err(error)),
        };
        self.complete(completion).await;
        if is_task {
            self.governor.end(&run_id);
        }
        hosted
    }

    async fn process(
        &self,
        activation: WorkflowActivation,
        eviction: Option<Eviction>,
    ) -> Result<WorkflowActivationCompletion, HostingError> {
        let run_id = activation.run_id.clone();
        let mut completion = WorkflowActivationCompletion::empty(run_id.clone());
        if !activation.jobs.is_empty() {
            completion = match self.governor.begin(&activation) {
                Ok(()) if self.second_tries.are_wanted(&self.pool, &activation).await => {
                    self.activate(activation).await?
                }
                Ok(()) => fail(&run_id, ENDED.to_owned()),
                Err(message) => {
                    let refused = fail(&run_id, message);
                    log_failure(&refused);
                    refused
                }
            };
        }
        if let Some(eviction) = eviction {
            tracing::debug!(run_id, reason = ?eviction.reason(), message = eviction.message, "evicting a run");
            self.codecs.forget(&run_id);
            if let Some(queries) = &self.stack_traces {
                queries.forget(&run_id);
            }
            let parting = self.governor.evicted(&run_id, eviction_reason(&eviction));
            self.evict(run_id, parting).await?;
        }
        Ok(completion)
    }

    async fn evict(&self, run_id: String, parting: Parting) -> Result<(), HostingError> {
        match self.pool.evict(run_id, parting).await {
            // With its isolate, the run is gone too.
            Err(HostingError::Lost(loss)) => {
                self.governor.lost(loss);
                Ok(())
            }
            evicted => evicted,
        }
    }

    /// Decodes, runs and encodes. A codec that fails makes a failed workflow task, which the server tries again, as in
    /// the Node worker.
    async fn activate(
        &self,
        mut activation: WorkflowActivation,
    ) -> Result<WorkflowActivationCompletion, HostingError> {
        let run_id = activation.run_id.clone();
        if let Err(error) = self.codecs.decode(&mut activation).await {
            return Ok(codec_failed(&run_id, &error));
        }
        let mut completion = self.answer_stack_traces(activation).await?;
        // Before a codec can take the reason's place, or hide its details.
        log_failure(&completion);
        match self.codecs.encode(&mut completion).await {
            Ok(()) => Ok(completion),
            Err(error) => Ok(codec_failed(&run_id, &error)),
        }
    }

    /// Answers queries for stack traces where they are made on demand, and has workflow code do the rest.
    async fn answer_stack_traces(
        &self,
        mut activation: WorkflowActivation,
    ) -> Result<WorkflowActivationCompletion, HostingError> {
        let Some(queries) = &self.stack_traces else {
            return self.host(activation).await;
        };
        let run_id = activation.run_id.clone();
        let asked = queries.take(&mut activation);
        let mut completion = if activation.jobs.is_empty() {
            WorkflowActivationCompletion::empty(run_id.clone())
        } else {
            self.host(activation).await?
        };
        if !asked.is_empty() {
            add_answers(&mut completion, queries.answer(&run_id, asked).await);
        }
        Ok(completion)
    }

    /// Runs an activation within the interceptors, which see what the codecs decoded.
    async fn host(
        &self,
        activation: WorkflowActivation,
    ) -> Result<WorkflowActivationCompletion, HostingError> {
        let run_id = activation.run_id.clone();
        let workflow = HostedWorkflow {
            pool: &self.pool,
            governor: &self.governor,
            sinks: &self.sinks,
            lost: Mutex::new(None),
        };
        let completion = intercept(&self.interceptors, activation, &workflow).await;
        match workflow.lost.into_inner() {
            Some(error) => Err(error),
            None => Ok(completion.unwrap_or_else(|message| fail(&run_id, message))),
        }
    }

    /// Every activation must be answered, or its run waits for ever and keeps its slot: a completion that sdk-core
    /// refuses becomes a failed workflow task.
    async fn complete(&self, completion: WorkflowActivationCompletion) {
        let refused = match self.core.complete_workflow_activation(completion).await {
            Ok(()) => return,
            Err(error) => error,
        };
        tracing::error!(error = %refused, "sdk-core refused a completion");
        if let CompleteWfError::MalformedWorkflowCompletion { reason, run_id } = refused {
            let message =
                format!("The workflow task produced a completion that sdk-core refused: {reason}");
            if let Err(error) = self
                .core
                .complete_workflow_activation(fail(&run_id, message))
                .await
            {
                tracing::error!(run_id, %error, "sdk-core refused the failure of a workflow task");
            }
        }
    }
}

/// Workflow code on its isolate, behind the interceptors.
struct HostedWorkflow<'a> {
    pool: &'a IsolatePool,
    governor: &'a MemoryGovernor,
    sinks: &'a Sinks,
    /// Why there is no isolate any more. Interceptors cannot answer for that.
    lost: Mutex<Option<HostingError>>,
}

#[async_trait]
impl Activate for HostedWorkflow<'_> {
    async fn activate(&self, activation: WorkflowActivation) -> WorkflowActivationCompletion {
        let run_id = activation.run_id.clone();
        match self.pool.activate(activation).await {
            Ok(outcome) => {
                let isolate = self.pool.isolate_of(&run_id).unwrap_or_default();
                let verdict = self.governor.note(&run_id, isolate, &outcome);
                let labels = RunLabels { run_id: &run_id };
                self.sinks.deliver(labels, outcome.sink_calls).await;
                match verdict {
                    Verdict::Stands => outcome.completion,
                    Verdict::Fails(message) => fail(&run_id, message),
                }
            }
            Err(error) => {
                let completion = fail(&run_id, error.to_string());
                *self.lost.lock() = Some(error);
                completion
            }
        }
    }
}

fn fail(run_id: &str, message: String) -> WorkflowActivationCompletion {
    WorkflowActivationCompletion::fail(run_id, Failure::application_failure(message, false), None)
}

fn codec_failed(run_id: &str, error: &CodecError) -> WorkflowActivationCompletion {
    let failed = fail(run_id, error.to_string());
    log_failure(&failed);
    failed
}

/// sdk-core's reason, in the words of our metrics.
fn eviction_reason(eviction: &Eviction) -> EvictionReason {
    use temporalio_common::protos::coresdk::workflow_activation::remove_from_cache::EvictionReason as Reason;
    match eviction.reason() {
        Reason::CacheFull => EvictionReason::CacheFull,
        Reason::WorkflowExecutionEnding => EvictionReason::Completed,
        _ => EvictionReason::Requested,
    }
}

pub(crate) type Eviction = temporalio_common::protos::coresdk::workflow_activation::RemoveFromCache;

/// Takes the eviction out of the jobs: it never enters the sandbox.
pub(crate) fn take_eviction(activation: &mut WorkflowActivation) -> Option<Eviction> {
    let is_eviction =
        |variant: &Option<Variant>| matches!(variant, Some(Variant::RemoveFromCache(_)));
    let index = activation
        .jobs
        .iter()
        .position(|job| is_eviction(&job.variant))?;
    match activation.jobs.remove(index).variant {
        Some(Variant::RemoveFromCache(eviction)) => Some(eviction),
        _ => None,
    }
}

fn log_failure(completion: &WorkflowActivationCompletion) {
    use temporalio_common::protos::coresdk::workflow_completion::workflow_activation_completion::Status;
    if let Some(Status::Failed(failed)) = &completion.status {
        let failure = failed.failure.clone().unwrap_or_default();
        tracing::error!(
            run_id = completion.run_id,
            message = failure.message,
            stack_trace = failure.stack_trace,
            "a workflow task failed; the server tries it again"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use temporalio_common::protos::coresdk::workflow_activation::{
        FireTimer, RemoveFromCache, WorkflowActivationJob,
    };

    #[test]
    fn an_eviction_is_taken_out_and_other_jobs_stay() {
        let job = |variant| WorkflowActivationJob {
            variant: Some(variant),
        };
        let mut activation = WorkflowActivation {
            jobs: vec![
                job(Variant::FireTimer(FireTimer { seq: 1 })),
                job(Variant::RemoveFromCache(RemoveFromCache::default())),
            ],
            ..Default::default()
        };
        assert!(take_eviction(&mut activation).is_some());
        assert_eq!(activation.jobs.len(), 1);
        assert!(take_eviction(&mut activation).is_none());
    }
}
