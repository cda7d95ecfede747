//! What the operating system and the container say about this process's memory.
//!
//! [`process`] reads how much the process holds now, [`limit`] finds how much it may hold. Both
//! read files below an injected root, so that tests use real-looking copies of `/proc` and
//! `/sys/fs/cgroup`.
//!
//! What follows from it is decided by pure functions: [`plan`] divides the limit, [`pressure`] says
//! how near it is, [`lru`] which runs leave the cache, [`budget`] what becomes of a run that holds
//! too much.
#![forbid(unsafe_code)]

pub mod budget;
mod cgroup;
pub mod cost;
mod ecs;
pub mod limit;
pub mod lru;
pub(crate) mod plain_http;
pub mod plan;
pub mod pressure;
pub mod process;
pub mod share;

pub use budget::{BudgetDecision, BudgetGuard, BudgetMeasure, BudgetPolicy, WorkflowBudget};
pub use cost::{CachedRun, EvictionReason, RunCost};
pub use limit::{
    MemoryLimit, MemoryLimitCandidate, MemoryLimitSource, MemorySources, find_memory_limit,
};
pub use lru::{CacheLimits, StickyLru};
pub use plan::{BudgetSize, MemoryPlan, PlanDemand, PlanError, PlanPart, PlanRow, PlanShares};
pub use pressure::{Pressure, PressureLevel, PressureReading, PressureThresholds};
pub use process::ProcessMemory;
pub use share::{Percent, Share, mib_text};
