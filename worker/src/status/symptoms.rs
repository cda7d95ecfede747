//! The figures that the diagnosis looks at, from what was sampled.

use super::memory_sample::Slopes;
use super::run_costs::RunCosts;
use super::source::WorkerParts;
use super::window::Window;
use crate::memory::PressureLevel;
use crate::memory::diagnosis::{Symptoms, TypeGrowth};
use crate::memory::{EvictionReason, MemoryBreakdown};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Rates are taken over one to two of these.
const RATE_PERIOD: Duration = Duration::from_secs(15);
/// A rate over less time is not told: the first evictions of a second say little.
const RATE_TIME_MIN: Duration = Duration::from_secs(5);
/// "Of late" is one to two of these.
const LATE_PERIOD: Duration = Duration::from_secs(300);
/// Types that are compared with their past.
const TYPES_MAX: usize = 50;

/// What is remembered to tell a change.
pub(super) struct Past {
    cache_full: Window<u64>,
    rebuilt: Window<u64>,
    type_means: Window<BTreeMap<String, u64>>,
}

/// What was sampled.
pub(super) struct Observed<'a> {
    pub parts: &'a WorkerParts,
    pub costs: &'a RunCosts,
    pub breakdown: Option<&'a MemoryBreakdown>,
    pub slopes: &'a Slopes,
    pub rss_bytes: u64,
    pub limit_bytes: Option<u64>,
}

impl Default for Past {
    fn default() -> Self {
        Self {
            cache_full: Window::new(RATE_PERIOD),
            rebuilt: Window::new(LATE_PERIOD),
            type_means: Window::new(LATE_PERIOD),
        }
    }
}

impl Past {
    /// Compares with the past and becomes part of it.
    pub fn symptoms(&mut self, now: Instant, observed: &Observed<'_>) -> Symptoms {
        let Observed { parts, costs, .. } = *observed;
        let cache_full = parts
            .evictions
            .get(&EvictionReason::CacheFull)
            .copied()
            .unwrap_or(0);
        let (ago, before) = self.cache_full.observe(now, cache_full);
        let cache_full_evictions_per_second = rate(cache_full.saturating_sub(*before), ago);
        let (_, rebuilt_before) = self.rebuilt.observe(now, parts.isolates_rebuilt);
        let isolates_rebuilt = parts.isolates_rebuilt.saturating_sub(*rebuilt_before);
        let (_, means_before) = self.type_means.observe(now, type_means(costs));
        let heap = |value: fn(&super::source::IsolateSample) -> u64| {
            parts
                .isolates
                .iter()
                .map(value)
                .fold(0, u64::saturating_add)
        };
        Symptoms {
            isolates_rebuilt,
            parked_runs: parts.parked_runs,
            cached_runs: costs.runs,
            cached_bytes: costs.total_bytes,
            largest_run: costs.top_runs.first().cloned(),
            pressure: (parts.pressure > PressureLevel::Normal).then(|| parts.pressure.as_str()),
            largest_part: observed.breakdown.map(largest_part),
            module_bytes: parts.module_bytes,
            cache_full_evictions_per_second,
            heap_percent: percent(
                heap(|of| of.used_heap_bytes),
                heap(|of| of.heap_limit_bytes),
            ),
            limit_percent: observed
                .limit_bytes
                .and_then(|limit| percent(observed.rss_bytes, limit)),
            growth: growth(means_before, costs),
            rss_slope_bytes_min: observed.slopes.rss_bytes_min(),
            rss_bytes: observed
                .breakdown
                .map_or(observed.rss_bytes, |found| found.rss_bytes),
            unexplained_bytes: observed
                .breakdown
                .map_or(0, |found| found.unexplained_bytes),
        }
    }
}

fn rate(count: u64, time: Duration) -> f64 {
    if time < RATE_TIME_MIN {
        0.0
    } else {
        count as f64 / time.as_secs_f64()
    }
}

/// `None` without a whole.
fn percent(part: u64, whole: u64) -> Option<u64> {
    let percent = u128::from(part)
        .checked_mul(100)?
        .checked_div(u128::from(whole))?;
    Some(u64::try_from(percent).unwrap_or(u64::MAX))
}

fn type_means(costs: &RunCosts) -> BTreeMap<String, u64> {
    let types = costs.types.iter().take(TYPES_MAX);
    types
        .map(|of| (of.workflow_type.clone(), of.mean_bytes))
        .collect()
}

/// The type that holds the most bytes more than it would with the mean of then.
fn growth(before: &BTreeMap<String, u64>, costs: &RunCosts) -> Option<TypeGrowth> {
    let known = costs
        .types
        .iter()
        .filter_map(|of| Some((of, *before.get(&of.workflow_type)?)));
    let (grown, before_bytes) = known
        .filter(|(of, before)| of.mean_bytes > *before)
        .max_by_key(|(of, before)| (of.mean_bytes - before).saturating_mul(of.runs))?;
    Some(TypeGrowth {
        workflow_type: grown.workflow_type.clone(),
        runs: grown.runs,
        before_bytes,
        now_bytes: grown.mean_bytes,
    })
}

/// Mapped files are left out: they are the same whatever the worker does.
fn largest_part(breakdown: &MemoryBreakdown) -> (&'static str, u64) {
    let parts = breakdown.parts.named().into_iter();
    let parts = parts.filter(|(name, _)| *name != "file_mappings");
    parts.max_by_key(|(_, bytes)| *bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{busy_parts, cached_run};
    use super::*;
    use crate::memory::MemoryParts;

    fn observe(past: &mut Past, at: Instant, parts: &WorkerParts) -> Symptoms {
        past.symptoms(
            at,
            &Observed {
                parts,
                costs: &RunCosts::of(&parts.cached_runs),
                breakdown: None,
                slopes: &Slopes::default(),
                rss_bytes: 50,
                limit_bytes: Some(200),
            },
        )
    }

    #[test]
    fn evictions_become_a_rate_after_some_seconds() {
        let (mut past, start, mut parts) = (Past::default(), Instant::now(), busy_parts());
        let mut after = |seconds: u64, count: u64| {
            parts.evictions.insert(EvictionReason::CacheFull, count);
            observe(&mut past, start + Duration::from_secs(seconds), &parts)
                .cache_full_evictions_per_second
        };
        assert_eq!(after(0, 7), 0.0);
        assert_eq!(after(4, 207), 0.0);
        assert_eq!(after(10, 407), 40.0);
        assert_eq!(after(3600, 407), 400.0 / 3600.0);
        assert_eq!(after(3620, 407), 0.0, "what is long gone is no rate");
    }

    #[test]
    fn rebuilt_isolates_are_forgotten_in_time() {
        let (mut past, start, mut parts) = (Past::default(), Instant::now(), busy_parts());
        parts.isolates_rebuilt = 3;
        let mut after = |seconds: u64, count: u64| {
            parts.isolates_rebuilt = count;
            observe(&mut past, start + Duration::from_secs(seconds), &parts).isolates_rebuilt
        };
        assert_eq!(after(0, 3), 0);
        assert_eq!(after(60, 4), 1);
        assert_eq!(after(310, 4), 1);
        assert_eq!(after(620, 4), 0);
    }

    #[test]
    fn shares_are_percentages_and_nothing_without_a_whole() {
        let mut past = Past::default();
        let symptoms = observe(&mut past, Instant::now(), &busy_parts());
        assert_eq!(
            (symptoms.heap_percent, symptoms.limit_percent),
            (Some(15), Some(25))
        );
        assert_eq!(percent(1, 0), None);
        assert_eq!(percent(u64::MAX, 1), Some(u64::MAX));
    }

    #[test]
    fn the_type_that_gained_most_is_the_one_that_grows() {
        let before = BTreeMap::from([
            ("a".to_owned(), 10),
            ("b".to_owned(), 1),
            ("c".to_owned(), 90),
        ]);
        let costs = RunCosts::of(&[
            cached_run("1", "a", 19),
            cached_run("2", "a", 19),
            cached_run("3", "b", 15),
            cached_run("4", "c", 80),
            cached_run("5", "new", 900),
        ]);
        let grown = growth(&before, &costs).expect("a and b grew");
        assert_eq!((grown.workflow_type.as_str(), grown.runs), ("a", 2));
        assert_eq!((grown.before_bytes, grown.now_bytes), (10, 20));
        assert_eq!(growth(&BTreeMap::new(), &costs), None);
    }

    #[test]
    fn pressure_is_a_symptom_from_elevated_on() {
        let mut parts = busy_parts();
        for (level, expected) in [
            (PressureLevel::Normal, None),
            (PressureLevel::Elevated, Some("elevated")),
            (PressureLevel::Critical, Some("critical")),
        ] {
            parts.pressure = level;
            assert_eq!(
                observe(&mut Past::default(), Instant::now(), &parts).pressure,
                expected
            );
        }
    }

    #[test]
    fn files_are_never_the_part_to_blame() {
        let parts = MemoryParts {
            file_mappings_bytes: 99,
            heap_garbage_bytes: 5,
            heap_live_bytes: 4,
            ..MemoryParts::default()
        };
        let breakdown = MemoryBreakdown {
            parts,
            ..MemoryBreakdown::default()
        };
        assert_eq!(largest_part(&breakdown), ("heap_garbage", 5));
    }
}
