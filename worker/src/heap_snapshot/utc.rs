//! Times in file names.

use std::time::{SystemTime, UNIX_EPOCH};

/// `time` in UTC as `20261122T010203.456Z`: names sort by it, and every file system takes it.
pub(super) fn compact_utc(time: SystemTime) -> String {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since_epoch.as_secs();
    let (year, month, day) = civil_date(seconds / 86_400);
    let (hours, minutes) = (seconds / 3_600 % 24, seconds / 60 % 60);
    let (seconds, ms) = (seconds % 60, since_epoch.subsec_millis());
    format!("{year:04}{month:02}{day:02}T{hours:02}{minutes:02}{seconds:02}.{ms:03}Z")
}

/// Year, month and day of the Gregorian calendar.
fn civil_date(mut days_since_epoch: u64) -> (u64, u64, u64) {
    let mut year = 1970;
    while days_since_epoch >= days_of_year(year) {
        days_since_epoch -= days_of_year(year);
        year += 1;
    }
    let february = if days_of_year(year) == 366 { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days_since_epoch >= months[month] {
        days_since_epoch -= months[month];
        month += 1;
    }
    (year, month as u64 + 1, days_since_epoch + 1)
}

fn days_of_year(year: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    if leap { 366 } else { 365 }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (ms, text) in [
            (0, "19700101T000000.000Z"),
            (951_782_400_000, "20000229T000000.000Z"),
            (1_709_251_199_999, "20240229T235959.999Z"),
            (1_767_225_599_001, "20251231T235959.001Z"),
            (4_107_542_400_000, "21000301T000000.000Z"),
        ] {
            assert_eq!(compact_utc(UNIX_EPOCH + Duration::from_millis(ms)), text);
        }
    }
}
