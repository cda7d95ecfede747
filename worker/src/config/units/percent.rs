//! Percentages such as `20%`, and shares of memory: a percentage or a size.

use super::decimal::scaled;
use super::{ByteSize, quoted};
use crate::config::key::Problem;
use crate::memory::{Percent, Share};

/// A percentage above 0 and up to 100.
pub(in crate::config) fn percent(text: &str, example: &str) -> Result<Percent, Problem> {
    let parsed = text.trim().strip_suffix('%').map(|number| {
        let thousandths = scaled(number.trim_end(), 1000);
        thousandths.and_then(Percent::from_thousandths)
    });
    match parsed {
        Some(Some(percent)) if percent > Percent::whole(0) => Ok(percent),
        _ => Err(Problem::new(
            format!("{} is no percentage above 0 and up to 100", quoted(text)),
            format!("give one such as {example}"),
        )),
    }
}

/// A part of the memory limit: a percentage, or a size up to `max`.
pub(in crate::config) fn memory_share(text: &str, max: ByteSize) -> Result<Share, Problem> {
    if text.trim().ends_with('%') {
        return percent(text, "20%").map(Share::Percent);
    }
    ByteSize::between(text, ByteSize(0), max)
        .map(|size| Share::Bytes(size.0))
        .map_err(|problem| {
            Problem::new(
                problem.what,
                format!("{}, or a percentage such as 20%", problem.remedy),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentages_are_read_as_they_are_printed() {
        for text in ["0.001%", "12.5%", "70%", "100%"] {
            assert_eq!(percent(text, "70%").unwrap().to_string(), text);
        }
        assert_eq!(percent(" 70 % ", "70%"), Ok(Percent::whole(70)));
    }

    #[test]
    fn what_is_no_percentage_is_refused_with_an_example() {
        for text in [
            "0%",
            "100.001%",
            "70",
            "-1%",
            "%",
            "",
            "1e1%",
            "0.0001%",
            "99999999999999999999%",
        ] {
            assert!(
                percent(text, "71%").unwrap_err().remedy.contains("71%"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_share_is_a_size_or_a_percentage() {
        let read = |text| memory_share(text, ByteSize::mib(1024));
        assert_eq!(read("64MiB"), Ok(Share::Bytes(64 << 20)));
        assert_eq!(read("0"), Ok(Share::Bytes(0)));
        assert_eq!(read("20%"), Ok(Share::Percent(Percent::whole(20))));
        for text in ["2GiB", "many", "101%", "20 percent"] {
            assert!(read(text).unwrap_err().remedy.contains("20%"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-9.% MiB]{0,24}") {
            let _ = memory_share(&text, ByteSize::mib(1));
        }
    }
}
