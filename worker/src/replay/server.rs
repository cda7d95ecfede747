//! Histories from a Temporal server.

use prost::Message as _;
use temporalio_client::Connection;
use temporalio_common::protos::temporal::api::common::v1::WorkflowExecution;
use temporalio_common::protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use temporalio_common::protos::temporal::api::history::v1::History;
use temporalio_common::protos::temporal::api::workflowservice::v1::{
    DescribeWorkflowExecutionRequest, GetWorkflowExecutionHistoryRequest,
    ListWorkflowExecutionsRequest,
};
use tokio::sync::mpsc;
use tonic::{Request, Status};

use super::recorded::{RecordedHistory, Unreadable};
use super::source::Candidate;

/// Executions of one answer to a query.
const PAGE_SIZE: i32 = 200;

/// A namespace of a server.
#[derive(Clone)]
pub struct Server {
    connection: Connection,
    namespace: String,
}

/// The server refused a query.
#[derive(Debug, thiserror::Error)]
#[error("the server refused the query: {0}; check --query")]
pub struct QueryRefused(String);

impl Server {
    /// The namespace at the other end of `connection`.
    #[must_use]
    pub fn new(connection: Connection, namespace: String) -> Self {
        Self {
            connection,
            namespace,
        }
    }

    /// Sends every execution that `query` finds to `found`, page by page.
    pub(super) async fn list(
        &self,
        query: &str,
        found: &mpsc::Sender<Candidate>,
    ) -> Result<(), QueryRefused> {
        let mut service = self.connection.workflow_service();
        let mut next_page_token = Vec::new();
        loop {
            let request = ListWorkflowExecutionsRequest {
                namespace: self.namespace.clone(),
                page_size: PAGE_SIZE,
                next_page_token,
                query: query.to_owned(),
            };
            let page = service
                .list_workflow_executions(Request::new(request))
                .await;
            let page = page
                .map_err(|status| QueryRefused(reason(&status)))?
                .into_inner();
            for execution in page
                .executions
                .into_iter()
                .filter_map(|info| info.execution)
            {
                let candidate = Candidate::Execution {
                    workflow_id: execution.workflow_id,
                    run_id: execution.run_id,
                };
                if found.send(candidate).await.is_err() {
                    return Ok(());
                }
            }
            next_page_token = page.next_page_token;
            if next_page_token.is_empty() {
                return Ok(());
            }
        }
    }

    /// Whether a run has not ended.
    ///
    /// # Errors
    /// When the server does not answer, or knows no such run.
    pub async fn is_open(&self, workflow_id: &str, run_id: &str) -> Result<bool, Status> {
        let request = DescribeWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            execution: Some(WorkflowExecution {
                workflow_id: workflow_id.to_owned(),
                run_id: run_id.to_owned(),
            }),
        };
        let mut service = self.connection.workflow_service();
        let described = service
            .describe_workflow_execution(Request::new(request))
            .await?;
        let info = described.into_inner().workflow_execution_info;
        Ok(info.is_some_and(|info| info.status() == WorkflowExecutionStatus::Running))
    }

    /// Fetches a whole history.
    pub(super) async fn fetch(
        &self,
        workflow_id: &str,
        run_id: &str,
    ) -> Result<RecordedHistory, Unreadable> {
        let mut service = self.connection.workflow_service();
        let mut history = History::default();
        let mut next_page_token = Vec::new();
        loop {
            let request = GetWorkflowExecutionHistoryRequest {
                namespace: self.namespace.clone(),
                execution: Some(WorkflowExecution {
                    workflow_id: workflow_id.to_owned(),
                    run_id: run_id.to_owned(),
                }),
                next_page_token,
                ..Default::default()
            };
            let page = service
                .get_workflow_execution_history(Request::new(request))
                .await;
            let page = page
                .map_err(|status| Unreadable(format!("cannot be fetched: {}", reason(&status))))?
                .into_inner();
            history
                .events
                .extend(page.history.unwrap_or_default().events);
            for blob in page.raw_history {
                let events = History::decode(blob.data.as_slice())
                    .map_err(|error| Unreadable(format!("is no history: {error}")))?;
                history.events.extend(events.events);
            }
            next_page_token = page.next_page_token;
            if next_page_token.is_empty() {
                return RecordedHistory::new(history, Vec::new(), workflow_id);
            }
        }
    }
}

fn reason(status: &Status) -> String {
    format!("{} ({:?})", status.message(), status.code())
}
