//! `stack-traces = "on-demand"`: the queries `__stack_trace` and `__enhanced_stack_trace` are answered by a replay of the
//! run in an isolate that notes where promises are made. Runs of the worker itself note nothing, and cost nothing.

use std::collections::HashMap;

use burdock_codecs::CodecChain;
use parking_lot::Mutex;
use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant as Job;
use temporalio_common::protos::coresdk::workflow_activation::{
    WorkflowActivation, WorkflowActivationJob,
};
use temporalio_common::protos::coresdk::workflow_commands::workflow_command::Variant as Command;
use temporalio_common::protos::coresdk::workflow_commands::{
    QueryResult, WorkflowCommand, query_result,
};
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;
use temporalio_common::protos::coresdk::workflow_completion::workflow_activation_completion::Status;
use temporalio_common::protos::temporal::api::failure::v1::Failure;
use tokio::sync::Semaphore;

use crate::engine::IsolateSettings;
use crate::replay::{Server, ask_in_replay};

/// Replays at a time: each holds a whole isolate. Further queries wait for their turn.
const REPLAYS_MAX: usize = 1;

/// The SDK's names of the queries.
const QUERIES: [&str; 2] = ["__stack_trace", "__enhanced_stack_trace"];

/// Answers stack trace queries of one worker.
pub(super) struct StackTraceQueries {
    settings: IsolateSettings,
    codecs: CodecChain,
    server: Server,
    turns: Semaphore,
    /// Workflow ids of cached runs, by run id: a history is fetched by both, and a query names the run alone.
    workflow_ids: Mutex<HashMap<String, String>>,
}

impl StackTraceQueries {
    /// `settings` are those of the worker's own isolates.
    pub(super) fn new(settings: &IsolateSettings, codecs: CodecChain, server: Server) -> Self {
        let settings = IsolateSettings {
            stack_traces: true,
            ..settings.clone()
        };
        Self {
            settings,
            codecs,
            server,
            turns: Semaphore::new(REPLAYS_MAX),
            workflow_ids: Mutex::default(),
        }
    }

    /// Takes the queries for stack traces out of an activation, and notes which workflow a run belongs to.
    pub(super) fn take(&self, activation: &mut WorkflowActivation) -> Vec<WorkflowActivationJob> {
        for job in &activation.jobs {
            if let Some(Job::InitializeWorkflow(init)) = &job.variant {
                let mut workflow_ids = self.workflow_ids.lock();
                workflow_ids.insert(activation.run_id.clone(), init.workflow_id.clone());
            }
        }
        // Almost every activation: nothing to take out, and nothing to move.
        if !activation.jobs.iter().any(is_stack_trace_query) {
            return Vec::new();
        }
        let (asked, rest) = std::mem::take(&mut activation.jobs)
            .into_iter()
            .partition(is_stack_trace_query);
        activation.jobs = rest;
        asked
    }

    /// The run is evicted.
    pub(super) fn forget(&self, run_id: &str) {
        self.workflow_ids.lock().remove(run_id);
    }

    /// One answer for each of the queries.
    pub(super) async fn answer(
        &self,
        run_id: &str,
        asked: Vec<WorkflowActivationJob>,
    ) -> Vec<WorkflowCommand> {
        let query_ids = asked.iter().filter_map(query_id).collect::<Vec<_>>();
        match self.replay(run_id, asked).await {
            Ok(commands) => commands,
            Err(reason) => {
                tracing::warn!(run_id, reason, "a stack trace query could not be answered");
                let failed = query_ids.into_iter().map(|id| failed_query(id, &reason));
                failed.collect()
            }
        }
    }

    async fn replay(
        &self,
        run_id: &str,
        asked: Vec<WorkflowActivationJob>,
    ) -> Result<Vec<WorkflowCommand>, String> {
        let workflow_id = self.workflow_ids.lock().get(run_id).cloned();
        let workflow_id = workflow_id.ok_or("the run is not known to this worker")?;
        let question = WorkflowActivation {
            jobs: asked,
            ..Default::default()
        };
        let _turn = self.turns.acquire().await.map_err(|e| e.to_string())?;
        let (settings, codecs) = (&self.settings, self.codecs.clone());
        let execution = (workflow_id.as_str(), run_id);
        let answer = ask_in_replay(settings, codecs, &self.server, execution, question)
            .await
            .map_err(|error| error.to_string())?;
        match answer.status {
            Some(Status::Successful(success)) => Ok(success.commands),
            Some(Status::Failed(failed)) => Err(failed.failure.unwrap_or_default().message),
            None => Err("the replay gave no answer".to_owned()),
        }
    }
}

/// Adds answers to those that workflow code gave, unless its task failed.
pub(super) fn add_answers(
    completion: &mut WorkflowActivationCompletion,
    answers: Vec<WorkflowCommand>,
) {
    if let Some(Status::Successful(success)) = &mut completion.status {
        success.commands.extend(answers);
    }
}

fn is_stack_trace_query(job: &WorkflowActivationJob) -> bool {
    matches!(&job.variant, Some(Job::QueryWorkflow(query)) if QUERIES.contains(&query.query_type.as_str()))
}

fn query_id(job: &WorkflowActivationJob) -> Option<String> {
    match &job.variant {
        Some(Job::QueryWorkflow(query)) => Some(query.query_id.clone()),
        _ => None,
    }
}

fn failed_query(query_id: String, reason: &str) -> WorkflowCommand {
    let message = format!("The stack trace cannot be made: {reason}");
    let result = QueryResult {
        query_id,
        variant: Some(query_result::Variant::Failed(Failure::application_failure(
            message, false,
        ))),
    };
    WorkflowCommand {
        variant: Some(Command::RespondToQuery(result)),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use temporalio_common::protos::coresdk::workflow_activation::QueryWorkflow;

    fn query(query_type: &str) -> WorkflowActivationJob {
        WorkflowActivationJob {
            variant: Some(Job::QueryWorkflow(QueryWorkflow {
                query_id: format!("id of {query_type}"),
                query_type: query_type.to_owned(),
                ..Default::default()
            })),
        }
    }

    #[test]
    fn both_names_ask_for_a_stack_trace_and_no_other_does() {
        assert!(is_stack_trace_query(&query("__stack_trace")));
        assert!(is_stack_trace_query(&query("__enhanced_stack_trace")));
        assert!(!is_stack_trace_query(&query(
            "__temporal_workflow_metadata"
        )));
    }

    #[test]
    fn what_cannot_be_answered_says_why() {
        let command = failed_query("q".to_owned(), "no history");
        let Some(Command::RespondToQuery(result)) = command.variant else {
            panic!("no answer to a query");
        };
        assert_eq!(result.query_id, "q");
        let Some(query_result::Variant::Failed(failure)) = result.variant else {
            panic!("no failure");
        };
        assert_eq!(
            failure.message,
            "The stack trace cannot be made: no history"
        );
    }

    #[test]
    fn answers_join_those_of_workflow_code() {
        let mut completion = WorkflowActivationCompletion::empty("r");
        add_answers(&mut completion, vec![failed_query("q".to_owned(), "x")]);
        let Some(Status::Successful(success)) = completion.status else {
            panic!("no success");
        };
        assert_eq!(success.commands.len(), 1);
    }
}
