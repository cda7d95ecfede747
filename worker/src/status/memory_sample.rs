//! The `memory` object of `/status`: resident memory by parts, and what a cached workflow costs.

use super::run_costs::RunCosts;
use crate::memory::regression::Slope;
use crate::memory::{MallocReading, MemoryBreakdown};
use serde::Serialize;

/// Where the process's memory is.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MemorySample {
    /// `rssBytes`, `parts` and `unexplainedBytes` of one moment; left out where `/proc/self/smaps` cannot be read.
    #[serde(flatten)]
    pub breakdown: Option<MemoryBreakdown>,
    /// Age of that moment: the parts are read seldom, for the kernel walks all pages for them.
    pub age_seconds: u64,
    /// What the allocator says of itself; `null` where it does not tell.
    pub allocator: Option<MallocReading>,
    /// What one more cached workflow costs.
    pub per_cached_workflow: PerCachedWorkflow,
}

/// What one cached workflow costs, measured from outside (the slope of resident memory over the number of cached
/// workflows) and from inside (the estimate of each run). `null` while it is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PerCachedWorkflow {
    /// RSS per cached workflow.
    pub rss_slope_bytes: Option<i64>,
    /// Half the width of its 95 % confidence interval.
    pub rss_slope_confidence_bytes: Option<u64>,
    /// How much of the variation of RSS the line explains, in percent.
    pub rss_slope_r2_percent: Option<u64>,
    /// Anonymous memory per cached workflow.
    pub anon_slope_bytes: Option<i64>,
    /// Half the width of its 95 % confidence interval.
    pub anon_slope_confidence_bytes: Option<u64>,
    /// Samples that the slopes were fitted to, forgotten ones included.
    pub slope_samples: u64,
    /// Mean estimate of the cached runs.
    pub estimated_bytes: Option<u64>,
    /// Sum of the estimates.
    pub estimated_total_bytes: u64,
}

/// The fitted lines.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Slopes {
    pub rss: Option<Slope>,
    pub anon: Option<Slope>,
}

impl Slopes {
    /// RSS per cached workflow, at the lower end of its confidence.
    pub fn rss_bytes_min(&self) -> Option<f64> {
        self.rss
            .map(|slope| slope.bytes_per_workflow - slope.confidence_bytes)
    }
}

impl PerCachedWorkflow {
    pub(super) fn of(slopes: &Slopes, costs: &RunCosts) -> Self {
        // Casts of floats saturate; a slope is never near the ends.
        let bytes = |slope: Slope| slope.bytes_per_workflow.round() as i64;
        let confidence = |slope: Slope| slope.confidence_bytes.round() as u64;
        Self {
            rss_slope_bytes: slopes.rss.map(bytes),
            rss_slope_confidence_bytes: slopes.rss.map(confidence),
            rss_slope_r2_percent: slopes.rss.map(|slope| (slope.r2 * 100.0).round() as u64),
            anon_slope_bytes: slopes.anon.map(bytes),
            anon_slope_confidence_bytes: slopes.anon.map(confidence),
            slope_samples: slopes.rss.map_or(0, |slope| slope.samples),
            estimated_bytes: costs.mean_bytes(),
            estimated_total_bytes: costs.total_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::cached_run;
    use super::*;

    #[test]
    fn what_is_not_known_is_null() {
        let json = serde_json::to_value(MemorySample::default()).expect("JSON");
        assert_eq!(
            json["perCachedWorkflow"]["rssSlopeBytes"],
            serde_json::Value::Null
        );
        assert_eq!(
            json["perCachedWorkflow"]["estimatedBytes"],
            serde_json::Value::Null
        );
        assert_eq!(json.get("parts"), None);
    }

    #[test]
    fn slopes_and_estimates_stand_side_by_side() {
        let slope = |bytes| Slope {
            bytes_per_workflow: bytes,
            confidence_bytes: 30.4,
            r2: 0.987,
            samples: 40,
        };
        let slopes = Slopes {
            rss: Some(slope(209_000.6)),
            anon: Some(slope(-5.0)),
        };
        let costs = RunCosts::of(&[cached_run("a", "t", 9), cached_run("b", "t", 19)]);
        let json = serde_json::to_value(PerCachedWorkflow::of(&slopes, &costs)).expect("JSON");
        let expected = serde_json::json!({
            "rssSlopeBytes": 209_001,
            "rssSlopeConfidenceBytes": 30,
            "rssSlopeR2Percent": 99,
            "anonSlopeBytes": -5,
            "anonSlopeConfidenceBytes": 30,
            "slopeSamples": 40,
            "estimatedBytes": 15,
            "estimatedTotalBytes": 30,
        });
        assert_eq!(json, expected);
        assert_eq!(slopes.rss_bytes_min(), Some(209_000.6 - 30.4));
    }
}
