//! One activation of one run: the steps of contract 1.5 and 1.6, and what becomes of their errors.

use std::collections::HashMap;
use std::time::Duration;

use deno_core::v8;
use prost::Message as _;
use temporalio_common::protos::coresdk::workflow_completion::WorkflowActivationCompletion;

use super::command_lines::command_lines;
use super::entry::{EntryError, enter, error_text, guarded};
use super::host::Host;
use super::measure::Measurement;
use super::rejections::take_rejection;
use super::run_costs::RunBytes;
use super::sink_call::SinkCall;
use super::task_failure::{
    check_completion, failed_completion, heap_limit_message, process_limit_message,
    timeout_message, unreadable_activation_message, unusable_completion_message,
};
use super::transcode::{
    TranscodeError, Transcoder, WORKFLOW_ACTIVATION, WORKFLOW_ACTIVATION_COMPLETION,
};
use super::watchdog::{Stop, Watchdog};

/// Rounds of unblocking conditions in one batch; a workflow whose conditions wake each other for ever is stopped here.
const UNBLOCK_ROUNDS_MAX: usize = 100_000;

/// What came of one activation.
#[derive(Debug)]
pub struct ActivationOutcome {
    /// The answer for sdk-core.
    pub completion: WorkflowActivationCompletion,
    /// Sink calls in the order in which they were made.
    pub sink_calls: Vec<SinkCall>,
    /// What the run keeps alive, as far as is known.
    pub run_bytes: RunBytes,
    /// How long the isolate worked on it.
    pub took: Duration,
    /// What every run of its isolate costs, if this was the moment to measure it.
    pub measurement: Option<Measurement>,
    /// The run was stopped from outside.
    pub stopped: Option<Stop>,
}

impl ActivationOutcome {
    /// A failed workflow task, for a host that cannot let workflow code run at all.
    #[must_use]
    pub fn failed(run_id: &str, message: &str) -> Self {
        outcome(failed_completion(run_id, message, "Error"), Vec::new())
    }
}

/// Whether a run can still be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunState {
    Alive,
    /// Stopped in the middle of its code: its state is unknown, so it is forgotten and never entered again.
    Condemned,
}

/// A step's error, with what the run's fate is.
enum StepError {
    Entry(EntryError),
    Unreadable(String),
    Endless,
}

impl From<EntryError> for StepError {
    fn from(error: EntryError) -> Self {
        Self::Entry(error)
    }
}

/// One activation of one run.
pub(super) struct Visit<'a, 'p, 's, 'i> {
    pub(super) scope: &'a mut v8::PinScope<'s, 'i>,
    pub(super) host: &'p Host,
    pub(super) transcoder: &'p Transcoder,
    pub(super) watchdog: &'p Watchdog,
    pub(super) runs: &'p mut HashMap<String, RunState>,
    pub(super) run_id: &'p str,
    pub(super) heap_limit_bytes: usize,
}

impl<'s> Visit<'_, '_, 's, '_> {
    pub(super) fn activate(&mut self, bytes: &[u8]) -> ActivationOutcome {
        if self.runs.get(self.run_id) == Some(&RunState::Condemned) {
            return outcome(
                self.failed("The run was stopped and waits for its eviction", "Error"),
                Vec::new(),
            );
        }
        take_rejection(self.scope);
        let result = self.run_steps(bytes);
        let outcome = match result {
            Ok(completion) => self.conclude(completion),
            Err(error) => self.conclude_error(error),
        };
        // What is left must not keep the run alive.
        take_rejection(self.scope);
        outcome
    }

    /// The algorithm of contract 1.5 up to the completion's V8 value.
    fn run_steps(&mut self, bytes: &[u8]) -> Result<v8::Local<'s, v8::Value>, StepError> {
        let steps = &self.host.steps;
        let activation = self.decode(bytes)?;
        if !self.runs.contains_key(self.run_id) {
            // Until it is alive: whatever stops its creation, the eviction that follows cleans up.
            self.runs
                .insert(self.run_id.to_owned(), RunState::Condemned);
            self.enter(&steps.create, &[activation])?;
            self.runs.insert(self.run_id.to_owned(), RunState::Alive);
        }
        let id = self.run_id_value();
        if self.enter(&steps.begin, &[activation])?.is_true() {
            return Ok(self.run_queries(id, activation)?);
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

    /// Contract 1.6: no clock, no conditions, and no wait for rejections; one that is left fails the run's next activation.
    fn run_queries(
        &mut self,
        id: v8::Local<'s, v8::Value>,
        activation: v8::Local<'s, v8::Value>,
    ) -> Result<v8::Local<'s, v8::Value>, EntryError> {
        let steps = &self.host.steps;
        let batch_index = v8::Integer::new(self.scope, 0).into();
        self.enter(&steps.activate, &[activation, batch_index])?;
        let completion = self.enter(&steps.conclude_activation, &[id])?;
        if let Some(reason) = self.take_rejection() {
            self.enter(&steps.reject_run, &[id, reason])?;
        }
        Ok(completion)
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

    fn decode(&mut self, bytes: &[u8]) -> Result<v8::Local<'s, v8::Value>, StepError> {
        let transcoder = self.transcoder;
        let decoded = guarded(self.scope, self.watchdog, |scope| {
            let object = transcoder.decode(scope, WORKFLOW_ACTIVATION, bytes)?;
            Ok(v8::Global::new(scope, object))
        });
        match decoded {
            Ok(object) => Ok(v8::Local::new(self.scope, object).into()),
            Err(EntryError::Transcode(error)) => Err(StepError::Unreadable(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    fn conclude_error(&mut self, error: StepError) -> ActivationOutcome {
        match error {
            StepError::Entry(EntryError::Threw(error)) => {
                let error = v8::Local::new(self.scope, error);
                self.fail(error)
            }
            StepError::Entry(EntryError::Stopped(stop)) => self.stopped(stop),
            StepError::Entry(EntryError::Transcode(error)) => {
                self.unusable_completion(&error.to_string())
            }
            StepError::Unreadable(reason) => self.unusable(&unreadable_activation_message(&reason)),
            StepError::Endless => self.unusable(&format!(
                "[TMPRL1101] conditions unblocked each other in {UNBLOCK_ROUNDS_MAX} rounds without an end"
            )),
        }
    }

    /// Reads the completion that the run returned. Its getters and proxies are workflow code too.
    fn conclude(&mut self, completion: v8::Local<'s, v8::Value>) -> ActivationOutcome {
        let transcoder = self.transcoder;
        // Where reading threw is known only here; the exception itself does not say it.
        let mut place = None;
        let encoded = guarded(self.scope, self.watchdog, |scope| {
            let object = v8::Local::<v8::Object>::try_from(completion)
                .map_err(|_| TranscodeError::value("a completion", "no object".to_owned()))?;
            let encoded = transcoder.encode(scope, WORKFLOW_ACTIVATION_COMPLETION, object);
            encoded.inspect_err(|error| place = error.place())
        });
        let decoded = match encoded {
            Ok(bytes) => WorkflowActivationCompletion::decode(bytes.as_slice())
                .map_err(|error| error.to_string()),
            Err(EntryError::Stopped(stop)) => return self.stopped(stop),
            Err(error) => {
                let text = error_text(self.scope, self.watchdog, error);
                Err(place.map_or_else(|| text.clone(), |place| format!("{place}: {text}")))
            }
        };
        match decoded.and_then(|completion| check_completion(completion, self.run_id)) {
            Ok(completion) => {
                let calls = self.take_sink_calls();
                outcome(completion, calls)
            }
            Err(reason) => self.unusable_completion(&reason),
        }
    }

    /// The run threw: its own failure converter writes the failure, if there is a run.
    fn fail(&mut self, error: v8::Local<'s, v8::Value>) -> ActivationOutcome {
        let id = self.run_id_value();
        match self.enter(&self.host.steps.failed_completion, &[id, error]) {
            Ok(completion) => self.conclude(completion),
            Err(EntryError::Stopped(stop)) => self.stopped(stop),
            Err(error) => {
                let message = error_text(self.scope, self.watchdog, error);
                self.unusable(&message)
            }
        }
    }

    /// The run was stopped from outside; it is dropped when sdk-core evicts it.
    fn stopped(&mut self, stop: Stop) -> ActivationOutcome {
        let message = match stop {
            Stop::Deadline => timeout_message(self.watchdog.timeout()),
            Stop::HeapLimit => heap_limit_message(self.heap_limit_bytes),
            Stop::ProcessLimit => process_limit_message(),
        };
        // What it said last tells most about where it hangs.
        let sink_calls = self.take_sink_calls();
        if let Some(state) = self.runs.get_mut(self.run_id) {
            *state = RunState::Condemned;
        }
        ActivationOutcome {
            completion: self.failed(&message, "WorkflowTaskStopped"),
            sink_calls,
            run_bytes: RunBytes::default(),
            took: Duration::ZERO,
            measurement: None,
            stopped: Some(stop),
        }
    }

    fn unusable_completion(&mut self, reason: &str) -> ActivationOutcome {
        let lines = command_lines(self.scope, self.host, self.watchdog, self.run_id);
        self.unusable(&unusable_completion_message(reason, &lines))
    }

    fn unusable(&mut self, message: &str) -> ActivationOutcome {
        let calls = self.take_sink_calls();
        outcome(self.failed(message, "Error"), calls)
    }

    fn failed(&self, message: &str, error_type: &str) -> WorkflowActivationCompletion {
        failed_completion(self.run_id, message, error_type)
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
        let reason = take_rejection(self.scope)?;
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
        run_bytes: RunBytes::default(),
        took: Duration::ZERO,
        measurement: None,
        stopped: None,
    }
}
