//! `memory-base` and its like: how the memory limit is divided. The defaults are rules and stand in `memory::plan`.

use super::memory::MAX;
use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::memory_share;
use crate::memory::Share;

macro_rules! share {
    ($name:ident, $key:literal, $meaning:literal) => {
        #[doc = $meaning]
        pub struct $name;

        impl Element for $name {
            type Value = Share;

            const KEY: Key = Key::worker($key, Group::SlotsAndCache, Shape::Bytes);

            fn parse(text: &str) -> Result<Share, Problem> {
                memory_share(text, MAX)
            }
        }
    };
}

share!(
    MemoryBase,
    "memory-base",
    "The process with its bundle, file mappings and threads."
);
share!(
    MemoryCore,
    "memory-core",
    "What sdk-core and activities hold."
);
share!(
    MemoryHeaps,
    "memory-heaps",
    "The V8 heaps of all isolates together. Left out, they get the rest."
);
share!(
    MemorySlack,
    "memory-slack",
    "What the allocator keeps without using it."
);
share!(
    MemoryReserve,
    "memory-reserve",
    "What stays free under the limit."
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
