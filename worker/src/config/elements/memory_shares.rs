//! `memory-base` and its like: how the memory limit is divided. The defaults are rules and stand in `memory::plan`.

use super::memory::MAX;
use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::memory_share;
use crate::memory::Share;

macro_rules! share {
    ($name:ident, $key:literal, $meaning:literal, $default:literal) => {
        #[doc = $meaning]
        pub struct $name;

        impl Element for $name {
            type Value = Share;

            const KEY: Key = Key::worker($key, Group::SlotsAndCache, Shape::Bytes)
                .takes("SIZE|PERCENT")
                .means($meaning)
                .defaults_to($default);

            fn parse(text: &str) -> Result<Share, Problem> {
                memory_share(text, MAX)
            }
        }
    };
}

share!(
    MemoryBase,
    "memory-base",
    "Part of the limit for the process itself: bundle, mappings, threads",
    "72MiB and twice the bundle"
);
share!(
    MemoryCore,
    "memory-core",
    "Part of the limit for sdk-core and activities",
    "6%, at least 16MiB"
);
share!(
    MemoryHeaps,
    "memory-heaps",
    "Part of the limit for the V8 heaps of all isolates",
    "the rest"
);
share!(
    MemorySlack,
    "memory-slack",
    "Part of the limit that the allocator keeps without using it",
    "6%, at least 8MiB"
);
share!(
    MemoryReserve,
    "memory-reserve",
    "Part of the limit that stays free",
    "10%"
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Percent;

    #[test]
    fn a_share_is_a_size_or_a_percentage_of_the_limit() {
        assert_eq!(MemoryBase::parse("64MiB"), Ok(Share::Bytes(64 << 20)));
        assert_eq!(
            MemoryReserve::parse("10%"),
            Ok(Share::Percent(Percent::whole(10)))
        );
        assert!(MemoryHeaps::parse("17TiB").is_err());
        assert!(MemoryCore::parse("0%").is_err());
        assert!(MemorySlack::parse("-1").is_err());
    }
}
