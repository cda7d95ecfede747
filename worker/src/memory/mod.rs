//! What the operating system and the container say about this process's memory.
//!
//! [`process`] reads how much the process holds now, [`regions`] by whom it was mapped, [`limit`] finds
//! how much it may hold. They read files below an injected root, so that tests use real-looking copies
//! of `/proc` and `/sys/fs/cgroup`. What the figures mean is computed by pure functions: [`breakdown`],
//! [`regression`], [`diagnosis`].
#![forbid(unsafe_code)]

pub mod breakdown;
mod cgroup;
pub mod cost;
pub mod diagnosis;
mod ecs;
pub mod limit;
pub(crate) mod plain_http;
pub mod process;
pub mod regions;
pub mod regression;

pub use breakdown::{HeapReading, MallocReading, MemoryBreakdown, MemoryParts, MemoryReadings};
pub use cost::{CachedRun, EvictionReason, RunCost};
pub use limit::{
    MemoryLimit, MemoryLimitCandidate, MemoryLimitSource, MemorySources, find_memory_limit,
};
pub use process::ProcessMemory;
pub use regions::RegionBytes;
