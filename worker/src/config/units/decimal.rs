//! A decimal number of a unit, in whole parts of that unit.

/// More digits after the point say nothing that a smaller unit would not say better.
const FRACTION_DIGITS_MAX: usize = 3;

/// `1.5` with a unit of 1000 parts is 1500; nothing where no whole number of parts comes out.
pub(super) fn scaled(number: &str, unit_parts: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || fraction.len() > FRACTION_DIGITS_MAX {
        return None;
    }
    let denominator = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
    let fraction_parts = fraction.parse::<u64>().ok()?.checked_mul(unit_parts)?;
    if fraction_parts % denominator != 0 {
        return None;
    }
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(unit_parts)?
        .checked_add(fraction_parts / denominator)
}

#[cfg(test)]
mod tests {
    use super::scaled;

    #[test]
    fn fractions_come_out_whole_or_not_at_all() {
        assert_eq!(scaled("1.5", 1000), Some(1500));
        assert_eq!(scaled("2", 7), Some(14));
        assert_eq!(scaled("0.25", 2), None);
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for number in [
            "",
            ".",
            "1.",
            ".5",
            "1.2.3",
            "1.2345",
            "99999999999999999999",
        ] {
            assert_eq!(scaled(number, 10), None, "{number}");
        }
    }

    #[test]
    fn overflow_is_refused() {
        assert_eq!(scaled("2", u64::MAX), None);
    }
}
