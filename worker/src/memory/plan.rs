//! How the memory limit is divided: pure arithmetic from the limit and what the worker hosts.

use super::lru::CacheLimits;
use super::share::{Percent, Share, mib_text};

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;

const MIB: u64 = 1 << 20;

/// The process with its threads, file mappings and connections. An idle worker with two isolates holds 55 MiB.
const BASE_FIXED_BYTES: u64 = 72 * MIB;
/// A bundle is kept as text and as the compressed mappings of its source map.
const BASE_BUNDLES: u64 = 2;
/// What sdk-core and activities hold: buffers, histories on their way, payloads.
const CORE_SHARE: Percent = Percent::whole(6);
const CORE_MIN_BYTES: u64 = 16 * MIB;
/// Pages that malloc keeps although nothing in them is in use.
const SLACK_SHARE: Percent = Percent::whole(6);
const SLACK_MIN_BYTES: u64 = 8 * MIB;
/// Peak RSS stays this far under the limit, because the kernel's counters lag and it kills at the limit itself.
const RESERVE_SHARE: Percent = Percent::whole(10);
/// The isolate of a stack trace query that is answered by a replay. There is one at a time.
const TEMPORARY_SHARE: Percent = Percent::whole(6);
const TEMPORARY_MIN_BYTES: u64 = HEAP_MIN_BYTES;
const TEMPORARY_MAX_BYTES: u64 = 256 * MIB;
/// With less V8 spends its time on collections, or ends the process while a bundle loads.
const HEAP_MIN_BYTES: u64 = 32 * MIB;
/// V8's own default on a large machine (`kDefaultMaxHeapSize`); full collections of larger heaps stop a thread too long.
const HEAP_MAX_BYTES: u64 = 4096 * MIB;
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
    /// Whether an isolate more may come up for a while, for stack traces on demand.
    pub has_temporary_isolate: bool,
    /// `max-heap-per-isolate`.
    pub heap_per_isolate_bytes: Option<u64>,
    /// `cache-memory`.
    pub cache_bytes: Option<u64>,
    /// `max-cached-workflows`; 0 switches the cache off.
    pub max_cached_workflows: Option<usize>,
    /// `workflow-memory-budget`.
    pub workflow_budget: BudgetSize,
}

/// A part of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanPart {
    /// The process with its bundle, file mappings and threads.
    Base,
    /// sdk-core and activities.
    Core,
    /// The V8 heaps of all isolates, and the array buffers that runs hold.
    Heaps,
    /// The isolate of stack traces on demand.
    TemporaryIsolate,
    /// What malloc keeps without using it.
    Slack,
    /// What must stay free.
    Reserve,
    /// What the settings leave to nobody.
    Unassigned,
}

impl PlanPart {
    /// The name in the table and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Core => "core and activities",
            Self::Heaps => "V8 heaps",
            Self::TemporaryIsolate => "isolate for stack traces",
            Self::Slack => "allocator slack",
            Self::Reserve => "reserve",
            Self::Unassigned => "unassigned",
        }
    }

    /// The setting that changes it.
    #[must_use]
    pub const fn setting(self) -> Option<&'static str> {
        match self {
            Self::Base => Some("memory-base"),
            Self::Core => Some("memory-core"),
            Self::Heaps => Some("memory-heaps"),
            Self::Slack => Some("memory-slack"),
            Self::Reserve => Some("memory-reserve"),
            Self::TemporaryIsolate | Self::Unassigned => None,
        }
    }
}

/// One part and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// Which part.
    pub part: PlanPart,
    /// Its size.
    pub bytes: u64,
    /// The rule that it follows; nothing where it was set.
    pub rule: Option<&'static str>,
}

impl PlanRow {
    /// The share that was set, or what the rule gives.
    fn of(
        part: PlanPart,
        share: Option<Share>,
        limit_bytes: u64,
        default: impl FnOnce() -> (u64, &'static str),
    ) -> Self {
        match share {
            Some(share) => Self {
                part,
                bytes: share.of(limit_bytes),
                rule: None,
            },
            None => {
                let (bytes, rule) = default();
                Self {
                    part,
                    bytes,
                    rule: Some(rule),
                }
            }
        }
    }
}

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
    /// The V8 heap limit of the isolate for a stack trace on demand; 0 where there is none.
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

/// A limit that cannot be divided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Not even the machine tells how much memory it has: say it.
    #[error("{problem}; {remedy}", problem = self.problem(), remedy = self.remedy())]
    NoLimit,
    /// The parts need more than there is: raise the limit.
    #[error("{problem}; {remedy}", problem = self.problem(), remedy = self.remedy())]
    TooSmall {
        /// The limit.
        limit_bytes: u64,
        /// The smallest limit that can be divided, in whole MiB.
        needed_bytes: u64,
        /// Isolates that need a heap each.
        isolates: usize,
    },
    /// The shares that were set leave no room under any limit: lower one.
    #[error("{problem}; {remedy}", problem = self.problem(), remedy = self.remedy())]
    SharesExceed {
        /// The limit.
        limit_bytes: u64,
        /// The settings that were given.
        settings: String,
    },
}

impl PlanError {
    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> String {
        match self {
            Self::NoLimit => {
                "neither the container nor the machine tells how much memory the worker may take"
                    .to_owned()
            }
            Self::TooSmall {
                limit_bytes,
                needed_bytes,
                isolates,
            } => format!(
                "the memory limit of {} is too small for this worker with {isolates} isolates, which needs {}",
                mib_text(*limit_bytes),
                mib_text(*needed_bytes)
            ),
            Self::SharesExceed {
                limit_bytes,
                settings,
            } => format!(
                "{settings} leave less of the memory limit of {} than the rest of the worker needs",
                mib_text(*limit_bytes)
            ),
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::NoLimit => "set `memory-limit`".to_owned(),
            Self::TooSmall { needed_bytes, .. } => format!(
                "raise the container's limit or `memory-limit` to at least {}MiB, or lower `isolates`",
                needed_bytes / MIB
            ),
            Self::SharesExceed { .. } => "lower one of them".to_owned(),
        }
    }
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

fn bytes_of(rows: &[PlanRow], part: PlanPart) -> u64 {
    let row = rows.iter().find(|row| row.part == part);
    row.map_or(0, |row| row.bytes)
}

/// The parts; nothing if they do not fit.
fn divide(limit_bytes: u64, demand: &PlanDemand) -> Option<Vec<PlanRow>> {
    let shares = &demand.shares;
    let hosts_workflows = demand.isolates > 0;
    let mut rows = fixed_rows(limit_bytes, demand);
    let taken = rows
        .iter()
        .try_fold(0_u64, |sum, row| sum.checked_add(row.bytes))?;
    let mut rest_bytes = limit_bytes.checked_sub(taken)?;
    if hosts_workflows {
        let heaps = PlanRow::of(PlanPart::Heaps, shares.heaps, limit_bytes, || {
            (rest_bytes, "the rest")
        });
        if demand.heap_per_isolate_bytes.is_none()
            && heap_per_isolate(heaps.bytes, demand) < HEAP_MIN_BYTES
        {
            return None;
        }
        rest_bytes = rest_bytes.checked_sub(heaps.bytes)?;
        rows.insert(2, heaps);
    } else if shares.core.is_none()
        && let Some(core) = rows.iter_mut().find(|row| row.part == PlanPart::Core)
    {
        core.bytes += std::mem::take(&mut rest_bytes);
        core.rule = Some("the rest");
    }
    if rest_bytes > 0 {
        let left = || (rest_bytes, "what the shares leave");
        rows.push(PlanRow::of(PlanPart::Unassigned, None, limit_bytes, left));
    }
    Some(rows)
}

/// The parts whose size does not depend on the others, in whole MiB where nobody set them.
fn fixed_rows(limit_bytes: u64, demand: &PlanDemand) -> Vec<PlanRow> {
    let shares = &demand.shares;
    let row = |part, share, default: &dyn Fn() -> (u64, &'static str)| {
        PlanRow::of(part, share, limit_bytes, default)
    };
    let mut rows = vec![
        row(PlanPart::Base, shares.base, &|| {
            let bundles_bytes = demand.bundle_bytes.saturating_mul(BASE_BUNDLES);
            let bytes = mib_above(BASE_FIXED_BYTES.saturating_add(bundles_bytes));
            (bytes, "72MiB and twice the bundle")
        }),
        row(PlanPart::Core, shares.core, &|| {
            let bytes = mib_below(CORE_SHARE.of(limit_bytes));
            (bytes.max(CORE_MIN_BYTES), "6%, at least 16MiB")
        }),
    ];
    if demand.isolates > 0 && demand.has_temporary_isolate {
        rows.push(row(PlanPart::TemporaryIsolate, None, &|| {
            let bytes = mib_below(TEMPORARY_SHARE.of(limit_bytes));
            let bytes = bytes.clamp(TEMPORARY_MIN_BYTES, TEMPORARY_MAX_BYTES);
            (bytes, "6%, from 32MiB to 256MiB")
        }));
    }
    rows.push(row(PlanPart::Slack, shares.slack, &|| {
        let bytes = mib_below(SLACK_SHARE.of(limit_bytes));
        (bytes.max(SLACK_MIN_BYTES), "6%, at least 8MiB")
    }));
    rows.push(row(PlanPart::Reserve, shares.reserve, &|| {
        (mib_above(RESERVE_SHARE.of(limit_bytes)), "10%")
    }));
    rows
}

fn mib_below(bytes: u64) -> u64 {
    bytes / MIB * MIB
}

fn mib_above(bytes: u64) -> u64 {
    bytes.checked_next_multiple_of(MIB).unwrap_or(u64::MAX)
}

/// Why nothing came of dividing `limit_bytes`.
fn refusal(limit_bytes: u64, demand: &PlanDemand) -> PlanError {
    // Parts that grow with the limit grow slower than it, unless shares were set that leave nothing, so that there is one
    // border between what fits and what does not; rounding to MiB blurs it by as much.
    let fits = |mib: &u64| divide(mib.saturating_mul(MIB), demand).is_some();
    let largest_mib: u64 = 1 << 34;
    if !fits(&largest_mib) || limit_bytes / MIB >= largest_mib {
        return PlanError::SharesExceed {
            limit_bytes,
            settings: given_shares(&demand.shares),
        };
    }
    let (mut too_small, mut enough) = (limit_bytes / MIB, largest_mib);
    while enough - too_small > 1 {
        let middle = too_small.midpoint(enough);
        if fits(&middle) {
            enough = middle;
        } else {
            too_small = middle;
        }
    }
    PlanError::TooSmall {
        limit_bytes,
        needed_bytes: enough * MIB,
        isolates: demand.isolates,
    }
}

fn given_shares(shares: &PlanShares) -> String {
    let given = [
        (PlanPart::Base, shares.base),
        (PlanPart::Core, shares.core),
        (PlanPart::Heaps, shares.heaps),
        (PlanPart::Slack, shares.slack),
        (PlanPart::Reserve, shares.reserve),
    ];
    let names: Vec<String> = given
        .into_iter()
        .filter(|(_, share)| share.is_some())
        .filter_map(|(part, _)| Some(format!("`{}`", part.setting()?)))
        .collect();
    names.join(", ")
}

/// The limit of one heap.
fn heap_per_isolate(heaps_bytes: u64, demand: &PlanDemand) -> u64 {
    match u64::try_from(demand.isolates) {
        Ok(0) | Err(_) => 0,
        Ok(isolates) => demand
            .heap_per_isolate_bytes
            .unwrap_or(mib_below(heaps_bytes / isolates).min(HEAP_MAX_BYTES)),
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
