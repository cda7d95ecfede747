//! Codecs around workflow code: activations are decoded before it runs, completions encoded after.

use std::collections::HashMap;

use parking_lot::Mutex;
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_common::protos::coresdk::workflow_commands::WorkflowCommand;
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;
use temporalio_common::protos::coresdk::workflow_completion::workflow_activation_completion::Status;

use crate::chain::CodecChain;
use crate::fault::{CodecError, Direction};
use crate::fields::{Batch, Field, apply};
use crate::run_contexts::RunContexts;

/// A chain for the workflows of one worker. Remembers of each run what its codecs are told; a run is forgotten when it
/// is evicted.
///
/// Activations of one run come one after the other, as sdk-core hands them out.
#[derive(Debug)]
pub struct WorkflowCodecs {
    chain: CodecChain,
    namespace: String,
    runs: Mutex<HashMap<String, RunContexts>>,
}

impl WorkflowCodecs {
    /// Codecs for the runs of a namespace.
    #[must_use]
    pub fn new(chain: CodecChain, namespace: impl Into<String>) -> Self {
        Self {
            chain,
            namespace: namespace.into(),
            runs: Mutex::default(),
        }
    }

    /// Decodes the payloads of an activation.
    ///
    /// # Errors
    /// A codec failed; the activation has lost its payloads and must be answered with a failed workflow task.
    pub async fn decode(&self, activation: &mut WorkflowActivation) -> Result<(), CodecError> {
        if self.chain.is_empty() {
            return Ok(());
        }
        let run_id = activation.run_id.clone();
        let mut run = self.leave_or_new(&run_id);
        let decoded = decode_activation(&self.chain, &mut run, activation).await;
        self.enter(run_id, run);
        decoded
    }

    /// Encodes the payloads of a completion.
    ///
    /// # Errors
    /// A codec failed; the completion has lost its payloads and a failed workflow task must take its place.
    pub async fn encode(
        &self,
        completion: &mut WorkflowActivationCompletion,
    ) -> Result<(), CodecError> {
        if self.chain.is_empty() {
            return Ok(());
        }
        let run_id = completion.run_id.clone();
        let mut run = self.leave_or_new(&run_id);
        let encoded = encode_completion(&self.chain, &mut run, completion).await;
        self.enter(run_id, run);
        encoded
    }

    /// Forgets an evicted run.
    pub fn forget(&self, run_id: &str) {
        self.runs.lock().remove(run_id);
    }

    fn leave_or_new(&self, run_id: &str) -> RunContexts {
        let known = self.runs.lock().remove(run_id);
        known.unwrap_or_else(|| RunContexts::new(self.namespace.as_str()))
    }

    fn enter(&self, run_id: String, run: RunContexts) {
        self.runs.lock().insert(run_id, run);
    }
}

/// Decodes the payloads of an activation of `run`.
///
/// # Errors
/// A codec failed; the activation has lost its payloads.
pub async fn decode_activation(
    chain: &CodecChain,
    run: &mut RunContexts,
    activation: &mut WorkflowActivation,
) -> Result<(), CodecError> {
    let mut batch = Batch::default();
    for job in &mut activation.jobs {
        let owner = job.variant.as_ref().and_then(|job| run.of_job(job));
        batch.take(job, |_| owner.clone()).await;
    }
    let decoded = batch.through(chain, Direction::Decode).await;
    let mut decoded = decoded.map_err(|error| error.of(run.subject(&activation.run_id)))?;
    for job in &mut activation.jobs {
        decoded.put_back(job).await;
    }
    Ok(())
}

/// Encodes the payloads of a completion of `run`.
///
/// # Errors
/// A codec failed; the completion has lost its payloads.
pub async fn encode_completion(
    chain: &CodecChain,
    run: &mut RunContexts,
    completion: &mut WorkflowActivationCompletion,
) -> Result<(), CodecError> {
    let encoded = match &mut completion.status {
        Some(Status::Successful(success)) => {
            encode_commands(chain, run, &mut success.commands).await
        }
        Some(Status::Failed(failed)) => apply(chain, Direction::Encode, failed, run.own()).await,
        None => Ok(()),
    };
    encoded.map_err(|error| error.of(run.subject(&completion.run_id)))
}

async fn encode_commands(
    chain: &CodecChain,
    run: &mut RunContexts,
    commands: &mut [WorkflowCommand],
) -> Result<(), CodecError> {
    let mut batch = Batch::default();
    for command in &mut *commands {
        let Some(variant) = &command.variant else {
            continue;
        };
        let owners = run.of_command(variant);
        let owner_of = |field: &Field| {
            if field.is_command_metadata() {
                owners.metadata.clone()
            } else {
                owners.content.clone()
            }
        };
        batch.take(command, owner_of).await;
    }
    let mut encoded = batch.through(chain, Direction::Encode).await?;
    for command in commands {
        if command.variant.is_some() {
            encoded.put_back(command).await;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::PayloadCodec;
    use crate::context::SerializationContext;
    use crate::testing::{Behaviour, TestCodec, payload};
    use std::sync::Arc;
    use std::time::Duration;
    use temporalio_common::protos::coresdk::activity_result::{
        ActivityResolution, Success as ActivitySuccess, activity_resolution,
    };
    use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant;
    use temporalio_common::protos::coresdk::workflow_activation::{
        InitializeWorkflow, ResolveActivity, WorkflowActivationJob,
    };
    use temporalio_common::protos::coresdk::workflow_commands::ScheduleActivity;
    use temporalio_common::protos::coresdk::workflow_completion::Success;
    use temporalio_common::protos::temporal::api::failure::v1::Failure;
    use temporalio_common::protos::temporal::api::sdk::v1::UserMetadata;

    fn codecs(codec: TestCodec) -> (WorkflowCodecs, Arc<TestCodec>) {
        let codec = Arc::new(codec);
        let shared = Arc::clone(&codec) as Arc<dyn PayloadCodec>;
        let chain = CodecChain::new([shared], Duration::from_secs(60));
        (WorkflowCodecs::new(chain, "ns"), codec)
    }

    fn activation(variant: Variant) -> WorkflowActivation {
        WorkflowActivation {
            run_id: "r".into(),
            jobs: vec![WorkflowActivationJob {
                variant: Some(variant),
            }],
            ..Default::default()
        }
    }

    fn start(argument: &str) -> WorkflowActivation {
        activation(Variant::InitializeWorkflow(InitializeWorkflow {
            workflow_id: "w".into(),
            workflow_type: "T".into(),
            arguments: vec![payload(argument)],
            ..Default::default()
        }))
    }

    fn schedule() -> WorkflowActivationCompletion {
        let command = WorkflowCommand {
            user_metadata: Some(UserMetadata {
                summary: Some(payload("summary")),
                details: None,
            }),
            variant: Some(
                ScheduleActivity {
                    seq: 1,
                    activity_id: "a".into(),
                    arguments: vec![payload("x")],
                    ..Default::default()
                }
                .into(),
            ),
            ..Default::default()
        };
        let success = Success {
            commands: vec![command],
            ..Default::default()
        };
        WorkflowActivationCompletion {
            run_id: "r".into(),
            status: Some(Status::Successful(success)),
            ..Default::default()
        }
    }

    #[tokio::test]
    async fn payloads_are_decoded_and_encoded_with_their_owners() {
        let (codecs, codec) = codecs(TestCodec::new("c"));
        let mut started = start("c(x)");
        codecs.decode(&mut started).await.unwrap();
        assert_eq!(started, start("x"));
        let mut completion = schedule();
        codecs.encode(&mut completion).await.unwrap();
        let text = format!("{completion:?}");
        assert_ne!(text, format!("{:?}", schedule()));
        let completed = ActivitySuccess {
            result: Some(payload("c(y)")),
        };
        let mut resolved = activation(Variant::ResolveActivity(ResolveActivity {
            seq: 1,
            result: Some(ActivityResolution {
                status: Some(activity_resolution::Status::Completed(completed)),
            }),
            is_local: false,
        }));
        codecs.decode(&mut resolved).await.unwrap();
        let owners = codec.contexts.lock().clone();
        let workflow = SerializationContext::Workflow {
            namespace: "ns".into(),
            workflow_id: "w".into(),
        };
        let activity = SerializationContext::Activity {
            namespace: "ns".into(),
            workflow_id: Some("w".into()),
            activity_id: Some("a".into()),
            is_local: false,
        };
        let expected = [&workflow, &activity, &activity, &activity];
        assert_eq!(owners, expected.map(|owner| Some(owner.clone())));
    }

    #[tokio::test]
    async fn an_error_names_the_run_and_its_type_for_as_long_as_the_run_is_cached() {
        let (codecs, _) = codecs(TestCodec::new("c"));
        codecs.decode(&mut start("c(x)")).await.unwrap();
        let error = codecs.decode(&mut start("x")).await.unwrap_err();
        assert_eq!(error.subject, "run r (workflow type T)");
        codecs.forget("r");
        let mut failed = WorkflowActivationCompletion::fail("r", Failure::default(), None);
        codecs.encode(&mut failed).await.unwrap();
        assert_eq!(codecs.leave_or_new("r").subject("r"), "run r");
    }

    #[tokio::test]
    async fn details_of_a_failed_task_are_encoded() {
        let (codecs, _) = codecs(TestCodec::new("c").behaving(Behaviour::Fail));
        let failure = Failure {
            encoded_attributes: Some(payload("x")),
            ..Default::default()
        };
        let mut failed = WorkflowActivationCompletion::fail("r", failure, None);
        let error = codecs.encode(&mut failed).await.unwrap_err();
        assert_eq!(
            error.field,
            "temporal.api.failure.v1.Failure.encoded_attributes"
        );
    }
}
