//! `memory-limit`, `max-heap-per-isolate`: how much memory the worker may take.

use crate::config::key::{Element, Group, Key, Problem, Shape};
use crate::config::units::ByteSize;

/// Below this a worker with one isolate does not start.
const MEMORY_LIMIT_MIN: ByteSize = ByteSize::mib(64);

/// Below this V8 does not load a bundle.
const HEAP_MIN: ByteSize = ByteSize::mib(16);

/// No machine is larger; a larger number is a slip of the pen.
pub(super) const MAX: ByteSize = ByteSize::mib(16 << 20);

/// The memory that the whole process may take. Left out, the limit is read off the container or
/// the machine.
pub struct MemoryLimit;

impl Element for MemoryLimit {
    type Value = ByteSize;

    const KEY: Key = Key::worker("memory-limit", Group::SlotsAndCache, Shape::Bytes)
        .takes("SIZE")
        .means("Memory that the process may take, for example 4GiB")
        .defaults_to("detected");

    fn parse(text: &str) -> Result<ByteSize, Problem> {
        ByteSize::between(text, MEMORY_LIMIT_MIN, MAX)
    }
}

/// The heap that one isolate may take. Left out, the memory plan decides.
pub struct MaxHeapPerIsolate;

impl Element for MaxHeapPerIsolate {
    type Value = ByteSize;

    const KEY: Key = Key::worker("max-heap-per-isolate", Group::SlotsAndCache, Shape::Bytes)
        .takes("SIZE")
        .means("Heap that one isolate may take, for example 1GiB")
        .defaults_to("its part of --memory-heaps, at most 4GiB");

    fn parse(text: &str) -> Result<ByteSize, Problem> {
        ByteSize::between(text, HEAP_MIN, MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_cannot_work_are_refused() {
        assert!(MemoryLimit::parse("63MiB").is_err());
        assert_eq!(MemoryLimit::parse("4GiB"), Ok(ByteSize::mib(4096)));
        assert!(MaxHeapPerIsolate::parse("15MiB").is_err());
        assert!(MaxHeapPerIsolate::parse("17TiB").is_err());
    }
}
