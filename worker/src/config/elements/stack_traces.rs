//! `stack-traces`, `show-stack-trace-sources`: the queries `__stack_trace` and `__enhanced_stack_trace`.

use std::fmt;

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::{quoted, yes_or_no};

/// How the place where a workflow waits is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StackTraces {
    /// Not at all: the queries fail, as the SDK says.
    Off,
    /// A query has the run's history fetched and replayed in an isolate that notes where promises are made. Costs
    /// nothing until somebody asks.
    #[default]
    OnDemand,
    /// Every promise of every run is noted when it is made, as the Node worker does. Costs memory and time for each.
    Always,
}

impl fmt::Display for StackTraces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::OnDemand => "on-demand",
            Self::Always => "always",
        })
    }
}

impl Element for StackTraces {
    type Value = Self;

    const KEY: Key = Key::worker("stack-traces", Group::Workflows, Shape::Text)
        .takes("WHEN")
        .means(
            "When the place of each promise is noted for stack trace queries: off, on-demand or \
             always",
        )
        .defaults_to("on-demand");

    fn parse(text: &str) -> Result<Self, Problem> {
        [Self::Off, Self::OnDemand, Self::Always]
            .into_iter()
            .find(|mode| mode.to_string() == text.trim())
            .ok_or_else(|| {
                Problem::new(
                    format!("{} is no way to trace stacks", quoted(text)),
                    "give off, on-demand or always",
                )
            })
    }
}

/// Whether the enhanced stack trace holds the texts of the sources. Off by default, as in the Node worker: whoever may
/// query a workflow may not be meant to read its code.
pub struct ShowStackTraceSources;

impl Element for ShowStackTraceSources {
    type Value = bool;

    const KEY: Key = Key::worker("show-stack-trace-sources", Group::Workflows, Shape::Boolean)
        .takes("BOOL")
        .means("Whether enhanced stack traces hold the texts of sources")
        .defaults_to("false");

    fn parse(text: &str) -> Result<bool, Problem> {
        yes_or_no(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_they_are_printed() {
        for text in ["off", "on-demand", "always"] {
            assert_eq!(StackTraces::parse(text).unwrap().to_string(), text);
        }
        assert!(StackTraces::parse("on").is_err());
    }
}
