//! A scripted core: tests send it tasks and see what the dispatcher answers.

use std::sync::Arc;
use std::time::Duration;

use burdock_codecs::{ActivityCodecs, CodecChain, PayloadCodec};
use serde::Serialize;
use serde::de::DeserializeOwned;
use temporalio_common::protos::coresdk::activity_result::activity_execution_result::Status;
use temporalio_common::protos::coresdk::activity_task::{
    ActivityCancelReason, ActivityTask, Start, activity_task::Variant,
};
use temporalio_common::protos::coresdk::{ActivityHeartbeat, ActivityTaskCompletion};
use temporalio_common::protos::temporal::api::failure::v1::ApplicationFailureInfo;
use temporalio_sdk_core::{CompleteActivityError, PollError};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::core_port::ActivityCore;
use crate::dispatch::{ActivityCounters, ActivityDispatcher, DispatchOptions};
use crate::payload::{decode, encode};
use crate::registry::{ActivityRegistry, ActivityRegistryBuilder};

/// What the dispatcher polls. The script's end is core's shutdown.
pub(crate) struct FakeCore {
    script: Mutex<UnboundedReceiver<Result<ActivityTask, PollError>>>,
    completions: UnboundedSender<ActivityTaskCompletion>,
    heartbeats: UnboundedSender<ActivityHeartbeat>,
}

impl ActivityCore for FakeCore {
    async fn poll(&self) -> Result<ActivityTask, PollError> {
        let mut script = self.script.lock().await;
        let polled = script.recv().await.unwrap_or(Err(PollError::ShutDown));
        if matches!(polled, Err(PollError::ShutDown)) {
            script.close();
        }
        polled
    }

    async fn complete(
        &self,
        completion: ActivityTaskCompletion,
    ) -> Result<(), CompleteActivityError> {
        // A test that has seen enough hangs up.
        let _ = self.completions.send(completion);
        Ok(())
    }

    fn record_heartbeat(&self, heartbeat: ActivityHeartbeat) {
        let _ = self.heartbeats.send(heartbeat);
    }

    fn task_queue(&self) -> &str {
        "queue"
    }
}

/// A dispatcher that runs on a [`FakeCore`], and the test's ends of it.
pub(crate) struct Harness {
    script: UnboundedSender<Result<ActivityTask, PollError>>,
    completions: UnboundedReceiver<ActivityTaskCompletion>,
    heartbeats: UnboundedReceiver<ActivityHeartbeat>,
    pub(crate) counters: Arc<ActivityCounters>,
    running: JoinHandle<()>,
}

impl Harness {
    pub(crate) fn new(registry: ActivityRegistryBuilder) -> Self {
        Self::with_options(registry, DispatchOptions::default())
    }

    pub(crate) fn with_options(
        registry: ActivityRegistryBuilder,
        options: DispatchOptions,
    ) -> Self {
        Self::with(registry, options, Vec::new())
    }

    pub(crate) fn with_codecs(
        registry: ActivityRegistryBuilder,
        codecs: Vec<Arc<dyn PayloadCodec>>,
    ) -> Self {
        Self::with(registry, DispatchOptions::default(), codecs)
    }

    fn with(
        registry: ActivityRegistryBuilder,
        options: DispatchOptions,
        codecs: Vec<Arc<dyn PayloadCodec>>,
    ) -> Self {
        let chain = CodecChain::new(codecs, Duration::from_secs(60));
        let registry: ActivityRegistry = registry.build().unwrap();
        let (script, polled) = unbounded_channel();
        let (completions_in, completions) = unbounded_channel();
        let (heartbeats_in, heartbeats) = unbounded_channel();
        let core = FakeCore {
            script: Mutex::new(polled),
            completions: completions_in,
            heartbeats: heartbeats_in,
        };
        let (core, registry) = (Arc::new(core), Arc::new(registry));
        let dispatcher = ActivityDispatcher::with_options(core, registry, options)
            .with_codecs(ActivityCodecs::new(chain, "namespace"));
        let counters = dispatcher.counters();
        let running = tokio::spawn(dispatcher.run());
        Self {
            script,
            completions,
            heartbeats,
            counters,
            running,
        }
    }

    pub(crate) fn send(&self, polled: Result<ActivityTask, PollError>) {
        self.script.send(polled).unwrap();
    }

    /// Starts an activity under its name as the token, with the given arguments.
    pub(crate) fn start(&self, activity_type: &str, input: &impl Serialize) {
        self.start_as(
            activity_type,
            Start {
                input: vec![encode(input).unwrap()],
                ..start(activity_type)
            },
        );
    }

    pub(crate) fn start_as(&self, token: &str, start: Start) {
        self.send(Ok(task(token, Variant::Start(start))));
    }

    pub(crate) fn cancel(&self, token: &str, reason: ActivityCancelReason) {
        let details = ActivityTask::primary_reason_to_cancellation_details(reason);
        self.send(Ok(ActivityTask::cancel_from_ids(
            token.into(),
            reason,
            details,
        )));
    }

    pub(crate) async fn heartbeat(&mut self) -> ActivityHeartbeat {
        self.heartbeats.recv().await.unwrap()
    }

    /// A heartbeat that core has already.
    pub(crate) fn heartbeat_so_far(&mut self) -> Option<ActivityHeartbeat> {
        self.heartbeats.try_recv().ok()
    }

    /// The next report: the token and how the activity ended.
    pub(crate) async fn report(&mut self) -> (String, Status) {
        let completion = self.completions.recv().await.unwrap();
        let token = String::from_utf8(completion.task_token).unwrap();
        (token, completion.result.unwrap().status.unwrap())
    }

    /// Runs one activity to a result.
    pub(crate) async fn call<O: DeserializeOwned>(
        &mut self,
        name: &str,
        input: &impl Serialize,
    ) -> O {
        self.start(name, input);
        result(self.report().await.1)
    }

    /// Runs one activity to a failure.
    pub(crate) async fn call_failing(
        &mut self,
        name: &str,
        input: &impl Serialize,
    ) -> ApplicationFailureInfo {
        self.start(name, input);
        failure(self.report().await.1).1
    }

    /// Shuts core down and waits until the dispatcher has seen it.
    pub(crate) async fn shut_down(&self) {
        self.send(Err(PollError::ShutDown));
        self.script.closed().await;
    }

    /// Shuts core down and waits for the dispatcher to end.
    pub(crate) async fn finish(self) {
        drop(self.script);
        self.running.await.unwrap();
        assert_eq!(self.counters.in_flight(), 0);
    }
}

pub(crate) fn start(activity_type: &str) -> Start {
    Start {
        activity_type: activity_type.into(),
        attempt: 1,
        ..Default::default()
    }
}

pub(crate) fn task(token: &str, variant: Variant) -> ActivityTask {
    ActivityTask {
        task_token: token.into(),
        variant: Some(variant),
    }
}

pub(crate) fn result<O: DeserializeOwned>(status: Status) -> O {
    let Status::Completed(success) = status else {
        panic!("{status:?}")
    };
    decode(&success.result.unwrap()).unwrap()
}

/// The message and the application failure of a failed report.
pub(crate) fn failure(status: Status) -> (String, ApplicationFailureInfo) {
    let Status::Failed(failed) = status else {
        panic!("{status:?}")
    };
    let failure = failed.failure.unwrap();
    let info = failure.maybe_application_failure().unwrap().clone();
    (failure.message, info)
}
