//! `context`: whether the runs of an isolate share one V8 context.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::quoted;
use crate::engine::ContextMode;

/// Which runs share a context. Shared by default: a run then costs its own state and modules, and not a second SDK.
pub struct Context;

impl Element for Context {
    type Value = ContextMode;

    const KEY: Key = Key::worker("context", Group::Workflows, Shape::Text)
        .takes("MODE")
        .means(
            "Which runs share a V8 context: `shared` for all of an isolate, `per-workflow` for \
             none",
        )
        .defaults_to("shared");

    fn parse(text: &str) -> Result<ContextMode, Problem> {
        [ContextMode::Shared, ContextMode::PerWorkflow]
            .into_iter()
            .find(|mode| mode.as_str() == text.trim())
            .ok_or_else(|| {
                Problem::new(
                    format!("{} is no kind of context", quoted(text)),
                    "give shared or per-workflow",
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_they_are_printed() {
        for text in ["shared", "per-workflow"] {
            assert_eq!(Context::parse(text).unwrap().to_string(), text);
        }
        assert!(Context::parse("own").is_err());
    }
}
