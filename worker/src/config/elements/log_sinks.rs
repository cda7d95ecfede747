//! `log-sinks`: sinks of workflow code whose calls become events of the log.

use std::collections::BTreeSet;
use std::fmt;

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::quoted;

/// The SDK keeps sinks with this prefix for itself.
pub const RESERVED_SINK_PREFIX: &str = "__temporal_";

/// Which sinks are logged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LogSinks {
    /// None: a call is an error in the log unless the program registered the sink.
    #[default]
    None,
    /// Each one that the program did not register.
    All,
    /// These.
    Named(BTreeSet<String>),
}

impl LogSinks {
    /// Whether calls of this sink are logged.
    #[must_use]
    pub fn contains(&self, sink: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Named(names) => names.contains(sink),
        }
    }
}

impl fmt::Display for LogSinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::All => f.write_str("*"),
            Self::Named(names) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                f.write_str(&names.join(","))
            }
        }
    }
}

impl Element for LogSinks {
    type Value = Self;

    const KEY: Key = Key::worker("log-sinks", Group::Observability, Shape::Texts)
        .takes("NAMES")
        .means(
            "Sinks of workflow code whose calls are logged, with commas between; * is every \
             sink",
        )
        .defaults_to("none");

    fn parse(text: &str) -> Result<Self, Problem> {
        let remedy = "give the names of sinks with commas between them, or * for every sink";
        let names: Vec<&str> = text.split(',').map(str::trim).collect();
        match names.as_slice() {
            ["" | "none"] => return Ok(Self::None),
            ["*"] => return Ok(Self::All),
            _ => {}
        }
        for name in &names {
            if name.is_empty() || *name == "*" {
                return Err(Problem::new(
                    format!("{} has an empty name or a * among names", quoted(text)),
                    remedy,
                ));
            }
            if name.starts_with(RESERVED_SINK_PREFIX) {
                return Err(Problem::new(
                    format!(
                        "{} starts with `{RESERVED_SINK_PREFIX}`, which the SDK keeps for its own sinks",
                        quoted(name)
                    ),
                    "leave it out; the SDK's log and metrics are always served",
                ));
            }
        }
        Ok(Self::Named(names.into_iter().map(str::to_owned).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_printed() {
        for text in ["none", "*", "audit", "alerts,audit"] {
            assert_eq!(LogSinks::parse(text).unwrap().to_string(), text);
        }
        let sinks = LogSinks::parse(" audit , alerts ").unwrap();
        assert!(sinks.contains("audit") && sinks.contains("alerts") && !sinks.contains("other"));
        assert!(LogSinks::All.contains("anything") && !LogSinks::None.contains("anything"));
    }

    #[test]
    fn empty_and_reserved_names_are_refused() {
        for text in ["a,", ",", "a,*", "__temporal_logger", "a,__temporal_x"] {
            assert!(LogSinks::parse(text).is_err(), "{text}");
        }
    }
}
