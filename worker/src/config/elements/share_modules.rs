//! `share-modules`: whether runs share the modules of the bundle.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::quoted;
use crate::engine::ModuleSharing;

/// Whether the modules of a bundle are evaluated once for all runs of an isolate, or once for each.
pub struct ShareModules;

impl Element for ShareModules {
    type Value = ModuleSharing;

    const KEY: Key = Key::worker("share-modules", Group::Workflows, Shape::Text)
        .takes("WHEN")
        .means(
            "Whether runs in a shared context share the modules of the bundle: `off`, `on`, or \
             `audit` to check after each run that it left no trace",
        )
        .defaults_to("off");

    fn parse(text: &str) -> Result<ModuleSharing, Problem> {
        [ModuleSharing::Off, ModuleSharing::On, ModuleSharing::Audit]
            .into_iter()
            .find(|sharing| sharing.as_str() == text.trim())
            .ok_or_else(|| {
                Problem::new(
                    format!("invalid value {}", quoted(text)),
                    "give off, on or audit",
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_are_printed() {
        for text in ["off", "on", "audit"] {
            assert_eq!(ShareModules::parse(text).unwrap().to_string(), text);
        }
        assert!(ShareModules::parse("late").is_err());
    }
}
