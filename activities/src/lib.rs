//! Temporal activities written in Rust, served by the same sdk-core worker that hosts the
//! workflows.
//!
//! - [`ActivityRegistry`] holds the handlers: async functions from serde inputs to a serde output,
//!   under the activity type names that workflows schedule.
//! - [`run_activities`] (or [`ActivityDispatcher`], when the counters are wanted) polls a core
//!   worker, runs the handlers and reports their results. Local and eager activities arrive
//!   through the same poll.
//! - [`ActivityContext`] is what a handler sees of its task: information, heartbeats, cancellation.
//! - [`conversation`] and [`probe`] are two ready sets of activities: an embedded store of leads,
//!   messages, replies and calls, and generic activities to test a worker with.
//!
//! ```no_run
//! use std::sync::Arc;
//! use burdock_activities::{ActivityContext, ActivityError, ActivityRegistry, run_activities};
//!
//! #[derive(serde::Deserialize)]
//! struct Greeting { name: String }
//!
//! # async fn serve(core: Arc<temporalio_sdk_core::Worker>) -> Result<(), Box<dyn std::error::Error>> {
//! let registry = ActivityRegistry::builder()
//!     .register("greet", |_ctx: ActivityContext, input: Greeting| async move {
//!         Ok::<_, ActivityError>(format!("Hello, {}!", input.name))
//!     })
//!     .build()?;
//! run_activities(core, Arc::new(registry)).await;
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod arguments;
mod cancellation;
mod context;
mod converter;
mod core_port;
mod dispatch;
mod encoded_failure;
mod error;
mod failure;
mod info;
mod interceptor;
mod outcome;
mod payload;
mod registry;

pub mod conversation;
pub mod probe;

#[cfg(test)]
mod testing;

pub use cancellation::{CancelDetails, CancelReason, CancelRequest};
pub use context::ActivityContext;
pub use converter::{ConverterError, PayloadConverter};
pub use core_port::ActivityCore;
pub use dispatch::{ActivityCounters, ActivityDispatcher, DispatchOptions, run_activities};
pub use error::{ActivityError, ActivityResult};
pub use failure::{ApplicationFailure, FailureCategory};
pub use info::{ActivityInfo, WorkflowRef};
pub use interceptor::{ActivityCall, ActivityInterceptor, ActivityNext};
pub use payload::{DecodeError, EncodeError};
pub use registry::{ActivityRegistry, ActivityRegistryBuilder, RegistryError};

/// The wire form of one value: `metadata.encoding` names how `data` is to be read.
pub use temporalio_common::protos::temporal::api::common::v1::Payload;
