//! Whose payloads the commands and jobs of a run hold.
//!
//! The rules are those of `workflow-codec-runner.ts` of the Node worker: what a command addresses owns its payloads, and
//! the job that resolves the command, which names it by its sequence number alone, has the same owner.

use std::collections::HashMap;

use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant as Job;
use temporalio_common::protos::coresdk::workflow_commands::signal_external_workflow_execution::Target;
use temporalio_common::protos::coresdk::workflow_commands::workflow_command::Variant as Command;

use crate::context::SerializationContext;

/// What is known of one run: who it is, and whose payloads it waits for.
#[derive(Clone, Debug)]
pub struct RunContexts {
    namespace: String,
    workflow_type: Option<String>,
    own: Option<SerializationContext>,
    pending: HashMap<Pending, SerializationContext>,
}

/// A command that will be resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Pending {
    Activity(u32),
    ChildStart(u32),
    ChildEnd(u32),
    Signal(u32),
    Cancel(u32),
}

/// The owners of a command's payloads.
pub(crate) struct CommandContexts {
    /// Of its arguments.
    pub(crate) content: Option<SerializationContext>,
    /// Of its summary and details.
    pub(crate) metadata: Option<SerializationContext>,
}

impl RunContexts {
    /// A run of which nothing is known yet.
    #[must_use]
    pub fn new(namespace: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            workflow_type: None,
            own: None,
            pending: HashMap::new(),
        }
    }

    /// The run for error messages.
    pub(crate) fn subject(&self, run_id: &str) -> String {
        match &self.workflow_type {
            Some(workflow_type) => format!("run {run_id} (workflow type {workflow_type})"),
            None => format!("run {run_id}"),
        }
    }

    /// The owner of the run's own payloads.
    pub(crate) fn own(&self) -> Option<&SerializationContext> {
        self.own.as_ref()
    }

    /// The owner of a job's payloads; nothing if the command that it resolves is not known.
    pub(crate) fn of_job(&mut self, job: &Job) -> Option<SerializationContext> {
        let pending = match job {
            Job::InitializeWorkflow(start) => {
                self.workflow_type = Some(start.workflow_type.clone());
                self.own = Some(self.workflow("", &start.workflow_id));
                return self.own.clone();
            }
            Job::ResolveActivity(resolve) => Pending::Activity(resolve.seq),
            Job::ResolveChildWorkflowExecutionStart(resolve) => Pending::ChildStart(resolve.seq),
            Job::ResolveChildWorkflowExecution(resolve) => Pending::ChildEnd(resolve.seq),
            Job::ResolveSignalExternalWorkflow(resolve) => Pending::Signal(resolve.seq),
            Job::ResolveRequestCancelExternalWorkflow(resolve) => Pending::Cancel(resolve.seq),
            _ => return self.own.clone(),
        };
        self.pending.remove(&pending)
    }

    /// The owners of a command's payloads; remembers who its resolution will belong to.
    pub(crate) fn of_command(&mut self, command: &Command) -> CommandContexts {
        match command {
            Command::ScheduleActivity(activity) => {
                let context = self.activity(&activity.activity_id, false);
                self.expect([Pending::Activity(activity.seq)], context)
            }
            Command::ScheduleLocalActivity(activity) => {
                let context = self.activity(&activity.activity_id, true);
                self.expect([Pending::Activity(activity.seq)], context)
            }
            Command::StartChildWorkflowExecution(child) => {
                let context = self.workflow(&child.namespace, &child.workflow_id);
                let pending = [Pending::ChildStart(child.seq), Pending::ChildEnd(child.seq)];
                self.expect(pending, context)
            }
            Command::SignalExternalWorkflowExecution(signal) => {
                let target = match &signal.target {
                    Some(Target::WorkflowExecution(target)) => {
                        Some((target.namespace.as_str(), target.workflow_id.as_str()))
                    }
                    Some(Target::ChildWorkflowId(workflow_id)) => Some(("", workflow_id.as_str())),
                    None => None,
                };
                self.external(Pending::Signal(signal.seq), target)
            }
            Command::RequestCancelExternalWorkflowExecution(cancel) => {
                let target = cancel.workflow_execution.as_ref();
                let target =
                    target.map(|target| (target.namespace.as_str(), target.workflow_id.as_str()));
                let contexts = self.external(Pending::Cancel(cancel.seq), target);
                CommandContexts {
                    content: self.own.clone(),
                    ..contexts
                }
            }
            _ => CommandContexts {
                content: self.own.clone(),
                metadata: self.own.clone(),
            },
        }
    }

    fn expect(
        &mut self,
        pending: impl IntoIterator<Item = Pending>,
        context: SerializationContext,
    ) -> CommandContexts {
        for pending in pending {
            self.pending.insert(pending, context.clone());
        }
        CommandContexts {
            content: Some(context.clone()),
            metadata: Some(context),
        }
    }

    fn external(&mut self, pending: Pending, target: Option<(&str, &str)>) -> CommandContexts {
        let context = target.map(|(namespace, workflow_id)| self.workflow(namespace, workflow_id));
        if let Some(context) = &context {
            self.pending.insert(pending, context.clone());
        }
        CommandContexts {
            content: context.or_else(|| self.own.clone()),
            metadata: self.own.clone(),
        }
    }

    fn workflow(&self, namespace: &str, workflow_id: &str) -> SerializationContext {
        let namespace = if namespace.is_empty() {
            &self.namespace
        } else {
            namespace
        };
        SerializationContext::Workflow {
            namespace: namespace.to_owned(),
            workflow_id: workflow_id.to_owned(),
        }
    }

    fn activity(&self, activity_id: &str, is_local: bool) -> SerializationContext {
        let workflow_id = match &self.own {
            Some(SerializationContext::Workflow { workflow_id, .. }) => Some(workflow_id.clone()),
            _ => None,
        };
        SerializationContext::Activity {
            namespace: self.namespace.clone(),
            workflow_id,
            activity_id: (!activity_id.is_empty()).then(|| activity_id.to_owned()),
            is_local,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use temporalio_common::protos::coresdk::common::NamespacedWorkflowExecution;
    use temporalio_common::protos::coresdk::workflow_activation::{
        InitializeWorkflow, ResolveActivity, ResolveChildWorkflowExecution,
        ResolveChildWorkflowExecutionStart, ResolveSignalExternalWorkflow, SignalWorkflow,
    };
    use temporalio_common::protos::coresdk::workflow_commands::{
        CompleteWorkflowExecution, ScheduleLocalActivity, SignalExternalWorkflowExecution,
        StartChildWorkflowExecution,
    };

    fn started() -> RunContexts {
        let mut run = RunContexts::new("ns");
        run.of_job(&Job::InitializeWorkflow(InitializeWorkflow {
            workflow_id: "w".into(),
            workflow_type: "T".into(),
            ..Default::default()
        }));
        run
    }

    fn workflow(namespace: &str, workflow_id: &str) -> Option<SerializationContext> {
        Some(SerializationContext::Workflow {
            namespace: namespace.into(),
            workflow_id: workflow_id.into(),
        })
    }

    #[test]
    fn jobs_and_commands_of_the_run_itself_are_its_own() {
        let mut run = started();
        let signal = Job::SignalWorkflow(SignalWorkflow::default());
        assert_eq!(run.of_job(&signal), workflow("ns", "w"));
        let complete = Command::CompleteWorkflowExecution(CompleteWorkflowExecution::default());
        assert_eq!(run.of_command(&complete).content, workflow("ns", "w"));
        assert_eq!(run.subject("r"), "run r (workflow type T)");
    }

    #[test]
    fn an_activity_owns_its_arguments_and_its_result_once() {
        let mut run = started();
        let command = Command::ScheduleLocalActivity(ScheduleLocalActivity {
            seq: 7,
            activity_id: "a".into(),
            ..Default::default()
        });
        let contexts = run.of_command(&command);
        let activity = Some(SerializationContext::Activity {
            namespace: "ns".into(),
            workflow_id: Some("w".into()),
            activity_id: Some("a".into()),
            is_local: true,
        });
        assert_eq!(contexts.content, activity);
        assert_eq!(contexts.metadata, activity);
        let resolve = |seq| {
            Job::ResolveActivity(ResolveActivity {
                seq,
                ..Default::default()
            })
        };
        assert_eq!(run.of_job(&resolve(8)), None);
        assert_eq!(run.of_job(&resolve(7)), activity);
        assert_eq!(run.of_job(&resolve(7)), None);
    }

    #[test]
    fn a_child_owns_its_input_and_both_of_its_resolutions() {
        let mut run = started();
        let command = Command::StartChildWorkflowExecution(StartChildWorkflowExecution {
            seq: 1,
            namespace: "other".into(),
            workflow_id: "child".into(),
            ..Default::default()
        });
        assert_eq!(run.of_command(&command).content, workflow("other", "child"));
        let start = ResolveChildWorkflowExecutionStart {
            seq: 1,
            ..Default::default()
        };
        let end = ResolveChildWorkflowExecution {
            seq: 1,
            ..Default::default()
        };
        let start = run.of_job(&Job::ResolveChildWorkflowExecutionStart(start));
        assert_eq!(start, workflow("other", "child"));
        let end = run.of_job(&Job::ResolveChildWorkflowExecution(end));
        assert_eq!(end, workflow("other", "child"));
    }

    #[test]
    fn a_signal_to_another_workflow_belongs_to_its_target_but_its_summary_does_not() {
        let mut run = started();
        let signal = |target| {
            Command::SignalExternalWorkflowExecution(SignalExternalWorkflowExecution {
                seq: 3,
                target: Some(target),
                ..Default::default()
            })
        };
        let child = run.of_command(&signal(Target::ChildWorkflowId("c".into())));
        assert_eq!(child.content, workflow("ns", "c"));
        assert_eq!(child.metadata, workflow("ns", "w"));
        let target = NamespacedWorkflowExecution {
            namespace: "other".into(),
            workflow_id: "x".into(),
            run_id: String::new(),
        };
        let external = run.of_command(&signal(Target::WorkflowExecution(target)));
        assert_eq!(external.content, workflow("other", "x"));
        let resolve = ResolveSignalExternalWorkflow {
            seq: 3,
            ..Default::default()
        };
        let resolved = run.of_job(&Job::ResolveSignalExternalWorkflow(resolve));
        assert_eq!(resolved, workflow("other", "x"));
    }
}
