//! How the memory limit is divided: pure arithmetic from the limit and what the worker hosts.

mod demand;
mod divide;
mod error;
mod parts;

use super::lru::CacheLimits;
use super::share::{Percent, mib_text};
pub use demand::{BudgetSize, PlanDemand, PlanShares};
use divide::{MIB, bytes_of, divide, heap_per_isolate, mib_below, refusal};
pub use error::PlanError;
pub use parts::{PlanPart, PlanRow};

#[cfg(test)]
mod tests;

/// What a loaded bundle holds in the heap of each isolate: built-ins and the SDK, and code and objects of its modules.
const BUNDLE_HEAP_FIXED_BYTES: u64 = 6 * MIB;
const BUNDLE_HEAP_BUNDLES: u64 = 3;
/// Of the room that is left for runs, their live bytes may take half: what they drop stays until a full collection, and
/// while the cache grew an RSS of two to three times the live heap was measured.
const LIVE_SHARE: Percent = Percent::whole(50);
/// One isolate may hold somewhat more than its part of the cache, because runs are placed by number and not by size.
const LIVE_SHARE_OF_ISOLATE: Percent = Percent::whole(65);
/// The least that a cached run costs: 36 KiB of live heap, and what the worker and sdk-core keep.
const RUN_MIN_BYTES: u64 = 64 << 10;
/// More cached runs than this gain nothing: the server drops its side of sticky queues long before.
const CACHED_WORKFLOWS_MAX: usize = 100_000;

/// The limit divided. The rows add up to the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    /// The limit.
    pub limit_bytes: u64,
    /// Its parts, in the order of the table.
    pub rows: Vec<PlanRow>,
    /// Isolates; 0 when no workflows are hosted.
    pub isolates: usize,
    /// The V8 heap limit of each isolate; 0 without isolates.
    pub heap_per_isolate_bytes: u64,
    /// The V8 heap limit of the isolate for a stack trace on demand; 0 without isolates.
    pub temporary_heap_bytes: u64,
    /// What all cached runs may cost, host and sdk-core bytes included; 0 without a cache.
    pub cache_bytes: u64,
    /// What the cached runs of one isolate may cost.
    pub cache_bytes_per_isolate: u64,
    /// Runs that may be cached; 0: no cache.
    pub max_cached_workflows: usize,
    /// What one run may hold; nothing: everything.
    pub workflow_budget_bytes: Option<u64>,
}

/// Fewer runs than this are no use as a cache: a task that runs needs its run cached, and so does each isolate.
#[must_use]
pub fn fewest_cached_workflows(workflow_slots: usize, isolates: usize) -> usize {
    workflow_slots.max(isolates.saturating_mul(2)).max(2)
}

impl MemoryPlan {
    /// Divides the limit.
    ///
    /// # Errors
    /// When the parts do not fit.
    pub fn of(limit_bytes: u64, demand: &PlanDemand) -> Result<Self, PlanError> {
        let rows = divide(limit_bytes, demand).ok_or_else(|| refusal(limit_bytes, demand))?;
        let heaps_bytes = bytes_of(&rows, PlanPart::Heaps);
        let heap_per_isolate_bytes = heap_per_isolate(heaps_bytes, demand);
        let mut plan = Self {
            limit_bytes,
            isolates: demand.isolates,
            heap_per_isolate_bytes,
            temporary_heap_bytes: bytes_of(&rows, PlanPart::TemporaryIsolate),
            cache_bytes: 0,
            cache_bytes_per_isolate: 0,
            max_cached_workflows: 0,
            workflow_budget_bytes: workflow_budget(demand.workflow_budget, heap_per_isolate_bytes),
            rows,
        };
        if demand.isolates > 0 && demand.max_cached_workflows != Some(0) {
            plan.size_cache(heaps_bytes, demand);
        }
        Ok(plan)
    }

    fn size_cache(&mut self, heaps_bytes: u64, demand: &PlanDemand) {
        let isolates = u64::try_from(demand.isolates).unwrap_or(u64::MAX);
        // Heaps that were set larger than their share must not fill the cache beyond it.
        let heap_bytes = self.heap_per_isolate_bytes.min(heaps_bytes / isolates);
        let room_bytes = run_room(heap_bytes, demand.bundle_bytes);
        self.cache_bytes = demand
            .cache_bytes
            .unwrap_or_else(|| mib_below(LIVE_SHARE.of(room_bytes.saturating_mul(isolates))));
        self.cache_bytes_per_isolate = LIVE_SHARE_OF_ISOLATE.of(room_bytes).min(self.cache_bytes);
        self.max_cached_workflows = demand.max_cached_workflows.unwrap_or_else(|| {
            let fitting = usize::try_from(self.cache_bytes / RUN_MIN_BYTES).unwrap_or(usize::MAX);
            fitting
                .min(CACHED_WORKFLOWS_MAX)
                .max(fewest_cached_workflows(
                    demand.workflow_slots,
                    demand.isolates,
                ))
        });
    }

    /// The size of a part; 0 where there is none.
    #[must_use]
    pub fn bytes_of(&self, part: PlanPart) -> u64 {
        bytes_of(&self.rows, part)
    }

    /// What the cache may hold; without a cache sdk-core evicts each run itself, and nothing is limited here.
    #[must_use]
    pub fn cache_limits(&self) -> CacheLimits {
        if self.max_cached_workflows == 0 {
            return CacheLimits::default();
        }
        CacheLimits {
            count: Some(self.max_cached_workflows),
            bytes: Some(self.cache_bytes),
            bytes_per_isolate: Some(self.cache_bytes_per_isolate),
        }
    }

    /// What works but looks unintended; one sentence each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let heaps_bytes = self.bytes_of(PlanPart::Heaps);
        let isolates = u64::try_from(self.isolates).unwrap_or(u64::MAX);
        if self.heap_per_isolate_bytes.saturating_mul(isolates) > heaps_bytes {
            warnings.push(format!(
                "{isolates} times `max-heap-per-isolate` ({}) is more than the {} that `memory-limit` leaves for V8 \
                 heaps; lower `isolates` or `max-heap-per-isolate`, or raise `memory-limit`",
                mib_text(self.heap_per_isolate_bytes),
                mib_text(heaps_bytes)
            ));
        }
        if self.cache_bytes > heaps_bytes {
            warnings.push(format!(
                "`cache-memory` ({}) is more than the {} that `memory-limit` leaves for V8 heaps; lower \
                 `cache-memory` or raise `memory-limit`",
                mib_text(self.cache_bytes),
                mib_text(heaps_bytes)
            ));
        }
        if let Some(budget_bytes) = self.workflow_budget_bytes
            && self.isolates > 0
            && budget_bytes > self.heap_per_isolate_bytes
        {
            warnings.push(format!(
                "`workflow-memory-budget` ({}) is more than the heap of an isolate ({}), so that no run reaches it; \
                 lower `workflow-memory-budget` or raise `max-heap-per-isolate`",
                mib_text(budget_bytes),
                mib_text(self.heap_per_isolate_bytes)
            ));
        }
        warnings
    }
}

/// What one heap leaves for runs: all but a full young generation and the loaded bundle.
fn run_room(heap_bytes: u64, bundle_bytes: u64) -> u64 {
    let bundle_heap_bytes =
        BUNDLE_HEAP_FIXED_BYTES.saturating_add(bundle_bytes.saturating_mul(BUNDLE_HEAP_BUNDLES));
    heap_bytes
        .saturating_sub(young_generation(heap_bytes))
        .saturating_sub(bundle_heap_bytes)
}

/// The largest young generation of a heap, as V8 150 sets it (`Heap::YoungGenerationSizeFromHeapSize` and
/// `Heap::ConfigureHeap`): two semi-spaces and new large objects of the same size; a semi-space is a 32nd of the heap,
/// from 2 to 32 MiB, rounded up to a power of two.
fn young_generation(heap_bytes: u64) -> u64 {
    let semi_space_bytes = (heap_bytes / 32).clamp(2 * MIB, 32 * MIB);
    3 * semi_space_bytes.next_power_of_two()
}

fn workflow_budget(budget: BudgetSize, heap_per_isolate_bytes: u64) -> Option<u64> {
    match budget {
        BudgetSize::Off => None,
        BudgetSize::Bytes(bytes) => Some(bytes),
        BudgetSize::UpToHalfAHeap(bytes) if heap_per_isolate_bytes == 0 => Some(bytes),
        BudgetSize::UpToHalfAHeap(bytes) => Some(bytes.min(heap_per_isolate_bytes / 2)),
    }
}
