//! `true` and `false`.

use super::quoted;
use crate::config::key::Problem;

/// Reads a switch.
pub(in crate::config) fn boolean(text: &str) -> Result<bool, Problem> {
    // As Temporal's own loader; it silently passes over the rest.
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Problem::new(
            format!("{} is neither yes nor no", quoted(text)),
            "give true, false, 1 or 0",
        )),
    }
}
