//! The tables of maps and sets, exchanged as they are.
//!
//! A map that a run has changed gets its pristine entries back when another run is entered. To clear it and fill it again would be seen
//! by iterators of the run over it, which keep to their table: so the tables change hands, and entries stay where they are.
//!
//! As in `heap_walk::internals`, the mangled name and the offset are those of the exact version of the crate `v8`.

use deno_core::v8;

use super::handles::{handle, object};
use super::kinds::TABLE_BYTES;
use crate::engine::heap_walk::internals::Tagged;

/// Where an isolate has its heap (`Isolate::heap_`, `src/execution/isolate.h`): what `v8::Isolate::LowMemoryNotification` of this
/// version adds. [`is_as_expected`] asks the heap there what the API says of it.
const HEAP_BYTES: usize = 0xe1d0;
/// `UPDATE_WRITE_BARRIER` (`src/objects/objects.h`).
const UPDATE_WRITE_BARRIER: i32 = 5;

unsafe extern "C" {
    /// `size_t Heap::SizeOfObjects()`.
    #[link_name = "_ZN2v88internal4Heap13SizeOfObjectsEv"]
    fn size_of_objects(heap: usize) -> usize;

    /// `void Heap::CopyRange<FullObjectSlot>(Tagged<HeapObject>, FullObjectSlot, FullObjectSlot, uint32_t, WriteBarrierMode)`: copies
    /// references into an object, with what the collector has to know of it.
    #[link_name = "_ZN2v88internal4Heap9CopyRangeINS0_14FullObjectSlotEEEvNS0_6TaggedINS0_10HeapObjectEEET_S7_jNS0_16WriteBarrierModeE"]
    fn copy_range(
        heap: usize,
        object: Tagged,
        to: usize,
        from: *const Tagged,
        count: u32,
        mode: i32,
    );
}

/// Whether the heap is where this file expects it.
pub(super) fn is_as_expected(scope: &mut v8::PinScope<'_, '_>) -> bool {
    let used_bytes = scope.get_heap_statistics().used_heap_size();
    // SAFETY: the start asserts the version of V8 that the offset is of; the function reads counters.
    used_bytes == unsafe { size_of_objects(heap_of(scope)) }
}

/// Exchanges the tables of two maps, or of two sets.
pub(super) fn exchange(
    scope: &mut v8::PinScope<'_, '_>,
    first: v8::Local<'_, v8::Value>,
    second: v8::Local<'_, v8::Value>,
) {
    let are_alike = (first.is_map() && second.is_map()) || (first.is_set() && second.is_set());
    if !are_alike {
        return;
    }
    v8::scope!(let scope, scope);
    let tables = [first, second].map(|holder| {
        // SAFETY: a map or set, which has a table; nothing is allocated before the handle has it.
        let table = unsafe { object(holder) }.word(TABLE_BYTES).unwrap_or(0);
        handle(scope, table)
    });
    let heap = heap_of(scope);
    for (holder, table) in [(first, tables[1]), (second, tables[0])] {
        let from: *const Tagged = (&raw const *table).cast();
        // SAFETY: the field of a living map or set that holds its table, and a place that holds a table of the same kind.
        unsafe {
            let holder = object(holder);
            let to = holder.address() + TABLE_BYTES;
            copy_range(heap, holder.tagged(), to, from, 1, UPDATE_WRITE_BARRIER);
        }
    }
}

fn heap_of(scope: &mut v8::PinScope<'_, '_>) -> usize {
    let isolate: &v8::Isolate = scope;
    // SAFETY: the pointer of the isolate that the scope is of; only its address is used.
    let isolate: usize = unsafe { std::mem::transmute_copy(&isolate.as_raw_isolate_ptr()) };
    isolate + HEAP_BYTES
}
