//! Burdock: a Temporal workflow worker that hosts TypeScript workflow bundles in reused V8 isolates.
//!
//! The life of a worker is in [`lifecycle`], the runs are in [`engine`] behind [`hosting`]. `ARCHITECTURE.md` holds the
//! map.
//!
//! The binary `burdock` serves the built-in activities. A worker with activities of one's own is a few lines:
//!
//! ```no_run
//! use burdock_activities::{ActivityContext, ActivityError, ActivityRegistry};
//! use burdock_worker::config::{Surroundings, WorkerFlags, resolve_worker};
//! use burdock_worker::engine::initialize_v8;
//! use burdock_worker::lifecycle::{WorkerExtensions, run_worker_with};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let registry = ActivityRegistry::builder()
//!     .register("greet", |_context: ActivityContext, name: String| async move {
//!         Ok::<_, ActivityError>(format!("Hello, {name}!"))
//!     })
//!     .build()?;
//! initialize_v8();
//! let config = resolve_worker(&WorkerFlags::default(), &Surroundings::of_process())?;
//! let extensions = WorkerExtensions::default().activities(registry);
//! let worker = run_worker_with(config, extensions, Box::new(|_| {}));
//! tokio::runtime::Runtime::new()?.block_on(worker)?;
//! # Ok(())
//! # }
//! ```
#![deny(unsafe_code)]

/// The client whose connection a worker shares, see [`lifecycle::Ready::client`].
pub use temporalio_client;

pub mod bridge;
pub mod commands;
pub mod config;
#[expect(
    unsafe_code,
    reason = "V8's callbacks and allocator; the one module tree with SAFETY arguments"
)]
pub mod engine;
pub mod exit_code;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod governor;
pub mod heap_snapshot;
pub mod hosting;
pub mod interceptors;
pub mod lifecycle;
pub mod logging;
pub mod memory;
mod panics;
pub mod replay;
pub mod sinks;
pub mod slots;
pub mod status;
