//! Plain text: names that go to the server, and how a value is quoted in a message.

use crate::config::key::Problem;

/// Longer names are refused by a Temporal server with default settings (`limit.maxIDLength`).
const NAME_BYTES_MAX: usize = 1000;

/// Values longer than this are cut in messages.
const QUOTED_CHARS_MAX: usize = 60;

/// A value in quotes for a message: control characters escaped, cut when long.
pub(in crate::config) fn quoted(text: &str) -> String {
    if text.chars().count() <= QUOTED_CHARS_MAX {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(QUOTED_CHARS_MAX).collect();
    format!("{start:?}...")
}

/// A name that goes to the server: not empty, no control characters, of bounded length.
pub(in crate::config) fn name(text: &str, example: &str) -> Result<String, Problem> {
    let problem = |what: String| Problem::new(what, format!("give a name, for example {example}"));
    if text.trim().is_empty() {
        return Err(problem("the value is empty".to_owned()));
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err(problem(format!(
            "{} has spaces at an end or control characters",
            quoted(text)
        )));
    }
    if text.len() > NAME_BYTES_MAX {
        return Err(problem(format!(
            "the value has {} bytes, and the server takes {NAME_BYTES_MAX}",
            text.len()
        )));
    }
    Ok(text.to_owned())
}

/// A switch.
pub(in crate::config) fn yes_or_no(text: &str) -> Result<bool, Problem> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Problem::new(
            format!("{} is neither yes nor no", quoted(text)),
            "give true, false, 1 or 0",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_it_is() {
        assert_eq!(name("orders v2", "orders").unwrap(), "orders v2");
    }

    #[test]
    fn empty_padded_and_long_names_are_refused() {
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        for text in ["", "  ", " a", "a\n", "a\u{7}b", long.as_str()] {
            assert!(name(text, "orders").is_err(), "{text:?}");
        }
        assert!(name(&long[1..], "orders").is_ok());
    }

    #[test]
    fn long_values_are_cut_in_messages() {
        assert_eq!(quoted("a\"b"), r#""a\"b""#);
        assert!(quoted(&"ä".repeat(1000)).chars().count() < 70);
    }
}
