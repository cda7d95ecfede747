//! One test per rule of the chain around activations.

use parking_lot::Mutex;
use temporalio_common::protos::coresdk::workflow_commands::{
    StartTimer, WorkflowCommand, workflow_command::Variant,
};
use temporalio_common::protos::coresdk::workflow_completion::workflow_activation_completion::Status;

use super::*;

/// Answers with one timer for each job.
#[derive(Default)]
struct Workflow(Mutex<Vec<WorkflowActivation>>);

#[async_trait]
impl Activate for Workflow {
    async fn activate(&self, activation: WorkflowActivation) -> WorkflowActivationCompletion {
        let commands = activation.jobs.iter().map(|_| timer()).collect();
        let run_id = activation.run_id.clone();
        self.0.lock().push(activation);
        WorkflowActivationCompletion::from_cmds(run_id, commands)
    }
}

fn timer() -> Variant {
    Variant::StartTimer(StartTimer::default())
}

fn activation() -> WorkflowActivation {
    WorkflowActivation {
        run_id: "r".to_owned(),
        history_length: 3,
        ..Default::default()
    }
}

/// Notes its name, and adds one to the history length and one command.
struct Adds(&'static str, Arc<Mutex<Vec<&'static str>>>);

#[async_trait]
impl ActivationInterceptor for Adds {
    async fn activate(
        &self,
        mut activation: WorkflowActivation,
        next: ActivationNext<'_>,
    ) -> Result<WorkflowActivationCompletion, ActivationError> {
        self.1.lock().push(self.0);
        activation.history_length += 1;
        activation.run_id = "another".to_owned();
        let mut completion = next.run(activation).await?;
        if let Some(Status::Successful(success)) = &mut completion.status {
            success.commands.push(WorkflowCommand {
                variant: Some(timer()),
                ..Default::default()
            });
        }
        completion.run_id = "another".to_owned();
        Ok(completion)
    }
}

struct Fails;

#[async_trait]
impl ActivationInterceptor for Fails {
    async fn activate(
        &self,
        _: WorkflowActivation,
        _: ActivationNext<'_>,
    ) -> Result<WorkflowActivationCompletion, ActivationError> {
        Err("no quota".into())
    }
}

struct Panics;

#[async_trait]
impl ActivationInterceptor for Panics {
    async fn activate(
        &self,
        _: WorkflowActivation,
        _: ActivationNext<'_>,
    ) -> Result<WorkflowActivationCompletion, ActivationError> {
        panic!("poison")
    }
}

#[tokio::test]
async fn the_first_is_the_outermost_and_both_sides_may_be_changed() {
    let order = Arc::default();
    let adds = |name| Arc::new(Adds(name, Arc::clone(&order))) as Arc<dyn ActivationInterceptor>;
    let workflow = Workflow::default();
    let chain = [adds("a"), adds("b")];
    let completion = intercept(&chain, activation(), &workflow).await.unwrap();
    assert_eq!(*order.lock(), ["a", "b"]);
    assert_eq!(workflow.0.lock()[0].history_length, 5);
    let Some(Status::Successful(success)) = completion.status else {
        panic!("{completion:?}");
    };
    assert_eq!(success.commands.len(), 2);
}

#[tokio::test]
async fn the_run_cannot_be_changed() {
    let adds: Arc<dyn ActivationInterceptor> = Arc::new(Adds("a", Arc::default()));
    let workflow = Workflow::default();
    let completion = intercept(&[adds], activation(), &workflow).await.unwrap();
    assert_eq!(completion.run_id, "r");
    assert_eq!(workflow.0.lock()[0].run_id, "r");
}

#[tokio::test]
async fn an_error_or_a_panic_is_a_message_and_the_workflow_is_not_entered() {
    let cases: [(Arc<dyn ActivationInterceptor>, &str); 2] =
        [(Arc::new(Fails), "no quota"), (Arc::new(Panics), "poison")];
    for (interceptor, text) in cases {
        let workflow = Workflow::default();
        let message = intercept(&[interceptor], activation(), &workflow).await;
        assert!(message.unwrap_err().ends_with(text));
        assert!(workflow.0.lock().is_empty());
    }
}

#[tokio::test]
async fn without_interceptors_nothing_stands_between() {
    let workflow = Workflow::default();
    let completion = intercept(&[], activation(), &workflow).await.unwrap();
    assert_eq!(completion.run_id, "r");
}
