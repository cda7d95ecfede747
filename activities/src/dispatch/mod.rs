//! The loop between core and the handlers: polls tasks, runs each on its own tokio task, passes
//! on requests to cancel, and reports results. Core's slots bound how many run at a time.

mod backoff;
mod coded;
mod execution;
mod heartbeats;
mod in_flight;

use std::sync::Arc;

use burdock_codecs::ActivityCodecs;
use prost::Message as _;
use temporalio_common::protos::coresdk::ActivityHeartbeat;
use temporalio_common::protos::coresdk::activity_task::{
    ActivityTask, Cancel, Start, activity_task::Variant,
};
use temporalio_sdk_core::PollError;
use tokio::task::{JoinError, JoinSet};

use crate::context::HeartbeatSink;
use crate::core_port::ActivityCore;
use crate::interceptor::ActivityInterceptor;
use crate::registry::ActivityRegistry;

use backoff::PollBackoff;
pub use in_flight::ActivityCounters;
use in_flight::InFlight;

/// Serves the activities of `registry` from `core` until core is shut down and every activity has
/// been reported. Use [`ActivityDispatcher`] to read the counters meanwhile.
pub async fn run_activities<C: ActivityCore>(core: Arc<C>, registry: Arc<ActivityRegistry>) {
    ActivityDispatcher::new(core, registry).run().await;
}

/// What a dispatcher does around and after the handlers.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct DispatchOptions {
    /// Code around every activity, the outermost first.
    pub interceptors: Vec<Arc<dyn ActivityInterceptor>>,
    /// Whether messages of failures are written as payloads, so that a payload codec can hide them: the option of the
    /// same name of the TypeScript SDK's `DefaultFailureConverter`.
    pub encode_common_attributes: bool,
}

impl DispatchOptions {
    /// Has these interceptors stand around every activity.
    #[must_use]
    pub fn interceptors(mut self, interceptors: Vec<Arc<dyn ActivityInterceptor>>) -> Self {
        self.interceptors = interceptors;
        self
    }

    /// Has messages of failures written as payloads, or not.
    #[must_use]
    pub fn encode_common_attributes(mut self, is_asked_for: bool) -> Self {
        self.encode_common_attributes = is_asked_for;
        self
    }
}

/// Connects one core worker with one registry.
pub struct ActivityDispatcher<C> {
    core: Arc<C>,
    registry: Arc<ActivityRegistry>,
    options: Arc<DispatchOptions>,
    in_flight: Arc<InFlight>,
    /// One closure for all contexts, rather than one allocation for each activity.
    heartbeats: HeartbeatSink,
    /// Nothing where payloads stay as they are.
    codecs: Option<ActivityCodecs>,
}

impl<C: ActivityCore> ActivityDispatcher<C> {
    /// A dispatcher that does not poll yet.
    pub fn new(core: Arc<C>, registry: Arc<ActivityRegistry>) -> Self {
        Self::with_options(core, registry, DispatchOptions::default())
    }

    /// A dispatcher that does not poll yet, with interceptors and the like.
    pub fn with_options(
        core: Arc<C>,
        registry: Arc<ActivityRegistry>,
        options: DispatchOptions,
    ) -> Self {
        let receiver = Arc::clone(&core);
        let heartbeats: HeartbeatSink =
            Arc::new(move |heartbeat: ActivityHeartbeat| receiver.record_heartbeat(heartbeat));
        Self {
            core,
            registry,
            options: Arc::new(options),
            in_flight: Arc::default(),
            heartbeats,
            codecs: None,
        }
    }

    /// Decodes what activities are given and encodes what they give back.
    #[must_use]
    pub fn with_codecs(mut self, codecs: ActivityCodecs) -> Self {
        self.codecs = Some(codecs).filter(|codecs| !codecs.is_empty());
        self
    }

    /// What the dispatcher counts; stays readable while and after it runs.
    pub fn counters(&self) -> Arc<ActivityCounters> {
        self.in_flight.counters()
    }

    /// Polls until core says that it is shut down, then waits for the activities that still run.
    ///
    /// Other poll errors are logged and retried with growing pauses. Core retries what it can and
    /// begins its own shutdown on the rest, so that the loop ends then, too.
    pub async fn run(self) {
        let mut running = JoinSet::new();
        let mut backoff = PollBackoff::default();
        loop {
            match self.core.poll().await {
                Ok(task) => {
                    backoff.reset();
                    self.handle(task, &mut running);
                }
                Err(PollError::ShutDown) => break,
                Err(error) => {
                    let pause = backoff.next_pause();
                    let pause_ms = pause.as_millis();
                    self.in_flight.counters().record_poll_error();
                    tracing::error!(%error, pause_ms, "polling for activities failed; polling again");
                    tokio::time::sleep(pause).await;
                }
            }
            while let Some(ended) = running.try_join_next() {
                log_lost(ended);
            }
        }
        tracing::debug!(running = running.len(), "no more activities will come");
        while let Some(ended) = running.join_next().await {
            log_lost(ended);
        }
    }

    fn handle(&self, task: ActivityTask, running: &mut JoinSet<()>) {
        match task.variant {
            Some(Variant::Start(start)) => self.start(task.task_token, start, running),
            Some(Variant::Cancel(cancel)) => self.cancel(&task.task_token, &cancel),
            None => tracing::warn!("core sent an activity task without a variant; ignored it"),
        }
    }

    fn start(&self, task_token: Vec<u8>, start: Start, running: &mut JoinSet<()>) {
        let (mut ticket, cancellation) = self.in_flight.enter(&task_token, start.is_local);
        ticket.holds(start.encoded_len());
        let core = Arc::clone(&self.core);
        let registry = Arc::clone(&self.registry);
        let options = Arc::clone(&self.options);
        let heartbeats = Arc::clone(&self.heartbeats);
        let Some(codecs) = self.codecs.clone() else {
            running.spawn(async move {
                let queue = core.task_queue();
                let converter = registry.converter();
                let call = execution::prepare(
                    &task_token,
                    start,
                    queue,
                    cancellation,
                    heartbeats,
                    converter,
                );
                let result = execution::execute(&registry, &options, call).await;
                execution::report(&*core, ticket, task_token, result).await;
            });
            return;
        };
        let in_flight = Arc::clone(&self.in_flight);
        running.spawn(async move {
            let attempt = coded::Attempt {
                task_token: &task_token,
                task_queue: core.task_queue(),
                registry: &registry,
                options: &options,
                codecs,
                in_flight: &in_flight,
                cancellation,
                heartbeats,
            };
            let result = attempt.run(start).await;
            execution::report(&*core, ticket, task_token, result).await;
        });
    }

    fn cancel(&self, task_token: &[u8], cancel: &Cancel) {
        let request = cancel.into();
        if !self.in_flight.cancel(task_token, request) {
            tracing::debug!(
                ?request,
                "request to cancel an activity that has ended; ignored it"
            );
        }
    }
}

/// Handlers' panics are caught where they run, so this is a defect of the dispatcher or of core.
fn log_lost(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "an activity ended without being reported");
    }
}

#[cfg(test)]
mod extension_tests;
#[cfg(test)]
mod tests;
