//! What one isolate's memory is made of.

use deno_core::v8;

/// Memory of one isolate, in bytes, as V8 and our allocator report it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapSample {
    /// Live and not yet collected objects.
    pub used_heap_bytes: usize,
    /// Committed pages of the heap.
    pub total_heap_bytes: usize,
    /// Memory outside of the heap that objects in it keep alive, array buffers included.
    pub external_bytes: usize,
    /// Contents of array buffers.
    pub array_buffers_bytes: usize,
    /// The most that the heap may grow to.
    pub heap_limit_bytes: usize,
    /// Runs that the isolate holds.
    pub cached_workflows: usize,
}

impl HeapSample {
    pub(super) fn read(
        isolate: &mut v8::OwnedIsolate,
        array_buffers_bytes: usize,
        cached_workflows: usize,
    ) -> Self {
        let statistics = isolate.get_heap_statistics();
        Self {
            used_heap_bytes: statistics.used_heap_size(),
            total_heap_bytes: statistics.total_heap_size(),
            external_bytes: statistics.external_memory().max(array_buffers_bytes),
            array_buffers_bytes,
            heap_limit_bytes: statistics.heap_size_limit(),
            cached_workflows,
        }
    }
}
