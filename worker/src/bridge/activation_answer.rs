//! One activation to its completion.

use std::collections::HashMap;

use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant;
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;

use super::lines::Line;
use crate::engine::SinkCall;
use crate::hosting::{HostingError, IsolatePool, Parting};
use crate::lifecycle::take_eviction;

/// The runs that the activations are about.
pub struct Bridge {
    pool: IsolatePool,
    /// Workflow ids of the runs that were initialized, by run id.
    workflow_ids: HashMap<String, String>,
}

impl Bridge {
    /// A bridge without runs.
    #[must_use]
    pub fn new(pool: IsolatePool) -> Self {
        Self {
            pool,
            workflow_ids: HashMap::new(),
        }
    }

    /// Runs the jobs of one activation. As under sdk-core an eviction comes last: the other jobs run, then the run is
    /// disposed of. An activation of nothing else is answered with an empty success, whether the run is known or not.
    ///
    /// # Errors
    /// When an isolate has ended. What goes wrong in workflow code is a failed completion.
    pub async fn answer(
        &mut self,
        mut activation: WorkflowActivation,
    ) -> Result<WorkflowActivationCompletion, HostingError> {
        let run_id = activation.run_id.clone();
        let eviction = take_eviction(&mut activation);
        if let Some(workflow_id) = initialized_workflow_id(&activation) {
            self.workflow_ids.insert(run_id.clone(), workflow_id);
        }
        let is_known = self.workflow_ids.contains_key(&run_id);
        let completion = if activation.jobs.is_empty() && eviction.is_some() {
            WorkflowActivationCompletion::empty(run_id.clone())
        } else {
            let outcome = self.pool.activate(activation).await?;
            self.write_sink_calls(&run_id, &outcome.sink_calls);
            outcome.completion
        };
        // A run that never began leaves nothing: its id may still begin one.
        if eviction.is_some() || !is_known {
            self.workflow_ids.remove(&run_id);
            self.pool.evict(run_id, Parting::InPeace).await?;
        }
        Ok(completion)
    }

    /// Disposes of every run. Blocks until then.
    pub fn shut_down(self) {
        self.pool.shut_down();
    }

    fn write_sink_calls(&self, run_id: &str, calls: &[SinkCall]) {
        let workflow_id = self.workflow_ids.get(run_id).map(String::as_str);
        // As in a worker: what was said when the history was made is not said again.
        for call in calls.iter().filter(|call| !call.replaying) {
            Line::of_sink(run_id, workflow_id, call).write();
        }
    }
}

fn initialized_workflow_id(activation: &WorkflowActivation) -> Option<String> {
    activation.jobs.iter().find_map(|job| match &job.variant {
        Some(Variant::InitializeWorkflow(init)) => Some(init.workflow_id.clone()),
        _ => None,
    })
}
