//! What one more cached workflow costs the process: a line through (cached workflows, resident bytes), fitted while
//! the worker runs.
//!
//! Least squares with exponential forgetting: a sample that is one half-life old counts half. The state is a handful of
//! sums, whatever the number of samples. Samples that follow each other closely err in the same direction, which plain
//! least squares would take for certainty; the confidence is therefore computed from the number of samples that would be
//! independent: n (1 - r) / (1 + r), where r is the product of the first-order autocorrelations of the count and of the
//! residuals (Bartlett's formula for two series that are both autoregressive).

use std::time::Duration;

/// A sample of this age counts half.
pub const HALF_LIFE: Duration = Duration::from_secs(300);
/// Below this many samples nothing is said.
const SAMPLES_MIN: u64 = 10;
/// Below this standard deviation of the count the slope would be noise.
const COUNT_DEVIATION_MIN: f64 = 1.0;
/// A confidence from less freedom than this would be a guess at a guess; it is very wide already.
const FREEDOM_MIN: f64 = 2.0;

/// A fitted line's slope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// Bytes per cached workflow.
    pub bytes_per_workflow: f64,
    /// Half the width of the 95 % confidence interval of the slope, in the same unit.
    pub confidence_bytes: f64,
    /// Share of the variance that the line explains, 0 to 1.
    pub r2: f64,
    /// Samples that were taken, forgotten ones included.
    pub samples: u64,
}

/// The running sums of one regression. `observe()` and `slope()` take constant time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Regression {
    samples: u64,
    weight: f64,
    weight_squares: f64,
    count_mean: f64,
    bytes_mean: f64,
    count_count: f64,
    count_bytes: f64,
    bytes_bytes: f64,
    counts: Neighbours,
    residuals: Neighbours,
}

/// How much neighbours in a series resemble each other.
#[derive(Debug, Clone, Copy, Default)]
struct Neighbours {
    last: f64,
    squares: f64,
    products: f64,
}

impl Neighbours {
    fn add(&mut self, value: f64) {
        self.squares += value * value;
        self.products += value * self.last;
        self.last = value;
    }

    fn forget(&mut self, kept: f64) {
        self.squares *= kept;
        self.products *= kept;
    }

    fn correlation(&self) -> f64 {
        if self.squares > 0.0 {
            (self.products / self.squares).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

impl Regression {
    /// Takes a sample, `since_last` after the one before.
    pub fn observe(&mut self, since_last: Duration, cached_workflows: u64, resident_bytes: u64) {
        self.forget(since_last);
        self.add(cached_workflows as f64, resident_bytes as f64);
        self.samples = self.samples.saturating_add(1);
        self.follow(cached_workflows as f64, resident_bytes as f64);
    }

    fn forget(&mut self, since_last: Duration) {
        let kept = 0.5_f64.powf(since_last.as_secs_f64() / HALF_LIFE.as_secs_f64());
        self.weight *= kept;
        self.weight_squares *= kept * kept;
        self.count_count *= kept;
        self.count_bytes *= kept;
        self.bytes_bytes *= kept;
        self.counts.forget(kept);
        self.residuals.forget(kept);
    }

    /// Welford's update with weights, which does not cancel where the sums of squares would.
    fn add(&mut self, count: f64, bytes: f64) {
        self.weight += 1.0;
        self.weight_squares += 1.0;
        let (count_off, bytes_off) = (count - self.count_mean, bytes - self.bytes_mean);
        self.count_mean += count_off / self.weight;
        self.bytes_mean += bytes_off / self.weight;
        self.count_count += count_off * (count - self.count_mean);
        self.count_bytes += count_off * (bytes - self.bytes_mean);
        self.bytes_bytes += bytes_off * (bytes - self.bytes_mean);
    }

    fn follow(&mut self, count: f64, bytes: f64) {
        let slope = if self.count_count > 0.0 {
            self.count_bytes / self.count_count
        } else {
            0.0
        };
        let count_off = count - self.count_mean;
        self.counts.add(count_off);
        self.residuals
            .add(bytes - self.bytes_mean - slope * count_off);
    }

    /// `None` while it is not known: too few samples, or a count that hardly varied.
    #[must_use]
    pub fn slope(&self) -> Option<Slope> {
        if self.samples < SAMPLES_MIN || self.weight <= 0.0 {
            return None;
        }
        let deviation = (self.count_count / self.weight).sqrt();
        if deviation < COUNT_DEVIATION_MIN {
            return None;
        }
        let freedom = (self.independent_samples() - 2.0).max(FREEDOM_MIN);
        let slope = self.count_bytes / self.count_count;
        let unexplained = (self.bytes_bytes - slope * self.count_bytes).max(0.0);
        let r2 = if self.bytes_bytes > 0.0 {
            1.0 - unexplained / self.bytes_bytes
        } else {
            1.0
        };
        // The variance of the slope is s^2 / Sxx; both sums are scaled from all samples to the independent ones.
        let variance = unexplained / freedom / self.count_count;
        Some(Slope {
            bytes_per_workflow: slope,
            confidence_bytes: student_t_95(freedom) * variance.sqrt(),
            r2: r2.clamp(0.0, 1.0),
            samples: self.samples,
        })
    }

    /// Kish's effective size of the weighted sample, less what neighbours have in common.
    fn independent_samples(&self) -> f64 {
        let effective = self.weight * self.weight / self.weight_squares;
        let correlation = self.counts.correlation() * self.residuals.correlation();
        effective * (1.0 - correlation) / (1.0 + correlation)
    }
}

/// The two-sided 95 % quantile of Student's t, by the first terms of its Cornish-Fisher expansion around the normal one;
/// within 1 % from three degrees of freedom on. (Abramowitz and Stegun, 26.7.5.)
fn student_t_95(freedom: f64) -> f64 {
    const Z: f64 = 1.959_964;
    let z3 = Z.powi(3);
    let (z5, z7) = (Z.powi(5), Z.powi(7));
    let first = (z3 + Z) / 4.0;
    let second = (5.0 * z5 + 16.0 * z3 + 3.0 * Z) / 96.0;
    let third = (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * Z) / 384.0;
    Z + first / freedom + second / freedom.powi(2) + third / freedom.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Deterministic noise between -1 and 1 with the mean near 0 and no memory.
    fn noise(index: u64) -> f64 {
        let mixed = (index + 1)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(31)
            .wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    fn fitted(samples: impl IntoIterator<Item = (u64, f64)>) -> Regression {
        let mut regression = Regression::default();
        for (count, bytes) in samples {
            regression.observe(SECOND, count, bytes as u64);
        }
        regression
    }

    #[test]
    fn a_straight_line_is_found_exactly() {
        let line = fitted((0..100).map(|index| (index, 50e6 + 209_000.0 * index as f64)));
        let slope = line.slope().expect("known");
        assert!(
            (slope.bytes_per_workflow - 209_000.0).abs() < 1.0,
            "{slope:?}"
        );
        assert!(
            slope.confidence_bytes < 100.0 && slope.r2 > 0.999,
            "{slope:?}"
        );
        assert_eq!(slope.samples, 100);
    }

    #[test]
    fn a_count_that_hardly_varies_says_nothing() {
        assert_eq!(
            fitted((0..500).map(|index| (300, 1e8 + 1e6 * noise(index)))).slope(),
            None
        );
        let barely = fitted((0..500).map(|index| (300 + index % 2, 1e8 + 1e6 * noise(index))));
        assert_eq!(barely.slope(), None);
        assert_eq!(Regression::default().slope(), None);
    }

    #[test]
    fn few_samples_say_nothing() {
        assert_eq!(
            fitted((0..9).map(|index| (index * 10, 1e6 * index as f64))).slope(),
            None
        );
    }

    #[test]
    fn independent_noise_stays_within_the_confidence() {
        let noisy = fitted((0..200).map(|index| {
            (
                index * 7 % 100,
                1e8 + 1e5 * (index * 7 % 100) as f64 + 1e6 * noise(index),
            )
        }));
        let slope = noisy.slope().expect("known");
        assert!(
            (slope.bytes_per_workflow - 1e5).abs() < slope.confidence_bytes,
            "{slope:?}"
        );
        assert!(slope.confidence_bytes < 0.1 * 1e5, "{slope:?}");
    }

    #[test]
    fn noise_that_drifts_with_a_slow_count_widens_the_confidence() {
        let width = |count: fn(u64) -> u64, noise: fn(u64) -> f64| {
            let line = fitted((0..400).map(|index| (count(index), 1e8 + 1e6 * noise(index))));
            line.slope().expect("known").confidence_bytes
        };
        let drift = |index: u64| (index as f64 / 30.0).sin();
        let (slow, quick) = (|index: u64| index % 100, |index: u64| index * 37 % 100);
        let certain = width(slow, noise);
        assert!(
            width(slow, drift) > 4.0 * certain,
            "{} {certain}",
            width(slow, drift)
        );
        assert!(
            width(quick, drift) < 3.0 * certain,
            "a count that jumps averages the drift out"
        );
    }

    #[test]
    fn old_samples_are_forgotten() {
        let mut line = fitted((0..300).map(|index| (index % 100, 1e6 * (index % 100) as f64)));
        for index in 0..3000_u64 {
            line.observe(SECOND, index % 100, 1e5 as u64 * (index % 100));
        }
        let slope = line.slope().expect("known");
        assert!((slope.bytes_per_workflow - 1e5).abs() < 2e3, "{slope:?}");
        line.observe(HALF_LIFE * 40, 7, 700);
        assert_eq!(line.slope(), None, "nothing is left to fit");
    }

    #[test]
    fn extremes_give_numbers() {
        let mut line = Regression::default();
        for index in 0..50 {
            let (count, bytes) = if index % 2 == 0 {
                (0, 0)
            } else {
                (u64::MAX, u64::MAX)
            };
            line.observe(Duration::ZERO, count, bytes);
        }
        let slope = line.slope().expect("known");
        assert!(
            slope.bytes_per_workflow.is_finite() && slope.confidence_bytes.is_finite(),
            "{slope:?}"
        );
    }

    #[test]
    fn the_quantiles_are_student_s() {
        for (freedom, expected) in [
            (3.0, 3.182),
            (5.0, 2.571),
            (10.0, 2.228),
            (30.0, 2.042),
            (1000.0, 1.962),
        ] {
            let found = student_t_95(freedom);
            assert!(
                (found - expected).abs() < 0.01 * expected,
                "{freedom}: {found}"
            );
        }
    }
}
