//! How much memory a heap snapshot takes. The figures are measured, see the tests of `engine::snapshot`.

use crate::engine::HeapShape;

/// What V8 keeps for a byte of the heap: a node of about 200 bytes for each object of 24 bytes or more, 60 to 70 for
/// each reference of 8 bytes. Heaps of workflows take 6.5.
const GRAPH_FACTOR: u64 = 8;
/// V8 names every element of an array that refers to an object, and gives each name 4 KiB, once for all arrays: an array
/// of a million objects costs 4 GB (`StringsStorage::GetVFormatted`).
const NAME_BYTES: u64 = 4096 + 16;
/// A reference in an array.
const ELEMENT_BYTES: u64 = 8;
/// The longest array that is no large object has so many elements.
const SMALL_ARRAY_ELEMENTS_MAX: u64 = 16 << 10;
/// What the heap of an isolate that runs nothing takes, most of it for the names of V8's own code, and tables that grow
/// by doubling.
const FIXED_BYTES: u64 = 40 << 20;
/// The file's bytes for a byte of the heap.
const FILE_FACTOR: u64 = 5;

/// The most that a snapshot of a heap of this shape takes while it is taken, in bytes, on top of what the process has.
/// All large objects together count as one array of references, which is the worst that they can be.
#[must_use]
pub fn snapshot_need_bytes(heap: HeapShape) -> u64 {
    let graph = heap_bytes(heap).saturating_mul(GRAPH_FACTOR);
    let elements = (heap.large_object_bytes / ELEMENT_BYTES).max(SMALL_ARRAY_ELEMENTS_MAX);
    let names = elements.saturating_mul(NAME_BYTES);
    FIXED_BYTES.saturating_add(graph).saturating_add(names)
}

/// The most that the file of such a snapshot takes.
pub(crate) fn snapshot_file_bytes(heap: HeapShape) -> u64 {
    heap_bytes(heap).saturating_mul(FILE_FACTOR)
}

/// Small and large objects.
pub(super) fn heap_bytes(heap: HeapShape) -> u64 {
    heap.small_object_bytes
        .saturating_add(heap.large_object_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn need_mib(small_mib: u64, large_mib: u64) -> u64 {
        let heap = HeapShape {
            small_object_bytes: small_mib * MIB,
            large_object_bytes: large_mib * MIB,
        };
        snapshot_need_bytes(heap) / MIB
    }

    #[test]
    fn the_least_is_the_names_of_a_small_array() {
        assert_eq!(need_mib(0, 0), 104);
        assert_eq!(need_mib(100, 0), 904);
    }

    #[test]
    fn large_objects_count_as_one_array() {
        assert_eq!(need_mib(0, 8), 40 + 64 + 4112);
    }

    #[test]
    fn no_heap_is_too_large_to_be_estimated() {
        let heap = HeapShape {
            small_object_bytes: u64::MAX,
            large_object_bytes: u64::MAX,
        };
        assert_eq!(snapshot_need_bytes(heap), u64::MAX);
        assert_eq!(snapshot_file_bytes(heap), u64::MAX);
    }
}
