//! What the worker says about itself: the status page, health probes, metrics and the log line.
//!
//! The worker implements [`StatusSource`]; [`Sampler`] joins its parts with the process's own
//! memory readings into a [`WorkerSample`]; [`StatusServer`] and [`run_log_line`] show it.
#![forbid(unsafe_code)]

mod core_metrics;
mod error;
mod health;
mod heap_snapshots;
mod isolate_metrics;
mod log_line;
mod memory_metrics;
mod memory_sample;
mod memory_watch;
mod observations;
mod patience;
mod poll_watch;
mod prometheus_text;
mod routes;
mod run_costs;
mod sample;
mod sampler;
mod server;
mod source;
mod symptoms;
#[cfg(test)]
mod test_support;
mod window;
mod worker_metrics;

pub use core_metrics::{CoreMetricsHandle, core_metrics};
pub use error::StatusError;
pub use health::{LivenessLimits, Verdict, judge_live, judge_ready};
pub use log_line::run_log_line;
pub use memory_sample::{MemorySample, PerCachedWorkflow};
pub use observations::run_observations;
pub use poll_watch::{PollGuard, PollWatch, PollerHealth};
pub use routes::StatusService;
pub use run_costs::{RunCosts, TypeCost};
pub use sample::{Deltas, SlotsSample, WorkerSample, native_bytes};
pub use sampler::Sampler;
pub use server::{RunningStatusServer, StatusServer};
pub use source::{
    BoxFuture, BundleInfo, HeapSnapshotSource, IsolateSample, LostIsolateSample, PlannedPart,
    RunState, SlotUse, StatusSource, Terminations, WorkerHealth, WorkerParts,
};
