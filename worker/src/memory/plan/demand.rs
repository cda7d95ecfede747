//! What a memory limit is divided for.

use super::super::share::Share;

/// The shares of the limit that were set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanShares {
    /// `memory-base`.
    pub base: Option<Share>,
    /// `memory-core`.
    pub core: Option<Share>,
    /// `memory-heaps`.
    pub heaps: Option<Share>,
    /// `memory-slack`.
    pub slack: Option<Share>,
    /// `memory-reserve`.
    pub reserve: Option<Share>,
}

/// How much one run may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetSize {
    /// Everything.
    Off,
    /// Nobody said: so many bytes, but at most half of an isolate's heap, or the heap's own limit would come first.
    UpToHalfAHeap(u64),
    /// As it was said.
    Bytes(u64),
}

/// What the worker hosts, and which sizes were set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanDemand {
    /// Shares of the limit.
    pub shares: PlanShares,
    /// Isolates; 0 when no workflows are hosted.
    pub isolates: usize,
    /// Workflow tasks at a time.
    pub workflow_slots: usize,
    /// Size of the bundle file.
    pub bundle_bytes: u64,
    /// `max-heap-per-isolate`.
    pub heap_per_isolate_bytes: Option<u64>,
    /// `cache-memory`.
    pub cache_bytes: Option<u64>,
    /// `max-cached-workflows`; 0 switches the cache off.
    pub max_cached_workflows: Option<usize>,
    /// `workflow-memory-budget`.
    pub workflow_budget: BudgetSize,
}
