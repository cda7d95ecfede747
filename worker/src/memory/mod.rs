//! What the operating system and the container say about this process's memory.
//!
//! [`process`] reads how much the process holds now, [`regions`] by whom it was mapped, [`limit`] finds how much it may
//! hold. They read files below an injected root, so that tests use real-looking copies of `/proc` and `/sys/fs/cgroup`.
//! What the figures mean is computed by pure functions: [`breakdown`], [`regression`], [`diagnosis`].
//!
//! What follows from it is decided by pure functions too: [`plan`] divides the limit, [`pressure`] says how near it is,
//! [`lru`] which runs leave the cache, [`budget`] what becomes of a run that holds too much.
#![forbid(unsafe_code)]

pub mod breakdown;
pub mod budget;
mod cgroup;
pub mod cost;
pub mod diagnosis;
mod ecs;
mod heap_space;
pub mod limit;
pub mod lru;
pub(crate) mod plain_http;
pub mod plan;
pub mod pressure;
pub mod process;
pub mod share;

pub use budget::{BudgetDecision, BudgetGuard, BudgetMeasure, BudgetPolicy, WorkflowBudget};
pub mod regions;
pub mod regression;

pub use breakdown::{HeapReading, MallocReading, MemoryBreakdown, MemoryParts, MemoryReadings};
pub use cost::{CachedRun, EvictionReason, RunCost};
pub use heap_space::HeapSpace;
pub use limit::{
    MemoryLimit, MemoryLimitCandidate, MemoryLimitSource, MemorySources, find_memory_limit,
};
pub use lru::{CacheLimits, StickyLru};
pub use plan::{BudgetSize, MemoryPlan, PlanDemand, PlanError, PlanPart, PlanRow, PlanShares};
pub use pressure::{Pressure, PressureLevel, PressureReading, PressureThresholds};
pub use process::ProcessMemory;
pub use regions::RegionBytes;
pub use share::{Percent, Share, mib_text};
