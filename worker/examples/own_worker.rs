//! A worker with code of the program's own: an activity, interceptors, a sink, a slot supplier, and a workflow that it
//! starts eagerly on itself. It takes the command line of `burdock worker`:
//!
//! ```text
//! cargo run --release --example own_worker -- worker --bundle workflow-bundle.js --task-queue conversations
//! ```
//!
//! With `START=TYPE:ID` in the environment it starts a workflow of that type under that id.
#![forbid(unsafe_code)]

use std::error::Error;
use std::sync::Arc;

use burdock_activities::{ActivityContext, ActivityError, ActivityRegistry, Payload};
use burdock_worker::config::{Surroundings, WorkerFlags, cli::Command, parse_cli, resolve_worker};
use burdock_worker::engine::initialize_v8;
use burdock_worker::interceptors::{
    ActivationError, ActivationInterceptor, ActivationNext, ActivityCall, ActivityInterceptor,
    ActivityNext, WorkflowActivation, WorkflowActivationCompletion, async_trait,
};
use burdock_worker::lifecycle::{Ready, WorkerExtensions, run_worker_with};
use burdock_worker::logging::start_logging;
use burdock_worker::sinks::{OnReplay, SinkError, SinkInvocation, WorkflowSink};
use burdock_worker::slots::{
    ActivitySlotKind, SlotMarkUsedContext, SlotReleaseContext, SlotReservationContext,
    SlotSupplier, SlotSupplierPermit,
};
use burdock_worker::temporalio_client::{Client, UntypedWorkflow, WorkflowStartOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

fn main() -> Result<(), Box<dyn Error>> {
    initialize_v8();
    let config = resolve_worker(&flags()?, &Surroundings::of_process())?;
    start_logging(&config);
    let activities = ActivityRegistry::builder()
        .register(
            "echo",
            |_context: ActivityContext, text: String| async move { Ok::<_, ActivityError>(text) },
        )
        .build()?;
    let extensions = WorkerExtensions::default()
        .activities(activities)
        .activation_interceptor(LogActivations)
        .activity_interceptor(LogActivities)
        .activity_slot_supplier(Arc::new(TwoAtATime::default()))
        .sink("audit", Audit)
        .sink("trouble", Trouble);
    let task_queue = config.task_queue.to_string();
    let announce = Box::new(|ready: &Ready| start_eagerly(ready, task_queue));
    tokio::runtime::Runtime::new()?.block_on(run_worker_with(config, extensions, announce))?;
    Ok(())
}

fn flags() -> Result<WorkerFlags, Box<dyn Error>> {
    match parse_cli(std::env::args_os())?.command {
        Command::Worker(flags) => Ok(*flags),
        _ => Err("this program has no other subcommand than `worker`".into()),
    }
}

/// Starts the workflow that `START` names, on the worker's own connection: its first task comes back with the answer.
fn start_eagerly(ready: &Ready, task_queue: String) {
    let Ok(start) = std::env::var("START") else {
        return;
    };
    let client = ready.client();
    tokio::spawn(async move {
        match start_workflow(client?, &start, task_queue).await {
            Ok(()) => tracing::info!(start, "started"),
            Err(error) => tracing::error!(start, error, "not started"),
        }
        Ok::<_, Box<dyn Error + Send + Sync>>(())
    });
}

async fn start_workflow(client: Client, start: &str, task_queue: String) -> Result<(), String> {
    let (workflow_type, id) = start.split_once(':').ok_or("START is no TYPE:ID")?;
    let options = WorkflowStartOptions::new(task_queue, id)
        .enable_eager_workflow_start(true)
        .build();
    let workflow = UntypedWorkflow::new(workflow_type);
    let started = client
        .start_workflow(workflow, Default::default(), options)
        .await;
    started.map(drop).map_err(|error| error.to_string())
}

struct LogActivations;

#[async_trait]
impl ActivationInterceptor for LogActivations {
    async fn activate(
        &self,
        activation: WorkflowActivation,
        next: ActivationNext<'_>,
    ) -> Result<WorkflowActivationCompletion, ActivationError> {
        let jobs = activation.jobs.len();
        let completion = next.run(activation).await?;
        tracing::info!(run_id = completion.run_id, jobs, "activated");
        Ok(completion)
    }
}

struct LogActivities;

#[async_trait]
impl ActivityInterceptor for LogActivities {
    async fn execute(
        &self,
        call: ActivityCall,
        next: ActivityNext<'_>,
    ) -> Result<Payload, ActivityError> {
        let activity_type = call.context.info().activity_type.clone();
        let outcome = next.run(call).await;
        tracing::info!(activity_type, is_ok = outcome.is_ok(), "executed");
        outcome
    }
}

/// The sink `audit`: `note` is called once, `always` in replay as well.
struct Audit;

#[async_trait]
impl WorkflowSink for Audit {
    fn on_replay(&self, function: &str) -> Option<OnReplay> {
        match function {
            "note" => Some(OnReplay::Skip),
            "always" => Some(OnReplay::Call),
            _ => None,
        }
    }

    async fn call(&self, call: SinkInvocation<'_>) -> Result<(), SinkError> {
        tracing::info!(
            function = call.function,
            arguments = serde_json::to_string(&call.arguments)?,
            run_id = call.info.run_id,
            workflow_type = call.info.workflow_type,
            attempt = call.info.attempt,
            is_replaying = call.is_replaying,
            "audit"
        );
        Ok(())
    }
}

/// A sink that does nothing right; workflows do not notice.
struct Trouble;

#[async_trait]
impl WorkflowSink for Trouble {
    async fn call(&self, call: SinkInvocation<'_>) -> Result<(), SinkError> {
        if call.function == "panics" {
            panic!("poison");
        }
        Err("no space left".into())
    }
}

/// Two activities at a time. The permit travels in the slot and comes back with it.
struct TwoAtATime(Arc<Semaphore>);

impl Default for TwoAtATime {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(2)))
    }
}

#[async_trait]
impl SlotSupplier for TwoAtATime {
    type SlotKind = ActivitySlotKind;

    async fn reserve_slot(&self, _: &dyn SlotReservationContext) -> SlotSupplierPermit {
        match Arc::clone(&self.0).acquire_owned().await {
            Ok(permit) => SlotSupplierPermit::with_user_data::<OwnedSemaphorePermit>(permit),
            // Nobody closes the semaphore.
            Err(_) => std::future::pending().await,
        }
    }

    fn try_reserve_slot(&self, _: &dyn SlotReservationContext) -> Option<SlotSupplierPermit> {
        let permit = Arc::clone(&self.0).try_acquire_owned().ok()?;
        Some(SlotSupplierPermit::with_user_data(permit))
    }

    fn mark_slot_used(&self, context: &dyn SlotMarkUsedContext<SlotKind = ActivitySlotKind>) {
        let activity_type = &context.info().activity_type;
        let free = self.0.available_permits();
        tracing::info!(activity_type, free, "an activity has a slot");
    }

    fn release_slot(&self, _: &dyn SlotReleaseContext<SlotKind = ActivitySlotKind>) {}
}
