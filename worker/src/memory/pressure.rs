//! How near the process is to its memory limit: four levels, each left later than it is entered.

use std::fmt;

use serde::Serialize;

use super::share::Percent;

/// A level is left only when this much of the limit below its threshold is reached, so that an eviction that frees a
/// little does not make the worker swing between two levels.
const HYSTERESIS: Percent = Percent::whole(5);

/// How near the limit is. Serialised and shown in lower case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PressureLevel {
    /// Nothing to do.
    #[default]
    Normal,
    /// Evict idle runs, collect.
    Elevated,
    /// Take no new workflow tasks.
    High,
    /// Stop the entry that takes memory.
    Critical,
}

impl PressureLevel {
    /// Every level, the lowest first.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Elevated, Self::High, Self::Critical];

    /// The name in `/status`, in metrics and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Elevated => "elevated",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for PressureLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The RSS from which each level holds, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PressureThresholds {
    /// From here on it is elevated.
    pub elevated_bytes: u64,
    /// From here on it is high.
    pub high_bytes: u64,
    /// From here on it is critical.
    pub critical_bytes: u64,
    /// How far below its threshold a level is left.
    pub hysteresis_bytes: u64,
    /// Half way from critical to the limit: what is being stopped gets no memory from here on.
    pub refuse_bytes: u64,
}

impl PressureThresholds {
    /// From the settings, which ascend.
    #[must_use]
    pub fn of(limit_bytes: u64, elevated: Percent, high: Percent, critical: Percent) -> Self {
        let critical_bytes = critical.of(limit_bytes);
        Self {
            elevated_bytes: elevated.of(limit_bytes),
            high_bytes: high.of(limit_bytes),
            critical_bytes,
            hysteresis_bytes: HYSTERESIS.of(limit_bytes),
            refuse_bytes: critical_bytes.midpoint(limit_bytes),
        }
    }

    /// The highest level whose threshold `rss_bytes` reaches.
    fn reached(&self, rss_bytes: u64) -> PressureLevel {
        match rss_bytes {
            rss if rss >= self.critical_bytes => PressureLevel::Critical,
            rss if rss >= self.high_bytes => PressureLevel::High,
            rss if rss >= self.elevated_bytes => PressureLevel::Elevated,
            _ => PressureLevel::Normal,
        }
    }
}

/// What one reading told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PressureReading {
    /// The level before.
    pub before: PressureLevel,
    /// The level now.
    pub level: PressureLevel,
}

impl PressureReading {
    /// Whether the level is another than before.
    #[must_use]
    pub fn changed(self) -> bool {
        self.before != self.level
    }
}

/// The level of one process over time.
#[derive(Clone, Debug)]
pub struct Pressure {
    thresholds: PressureThresholds,
    level: PressureLevel,
}

impl Pressure {
    /// Without pressure.
    #[must_use]
    pub const fn new(thresholds: PressureThresholds) -> Self {
        let level = PressureLevel::Normal;
        Self { thresholds, level }
    }

    /// The level of the last reading.
    #[must_use]
    pub const fn level(&self) -> PressureLevel {
        self.level
    }

    /// The thresholds.
    #[must_use]
    pub const fn thresholds(&self) -> &PressureThresholds {
        &self.thresholds
    }

    /// Takes a reading of the process's RSS. A level is entered at its threshold and left below threshold minus
    /// hysteresis; a fall may pass several levels at once.
    pub fn observe(&mut self, rss_bytes: u64) -> PressureReading {
        let before = self.level;
        let entered = self.thresholds.reached(rss_bytes);
        let kept = rss_bytes.saturating_add(self.thresholds.hysteresis_bytes);
        let held = self.thresholds.reached(kept).min(before);
        self.level = entered.max(held);
        PressureReading {
            before,
            level: self.level,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PressureLevel::{Critical, Elevated, High, Normal};
    use proptest::prelude::*;

    /// Of a limit of 1000 bytes: 700, 800 and 880, and 50 below to leave.
    fn pressure() -> Pressure {
        let [elevated, high, critical] = [70, 80, 88].map(Percent::whole);
        Pressure::new(PressureThresholds::of(1000, elevated, high, critical))
    }

    fn levels(readings: &[u64]) -> Vec<PressureLevel> {
        let mut pressure = pressure();
        let observe = |rss| pressure.observe(rss).level;
        readings.iter().copied().map(observe).collect()
    }

    #[test]
    fn a_level_is_entered_at_its_threshold() {
        let readings = [699, 700, 799, 800, 879, 880, 5000];
        let expected = [Normal, Elevated, Elevated, High, High, Critical, Critical];
        assert_eq!(levels(&readings), expected);
    }

    #[test]
    fn a_level_is_left_below_its_threshold_less_the_hysteresis() {
        let readings = [880, 830, 829, 750, 749, 650, 649];
        let expected = [Critical, Critical, High, High, Elevated, Elevated, Normal];
        assert_eq!(levels(&readings), expected);
    }

    #[test]
    fn a_leap_passes_several_levels() {
        assert_eq!(
            levels(&[900, 0, 900, 760]),
            [Critical, Normal, Critical, High]
        );
    }

    #[test]
    fn swinging_about_a_threshold_changes_the_level_once() {
        let mut pressure = pressure();
        let changes = (0..100)
            .filter(|turn| pressure.observe(690 + 20 * (turn % 2)).changed())
            .count();
        assert_eq!(changes, 1);
    }

    #[test]
    fn the_hysteresis_never_raises_a_level() {
        // 690 and the hysteresis reach the threshold of 700, but nothing was there to be left.
        assert_eq!(levels(&[690]), [Normal]);
        // The same for high: 790 keeps elevated and does not enter high.
        assert_eq!(levels(&[790, 790]), [Elevated, Elevated]);
    }

    #[test]
    fn a_level_has_one_name() {
        for level in PressureLevel::ALL {
            assert_eq!(
                serde_json::to_value(level).expect("a string"),
                level.as_str()
            );
        }
    }

    proptest! {
        /// A level always lies between what the reading enters and what it may still hold.
        #[test]
        fn a_level_holds_within_its_bounds(readings in prop::collection::vec(0..1200_u64, 1..50)) {
            let mut pressure = pressure();
            let thresholds = *pressure.thresholds();
            for rss in readings {
                let reading = pressure.observe(rss);
                prop_assert!(reading.level >= thresholds.reached(rss));
                prop_assert!(reading.level <= thresholds.reached(rss + 50));
                prop_assert!(reading.level <= reading.before.max(thresholds.reached(rss)));
            }
        }
    }
}
