//! The resolved settings of memory, and the plan that follows from them once the limit is known.

use super::settings::Resolver;
use super::{WorkerConfig, beside_its_file};
use crate::config::elements::memory_shares::{
    MemoryBase, MemoryCore, MemoryHeaps, MemoryReserve, MemorySlack,
};
use crate::config::elements::pressure::{
    CRITICAL_DEFAULT, ELEVATED_DEFAULT, HIGH_DEFAULT, PressureCritical, PressureElevated,
    PressureHigh,
};
use crate::config::elements::workflow_memory_budget::{
    BUDGET_DEFAULT, TRIES_DEFAULT, WorkflowMemoryBudget, WorkflowMemoryBudgetPolicy,
    WorkflowMemoryBudgetTries,
};
use crate::config::elements::{CacheMemory, MemoryOverflowDir};
use crate::config::findings::Taken;
use crate::config::render::Row;
use crate::config::source::{Setting, Source};
use crate::config::units::ByteSize;
use crate::memory::{
    BudgetPolicy, BudgetSize, MemoryLimit, MemoryPlan, Percent, PlanDemand, PlanError, PlanPart,
    PlanShares, PressureThresholds, Share, WorkflowBudget,
};

/// How the memory limit is divided, and what happens near it.
#[derive(Clone, Debug)]
pub struct MemoryConfig {
    /// Nothing: by the plan's rule. The same for the other shares.
    pub base: Setting<Option<Share>>,
    /// sdk-core and activities.
    pub core: Setting<Option<Share>>,
    /// The V8 heaps.
    pub heaps: Setting<Option<Share>>,
    /// What the allocator keeps.
    pub slack: Setting<Option<Share>>,
    /// What stays free.
    pub reserve: Setting<Option<Share>>,
    /// Nothing: by the plan's rule.
    pub cache: Setting<Option<ByteSize>>,
    /// Nothing: no budget.
    pub workflow_budget: Setting<Option<ByteSize>>,
    /// What becomes of a run over its budget.
    pub workflow_budget_policy: Setting<BudgetPolicy>,
    /// How often a run may pass its budget.
    pub workflow_budget_tries: Setting<usize>,
    /// Never above the next.
    pub pressure_elevated: Setting<Percent>,
    /// Never above the next.
    pub pressure_high: Setting<Percent>,
    /// The last level.
    pub pressure_critical: Setting<Percent>,
    /// Where memory goes beyond it.
    pub overflow_dir: Setting<MemoryOverflowDir>,
}

impl MemoryConfig {
    pub(super) fn resolve(resolver: &mut Resolver) -> Self {
        let levels = [
            resolver.take::<PressureElevated>(),
            resolver.take::<PressureHigh>(),
            resolver.take::<PressureCritical>(),
        ];
        let is_sure = !levels.iter().any(Taken::is_invalid);
        let [elevated, high, critical] = levels;
        let config = Self {
            base: resolver.take::<MemoryBase>().optional(None),
            core: resolver.take::<MemoryCore>().optional(None),
            heaps: resolver.take::<MemoryHeaps>().optional(None),
            slack: resolver.take::<MemorySlack>().optional(None),
            reserve: resolver.take::<MemoryReserve>().optional(None),
            cache: resolver.take::<CacheMemory>().optional(None),
            workflow_budget: resolver
                .take::<WorkflowMemoryBudget>()
                .or(Some(BUDGET_DEFAULT)),
            workflow_budget_policy: resolver
                .take::<WorkflowMemoryBudgetPolicy>()
                .or(BudgetPolicy::default()),
            workflow_budget_tries: resolver
                .take::<WorkflowMemoryBudgetTries>()
                .or(TRIES_DEFAULT),
            pressure_elevated: elevated.or(ELEVATED_DEFAULT),
            pressure_high: high.or(HIGH_DEFAULT),
            pressure_critical: critical.or(CRITICAL_DEFAULT),
            overflow_dir: overflow_dir(resolver),
        };
        if is_sure {
            config.check_levels(resolver);
        }
        config
    }

    fn check_levels(&self, resolver: &mut Resolver) {
        let levels = [
            ("pressure-elevated", &self.pressure_elevated),
            ("pressure-high", &self.pressure_high),
            ("pressure-critical", &self.pressure_critical),
        ];
        for pair in levels.windows(2) {
            if let [(lower_key, lower), (upper_key, upper)] = pair
                && lower.value >= upper.value
            {
                resolver.findings.contradiction(
                    format!(
                        "`{lower_key}` is {} ({}), which is not below `{upper_key}`, {} ({})",
                        lower.value, lower.source, upper.value, upper.source
                    ),
                    format!("lower `{lower_key}` or raise `{upper_key}`"),
                );
            }
        }
    }

    /// The RSS from which each level of pressure holds.
    #[must_use]
    pub fn pressure_thresholds(&self, limit_bytes: u64) -> PressureThresholds {
        PressureThresholds::of(
            limit_bytes,
            *self.pressure_elevated,
            *self.pressure_high,
            *self.pressure_critical,
        )
    }

    /// The budget of every run, with the size that the plan settled; nothing: there is none.
    #[must_use]
    pub fn budget(&self, plan: &MemoryPlan) -> Option<WorkflowBudget> {
        Some(WorkflowBudget {
            bytes: plan.workflow_budget_bytes?,
            policy: *self.workflow_budget_policy,
            tries: *self.workflow_budget_tries,
        })
    }

    fn shares(&self) -> PlanShares {
        PlanShares {
            base: self.base.value,
            core: self.core.value,
            heaps: self.heaps.value,
            slack: self.slack.value,
            reserve: self.reserve.value,
        }
    }

    /// The setting of a part's share.
    pub(in crate::config) fn share(&self, part: PlanPart) -> Option<&Setting<Option<Share>>> {
        match part {
            PlanPart::Base => Some(&self.base),
            PlanPart::Core => Some(&self.core),
            PlanPart::Heaps => Some(&self.heaps),
            PlanPart::Slack => Some(&self.slack),
            PlanPart::Reserve => Some(&self.reserve),
            PlanPart::TemporaryIsolate | PlanPart::Unassigned => None,
        }
    }

    pub(super) fn share_rows(&self) -> [Row; 5] {
        [
            Row::of("memory-base", &self.base),
            Row::of("memory-core", &self.core),
            Row::of("memory-heaps", &self.heaps),
            Row::of("memory-slack", &self.slack),
            Row::of("memory-reserve", &self.reserve),
        ]
    }

    pub(super) fn cache_rows(&self) -> [Row; 8] {
        [
            Row::of("cache-memory", &self.cache),
            Row::of("workflow-memory-budget", &self.workflow_budget),
            Row::of(
                "workflow-memory-budget-policy",
                &self.workflow_budget_policy,
            ),
            Row::of("workflow-memory-budget-tries", &self.workflow_budget_tries),
            Row::of("pressure-elevated", &self.pressure_elevated),
            Row::of("pressure-high", &self.pressure_high),
            Row::of("pressure-critical", &self.pressure_critical),
            Row::of("memory-overflow-dir", &self.overflow_dir),
        ]
    }
}

fn overflow_dir(resolver: &mut Resolver) -> Setting<MemoryOverflowDir> {
    let folder = resolver.take::<MemoryOverflowDir>().or_default();
    match folder.value {
        MemoryOverflowDir::Folder(path) => beside_its_file(Setting {
            value: path,
            source: folder.source,
        })
        .map(MemoryOverflowDir::Folder),
        MemoryOverflowDir::Auto | MemoryOverflowDir::Off => folder,
    }
}

impl WorkerConfig {
    /// Divides `limit_bytes`; the bundle file has `bundle_bytes`, 0 where its size is unknown.
    ///
    /// # Errors
    /// When the limit is too small for what the settings ask for.
    pub fn memory_plan(
        &self,
        limit_bytes: u64,
        bundle_bytes: u64,
    ) -> Result<MemoryPlan, PlanError> {
        let bytes = |size: &Setting<Option<ByteSize>>| size.value.map(|size| size.0);
        let budget = &self.memory.workflow_budget;
        MemoryPlan::of(
            limit_bytes,
            &PlanDemand {
                shares: self.memory.shares(),
                isolates: *self.isolates,
                workflow_slots: *self.workflow_slots,
                bundle_bytes,
                heap_per_isolate_bytes: bytes(&self.max_heap_per_isolate),
                cache_bytes: bytes(&self.memory.cache),
                max_cached_workflows: self.max_cached_workflows.value,
                workflow_budget: match budget.value {
                    None => BudgetSize::Off,
                    Some(size) if budget.source.is_given() => BudgetSize::Bytes(size.0),
                    Some(size) => BudgetSize::UpToHalfAHeap(size.0),
                },
            },
        )
    }

    /// The same settings with what the plan decided in the place of what nobody said, for `burdock config`.
    #[must_use]
    pub fn planned(&self, limit: &MemoryLimit, plan: &MemoryPlan) -> Self {
        let mut config = self.clone();
        config.memory_limit.fill(|| Setting {
            value: ByteSize(limit.bytes),
            source: Source::Detected(limit.source.as_str()),
        });
        let memory = &mut config.memory;
        let shares = [
            (PlanPart::Base, &mut memory.base),
            (PlanPart::Core, &mut memory.core),
            (PlanPart::Heaps, &mut memory.heaps),
            (PlanPart::Slack, &mut memory.slack),
            (PlanPart::Reserve, &mut memory.reserve),
        ];
        for (part, share) in shares {
            let row = plan.rows.iter().find(|row| row.part == part);
            if let Some((row, rule)) = row.and_then(|row| Some((row, row.rule?))) {
                share.fill(|| Setting::derived(Share::Bytes(row.bytes), rule));
            }
        }
        if plan.isolates == 0 {
            return config;
        }
        let derived = |bytes, why| Setting::derived(ByteSize(bytes), why);
        config
            .max_heap_per_isolate
            .fill(|| derived(plan.heap_per_isolate_bytes, "its part of memory-heaps"));
        config
            .max_cached_workflows
            .fill(|| Setting::derived(plan.max_cached_workflows, "as many as fit cache-memory"));
        config
            .memory
            .cache
            .fill(|| derived(plan.cache_bytes, "about half of memory-heaps"));
        let budget_bytes = plan.workflow_budget_bytes;
        let budget = &mut config.memory.workflow_budget;
        if budget_bytes != budget.value.map(|size| size.0) {
            *budget = Setting::derived(budget_bytes.map(ByteSize), "half of max-heap-per-isolate");
        }
        config
    }
}

impl<T> Setting<Option<T>> {
    /// Puts what was decided in the place of nothing.
    fn fill(&mut self, decided: impl FnOnce() -> Setting<T>) {
        if self.value.is_none() {
            *self = decided().map(Some);
        }
    }
}
