//! A lane: one isolate and one replay worker of sdk-core, which take turns on one history at a time.

use std::sync::Arc;

use burdock_codecs::{CodecChain, WorkflowCodecs};
use temporalio_common::protos::coresdk::workflow_activation::remove_from_cache::EvictionReason;
use temporalio_common::protos::coresdk::workflow_activation::{
    QueryWorkflow, WorkflowActivation, WorkflowActivationJob, workflow_activation_job::Variant,
};
use temporalio_common::protos::coresdk::workflow_commands::{
    WorkflowCommand, query_result, workflow_command,
};
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;
use temporalio_common::protos::coresdk::workflow_completion::workflow_activation_completion::Status;
use temporalio_common::protos::temporal::api::failure::v1::Failure;

use super::core::{CoreStopped, ReplayCore};
use super::recorded::RecordedHistory;
use crate::engine::{ActivationOutcome, COMMAND_SOURCE_SINK, IsolateSettings};
use crate::hosting::{HostingError, IsolatePool, Parting};
use crate::lifecycle::take_eviction;

/// Requests that wait for the isolate; a lane makes one at a time.
const MAILBOX_CAPACITY: usize = 1;

/// Why a lane cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum LaneError {
    /// The isolate is lost.
    #[error(transparent)]
    Hosting(#[from] HostingError),
    /// sdk-core is.
    #[error(transparent)]
    Core(#[from] CoreStopped),
}

/// How sdk-core judged a history.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    pub(super) reason: EvictionReason,
    /// Its own words.
    pub(super) message: String,
    /// The last failure of a workflow task.
    pub(super) failure: Option<Failure>,
    /// What the code did, if the lane notes it.
    pub(super) tasks: Vec<IssuedCommands>,
    /// What the run answered, if it was asked.
    pub(super) answer: Option<WorkflowActivationCompletion>,
    /// Where the run was waiting, if the lane notes it and the isolates keep stack traces.
    pub(super) stack_trace: Option<String>,
}

/// The commands of one activation.
#[derive(Clone, Debug)]
pub(super) struct IssuedCommands {
    /// Id of the last event that the code had seen.
    pub(super) last_event_id: i64,
    pub(super) commands: Vec<IssuedCommand>,
}

/// A command and where the code issued it.
#[derive(Clone, Debug)]
pub(super) struct IssuedCommand {
    pub(super) command: WorkflowCommand,
    pub(super) stack: Option<String>,
}

pub(super) struct Lane {
    pool: Arc<IsolatePool>,
    core: Option<Arc<ReplayCore>>,
    settings: IsolateSettings,
    codecs: Arc<WorkflowCodecs>,
}

impl Lane {
    /// A lane whose isolate has loaded the bundle.
    pub(super) async fn start(
        settings: &IsolateSettings,
        codecs: CodecChain,
    ) -> Result<Self, HostingError> {
        let pool = IsolatePool::start(1, MAILBOX_CAPACITY, settings).await?;
        Ok(Self {
            pool: Arc::new(pool),
            core: None,
            settings: settings.clone(),
            codecs: Arc::new(WorkflowCodecs::new(codecs, settings.namespace.as_str())),
        })
    }

    /// Replays a history. After sdk-core has stopped, the next one gets a new worker of it.
    pub(super) async fn replay(
        &mut self,
        recorded: &Arc<RecordedHistory>,
    ) -> Result<Verdict, LaneError> {
        self.replay_and_ask(recorded, None).await
    }

    /// Replays a history and, at its end, asks the run; the verdict has the answer.
    pub(super) async fn replay_and_ask(
        &mut self,
        recorded: &Arc<RecordedHistory>,
        question: Option<WorkflowActivation>,
    ) -> Result<Verdict, LaneError> {
        let core = match self.core.take() {
            Some(core) => core,
            None => Arc::new(ReplayCore::start(&self.settings).await?),
        };
        let replay = Replay {
            core: Arc::clone(&core),
            pool: Arc::clone(&self.pool),
            codecs: Arc::clone(&self.codecs),
            recorded: Arc::clone(recorded),
            question,
            notes_commands: self.settings.command_sources,
            verdict: Verdict::default(),
        };
        // A task of its own: sdk-core may panic, and its worker is lost then, but not the lane.
        match tokio::spawn(replay.run()).await {
            Ok(Ok(verdict)) => {
                self.core = Some(core);
                Ok(verdict)
            }
            Ok(Err(error)) => {
                self.pool
                    .evict(recorded.run_id.clone(), Parting::InPeace)
                    .await?;
                Err(error)
            }
            Err(error) => {
                self.pool
                    .evict(recorded.run_id.clone(), Parting::InPeace)
                    .await?;
                Err(CoreStopped(error.to_string()).into())
            }
        }
    }

    /// Ends worker and isolate.
    pub(super) async fn shut_down(self) {
        if let Some(core) = self.core.and_then(Arc::into_inner) {
            core.shut_down().await;
        }
        if let Some(pool) = Arc::into_inner(self.pool) {
            // Joining threads blocks.
            let _ = tokio::task::spawn_blocking(move || pool.shut_down()).await;
        }
    }
}

/// One history on its way through a lane.
struct Replay {
    core: Arc<ReplayCore>,
    pool: Arc<IsolatePool>,
    codecs: Arc<WorkflowCodecs>,
    recorded: Arc<RecordedHistory>,
    question: Option<WorkflowActivation>,
    /// Whether the verdict holds what the code did.
    notes_commands: bool,
    verdict: Verdict,
}

impl Replay {
    /// Until the first eviction of the run, which carries the verdict (contract 4).
    async fn run(mut self) -> Result<Verdict, LaneError> {
        self.core.feed(&self.recorded).await?;
        loop {
            let mut activation = self.core.activation().await?;
            let run_id = activation.run_id.clone();
            let eviction = take_eviction(&mut activation);
            let completion = if activation.jobs.is_empty() {
                WorkflowActivationCompletion::empty(run_id.clone())
            } else {
                self.answer(activation).await?
            };
            let Some(eviction) = eviction else {
                self.core.complete(completion).await?;
                continue;
            };
            if self.notes_commands && eviction.reason() == EvictionReason::Nondeterminism {
                self.verdict.stack_trace = self.ask_stack_trace(&run_id).await?;
            }
            if run_id == self.recorded.run_id
                && let Some(question) = self.question.take()
            {
                self.verdict.answer = Some(self.ask(run_id.clone(), question).await?);
            }
            self.codecs.forget(&run_id);
            self.pool.evict(run_id.clone(), Parting::InPeace).await?;
            self.core.complete(completion).await?;
            // A late eviction may still be one of the history before.
            if run_id == self.recorded.run_id {
                self.verdict.reason = eviction.reason();
                self.verdict.message = failure_message(&eviction.message);
                return Ok(self.verdict);
            }
        }
    }

    async fn answer(
        &mut self,
        activation: WorkflowActivation,
    ) -> Result<WorkflowActivationCompletion, LaneError> {
        let last_event_id = i64::from(activation.history_length);
        let outcome = self.host(activation).await?;
        match &outcome.completion.status {
            Some(Status::Failed(failed)) => self.verdict.failure.clone_from(&failed.failure),
            Some(Status::Successful(success)) if self.notes_commands => {
                self.verdict.tasks.push(IssuedCommands {
                    last_event_id,
                    commands: with_stacks(&success.commands, &outcome),
                });
            }
            _ => {}
        }
        Ok(outcome.completion)
    }

    /// The one place where an activation goes to workflow code and its completion comes back, through the payload codecs.
    /// Sinks are not called on replay, as in Node's replay worker.
    async fn host(
        &self,
        mut activation: WorkflowActivation,
    ) -> Result<ActivationOutcome, HostingError> {
        let run_id = activation.run_id.clone();
        if let Err(error) = self.codecs.decode(&mut activation).await {
            return Ok(ActivationOutcome::failed(&run_id, &error.to_string()));
        }
        let mut outcome = self.pool.activate(activation).await?;
        match self.codecs.encode(&mut outcome.completion).await {
            Ok(()) => Ok(outcome),
            Err(error) => Ok(ActivationOutcome::failed(&run_id, &error.to_string())),
        }
    }

    /// Whoever asks has decoded the question and encodes the answer.
    async fn ask(
        &self,
        run_id: String,
        mut question: WorkflowActivation,
    ) -> Result<WorkflowActivationCompletion, HostingError> {
        question.run_id = run_id;
        Ok(self.pool.activate(question).await?.completion)
    }

    /// The SDK's built-in query; nothing where the isolates keep no stack traces.
    async fn ask_stack_trace(&self, run_id: &str) -> Result<Option<String>, HostingError> {
        let query = QueryWorkflow {
            query_id: "stack-trace".to_owned(),
            query_type: "__stack_trace".to_owned(),
            ..Default::default()
        };
        let activation = WorkflowActivation {
            run_id: run_id.to_owned(),
            jobs: vec![WorkflowActivationJob {
                variant: Some(Variant::QueryWorkflow(query)),
            }],
            ..Default::default()
        };
        let outcome = self.host(activation).await?;
        let Some(Status::Successful(success)) = outcome.completion.status else {
            return Ok(None);
        };
        Ok(success.commands.iter().find_map(query_text))
    }
}

fn query_text(command: &WorkflowCommand) -> Option<String> {
    let Some(workflow_command::Variant::RespondToQuery(result)) = &command.variant else {
        return None;
    };
    match &result.variant {
        Some(query_result::Variant::Succeeded(success)) => {
            serde_json::from_slice(&success.response.as_ref()?.data).ok()
        }
        _ => None,
    }
}

/// sdk-core wraps the failure's message in the debug form of what it was going to send.
fn failure_message(message: &str) -> String {
    let Some((_, quoted)) = message.split_once("message: \"") else {
        return message.to_owned();
    };
    let mut text = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return text,
            '\\' => match letters.next() {
                Some('n') => text.push('\n'),
                Some(escaped) => text.push(escaped),
                None => break,
            },
            other => text.push(other),
        }
    }
    message.to_owned()
}

/// The host notes one stack for each command, in order. Where the numbers differ, no stack can be trusted.
fn with_stacks(commands: &[WorkflowCommand], outcome: &ActivationOutcome) -> Vec<IssuedCommand> {
    let stacks: Vec<Option<String>> = outcome
        .sink_calls
        .iter()
        .filter(|call| call.interface == COMMAND_SOURCE_SINK)
        .map(|call| {
            let arguments: Vec<String> = serde_json::from_str(&call.arguments_json).ok()?;
            arguments.into_iter().next()
        })
        .collect();
    let is_complete = stacks.len() == commands.len();
    let stacks = stacks
        .into_iter()
        .filter(|_| is_complete)
        .chain(std::iter::repeat(None));
    let issued = commands.iter().cloned().zip(stacks);
    issued
        .map(|(command, stack)| IssuedCommand { command, stack })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::failure_message;

    #[test]
    fn a_wrapped_message_is_taken_out() {
        let wrapped =
            r#"Failed: Failure { failure: Some(Failure { message: "a \"b\" c", source: "" }) }"#;
        assert_eq!(failure_message(wrapped), r#"a "b" c"#);
        for plain in ["plain", r#"cut message: "abc"#] {
            assert_eq!(failure_message(plain), plain);
        }
    }
}
