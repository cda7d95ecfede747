//! The worker's life: start, connect, poll, drain, stop.
#![forbid(unsafe_code)]

mod activities;
mod codecs;
mod connection;
mod core_worker;
mod error;
mod extensions;
mod heap_snapshots;
mod isolates;
mod memory;
mod observed;
mod run;
mod running;
mod second_try;
mod shutdown;
mod stack_trace_queries;
mod state;
#[cfg(test)]
mod test_config;
mod tuner;
mod versioning;
mod workflow_polling;

pub(crate) use codecs::configured_chain;
pub(crate) use connection::connect_within;
pub use error::RunError;
pub use extensions::WorkerExtensions;
pub(crate) use memory::PlannedMemory;
pub use run::{Announce, Ready, run_worker, run_worker_with};
pub(crate) use workflow_polling::take_eviction;
