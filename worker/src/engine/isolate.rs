//! One V8 isolate that hosts the runs of one worker: activation in, completion out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use burdock_bundle::Bundle;
use deno_core::v8;
use prost::Message as _;
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;

use super::array_buffers::{ArrayBufferBytes, counting_allocator};
use super::entry::{EntryError, enter, guarded};
use super::error::EngineError;
use super::heap::HeapSample;
use super::host::{Host, HostSettings};
use super::host_natives::{BundleSlot, FormatStack, prepare_stack_trace};
use super::load::load_bundle;
use super::platform::{initialize_v8, pump_foreground_tasks};
use super::rejections::{self, Rejections};
use super::sink_call::SinkCall;
use super::task_failure::{failed_completion, timeout_message, unusable_completion_message};
use super::transcode::{Transcoder, WORKFLOW_ACTIVATION, WORKFLOW_ACTIVATION_COMPLETION};
use super::watchdog::Watchdog;

/// Rounds of unblocking conditions in one batch; a workflow whose conditions wake each other for ever is stopped here.
const UNBLOCK_ROUNDS_MAX: usize = 100_000;

/// What an isolate is made from.
#[derive(Clone, Debug)]
pub struct IsolateSettings {
    /// The bundle that it runs.
    pub bundle: Arc<Bundle>,
    /// For `workflowInfo()`.
    pub namespace: String,
    /// For `workflowInfo()`.
    pub task_queue: String,
    /// Names of activities that this worker itself runs; local activities must be among them.
    pub activity_names: Vec<String>,
    /// Longest time of one entry into the sandbox.
    pub workflow_timeout: Duration,
    /// Largest heap; V8's own choice if not set.
    pub heap_limit_bytes: Option<usize>,
}

/// What came of one activation.
#[derive(Debug)]
pub struct ActivationOutcome {
    /// The answer for sdk-core.
    pub completion: WorkflowActivationCompletion,
    /// Sink calls in the order in which they were made.
    pub sink_calls: Vec<SinkCall>,
    /// The watchdog stopped the run.
    pub timed_out: bool,
}

/// Whether a run can still be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RunState {
    Alive,
    /// Stopped in the middle of its code: its state is unknown, so it is forgotten and never entered again.
    Condemned,
}

/// A V8 isolate with the bundle loaded. Belongs to the thread that made it.
pub struct WorkflowIsolate {
    // Handles go before the isolate that they belong to.
    host: Host,
    transcoder: Transcoder,
    watchdog: Watchdog,
    runs: HashMap<String, RunState>,
    array_buffers: Arc<ArrayBufferBytes>,
    isolate: v8::OwnedIsolate,
}

/// A step's error, with what the run's fate is.
enum StepError {
    Entry(EntryError),
    Endless,
}

impl From<EntryError> for StepError {
    fn from(error: EntryError) -> Self {
        Self::Entry(error)
    }
}

impl WorkflowIsolate {
    /// Creates the isolate on this thread and loads the bundle.
    ///
    /// # Errors
    /// When the bundle cannot be parsed or throws while it is loaded.
    pub fn new(settings: &IsolateSettings) -> Result<Self, EngineError> {
        initialize_v8();
        let array_buffers = Arc::new(ArrayBufferBytes::default());
        let mut params = v8::CreateParams::default()
            .array_buffer_allocator(counting_allocator(&array_buffers).make_shared());
        if let Some(limit_bytes) = settings.heap_limit_bytes {
            params = params.heap_limits(0, limit_bytes);
        }
        let mut isolate = v8::Isolate::new(params);
        isolate.set_microtasks_policy(v8::MicrotasksPolicy::Explicit);
        isolate.set_slot(BundleSlot(Arc::clone(&settings.bundle)));
        rejections::install(&mut isolate);
        let watchdog = Watchdog::start(isolate.thread_safe_handle(), settings.workflow_timeout)?;
        let host_settings = HostSettings {
            namespace: &settings.namespace,
            task_queue: &settings.task_queue,
            activity_names: &settings.activity_names,
            failure_exception_type_names: &[],
        };
        let (host, loading) = Host::create(&mut isolate, &host_settings)?;
        isolate.set_slot(FormatStack(loading.format_stack.clone()));
        isolate.set_prepare_stack_trace_callback(prepare_stack_trace);
        load_bundle(&mut isolate, &host, &loading, &watchdog, &settings.bundle)?;
        let transcoder = {
            v8::scope_with_context!(let scope, &mut isolate, &host.host_context);
            Transcoder::new(scope, loading.factories)
        };
        Ok(Self {
            host,
            transcoder,
            watchdog,
            runs: HashMap::new(),
            array_buffers,
            isolate,
        })
    }

    /// Number of runs that the isolate holds.
    #[must_use]
    pub fn cached_workflows(&self) -> usize {
        self.runs.len()
    }

    /// Whether the isolate holds this run.
    #[must_use]
    pub fn holds(&self, run_id: &str) -> bool {
        self.runs.contains_key(run_id)
    }

    /// Memory of the isolate now.
    pub fn heap_sample(&mut self) -> HeapSample {
        HeapSample::read(&mut self.isolate, self.array_buffers.get(), self.runs.len())
    }

    /// Runs the jobs of one activation. Never fails: what goes wrong becomes a failed completion.
    pub fn activate(&mut self, activation: &WorkflowActivation) -> ActivationOutcome {
        let run_id = activation.run_id.clone();
        let bytes = activation.encode_to_vec();
        let Self {
            host,
            transcoder,
            watchdog,
            runs,
            isolate,
            ..
        } = self;
        let outcome = {
            v8::scope_with_context!(let scope, isolate, &host.host_context);
            let mut visit = Visit {
                scope,
                host,
                transcoder,
                watchdog,
                runs,
                run_id: &run_id,
            };
            visit.activate(&bytes)
        };
        pump_foreground_tasks(isolate);
        outcome
    }

    /// Disposes of a run. What its disposal throws is logged and changes nothing.
    pub fn evict(&mut self, run_id: &str) {
        let Some(state) = self.runs.remove(run_id) else {
            return;
        };
        let Self {
            host,
            watchdog,
            isolate,
            ..
        } = self;
        v8::scope_with_context!(let scope, isolate, &host.host_context);
        let Some(id) = v8::String::new(scope, run_id) else {
            return;
        };
        let disposed = state == RunState::Alive
            && enter(scope, watchdog, &host.steps.dispose, &[id.into()]).is_ok();
        if !disposed {
            tracing::warn!(
                run_id,
                "the run was dropped without running its own disposal"
            );
            let _ = enter(scope, watchdog, &host.steps.forget, &[id.into()]);
        }
        if let Some(rejections) = scope.get_slot_mut::<Rejections>() {
            rejections.take_last();
        }
    }
}

/// One activation of one run.
struct Visit<'a, 'p, 's, 'i> {
    scope: &'a mut v8::PinScope<'s, 'i>,
    host: &'p Host,
    transcoder: &'p Transcoder,
    watchdog: &'p Watchdog,
    runs: &'p mut HashMap<String, RunState>,
    run_id: &'p str,
}

impl<'s> Visit<'_, '_, 's, '_> {
    fn activate(&mut self, bytes: &[u8]) -> ActivationOutcome {
        if self.runs.get(self.run_id) == Some(&RunState::Condemned) {
            return self.stopped(timeout_message(self.watchdog.timeout()), false);
        }
        self.take_rejection();
        match self.run_steps(bytes) {
            Ok(completion) => self.conclude(completion),
            Err(StepError::Entry(EntryError::Threw(error))) => {
                let error = v8::Local::new(self.scope, error);
                self.fail(error)
            }
            Err(StepError::Entry(EntryError::TimedOut)) => {
                self.stopped(timeout_message(self.watchdog.timeout()), true)
            }
            Err(StepError::Entry(EntryError::Transcode(error))) => {
                let message = unusable_completion_message(&error.to_string());
                let calls = self.take_sink_calls();
                outcome(failed_completion(self.run_id, &message, "TypeError"), calls)
            }
            Err(StepError::Endless) => self.stopped(
                format!("[TMPRL1101] conditions unblocked each other in {UNBLOCK_ROUNDS_MAX} rounds without an end"),
                true,
            ),
        }
    }

    /// The algorithm of contract 1.5 up to the completion's V8 value.
    fn run_steps(&mut self, bytes: &[u8]) -> Result<v8::Local<'s, v8::Value>, StepError> {
        let steps = &self.host.steps;
        let activation = self.decode(bytes)?;
        if !self.runs.contains_key(self.run_id) {
            self.enter(&steps.create, &[activation])?;
            self.runs.insert(self.run_id.to_owned(), RunState::Alive);
        }
        let id = self.run_id_value();
        if self.enter(&steps.begin, &[activation])?.is_true() {
            let batch_index = v8::Integer::new(self.scope, 0).into();
            self.enter(&steps.activate, &[activation, batch_index])?;
            let completion = self.enter(&steps.conclude_activation, &[id])?;
            // Queries do not wait for rejections; one that is left fails the run's next activation.
            if let Some(reason) = self.take_rejection() {
                self.enter(&steps.reject_run, &[id, reason])?;
            }
            return Ok(completion);
        }
        self.enter(&steps.initialize, &[activation])?;
        let batches = self.enter(&steps.batches, &[activation])?;
        let batches = v8::Local::<v8::Array>::try_from(batches).ok();
        for index in 0..batches.map_or(0, |batches| batches.length()) {
            let batch = batches.and_then(|batches| batches.get_index(self.scope, index));
            let Some(batch) = batch else { break };
            let batch_index = v8::Integer::new_from_unsigned(self.scope, index).into();
            self.enter(&steps.activate, &[batch, batch_index])?;
            self.unblock_conditions(id)?;
        }
        let completion = self.enter(&steps.conclude_activation, &[id])?;
        match self.take_rejection() {
            None => Ok(completion),
            Some(reason) => {
                let error = self.enter(&steps.reject_run, &[id, reason])?;
                Err(EntryError::Threw(v8::Global::new(self.scope, error)).into())
            }
        }
    }

    fn unblock_conditions(&mut self, id: v8::Local<'s, v8::Value>) -> Result<(), StepError> {
        for _ in 0..UNBLOCK_ROUNDS_MAX {
            let unblocked = self.enter(&self.host.steps.try_unblock_conditions, &[id])?;
            if unblocked.uint32_value(self.scope).unwrap_or(0) == 0 {
                return Ok(());
            }
        }
        Err(StepError::Endless)
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<v8::Local<'s, v8::Value>, EntryError> {
        let transcoder = self.transcoder;
        let decoded = guarded(self.scope, self.watchdog, |scope| {
            let object = transcoder.decode(scope, WORKFLOW_ACTIVATION, bytes)?;
            Ok(v8::Global::new(scope, object))
        })?;
        Ok(v8::Local::new(self.scope, decoded).into())
    }

    /// Reads the completion that the run returned. Its getters and proxies are workflow code too.
    fn conclude(&mut self, completion: v8::Local<'s, v8::Value>) -> ActivationOutcome {
        let transcoder = self.transcoder;
        let encoded = guarded(self.scope, self.watchdog, |scope| {
            let object = v8::Local::<v8::Object>::try_from(completion).map_err(|_| {
                super::transcode::TranscodeError::value("a completion", "no object".to_owned())
            })?;
            transcoder.encode(scope, WORKFLOW_ACTIVATION_COMPLETION, object)
        });
        let decoded = match encoded {
            Ok(bytes) => WorkflowActivationCompletion::decode(bytes.as_slice())
                .map_err(|error| error.to_string()),
            Err(EntryError::TimedOut) => {
                return self.stopped(timeout_message(self.watchdog.timeout()), true);
            }
            Err(EntryError::Transcode(error)) => Err(error.to_string()),
            Err(EntryError::Threw(error)) => {
                Err(v8::Local::new(self.scope, error).to_rust_string_lossy(self.scope))
            }
        };
        let calls = self.take_sink_calls();
        match decoded {
            Ok(completion) => outcome(completion, calls),
            Err(error) => outcome(
                failed_completion(
                    self.run_id,
                    &unusable_completion_message(&error),
                    "TypeError",
                ),
                calls,
            ),
        }
    }

    /// The run threw: its own failure converter writes the failure, if there is a run.
    fn fail(&mut self, error: v8::Local<'s, v8::Value>) -> ActivationOutcome {
        let id = self.run_id_value();
        match self.enter(&self.host.steps.failed_completion, &[id, error]) {
            Ok(completion) => self.conclude(completion),
            Err(EntryError::TimedOut) => {
                self.stopped(timeout_message(self.watchdog.timeout()), true)
            }
            Err(_) => {
                let message = error.to_rust_string_lossy(self.scope);
                outcome(
                    failed_completion(self.run_id, &message, "Error"),
                    Vec::new(),
                )
            }
        }
    }

    /// The run was stopped from outside; it is dropped when sdk-core evicts it.
    fn stopped(&mut self, message: String, timed_out: bool) -> ActivationOutcome {
        if let Some(state) = self.runs.get_mut(self.run_id) {
            *state = RunState::Condemned;
        }
        let completion = failed_completion(self.run_id, &message, "WorkflowTaskTimeout");
        ActivationOutcome {
            completion,
            sink_calls: Vec::new(),
            timed_out,
        }
    }

    fn take_sink_calls(&mut self) -> Vec<SinkCall> {
        let id = self.run_id_value();
        let Ok(calls) = self.enter(&self.host.steps.take_sink_calls, &[id]) else {
            return Vec::new();
        };
        let Ok(calls) = v8::Local::<v8::Array>::try_from(calls) else {
            return Vec::new();
        };
        let mut taken = Vec::with_capacity(calls.length() as usize);
        for index in 0..calls.length() {
            let call = calls.get_index(self.scope, index);
            taken.extend(call.and_then(|call| SinkCall::read(self.scope, call)));
        }
        taken
    }

    fn take_rejection(&mut self) -> Option<v8::Local<'s, v8::Value>> {
        let reason = self.scope.get_slot_mut::<Rejections>()?.take_last()?;
        Some(v8::Local::new(self.scope, reason))
    }

    fn run_id_value(&mut self) -> v8::Local<'s, v8::Value> {
        // Run ids are short: sdk-core would not have sent one that V8 refuses.
        v8::String::new(self.scope, self.run_id)
            .unwrap_or_else(|| v8::String::empty(self.scope))
            .into()
    }

    fn enter(
        &mut self,
        function: &v8::Global<v8::Function>,
        arguments: &[v8::Local<'s, v8::Value>],
    ) -> Result<v8::Local<'s, v8::Value>, EntryError> {
        enter(self.scope, self.watchdog, function, arguments)
    }
}

fn outcome(
    completion: WorkflowActivationCompletion,
    sink_calls: Vec<SinkCall>,
) -> ActivationOutcome {
    ActivationOutcome {
        completion,
        sink_calls,
        timed_out: false,
    }
}
