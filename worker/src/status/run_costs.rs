//! What the cached runs cost, by run and by workflow type.

use crate::memory::{CachedRun, EvictionReason};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// Runs and types that `/status` lists.
const TOP: usize = 10;
/// Workflow types with a label of their own in metrics; a type is the user's text, and so is their number.
pub(super) const TYPE_LABELS_MAX: usize = 50;
/// The label of all further types.
pub(super) const OTHER_TYPES: &str = "_other";

/// The runs of one workflow type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeCost {
    /// The workflow type.
    pub workflow_type: String,
    /// Its cached runs.
    pub runs: u64,
    /// What they cost together.
    pub bytes: u64,
    /// What one of them costs on average.
    pub mean_bytes: u64,
}

/// All cached runs, summed up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunCosts {
    /// Number of the runs.
    pub runs: u64,
    /// Their cost.
    pub total_bytes: u64,
    /// The part of it that the worker and sdk-core hold.
    pub host_bytes: u64,
    /// What their buffers may take beyond: it was never touched and costs nothing yet.
    pub untouched_bytes: u64,
    /// The most expensive runs first.
    pub top_runs: Vec<CachedRun>,
    /// All types, the most expensive ones first.
    pub types: Vec<TypeCost>,
}

impl RunCosts {
    pub(super) fn of(cached: &[CachedRun]) -> Self {
        let mut types: HashMap<&str, (u64, u64)> = HashMap::new();
        let mut costs = Self::default();
        for run in cached {
            let bytes = run.cost.total_bytes();
            costs.runs += 1;
            costs.total_bytes = costs.total_bytes.saturating_add(bytes);
            costs.host_bytes = costs.host_bytes.saturating_add(run.cost.host_bytes);
            costs.untouched_bytes = costs
                .untouched_bytes
                .saturating_add(run.cost.untouched_bytes);
            let (runs, sum) = types.entry(&run.workflow_type).or_default();
            *runs += 1;
            *sum = sum.saturating_add(bytes);
        }
        costs.types = types
            .into_iter()
            .map(|(name, (runs, bytes))| TypeCost::new(name, runs, bytes))
            .collect();
        costs.types.sort_by(|a, b| {
            b.bytes
                .cmp(&a.bytes)
                .then_with(|| a.workflow_type.cmp(&b.workflow_type))
        });
        costs.top_runs = top_runs(cached);
        costs
    }

    /// `None` without runs.
    pub(super) fn mean_bytes(&self) -> Option<u64> {
        self.total_bytes.checked_div(self.runs)
    }

    /// The types that `/status` lists.
    pub(super) fn top_types(&self) -> &[TypeCost] {
        &self.types[..self.types.len().min(TOP)]
    }

    /// At most [`TYPE_LABELS_MAX`] types and, after them, the sum of the others.
    pub(super) fn labelled_types(&self) -> Vec<TypeCost> {
        let (own, others) = self.types.split_at(self.types.len().min(TYPE_LABELS_MAX));
        let mut labelled = own.to_vec();
        if !others.is_empty() {
            let sum =
                |value: fn(&TypeCost) -> u64| others.iter().map(value).fold(0, u64::saturating_add);
            labelled.push(TypeCost::new(
                OTHER_TYPES,
                sum(|of| of.runs),
                sum(|of| of.bytes),
            ));
        }
        labelled
    }
}

impl TypeCost {
    fn new(workflow_type: &str, runs: u64, bytes: u64) -> Self {
        Self {
            workflow_type: workflow_type.to_owned(),
            runs,
            bytes,
            mean_bytes: bytes.checked_div(runs).unwrap_or(0),
        }
    }
}

/// Selects before it sorts and clones: there may be very many runs.
fn top_runs(cached: &[CachedRun]) -> Vec<CachedRun> {
    let mut order: Vec<&CachedRun> = cached.iter().collect();
    let key = |run: &&CachedRun| (Reverse(run.cost.total_bytes()), run.run_id.clone());
    if order.len() > TOP {
        order.select_nth_unstable_by(TOP, |a, b| {
            b.cost
                .total_bytes()
                .cmp(&a.cost.total_bytes())
                .then_with(|| a.run_id.cmp(&b.run_id))
        });
        order.truncate(TOP);
    }
    order.sort_by_key(key);
    order.into_iter().cloned().collect()
}

/// Evictions between two readings of the counters; reasons without any are left out.
pub(super) fn evictions_since(
    before: &BTreeMap<EvictionReason, u64>,
    now: &BTreeMap<EvictionReason, u64>,
) -> BTreeMap<EvictionReason, u64> {
    now.iter()
        .map(|(reason, count)| {
            (
                *reason,
                count.saturating_sub(before.get(reason).copied().unwrap_or(0)),
            )
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::test_support::cached_run;
    use super::*;

    #[test]
    fn sums_runs_and_types() {
        let costs = RunCosts::of(&[
            cached_run("a", "cart", 10),
            cached_run("b", "order", 5),
            cached_run("c", "cart", 4),
        ]);
        // Each run of the test support has one more byte at the host.
        assert_eq!(
            (
                costs.runs,
                costs.total_bytes,
                costs.host_bytes,
                costs.mean_bytes()
            ),
            (3, 22, 3, Some(7))
        );
        assert_eq!(
            costs.types,
            [TypeCost::new("cart", 2, 16), TypeCost::new("order", 1, 6)]
        );
        assert_eq!(costs.types[0].mean_bytes, 8);
        let none = RunCosts::of(&[]);
        assert_eq!(
            (
                none.mean_bytes(),
                none.top_types().len(),
                none.labelled_types().len()
            ),
            (None, 0, 0)
        );
    }

    #[test]
    fn lists_the_ten_most_expensive_runs_and_types() {
        let many: Vec<_> = (0..200)
            .map(|index| {
                cached_run(
                    &format!("r{index:03}"),
                    &format!("t{index:03}"),
                    index * 37 % 200,
                )
            })
            .collect();
        let costs = RunCosts::of(&many);
        let bytes: Vec<u64> = costs
            .top_runs
            .iter()
            .map(|run| run.cost.heap_bytes)
            .collect();
        assert_eq!(bytes, (190..200).rev().collect::<Vec<_>>());
        let types: Vec<u64> = costs.top_types().iter().map(|of| of.bytes).collect();
        assert_eq!(types, (191..201).rev().collect::<Vec<_>>());
    }

    #[test]
    fn equal_runs_are_listed_in_a_fixed_order() {
        let forwards: Vec<_> = (0..30)
            .map(|index| cached_run(&format!("r{index:02}"), "t", 7))
            .collect();
        let backwards: Vec<_> = forwards.iter().rev().cloned().collect();
        assert_eq!(
            RunCosts::of(&forwards).top_runs,
            RunCosts::of(&backwards).top_runs
        );
    }

    #[test]
    fn labels_are_bounded_and_lose_nothing() {
        let many: Vec<_> = (0..120)
            .map(|index| cached_run("r", &format!("t{index:03}"), index))
            .collect();
        let costs = RunCosts::of(&many);
        let labelled = costs.labelled_types();
        assert_eq!(labelled.len(), TYPE_LABELS_MAX + 1);
        assert_eq!(
            labelled.iter().map(|of| of.bytes).sum::<u64>(),
            costs.total_bytes
        );
        assert_eq!(labelled.iter().map(|of| of.runs).sum::<u64>(), 120);
        assert_eq!(labelled[TYPE_LABELS_MAX].workflow_type, OTHER_TYPES);
        let few = RunCosts::of(&many[..TYPE_LABELS_MAX]).labelled_types();
        assert!(few.iter().all(|of| of.workflow_type != OTHER_TYPES));
    }

    #[test]
    fn evictions_are_counted_between_two_readings() {
        use EvictionReason::{CacheFull, Completed, Stopped};
        let before = BTreeMap::from([(CacheFull, 3), (Completed, 9)]);
        let now = BTreeMap::from([(CacheFull, 5), (Completed, 9), (Stopped, 1)]);
        assert_eq!(
            evictions_since(&before, &now),
            BTreeMap::from([(CacheFull, 2), (Stopped, 1)])
        );
        assert_eq!(
            evictions_since(&now, &before),
            BTreeMap::new(),
            "counters that began anew"
        );
    }
}
