//! Plain numbers within bounds.

use std::ops::RangeInclusive;

use super::quoted;
use crate::config::key::Problem;

/// A whole number within `range`.
pub(in crate::config) fn whole_number(
    text: &str,
    range: RangeInclusive<usize>,
) -> Result<usize, Problem> {
    let remedy = format!("give a number from {} to {}", range.start(), range.end());
    let digits = text.trim();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::new(
            format!("{} is no whole number", quoted(text)),
            remedy,
        ));
    }
    // Digits alone fail only by being too many, and then they are out of range as well.
    match digits.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(Problem::new(
            format!("{} is out of range", quoted(digits)),
            remedy,
        )),
    }
}

/// A number of events per second: finite and above 0.
///
/// The rule is that of `WorkerConfig` in `temporalio-sdk-core`, which refuses zero, subnormal and
/// negative rates.
pub(in crate::config) fn positive_rate(text: &str) -> Result<f64, Problem> {
    match text.trim().parse::<f64>() {
        Ok(rate) if rate.is_normal() && rate > 0.0 => Ok(rate),
        _ => Err(Problem::new(
            format!("{} is no rate per second above 0", quoted(text)),
            "give a positive number, for example 100 or 0.5, or leave it out for no limit",
        )),
    }
}

/// A share from 0 to 1.
pub(in crate::config) fn ratio(text: &str) -> Result<f32, Problem> {
    match text.trim().parse::<f32>() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(ratio),
        _ => Err(Problem::new(
            format!("{} is no share from 0 to 1", quoted(text)),
            "give a number from 0 to 1, for example 0.2",
        )),
    }
}

/// A share above 0 and up to 1.
pub(in crate::config) fn share(text: &str, example: &str) -> Result<f64, Problem> {
    match text.trim().parse::<f64>() {
        Ok(share) if share.is_normal() && share > 0.0 && share <= 1.0 => Ok(share),
        _ => Err(Problem::new(
            format!("{} is no share above 0 and up to 1", quoted(text)),
            format!("give a number such as {example}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_keep_to_their_range() {
        assert_eq!(whole_number("1", 1..=64), Ok(1));
        assert_eq!(whole_number(" 64 ", 1..=64), Ok(64));
        let huge = "9".repeat(40);
        for text in [
            "0",
            "65",
            "",
            "-1",
            "+1",
            "1.0",
            "1e1",
            "two",
            huge.as_str(),
        ] {
            let problem = whole_number(text, 1..=64).unwrap_err();
            assert!(problem.remedy.contains("1 to 64"), "{text}");
        }
    }

    #[test]
    fn rates_are_positive_and_finite() {
        assert_eq!(positive_rate("0.5"), Ok(0.5));
        for text in ["0", "-1", "nan", "inf", "1e-320", "many", ""] {
            assert!(positive_rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ratios_lie_between_0_and_1() {
        assert_eq!(ratio("0.2"), Ok(0.2));
        assert_eq!(ratio("1"), Ok(1.0));
        for text in ["-0.1", "1.1", "nan", "half"] {
            assert!(ratio(text).is_err(), "{text}");
        }
    }
}
