//! Burdock: a Temporal workflow worker that hosts TypeScript workflow bundles in reused V8 isolates.
//!
//! The life of a worker is in [`lifecycle`], the runs are in [`engine`] behind [`hosting`]. `ARCHITECTURE.md` holds the
//! map.
#![deny(unsafe_code)]

pub mod commands;
pub mod config;
#[expect(
    unsafe_code,
    reason = "V8's callbacks and allocator; the one module tree with SAFETY arguments"
)]
pub mod engine;
pub mod exit_code;
pub mod hosting;
pub mod lifecycle;
mod logging;
pub mod memory;
pub mod sinks;
pub mod status;
