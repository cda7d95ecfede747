//! `max-cached-workflows`: how many workflow runs stay in memory between their tasks.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::whole_number;

/// Far above what one process can hold; a larger number is a slip of the pen.
const MAX: usize = 1_000_000;

/// Cached workflow runs. 0 switches the cache off: every task then replays its whole history. Left out, as many stay as
/// fit the memory plan.
pub struct MaxCachedWorkflows;

impl Element for MaxCachedWorkflows {
    type Value = usize;

    const KEY: Key = Key::worker("max-cached-workflows", Group::SlotsAndCache, Shape::Integer)
        .takes("N")
        .means("Workflow runs kept in memory; 0 switches the cache off")
        .defaults_to("as many as fit --memory-limit");

    fn parse(text: &str) -> Result<usize, Problem> {
        whole_number(text, 0..=MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_one_are_cache_sizes() {
        assert_eq!(MaxCachedWorkflows::parse("0"), Ok(0));
        assert_eq!(MaxCachedWorkflows::parse("1"), Ok(1));
        assert!(MaxCachedWorkflows::parse("1000001").is_err());
    }
}
