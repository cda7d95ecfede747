//! `pressure-elevated`, `pressure-high`, `pressure-critical`: how much of the memory limit may be resident before the
//! worker frees memory, takes no new workflow tasks, and stops the run that takes it.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::percent;
use crate::memory::Percent;

/// Early enough that evictions and a collection have room to work in.
pub const ELEVATED_DEFAULT: Percent = Percent::whole(70);

/// Late enough that the cache is not given up for a peak.
pub const HIGH_DEFAULT: Percent = Percent::whole(80);

/// Under the tenth of the limit that peaks have to leave free.
pub const CRITICAL_DEFAULT: Percent = Percent::whole(88);

macro_rules! level {
    ($name:ident, $key:literal, $default:literal, $meaning:literal) => {
        #[doc = $meaning]
        pub struct $name;

        impl Element for $name {
            type Value = Percent;

            const KEY: Key = Key::worker($key, Group::SlotsAndCache, Shape::Text)
                .takes("PERCENT")
                .means($meaning)
                .defaults_to($default);

            fn parse(text: &str) -> Result<Percent, Problem> {
                percent(text, $default)
            }
        }
    };
}

level!(
    PressureElevated,
    "pressure-elevated",
    "70%",
    "Resident part of the limit from which idle runs are evicted and heaps collected"
);
level!(
    PressureHigh,
    "pressure-high",
    "80%",
    "Resident part of the limit from which no new workflow tasks are taken"
);
level!(
    PressureCritical,
    "pressure-critical",
    "88%",
    "Resident part of the limit from which the entry that takes memory is stopped"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_percentages() {
        assert_eq!(PressureElevated::parse("70%"), Ok(ELEVATED_DEFAULT));
        for text in ["70", "0.7", "0%", "101%", "512MiB"] {
            assert!(
                PressureHigh::parse(text)
                    .unwrap_err()
                    .remedy
                    .contains("80%"),
                "{text}"
            );
        }
    }

    #[test]
    fn the_defaults_ascend() {
        assert!(ELEVATED_DEFAULT < HIGH_DEFAULT && HIGH_DEFAULT < CRITICAL_DEFAULT);
    }
}
