//! What cached runs cost: the vocabulary that the engine, the cache and the status page share.

use serde::Serialize;
use std::fmt;

/// What one cached run costs, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunCost {
    /// Live objects of V8's heap that only this run keeps alive.
    pub heap_bytes: u64,
    /// Contents of buffers that only this run keeps alive, as far as they are resident; V8 keeps them outside of its heap.
    pub external_bytes: u64,
    /// Contents of such buffers that were never touched: they cost nothing until they are, and then only within an entry of
    /// this run.
    pub untouched_bytes: u64,
    /// What the worker and sdk-core keep for the run.
    pub host_bytes: u64,
}

impl RunCost {
    /// All that exists of it.
    #[must_use]
    pub fn total_bytes(self) -> u64 {
        self.heap_bytes
            .saturating_add(self.external_bytes)
            .saturating_add(self.host_bytes)
    }

    /// What workflow code holds: the part that a budget bounds.
    #[must_use]
    pub fn state_bytes(self) -> u64 {
        self.heap_bytes.saturating_add(self.external_bytes)
    }
}

/// One run of the cache, as it was last measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CachedRun {
    /// The run.
    pub run_id: String,
    /// The workflow that it is a run of.
    pub workflow_id: String,
    /// The workflow's type.
    pub workflow_type: String,
    /// Number of the isolate that it lives on.
    pub isolate: usize,
    /// What it costs.
    pub cost: RunCost,
}

/// Why a run left the cache. Serialised and shown in snake case, `cache_full` for example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvictionReason {
    /// `max-cached-workflows` is reached.
    CacheFull,
    /// The cache's bytes are used up.
    CacheBytes,
    /// The isolate's share of the heaps is used up.
    IsolateBudget,
    /// The run passed `workflow-memory-budget`.
    WorkflowBudget,
    /// The process comes near its memory limit.
    ProcessPressure,
    /// The run was stopped for its time or memory, and its state is unknown.
    Stopped,
    /// The isolate was given up.
    IsolateLost,
    /// The run was kept apart after an offence, did nothing wrong since, and goes back among others.
    QuarantineOver,
    /// The workflow has ended.
    Completed,
    /// sdk-core asked for another reason, such as a failed task.
    Requested,
}

impl EvictionReason {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::CacheFull,
        Self::CacheBytes,
        Self::IsolateBudget,
        Self::WorkflowBudget,
        Self::ProcessPressure,
        Self::Stopped,
        Self::IsolateLost,
        Self::QuarantineOver,
        Self::Completed,
        Self::Requested,
    ];

    /// The name in `/status`, in metrics and in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CacheFull => "cache_full",
            Self::CacheBytes => "cache_bytes",
            Self::IsolateBudget => "isolate_budget",
            Self::WorkflowBudget => "workflow_budget",
            Self::ProcessPressure => "process_pressure",
            Self::Stopped => "stopped",
            Self::IsolateLost => "isolate_lost",
            Self::QuarantineOver => "quarantine_over",
            Self::Completed => "completed",
            Self::Requested => "requested",
        }
    }
}

impl fmt::Display for EvictionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_bounds_what_workflow_code_holds() {
        let cost = RunCost {
            heap_bytes: 5,
            external_bytes: 3,
            untouched_bytes: 100,
            host_bytes: 2,
        };
        assert_eq!((cost.total_bytes(), cost.state_bytes()), (10, 8));
    }

    #[test]
    fn a_reason_has_one_name() {
        for reason in EvictionReason::ALL {
            let json = serde_json::to_value(reason).expect("a string");
            assert_eq!(json, reason.as_str());
        }
    }
}
