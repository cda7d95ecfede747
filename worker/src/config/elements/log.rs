//! `log-format`, `log-filter`: what the log looks like and what is in it.

use std::fmt;

use tracing_subscriber::EnvFilter;

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::quoted;

/// Warnings of every crate, and what the worker itself does.
pub const LOG_FILTER_DEFAULT: &str = "info";

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere: people read the one, collectors the other.
    #[default]
    Auto,
    /// For people.
    Text,
    /// For machines, one object per line.
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

impl Element for LogFormat {
    type Value = Self;

    const KEY: Key = Key::worker("log-format", Group::Observability, Shape::Text)
        .takes("FORMAT")
        .means("auto, text or json; auto is text on a terminal")
        .defaults_to("auto");

    fn parse(text: &str) -> Result<Self, Problem> {
        match text.trim() {
            "auto" => Ok(Self::Auto),
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(Problem::new(
                format!("{} is no log format", quoted(other)),
                "give auto, text or json",
            )),
        }
    }
}

/// Levels by module, in the syntax of `tracing`: `info,burdock_worker=debug`.
pub struct LogFilter;

impl Element for LogFilter {
    type Value = String;

    const KEY: Key = Key::worker("log-filter", Group::Observability, Shape::Text)
        .takes("FILTER")
        .means("Log levels by module, for example info,burdock_worker=debug")
        .defaults_to("info");

    fn parse(text: &str) -> Result<String, Problem> {
        let remedy = "give levels by module, for example info,burdock_worker=debug";
        let filter = text.trim();
        if filter.is_empty() {
            return Err(Problem::new("the value is empty", remedy));
        }
        match EnvFilter::builder().parse(filter) {
            Ok(_) => Ok(filter.to_owned()),
            Err(_) => Err(Problem::new(
                format!("{} is no log filter", quoted(filter)),
                remedy,
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read_as_they_are_printed() {
        for text in ["auto", "text", "json"] {
            assert_eq!(LogFormat::parse(text).unwrap().to_string(), text);
        }
        assert!(LogFormat::parse("JSON").is_err());
    }

    #[test]
    fn filters_are_checked_before_the_log_starts() {
        assert!(LogFilter::parse(LOG_FILTER_DEFAULT).is_ok());
        assert!(LogFilter::parse("warn,burdock_worker=debug").is_ok());
        assert!(LogFilter::parse("burdock_worker=loud").is_err());
        assert!(LogFilter::parse("").is_err());
    }
}
