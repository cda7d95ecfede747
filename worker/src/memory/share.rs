//! A part of the memory limit: so many bytes, or so many percent of it.

use std::fmt;

/// Thousandths of a percent in the whole.
const WHOLE: u32 = 100_000;

/// A percentage from 0 to 100, exact to a thousandth of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

impl Percent {
    /// All of it.
    pub const WHOLE: Self = Self(WHOLE);

    /// Whole percents; more than 100 count as 100.
    #[must_use]
    pub const fn whole(percent: u32) -> Self {
        match percent.checked_mul(1000) {
            Some(thousandths) if thousandths <= WHOLE => Self(thousandths),
            _ => Self(WHOLE),
        }
    }

    /// Thousandths of a percent; nothing above 100 %.
    #[must_use]
    pub fn from_thousandths(thousandths: u64) -> Option<Self> {
        let thousandths = u32::try_from(thousandths).ok()?;
        (thousandths <= WHOLE).then_some(Self(thousandths))
    }

    /// So much of `bytes`, rounded down.
    #[must_use]
    pub fn of(self, bytes: u64) -> u64 {
        let part = u128::from(bytes) * u128::from(self.0) / u128::from(WHOLE);
        u64::try_from(part).unwrap_or(u64::MAX)
    }

    /// As a number, 12.5 for 12.5 %.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

/// As it is written in settings: `20%`, `12.5%`.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.as_f64())
    }
}

/// How much of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// So many bytes, whatever the limit.
    Bytes(u64),
    /// A part of the limit.
    Percent(Percent),
}

impl Share {
    /// In bytes.
    #[must_use]
    pub fn of(self, limit_bytes: u64) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Percent(percent) => percent.of(limit_bytes),
        }
    }
}

/// Bytes for people: `98.0 MiB`.
#[must_use]
pub fn mib_text(bytes: u64) -> String {
    // Tenths of a MiB, rounded to the nearest, without the rounding of floats.
    let tenths = (u128::from(bytes) * 10 + (1 << 19)) >> 20;
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_taken_without_overflow_or_rounding_up() {
        assert_eq!(Percent::whole(10).of(1005), 100);
        assert_eq!(Percent::WHOLE.of(u64::MAX), u64::MAX);
        assert_eq!(Percent::whole(0).of(u64::MAX), 0);
    }

    #[test]
    fn there_is_no_more_than_the_whole() {
        assert_eq!(Percent::from_thousandths(100_001), None);
        assert_eq!(Percent::from_thousandths(u64::MAX), None);
        assert_eq!(Percent::whole(u32::MAX), Percent::WHOLE);
    }

    #[test]
    fn percentages_are_printed_as_they_are_written() {
        assert_eq!(Percent::whole(20).to_string(), "20%");
        let exact = Percent::from_thousandths(12_345).expect("in range");
        assert_eq!(exact.to_string(), "12.345%");
    }

    #[test]
    fn a_share_in_bytes_ignores_the_limit() {
        assert_eq!(Share::Bytes(7).of(1), 7);
        assert_eq!(Share::Percent(Percent::whole(50)).of(8), 4);
    }

    #[test]
    fn sizes_for_people_have_one_decimal() {
        for (bytes, text) in [
            (0, "0.0 MiB"),
            (98 << 20, "98.0 MiB"),
            ((1 << 20) + (1 << 19), "1.5 MiB"),
            ((2 << 20) - 1, "2.0 MiB"),
        ] {
            assert_eq!(mib_text(bytes), text);
        }
    }
}
