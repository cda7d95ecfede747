//! Timestamps and durations as protobuf's JSON writes them: `2024-05-01T12:00:00.5Z`, `1.5s`.

/// Seconds and nanoseconds, as `google.protobuf.Timestamp` and `Duration` hold them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time {
    pub(super) seconds: i64,
    pub(super) nanos: i32,
}

/// RFC 3339.
pub(super) fn parse_timestamp(text: &str) -> Option<Time> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-');
    let (year, month, day) = (
        number(date.next()?, 4)?,
        number(date.next()?, 2)?,
        number(date.next()?, 2)?,
    );
    let end = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at(end);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut clock = clock.splitn(3, ':');
    let (hour, minute, second) = (
        number(clock.next()?, 2)?,
        number(clock.next()?, 2)?,
        number(clock.next()?, 2)?,
    );
    let is_valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_valid {
        return None;
    }
    let days = days_since_epoch(year, month, day);
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - zone_seconds(zone)?;
    Some(Time {
        seconds,
        nanos: nanos(fraction)?,
    })
}

/// Seconds with a fraction and the letter `s`.
pub(super) fn parse_duration(text: &str) -> Option<Time> {
    let text = text.strip_suffix('s')?;
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (seconds, nanos) = (whole.parse::<i64>().ok()?, nanos(fraction)?);
    Some(if is_negative {
        Time {
            seconds: -seconds,
            nanos: -nanos,
        }
    } else {
        Time { seconds, nanos }
    })
}

/// A number of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Up to nine digits behind the point.
fn nanos(fraction: &str) -> Option<i32> {
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<9}").parse().ok()
}

fn zone_seconds(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    Some(sign * (number(hours, 2)? * 3_600 + number(minutes, 2)? * 60))
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar. Years begin in March, so that a leap day is the last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp(text: &str) -> Option<(i64, i32)> {
        parse_timestamp(text).map(|time| (time.seconds, time.nanos))
    }

    fn duration(text: &str) -> Option<(i64, i32)> {
        parse_duration(text).map(|time| (time.seconds, time.nanos))
    }

    #[test]
    fn timestamps_are_read_with_fraction_and_zone() {
        assert_eq!(timestamp("1970-01-01T00:00:00Z"), Some((0, 0)));
        assert_eq!(
            timestamp("2024-02-29T23:59:59.000000001Z"),
            Some((1_709_251_199, 1))
        );
        assert_eq!(
            timestamp("2000-03-01T00:00:00.5+01:30"),
            Some((951_863_400, 500_000_000))
        );
        assert_eq!(timestamp("1969-12-31T23:59:59Z"), Some((-1, 0)));
    }

    #[test]
    fn durations_are_seconds() {
        assert_eq!(duration("10s"), Some((10, 0)));
        assert_eq!(duration("-1.5s"), Some((-1, -500_000_000)));
        assert_eq!(duration("0.000000001s"), Some((0, 1)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "T",
            "2024-13-01T00:00:00Z",
            "2024-1-01T00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00+1",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
        for text in [
            "",
            "s",
            "1",
            "-s",
            "1.s1",
            "1.0000000001s",
            "9999999999999999999s",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
