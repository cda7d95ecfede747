//! Durations such as `10s`, `500ms` or `1m30s`.

use std::time::Duration;

use super::decimal::scaled;
use super::quoted;
use crate::config::key::Problem;

/// Units in descending order, in milliseconds.
const UNITS_MS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Up to here seconds are the usual unit.
const SECONDS_TEXT_MAX: Duration = Duration::from_secs(120);

/// A duration within bounds. Both bounds are included.
pub(in crate::config) fn duration_between(
    text: &str,
    min: Duration,
    max: Duration,
) -> Result<Duration, Problem> {
    let bounds = format!("from {} to {}", duration_text(min), duration_text(max));
    let Some(duration_ms) = parse_ms(text.trim()) else {
        return Err(Problem::new(
            format!("{} is no duration with a unit", quoted(text)),
            format!("give one {bounds}, written like 500ms, 10s or 1m30s"),
        ));
    };
    let duration = Duration::from_millis(duration_ms);
    if (min..=max).contains(&duration) {
        return Ok(duration);
    }
    Err(Problem::new(
        format!("{} is out of range", quoted(text)),
        format!("give a duration {bounds}"),
    ))
}

/// A duration as one would write it, in whole milliseconds: `90s`, `2m30s`.
pub(in crate::config) fn duration_text(duration: Duration) -> String {
    let mut rest_ms = duration.as_millis();
    if duration <= SECONDS_TEXT_MAX && rest_ms.is_multiple_of(1_000) {
        return format!("{}s", duration.as_secs());
    }
    let mut text = String::new();
    for (unit, unit_ms) in UNITS_MS {
        let count = rest_ms / u128::from(unit_ms);
        rest_ms %= u128::from(unit_ms);
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
        }
    }
    text
}

/// Milliseconds of `1m30s`, `1.5s` and the like. Each unit may stand once, larger ones first; a
/// fraction has at most three digits.
fn parse_ms(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total_ms = 0_u64;
    let mut unit_max_ms = u64::MAX;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(number_end);
        let unit_end = after
            .find(|c: char| !c.is_ascii_lowercase())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let (_, unit_ms) = UNITS_MS.into_iter().find(|(name, _)| *name == unit)?;
        if unit_ms >= unit_max_ms {
            return None;
        }
        unit_max_ms = unit_ms;
        total_ms = total_ms.checked_add(scaled(number, unit_ms)?)?;
        rest = after;
    }
    (unit_max_ms < u64::MAX).then_some(total_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Duration, Problem> {
        duration_between(text, Duration::ZERO, Duration::from_secs(7200))
    }

    #[test]
    fn the_usual_ways_to_write_a_duration_are_read() {
        let cases = [
            ("500ms", 500),
            ("10s", 10_000),
            ("1.5s", 1_500),
            ("1m30s", 90_000),
            ("1h", 3_600_000),
            ("0s", 0),
        ];
        for (text, ms) in cases {
            assert_eq!(parse(text), Ok(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn a_number_without_a_unit_is_refused_with_examples() {
        let problem = parse("10").unwrap_err();
        assert!(problem.what.contains("unit"));
        assert!(problem.remedy.contains("10s"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "", "s", "-1s", "1 s", "1S", "1s1m", "1s1s", "1.s", ".5s", "1.2.3s", "0.5ms", "1µs",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("99999999999999999999h").is_err());
    }

    #[test]
    fn bounds_are_included_and_named() {
        assert!(parse("2h").is_ok());
        let problem = parse("2h1ms").unwrap_err();
        assert_eq!(problem.remedy, "give a duration from 0s to 2h");
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(ms in 0_u64..=7_200_000) {
            let duration = Duration::from_millis(ms);
            prop_assert_eq!(parse(&duration_text(duration)), Ok(duration));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9.dhms ]{0,24}") {
            let _ = parse(&text);
        }
    }
}
