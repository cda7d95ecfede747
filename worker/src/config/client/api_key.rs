//! The API key.

use std::fmt;

use crate::config::key::Problem;

/// An API key. Neither `Debug` nor `Display` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Reads a key.
    ///
    /// # Errors
    /// When it could not travel in an HTTP header: the client would leave the header out without
    /// a word, and every call would be refused.
    pub(in crate::config) fn parse(text: &str) -> Result<Self, Problem> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Problem::new(
            "the API key is empty or holds spaces, line breaks or characters outside ASCII",
            "give the bare key",
        ))
    }

    /// The key itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown() {
        let key = ApiKey::parse("hush-1").unwrap();
        assert_eq!(format!("{key} {key:?}"), "[redacted] [redacted]");
        assert_eq!(key.expose(), "hush-1");
    }

    #[test]
    fn what_no_header_carries_is_refused_without_quoting_it() {
        for text in ["", "hush\n", "hu sh", "hush\u{e4}"] {
            let problem = ApiKey::parse(text).unwrap_err();
            assert!(!problem.what.contains("hu"), "{text:?}");
        }
    }
}
