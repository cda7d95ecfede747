//! Sizes in bytes such as `512MiB`.

use std::fmt;

use super::decimal::scaled;
use super::quoted;
use crate::config::key::Problem;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// Suffixes and their factors. `Mi` without `B` is how Kubernetes writes it.
const SUFFIXES: [(&str, u64); 14] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("Ti", 1 << 40),
    ("Gi", 1 << 30),
    ("Mi", 1 << 20),
    ("Ki", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("kB", 1_000),
    ("B", 1),
];

impl ByteSize {
    /// Whole mebibytes.
    #[must_use]
    pub const fn mib(count: u64) -> Self {
        Self(count << 20)
    }

    /// A size within bounds. Both bounds are included.
    pub(in crate::config) fn between(text: &str, min: Self, max: Self) -> Result<Self, Problem> {
        let Some(size) = parse(text.trim()) else {
            return Err(Problem::new(
                format!("{} is no size", quoted(text)),
                "give one like 512MiB or 2GiB, or plain bytes",
            ));
        };
        if (min..=max).contains(&size) {
            return Ok(size);
        }
        Err(Problem::new(
            format!("{} is out of range", quoted(text)),
            format!("give a size from {min} to {max}"),
        ))
    }
}

/// In the largest binary unit that leaves a whole number.
impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binary = SUFFIXES.iter().take(4);
        for (suffix, factor) in binary {
            if self.0 >= *factor && self.0.is_multiple_of(*factor) {
                return write!(f, "{}{suffix}", self.0 / factor);
            }
        }
        write!(f, "{}B", self.0)
    }
}

fn parse(text: &str) -> Option<ByteSize> {
    let number_end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(number_end);
    let factor = match suffix.trim_start() {
        "" => 1,
        suffix => SUFFIXES.into_iter().find(|(name, _)| *name == suffix)?.1,
    };
    scaled(number, factor).map(ByteSize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<ByteSize, Problem> {
        ByteSize::between(text, ByteSize(0), ByteSize(u64::MAX))
    }

    #[test]
    fn the_usual_ways_to_write_a_size_are_read() {
        let cases = [
            ("512MiB", 512 << 20),
            ("512Mi", 512 << 20),
            ("512 MiB", 512 << 20),
            ("1.5GiB", 1536 << 20),
            ("2GB", 2_000_000_000),
            ("4096", 4096),
            ("4096B", 4096),
        ];
        for (text, bytes) in cases {
            assert_eq!(read(text), Ok(ByteSize(bytes)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_examples() {
        for text in [
            "",
            "MiB",
            "512M",
            "512mib",
            "-1MiB",
            "1.2.3GiB",
            "1..GiB",
            "lots",
            "99999999TiB",
        ] {
            let problem = read(text).unwrap_err();
            assert!(problem.remedy.contains("512MiB"), "{text}");
        }
    }

    #[test]
    fn bounds_are_included_and_named() {
        let check = |text| ByteSize::between(text, ByteSize::mib(64), ByteSize::mib(1 << 20));
        assert!(check("64MiB").is_ok());
        assert_eq!(
            check("63MiB").unwrap_err().remedy,
            "give a size from 64MiB to 1TiB"
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(bytes: u64) {
            prop_assert_eq!(read(&ByteSize(bytes).to_string()), Ok(ByteSize(bytes)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9.KMGTiB ]{0,24}") {
            let _ = read(&text);
        }
    }
}
