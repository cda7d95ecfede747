//! What the operating system and the container say about this process's memory.
//!
//! [`process`] reads how much the process holds now, [`limit`] finds how much it may hold. Both
//! read files below an injected root, so that tests use real-looking copies of `/proc` and
//! `/sys/fs/cgroup`.
#![forbid(unsafe_code)]

mod cgroup;
pub mod cost;
mod ecs;
pub mod limit;
pub(crate) mod plain_http;
pub mod process;

pub use cost::{CachedRun, EvictionReason, RunCost};
pub use limit::{
    MemoryLimit, MemoryLimitCandidate, MemoryLimitSource, MemorySources, find_memory_limit,
};
pub use process::ProcessMemory;
