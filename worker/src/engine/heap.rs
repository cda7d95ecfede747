//! What one isolate's memory is made of.

use deno_core::v8;

use super::buffers::BufferBytes;
use super::run_costs::{MeasuringTime, RunCosts};
use crate::memory::HeapSpace;

/// Memory of one isolate, in bytes, as V8 and our allocator report it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeapSample {
    /// Live and not yet collected objects.
    pub used_heap_bytes: usize,
    /// Committed pages of the heap.
    pub total_heap_bytes: usize,
    /// Memory outside of the heap that objects in it keep alive, contents of buffers included, as far as they are resident.
    pub external_bytes: usize,
    /// What buffers of all kinds may take: array buffers and WebAssembly memories.
    pub array_buffers_bytes: usize,
    /// What of that is resident.
    pub array_buffers_resident_bytes: usize,
    /// What of that lies in mappings and not in blocks of `malloc`.
    pub array_buffers_mapped_resident_bytes: usize,
    /// Live objects after the last full measurement; equal to `used_heap_bytes` until there was one.
    pub live_heap_bytes: usize,
    /// Resident pages of the heap.
    pub physical_heap_bytes: usize,
    /// What V8 took from `malloc` for itself, such as the zones of a compilation.
    pub malloced_bytes: usize,
    /// What the heap is divided into.
    pub spaces: Vec<HeapSpace>,
    /// The most that the heap may grow to.
    pub heap_limit_bytes: usize,
    /// Runs that the isolate holds.
    pub cached_workflows: usize,
    /// V8 contexts: one in the shared mode, one for each run otherwise, and that of the host.
    pub native_contexts: usize,
    /// Contexts that are gone and not collected yet.
    pub detached_contexts: usize,
    /// How the isolate spent its time.
    pub time: MeasuringTime,
}

impl HeapSample {
    pub(super) fn read(
        isolate: &mut v8::OwnedIsolate,
        buffers: BufferBytes,
        cached_workflows: usize,
        costs: &RunCosts,
    ) -> Self {
        let statistics = isolate.get_heap_statistics();
        let live_heap_bytes = costs.live_heap_bytes();
        // V8 counts buffers by their lengths, but for those that can be shared.
        let other_external_bytes = statistics
            .external_memory()
            .saturating_sub(buffers.all_bytes);
        Self {
            used_heap_bytes: statistics.used_heap_size(),
            total_heap_bytes: statistics.total_heap_size(),
            external_bytes: other_external_bytes + buffers.resident_bytes,
            array_buffers_bytes: buffers.all_bytes,
            array_buffers_resident_bytes: buffers.resident_bytes,
            array_buffers_mapped_resident_bytes: buffers.mapped_resident_bytes,
            live_heap_bytes: live_heap_bytes.map_or(statistics.used_heap_size(), |live| {
                live.min(statistics.used_heap_size())
            }),
            physical_heap_bytes: statistics.total_physical_size(),
            malloced_bytes: statistics.malloced_memory(),
            spaces: spaces_of(isolate),
            heap_limit_bytes: statistics.heap_size_limit(),
            cached_workflows,
            native_contexts: statistics.number_of_native_contexts(),
            detached_contexts: statistics.number_of_detached_contexts(),
            time: costs.time(),
        }
    }
}

/// The spaces of the heap. V8's own statistics of code walk the whole heap, which is too much for a reading; the spaces know
/// their sizes.
pub(super) fn spaces_of(isolate: &mut v8::OwnedIsolate) -> Vec<HeapSpace> {
    let spaces = 0..isolate.number_of_heap_spaces();
    spaces
        .filter_map(|index| isolate.get_heap_space_statistics(index))
        .map(|space| HeapSpace {
            // The names are ASCII literals of V8.
            name: space.space_name().to_str().unwrap_or("unknown"),
            used_bytes: space.space_used_size() as u64,
            size_bytes: space.space_size() as u64,
            available_bytes: space.space_available_size() as u64,
            physical_bytes: space.physical_space_size() as u64,
        })
        .collect()
}
