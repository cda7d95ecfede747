//! `inactive-patches`: patches whose new way no run takes yet.

use std::fmt;

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::name;

/// Patch ids for which `patched()` answers false in code that runs for the first time, so that a whole fleet can be
/// rolled out before the first history depends on the patch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InactivePatches(pub Vec<String>);

impl fmt::Display for InactivePatches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

impl Element for InactivePatches {
    type Value = Self;

    const KEY: Key = Key::worker("inactive-patches", Group::Workflows, Shape::Text)
        .takes("IDS")
        .means("Patches that new code does not activate yet, separated by commas");

    /// Patch ids, separated by commas.
    fn parse(text: &str) -> Result<Self, Problem> {
        let ids = text.split(',').map(|id| name(id.trim(), "new-pricing"));
        ids.collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_separated_by_commas() {
        let patches = InactivePatches::parse("a, b c").unwrap();
        assert_eq!(patches.0, ["a", "b c"]);
        assert_eq!(patches.to_string(), "a,b c");
        assert!(InactivePatches::parse("a,,b").is_err());
    }
}
