//! `isolates`: how many V8 isolates host workflows, each on a thread of its own.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::whole_number;

/// The Node worker takes 1 with a shared context, because its threads gain nothing; here two let a
/// slow workflow task block only half of the runs, at the price of a second heap.
pub const DEFAULT: usize = 2;

/// Each isolate costs a thread and a loaded bundle; more than 64 gain nothing on known machines.
const MAX: usize = 64;

/// Isolate threads.
pub struct Isolates;

impl Element for Isolates {
    type Value = usize;

    const KEY: Key = Key::worker("isolates", Group::SlotsAndCache, Shape::Integer)
        .takes("N")
        .means("V8 isolates, each on its own thread, from 1 to 64")
        .defaults_to("2");

    fn parse(text: &str) -> Result<usize, Problem> {
        whole_number(text, 1..=MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_at_least_one_and_at_most_64() {
        assert_eq!(Isolates::parse("1"), Ok(1));
        assert_eq!(Isolates::parse("64"), Ok(64));
        assert!(Isolates::parse("0").is_err());
        assert!(Isolates::parse("65").is_err());
    }
}
