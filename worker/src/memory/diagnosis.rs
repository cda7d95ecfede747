//! What is wrong with the worker's memory, in one sentence: what is seen, and what to do about it.
//!
//! Each rule looks at plain figures. Where several hold, the first of [`RULES`] speaks: what costs correctness before
//! what costs memory, the cause before its effect, and what is merely not understood last.

use super::cost::CachedRun;

/// A run above this share of all runs' bytes is named.
const ONE_RUN_SHARE: f64 = 0.5;
/// Smaller runs than this are no one's trouble, whatever their share.
const RUN_BYTES_MIN: u64 = 16 << 20;
/// So few runs should not bring memory under pressure.
const FEW_RUNS: u64 = 20;
/// A run from this size on is worth a word about its modules.
const MODULE_RUN_BYTES_MIN: u64 = 1 << 20;
/// Modules above this share of a run are its cost.
const MODULE_SHARE: f64 = 0.8;
/// Fewer evictions for a full cache than this per second are ordinary.
const EVICTIONS_PER_SECOND_MIN: f64 = 1.0;
/// Memory below this percentage has room for more runs.
const ROOM_PERCENT: u64 = 50;
/// Growth of a type's mean run by this factor and to this size is worth a word.
const GROWTH_FACTOR: u64 = 2;
const GROWTH_BYTES_MIN: u64 = 256 << 10;
/// RSS per cached workflow above this multiple of the estimate, and by this much.
const SLOPE_FACTOR: f64 = 2.0;
const SLOPE_EXCESS_BYTES_MIN: f64 = 256.0 * 1024.0;
/// An unexplained share of RSS from here on is worth a word.
const UNEXPLAINED_PERCENT: u64 = 10;

/// The figures that the rules look at. All zero, nothing is wrong.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Symptoms {
    /// Isolates that were given up and rebuilt, of late.
    pub isolates_rebuilt: u64,
    /// Runs that are parked: they do not fit their budget, or took an isolate with them.
    pub parked_runs: u64,
    /// Runs in the cache.
    pub cached_runs: u64,
    /// What they cost together.
    pub cached_bytes: u64,
    /// The most expensive one.
    pub largest_run: Option<CachedRun>,
    /// The level of memory pressure, `None` while there is none.
    pub pressure: Option<&'static str>,
    /// The largest part of resident memory apart from mapped files: name and bytes.
    pub largest_part: Option<(&'static str, u64)>,
    /// Mean cost of a run right after its first activation's modules were evaluated.
    pub module_bytes: Option<u64>,
    /// Runs per second that leave because `max-cached-workflows` is reached.
    pub cache_full_evictions_per_second: f64,
    /// Objects of the heaps, as a percentage of what the heaps may hold.
    pub heap_percent: Option<u64>,
    /// Resident memory, as a percentage of the limit.
    pub limit_percent: Option<u64>,
    /// The workflow type whose mean run grew most.
    pub growth: Option<TypeGrowth>,
    /// RSS per cached workflow by regression: the slope less its confidence.
    pub rss_slope_bytes_min: Option<f64>,
    /// Resident memory.
    pub rss_bytes: u64,
    /// What of it no part accounts for.
    pub unexplained_bytes: i64,
}

/// How the mean run of a workflow type changed of late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeGrowth {
    /// The workflow type.
    pub workflow_type: String,
    /// Its runs now.
    pub runs: u64,
    /// Mean bytes of its runs then.
    pub before_bytes: u64,
    /// Mean bytes of its runs now.
    pub now_bytes: u64,
}

type Rule = fn(&Symptoms) -> Option<String>;

/// In the order of importance.
const RULES: [Rule; 9] = [
    isolates_rebuilt,
    parked_runs,
    one_run_holds_the_cache,
    pressure_with_few_runs,
    modules_for_each_run,
    cache_smaller_than_memory,
    type_grows,
    slope_above_estimates,
    unexplained,
];

/// The most important sentence; `None` if nothing is wrong.
#[must_use]
pub fn diagnose(symptoms: &Symptoms) -> Option<String> {
    RULES.iter().find_map(|rule| rule(symptoms))
}

fn isolates_rebuilt(symptoms: &Symptoms) -> Option<String> {
    let rebuilt = symptoms.isolates_rebuilt;
    (rebuilt > 0).then(|| {
        let isolates = if rebuilt == 1 { "1 isolate was" } else { &format!("{rebuilt} isolates were") };
        format!("{isolates} rebuilt of late because a run filled the heap beyond rescue: look for the run in the log and lower `workflow-memory-budget`")
    })
}

fn parked_runs(symptoms: &Symptoms) -> Option<String> {
    let parked = symptoms.parked_runs;
    (parked > 0).then(|| {
        let runs = if parked == 1 { "1 run is" } else { &format!("{parked} runs are") };
        format!("{runs} parked, over `workflow-memory-budget` or for an isolate that was lost, as the log says: reset or terminate what is parked, raise the budget, or keep less state in the workflow")
    })
}

fn one_run_holds_the_cache(symptoms: &Symptoms) -> Option<String> {
    let run = symptoms.largest_run.as_ref()?;
    let bytes = run.cost.total_bytes();
    let large = bytes >= RUN_BYTES_MIN && symptoms.cached_runs > 1;
    (large && bytes as f64 > ONE_RUN_SHARE * symptoms.cached_bytes as f64).then(|| {
        format!(
            "one run holds {} of the cache's {}: workflow {} of type {}, run {}",
            size(bytes),
            size(symptoms.cached_bytes),
            run.workflow_id,
            run.workflow_type,
            run.run_id
        )
    })
}

fn pressure_with_few_runs(symptoms: &Symptoms) -> Option<String> {
    let level = symptoms.pressure?;
    (symptoms.cached_runs < FEW_RUNS).then(|| {
        let part = symptoms.largest_part.map_or_else(String::new, |(name, bytes)| {
            format!(", most of it {name} ({})", size(bytes))
        });
        format!(
            "memory pressure is {level} with {} cached workflows{part}: raise the memory limit, or lower the number of isolates and slots",
            symptoms.cached_runs
        )
    })
}

fn modules_for_each_run(symptoms: &Symptoms) -> Option<String> {
    let modules = symptoms.module_bytes?;
    let mean = mean_bytes(symptoms)?;
    (mean >= MODULE_RUN_BYTES_MIN && modules as f64 >= MODULE_SHARE * mean as f64).then(|| {
        format!(
            "{} per cached workflow, {} of it created by module evaluation: keep heavy modules out of the workflow bundle or load them where they are used",
            size(mean),
            size(modules.min(mean))
        )
    })
}

fn cache_smaller_than_memory(symptoms: &Symptoms) -> Option<String> {
    let rate = symptoms.cache_full_evictions_per_second;
    let heap = symptoms.heap_percent?;
    let room = heap < ROOM_PERCENT
        && symptoms
            .limit_percent
            .is_none_or(|percent| percent < ROOM_PERCENT);
    (rate >= EVICTIONS_PER_SECOND_MIN && room).then(|| {
        format!("cache evicts {rate:.0} runs/s while the heap is at {heap} %: raise max-cached-workflows")
    })
}

fn type_grows(symptoms: &Symptoms) -> Option<String> {
    let growth = symptoms.growth.as_ref()?;
    let grown = growth.now_bytes >= GROWTH_BYTES_MIN
        && growth.now_bytes >= growth.before_bytes.saturating_mul(GROWTH_FACTOR);
    grown.then(|| {
        format!(
            "runs of type {} grow: {} each now, {} some minutes ago, {} of them cached; bound what they keep, or continue as new",
            growth.workflow_type,
            size(growth.now_bytes),
            size(growth.before_bytes),
            growth.runs
        )
    })
}

fn slope_above_estimates(symptoms: &Symptoms) -> Option<String> {
    let slope = symptoms.rss_slope_bytes_min?;
    let mean = mean_bytes(symptoms)? as f64;
    (slope > SLOPE_FACTOR * mean && slope - mean > SLOPE_EXCESS_BYTES_MIN).then(|| {
        let part = symptoms.largest_part.map_or_else(String::new, |(name, bytes)| {
            format!("; the largest part of it is {name} ({})", size(bytes))
        });
        format!(
            "RSS grows by at least {} per cached workflow and the runs account for {}: the rest is garbage, allocator or code{part}",
            size(slope as u64),
            size(mean as u64)
        )
    })
}

fn unexplained(symptoms: &Symptoms) -> Option<String> {
    let size_unexplained = symptoms.unexplained_bytes.unsigned_abs();
    let percent = u128::from(size_unexplained) * 100 / u128::from(symptoms.rss_bytes.max(1));
    (percent > u128::from(UNEXPLAINED_PERCENT)).then(|| {
        let manner = if symptoms.unexplained_bytes < 0 { "claimed by more than one part" } else { "explained by no part" };
        format!("{percent} % of resident memory ({}) is {manner}: report this with the output of /status", size(size_unexplained))
    })
}

fn mean_bytes(symptoms: &Symptoms) -> Option<u64> {
    symptoms.cached_bytes.checked_div(symptoms.cached_runs)
}

/// `11.9 MB`, `42 KB`: decimal units, as people compare them with a container's limit.
fn size(bytes: u64) -> String {
    const MB: f64 = 1e6;
    match bytes as f64 {
        bytes if bytes < 0.1 * MB => format!("{:.0} KB", bytes / 1e3),
        bytes => format!("{:.1} MB", bytes / MB),
    }
}

#[cfg(test)]
mod tests;
