//! The engine: V8 isolates that host workflow runs. The only module tree that touches V8 handles and `unsafe`.
//!
//! Outside of it a run is a [`WorkflowIsolate`] method call: activation in, completion out.

mod array_buffers;
mod buffers;
mod command_lines;
mod context_mode;
mod entry;
mod error;
mod heap;
mod heap_guard;
mod heap_walk;
mod host;
mod host_natives;
mod isolate;
mod load;
mod lost;
mod measure;
mod module_sharing;
mod native_memory;
mod natives;
mod overflow;
mod page_guard;
mod patch_activation;
mod payload_size;
mod platform;
mod rejections;
mod run_costs;
mod scripts;
mod sharing;
mod sink_call;
mod snapshot;
mod stopper;
mod task_failure;
pub(crate) mod transcode;
mod visit;
mod watchdog;

pub use context_mode::ContextMode;
pub use error::EngineError;
pub use heap::HeapSample;
pub use isolate::{IsolateSettings, WorkflowIsolate};
pub use lost::{IsolateLoss, LossSignal, LossWatch, LostThread};
pub use measure::Measurement;
pub use module_sharing::ModuleSharing;
pub use native_memory::{Allocator, read_malloc, tune_malloc};
pub use natives::{ConsoleCall, ConsoleCallSink, ConsoleOutput};
pub use overflow::{has_overflowed, overflow_into};
pub use page_guard::{PrivateBytes, allow_private_bytes, is_guarding, is_stopping};
pub use patch_activation::{Inactive, PatchActivation, PatchedRun};
pub use platform::initialize_v8;
pub use run_costs::{MeasuringTime, RunBytes};
pub use sink_call::{COMMAND_SOURCE_SINK, SinkCall};
pub use snapshot::{HeapShape, trim_malloc};
pub use visit::ActivationOutcome;
pub use watchdog::Stop;
