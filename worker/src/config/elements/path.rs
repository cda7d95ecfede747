//! Paths, as several settings take them.

use std::path::PathBuf;

use crate::config::key::Problem;

/// A path; whether a file is there is for the reader to find out.
pub(super) fn parse_path(text: &str, example: &str) -> Result<PathBuf, Problem> {
    if text.trim().is_empty() || text.contains('\0') {
        return Err(Problem::new(
            "the value is no path",
            format!("give the path of a file, for example {example}"),
        ));
    }
    Ok(PathBuf::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_can_name_a_file_pass() {
        assert_eq!(parse_path("a b.js", "x").unwrap(), PathBuf::from("a b.js"));
        for text in ["", "  ", "a\0b"] {
            assert!(
                parse_path(text, "x")
                    .unwrap_err()
                    .remedy
                    .ends_with("example x")
            );
        }
    }
}
