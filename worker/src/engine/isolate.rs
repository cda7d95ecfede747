//! One V8 isolate that hosts the runs of one worker: activation in, completion out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use burdock_bundle::Bundle;
use deno_core::v8;
use prost::Message as _;
use temporalio_common::protos::coresdk::workflow_activation::WorkflowActivation;

use crate::config::elements::FailureErrorTypes;

use super::array_buffers::counting_allocator;
use super::buffers::{BufferAccount, EntryRefusal, count_for_this_thread};
use super::context_mode::ContextMode;
use super::entry::{enter, error_text};
use super::error::EngineError;
use super::heap::HeapSample;
use super::heap_guard::HeapGuard;
use super::heap_walk::HeapWalk;
use super::host::{Host, HostSettings};
use super::host_natives::{BundleSlot, FormatStack, prepare_stack_trace};
use super::load::load_bundle;
use super::lost::survive_exhaustion;
use super::measure::{Measure, Measurement};
use super::module_sharing::ModuleSharing;
use super::natives::{ConsoleOutput, set_console_output};
use super::page_guard::{guard_this_thread, is_tight};
use super::patch_activation::{PatchActivation, PatchSlot};
use super::payload_size::{is_large, refusal};
use super::platform::{initialize_v8, pump_foreground_tasks};
use super::rejections::{self, take_rejection};
use super::run_costs::{MeasuringTime, RunBytes, RunCosts};
use super::stopper::EntryStopper;
use super::transcode::Transcoder;
use super::visit::{ActivationOutcome, RunState, Visit};
use super::watchdog::{Alarm, Watchdog};

/// How much an isolate allocates between two looks at the process's memory.
const LOOK_EVERY_BYTES: u64 = 4 << 20;
/// Garbage that is worth a collection then.
const GARBAGE_MIN_BYTES: u64 = 16 << 20;

/// What an isolate is made from.
#[derive(Clone)]
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
    /// What one run may hold, as far as its measuring is concerned; nothing: everything.
    pub workflow_budget_bytes: Option<u64>,
    /// Whether runs share a context.
    pub context: ContextMode,
    /// Whether the runs of a context share the modules of the bundle.
    pub share_modules: ModuleSharing,
    /// Whether to note where each promise was made, for the stack trace queries.
    pub stack_traces: bool,
    /// Whether the enhanced stack trace query answers with the texts of sources too.
    pub show_stack_trace_sources: bool,
    /// Errors that fail a workflow, and not its task, when workflow code throws them.
    pub failure_error_types: FailureErrorTypes,
    /// Decides which patches new code activates; all of them if absent.
    pub patch_activation: Option<Arc<dyn PatchActivation>>,
    /// Where the `console` of workflow code writes.
    pub console: ConsoleOutput,
    /// Whether each command comes with the place in workflow code that issued it, as a call of the sink
    /// [`COMMAND_SOURCE_SINK`](super::COMMAND_SOURCE_SINK).
    pub command_sources: bool,
}

/// A V8 isolate with the bundle loaded. Belongs to the thread that made it.
pub struct WorkflowIsolate {
    // Handles go before the isolate that they belong to.
    pub(super) host: Host,
    transcoder: Transcoder,
    pub(super) watchdog: Watchdog,
    runs: HashMap<String, RunState>,
    /// Absent where this V8 is not as the walk expects.
    walk: Option<HeapWalk>,
    costs: RunCosts,
    buffers: Arc<BufferAccount>,
    /// Since the process's memory was last looked at.
    unseen_bytes: u64,
    pub(super) isolate: v8::OwnedIsolate,
    // After the isolate, which calls it back.
    heap_guard: HeapGuard,
}

impl WorkflowIsolate {
    /// Creates the isolate on this thread and loads the bundle.
    ///
    /// # Errors
    /// When the bundle cannot be parsed or throws while it is loaded.
    pub fn new(settings: &IsolateSettings) -> Result<Self, EngineError> {
        initialize_v8();
        let buffers = BufferAccount::limited_to(settings.heap_limit_bytes);
        let mut params = v8::CreateParams::default()
            .array_buffer_allocator(counting_allocator(&buffers).make_shared());
        if let Some(limit_bytes) = settings.heap_limit_bytes {
            params = params.heap_limits(0, limit_bytes);
        }
        let mut isolate = v8::Isolate::new(params);
        count_for_this_thread(&buffers);
        isolate.set_microtasks_policy(v8::MicrotasksPolicy::Explicit);
        // Nothing else runs on this thread that could wake a waiter.
        isolate.set_allow_atomics_wait(false);
        isolate.set_slot(BundleSlot(Arc::clone(&settings.bundle)));
        if let Some(activation) = &settings.patch_activation {
            isolate.set_slot(PatchSlot(Arc::clone(activation)));
        }
        rejections::install(&mut isolate);
        set_console_output(&mut isolate, settings.console);
        survive_exhaustion(&mut isolate);
        let handle = isolate.thread_safe_handle();
        let alarm = Alarm::default();
        let stopper = Arc::new(EntryStopper::new(handle.clone(), alarm.clone()));
        let heap_guard = HeapGuard::install(&mut isolate, Arc::clone(&stopper));
        let watchdog = Watchdog::start(handle, settings.workflow_timeout, stopper, &alarm)?;
        let host_settings = HostSettings {
            namespace: &settings.namespace,
            task_queue: &settings.task_queue,
            activity_names: &settings.activity_names,
            failure_error_types: &settings.failure_error_types,
            context: settings.context,
            stack_traces: settings.stack_traces,
            show_stack_trace_sources: settings.show_stack_trace_sources,
            patch_activation: settings.patch_activation.is_some(),
            command_sources: settings.command_sources,
            share_modules: settings.share_modules,
        };
        let (host, loading) = Host::create(&mut isolate, &host_settings)?;
        isolate.set_slot(FormatStack(loading.format_stack.clone()));
        isolate.set_prepare_stack_trace_callback(prepare_stack_trace);
        load_bundle(&mut isolate, &host, &loading, &watchdog, &settings.bundle)?;
        guard_this_thread();
        let (transcoder, walk) = {
            v8::scope_with_context!(let scope, &mut isolate, &host.host_context);
            let transcoder = Transcoder::new(scope, loading.factories);
            (transcoder, HeapWalk::new(scope))
        };
        if walk.is_none() {
            tracing::warn!(
                "this build of V8 does not let runs be measured: costs are estimates from what they allocate"
            );
        }
        Ok(Self {
            host,
            transcoder,
            watchdog,
            runs: HashMap::new(),
            walk,
            costs: RunCosts::new(settings.workflow_budget_bytes),
            buffers,
            unseen_bytes: 0,
            isolate,
            heap_guard,
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
        HeapSample::read(
            &mut self.isolate,
            self.buffers.bytes(),
            self.runs.len(),
            &self.costs,
        )
    }

    /// Runs the jobs of one activation. Never fails: what goes wrong becomes a failed completion.
    pub fn activate(&mut self, activation: &WorkflowActivation) -> ActivationOutcome {
        let run_id = activation.run_id.clone();
        let bytes = activation.encode_to_vec();
        if let Some(message) = self.refusal(bytes.len()) {
            return ActivationOutcome::failed(&run_id, &message);
        }
        let began = Instant::now();
        if let Err(refusal) = self.enter_buffers(&run_id) {
            self.buffers.leave();
            let mut outcome = ActivationOutcome::failed(&run_id, &refusal.to_string());
            // What others touched since is not known to the cache.
            outcome.measurement = self.measure();
            outcome.run_bytes = self.costs.of(&run_id);
            return outcome;
        }
        let allocated_before = self.isolate.get_heap_statistics().total_allocated_bytes();
        let buffers_before = self.buffers.bytes().resident_bytes;
        let Self {
            host,
            transcoder,
            watchdog,
            runs,
            isolate,
            heap_guard,
            ..
        } = self;
        let mut outcome = {
            v8::scope_with_context!(let scope, isolate, &host.host_context);
            let mut visit = Visit {
                scope,
                host,
                transcoder,
                watchdog,
                runs,
                run_id: &run_id,
                heap_limit_bytes: heap_guard.limit_bytes(),
            };
            visit.activate(&bytes)
        };
        let was_dropped = heap_guard.is_littered();
        if was_dropped {
            self.drop_stopped(&run_id);
        }
        self.buffers.leave();
        pump_foreground_tasks(&mut self.isolate);
        let heap = self.isolate.get_heap_statistics();
        let buffers_bytes = self.buffers.bytes().resident_bytes;
        // V8 counts its own heap alone.
        let allocated_bytes = heap
            .total_allocated_bytes()
            .saturating_sub(allocated_before)
            + buffers_bytes.saturating_sub(buffers_before) as u64;
        let used_bytes = (heap.used_heap_size() + buffers_bytes) as u64;
        outcome.took = began.elapsed();
        // What a run took that is gone says nothing about those that stay.
        let noted_bytes = if was_dropped { 0 } else { allocated_bytes };
        self.costs.note_activation(
            &run_id,
            outcome.took,
            noted_bytes,
            self.buffers.of_run(&run_id),
        );
        if self.costs.is_due(used_bytes) {
            outcome.measurement = self.measure();
        }
        outcome.run_bytes = self.costs.of(&run_id);
        self.relieve(allocated_bytes, used_bytes);
        outcome
    }

    /// Before a run is entered: whether there is room for what it may touch. Garbage does not count against it.
    fn enter_buffers(&mut self, run_id: &str) -> Result<(), EntryRefusal> {
        count_for_this_thread(&self.buffers);
        self.buffers.enter(run_id).or_else(|_| {
            self.collect_garbage();
            self.buffers.enter(run_id)
        })
    }

    /// What the run costs as far as is known.
    #[must_use]
    pub fn run_bytes(&self, run_id: &str) -> RunBytes {
        self.costs.of(run_id)
    }

    /// Measures every run, if anything happened since that was done last.
    pub fn measure_if_stale(&mut self) -> Option<Measurement> {
        if self.costs.is_stale() {
            return self.measure();
        }
        None
    }

    /// Measures every run if that is due in an isolate that has nothing else to do.
    pub fn measure_when_idle(&mut self) -> Option<Measurement> {
        if self.costs.is_due_when_idle(Instant::now()) {
            return self.measure();
        }
        None
    }

    /// How much of its time the isolate spends on measuring.
    #[must_use]
    pub fn measuring_time(&self) -> MeasuringTime {
        self.costs.time()
    }

    /// Collects all garbage and gives free pages back to the system.
    pub fn collect_garbage(&mut self) {
        self.isolate.low_memory_notification();
        pump_foreground_tasks(&mut self.isolate);
    }

    fn measure(&mut self) -> Option<Measurement> {
        let walk = self.walk?;
        let Self {
            host,
            transcoder,
            watchdog,
            isolate,
            costs,
            buffers,
            ..
        } = self;
        let measure = Measure {
            host,
            transcoder,
            watchdog,
            walk,
            buffers,
        };
        v8::scope_with_context!(let scope, isolate, &host.host_context);
        measure.take(scope, costs);
        Some(costs.measurement())
    }

    /// Why an activation of this size must not enter; garbage does not count against it.
    fn refusal(&mut self, encoded_bytes: usize) -> Option<String> {
        if !is_large(encoded_bytes) {
            return None;
        }
        let limit_bytes = self.heap_guard.limit_bytes();
        let used_bytes =
            |isolate: &mut v8::OwnedIsolate| isolate.get_heap_statistics().used_heap_size();
        refusal(encoded_bytes, used_bytes(&mut self.isolate), limit_bytes)?;
        self.collect_garbage();
        refusal(encoded_bytes, used_bytes(&mut self.isolate), limit_bytes)
    }

    /// Collects garbage at once where the process comes near its limit: the clock that watches it is slower than a few
    /// isolates that allocate as fast as they can.
    fn relieve(&mut self, allocated_bytes: u64, used_bytes: u64) {
        self.unseen_bytes += allocated_bytes;
        if self.unseen_bytes < LOOK_EVERY_BYTES {
            return;
        }
        self.unseen_bytes = 0;
        if used_bytes >= self.costs.live_bytes() + GARBAGE_MIN_BYTES && is_tight() {
            self.collect_garbage();
        }
    }

    /// Lets go of what a run that was stopped for its memory holds, at once: sdk-core evicts it only after its next steps.
    fn drop_stopped(&mut self, run_id: &str) {
        if let Some(state) = self.runs.get_mut(run_id) {
            *state = RunState::Condemned;
        }
        let Self {
            host,
            watchdog,
            isolate,
            heap_guard,
            ..
        } = self;
        {
            v8::scope_with_context!(let scope, isolate, &host.host_context);
            if let Some(id) = v8::String::new(scope, run_id) {
                let _ = enter(scope, watchdog, &host.steps.forget, &[id.into()]);
            }
            take_rejection(scope);
        }
        heap_guard.restore(isolate);
        self.costs.forget(run_id);
    }

    /// Disposes of a run. What its disposal throws is logged and changes nothing.
    pub fn evict(&mut self, run_id: &str) {
        let Some(state) = self.runs.remove(run_id) else {
            return;
        };
        // Its disposal must run, whatever it may touch.
        let _ = self.buffers.enter(run_id);
        self.dispose(run_id, state);
        self.buffers.leave();
        self.costs.forget(run_id);
        self.heap_guard.restore(&mut self.isolate);
    }

    fn dispose(&mut self, run_id: &str, state: RunState) {
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
        if state == RunState::Alive
            && let Err(error) = enter(scope, watchdog, &host.steps.dispose, &[id.into()])
        {
            let error = error_text(scope, watchdog, error);
            tracing::warn!(run_id, error, "the disposal of a run failed");
        }
        // Only now, when the microtasks of the disposal are done.
        let _ = enter(scope, watchdog, &host.steps.forget, &[id.into()]);
        take_rejection(scope);
    }

    /// Disposes of every run and of the bundle, for at most `patience`.
    pub fn evict_all(&mut self, patience: Duration) {
        let began = Instant::now();
        let run_ids: Vec<String> = self.runs.keys().cloned().collect();
        for run_id in run_ids {
            if began.elapsed() >= patience {
                tracing::warn!(
                    left = self.runs.len(),
                    "the worker ends without disposing of all runs"
                );
                return;
            }
            self.evict(&run_id);
        }
        let Self {
            host,
            watchdog,
            isolate,
            ..
        } = self;
        v8::scope_with_context!(let scope, isolate, &host.host_context);
        if let Err(error) = enter(scope, watchdog, &host.steps.destroy, &[]) {
            let error = error_text(scope, watchdog, error);
            tracing::warn!(error, "the bundle's own destructors failed");
        }
    }
}
