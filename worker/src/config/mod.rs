//! The configuration of the worker.
//!
//! It is settled in two stages. [`given`] holds what the user said, as text with its place: flags,
//! environment variables and `burdock.toml`. [`resolved`] holds what the worker goes by: every
//! value typed, with the [`Source`] that it came from. For one key a flag wins over a variable, a
//! variable over the file, the file over the default. All mistakes are reported together.
//!
//! Settings of the client (address, namespace, API key, TLS) have a layer more: below
//! `burdock.toml` stands `temporal.toml`, read by Temporal's own loader. Their variables are
//! Temporal's own `TEMPORAL_*`. See [`client`].
#![forbid(unsafe_code)]

pub mod cli;
pub mod client;
pub mod elements;
mod environment;
mod error;
mod findings;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub mod given;
mod key;
pub mod memory_table;
pub mod render;
pub mod resolved;
mod source;
mod suggest;
#[cfg(test)]
mod tests;
pub mod units;

pub use cli::{Cli, Command, ConfigFlags, DevFlags, OutputFormat, UsageError, parse_cli};
pub use client::{ApiKey, ClientConfig, TlsConfig};
pub use environment::{Environment, Surroundings};
pub use error::{ConfigError, ConfigErrors, Warning};
pub use given::{HeapFlags, HostingFlags, ReplayFlags, WorkerFlags};
pub use key::{Element, Group, Key, Problem, Shape};
pub use memory_table::memory_table;
pub use render::{render, to_json};
pub use resolved::{
    CodecConfig, DevConfig, DevServerConfig, HeapConfig, Histories, HostingConfig, MemoryConfig,
    PollerScale, ReplayConfig, ResourceTargets, Selection, SlotSupply, VersioningConfig,
    WorkerConfig, resolve_dev, resolve_heap, resolve_hosting, resolve_replay, resolve_worker,
};
pub use source::{Setting, Source};
