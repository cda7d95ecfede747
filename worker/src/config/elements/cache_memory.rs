//! `cache-memory`: how many bytes the cached runs may hold together.

use super::memory::MAX;
use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::ByteSize;

/// Below this not even one run stays.
const MIN: ByteSize = ByteSize::mib(1);

/// Live bytes of all cached runs. Left out, the memory plan decides.
pub struct CacheMemory;

impl Element for CacheMemory {
    type Value = ByteSize;

    const KEY: Key = Key::worker("cache-memory", Group::SlotsAndCache, Shape::Bytes)
        .takes("SIZE")
        .means("Live bytes that cached runs may hold together")
        .defaults_to("about half of --memory-heaps");

    fn parse(text: &str) -> Result<ByteSize, Problem> {
        ByteSize::between(text, MIN, MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_holds_nothing_is_refused() {
        assert!(CacheMemory::parse("0").is_err());
        assert_eq!(CacheMemory::parse("1MiB"), Ok(ByteSize::mib(1)));
    }
}
