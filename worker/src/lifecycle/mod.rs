//! The worker's life: start, connect, poll, drain, stop.
#![forbid(unsafe_code)]

mod activities;
mod connection;
mod core_worker;
mod error;
mod extensions;
mod run;
mod shutdown;
mod state;
mod workflow_polling;

pub use error::RunError;
pub use extensions::WorkerExtensions;
pub(crate) use connection::connect_within;
pub(crate) use workflow_polling::take_eviction;
pub use run::{Announce, Ready, run_worker, run_worker_with};
