//! How much memory a heap snapshot takes.

use crate::engine::HeapShape;

/// What a byte of small objects takes at most. PLACEHOLDER
const SMALL_OBJECT_FACTOR: u64 = 8;
/// What a byte of large objects takes at most.
const LARGE_OBJECT_FACTOR: u64 = 5;
/// Buffers, tables that grow by doubling, and the snapshot of a heap that is all but empty.
const FIXED_BYTES: u64 = 8 << 20;
/// The file's bytes for a byte of the heap.
const FILE_FACTOR: u64 = 3;

/// The most that a snapshot of a heap of this shape takes while it is taken, in bytes, on top of what the process has.
#[must_use]
pub fn snapshot_need_bytes(heap: HeapShape) -> u64 {
    let small = heap.small_object_bytes.saturating_mul(SMALL_OBJECT_FACTOR);
    let large = heap.large_object_bytes.saturating_mul(LARGE_OBJECT_FACTOR);
    FIXED_BYTES.saturating_add(small).saturating_add(large)
}

/// The most that the file of such a snapshot takes.
pub(super) fn file_bytes(heap: HeapShape) -> u64 {
    let all = heap
        .small_object_bytes
        .saturating_add(heap.large_object_bytes);
    all.saturating_mul(FILE_FACTOR)
}
