//! What objects say of buffers, whose contents lie outside of V8's heap: where these begin, and how long they are.

use deno_core::v8;

use super::Root;
use super::internals::{HeapObject, Tagged, tagged_at, word_behind};

/// Length of the array buffer from which its layout is learned; no other word of the object has this value. Large enough for
/// a mapping, as every buffer has whose address is of interest.
pub(in crate::engine) const PROBE_BYTES: usize = 0x51_2b7;

/// A WebAssembly memory of one page, and its contents as a buffer.
const MEMORY: &str = "[new WebAssembly.Memory({ initial: 1, maximum: 1 })].flatMap((memory) => [memory, memory.buffer])";
const WASM_PAGE_BYTES: usize = 64 << 10;

/// `Foreign::foreign_address_` (`src/objects/foreign.h`), and the whole object's size.
const FOREIGN_ADDRESS_BYTES: usize = 8;
const FOREIGN_BYTES: usize = 16;
/// `ManagedPtrDestructor::estimated_size_` and `shared_ptr_ptr_` (`src/objects/managed.h`, without the sandbox).
const ESTIMATED_SIZE_BYTES: usize = 0;
const SHARED_PTR_PTR_BYTES: usize = 24;
/// `BackingStore::buffer_start_` (`src/objects/backing-store.h`); a `std::shared_ptr` begins with its pointer.
const BUFFER_START_BYTES: usize = 0;

/// What an object holds outside of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Contents {
    /// Where it begins.
    pub(in crate::engine) start: usize,
    /// How long it is by the object's own word; zero for one that does not say.
    pub(in crate::engine) bytes: usize,
}

/// The layout of objects that hold contents of buffers.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct BufferLayout {
    array_buffer_type: u16,
    byte_length_offset_bytes: usize,
    start_offset_bytes: usize,
    /// Absent where there is no WebAssembly, or where its memories are not as expected: one without an array buffer is
    /// then charged to none.
    memory: Option<MemoryLayout>,
}

#[derive(Clone, Copy, Debug)]
struct MemoryLayout {
    memory_type: u16,
    /// Where a memory has its `Managed<BackingStore>`.
    managed_offset_bytes: usize,
}

impl BufferLayout {
    /// Learns it from objects whose contents are known.
    pub(in crate::engine) fn learn(
        scope: &mut v8::PinScope<'_, '_>,
        probe: v8::Local<'_, v8::ArrayBuffer>,
    ) -> Option<Self> {
        // SAFETY: a handle of the caller's scope, and nothing is allocated on the heap while the object is used.
        let buffer = unsafe { HeapObject::at(Root::of(probe).tagged()) };
        let start = probe.data()?.as_ptr() as usize;
        let offset_of = |value| buffer.offsets().find(|at| buffer.word(*at) == Some(value));
        let layout = Self {
            array_buffer_type: buffer.instance_type(),
            byte_length_offset_bytes: offset_of(PROBE_BYTES)?,
            start_offset_bytes: offset_of(start)?,
            memory: None,
        };
        let memory = MemoryLayout::learn(scope);
        Some(Self { memory, ..layout })
    }

    /// What an object holds, if it is one that can.
    pub(in crate::engine) fn contents(&self, object: HeapObject) -> Option<Contents> {
        let instance_type = object.instance_type();
        if instance_type == self.array_buffer_type {
            return Some(Contents {
                start: object.word(self.start_offset_bytes)?,
                bytes: object.word(self.byte_length_offset_bytes)?,
            });
        }
        let memory = self.memory.as_ref()?;
        if instance_type != memory.memory_type {
            return None;
        }
        let start = memory.start(object)?;
        Some(Contents { start, bytes: 0 })
    }
}

impl MemoryLayout {
    fn learn(scope: &mut v8::PinScope<'_, '_>) -> Option<Self> {
        v8::scope!(let scope, scope);
        v8::tc_scope!(let scope, scope);
        let source = v8::String::new(scope, MEMORY)?;
        let pair = v8::Script::compile(scope, source, None)?.run(scope)?;
        let pair = v8::Local::<v8::Array>::try_from(pair).ok()?;
        let memory = pair.get_index(scope, 0)?;
        let buffer = v8::Local::<v8::ArrayBuffer>::try_from(pair.get_index(scope, 1)?).ok()?;
        let start = buffer.data()?.as_ptr() as usize;
        // SAFETY: a handle of this scope, and nothing is allocated on the heap while the object is used.
        let memory = unsafe { HeapObject::at(Root::of(memory).tagged()) };
        let is_managed = |at: &usize| managed_start(memory, *at) == Some(start);
        Some(Self {
            memory_type: memory.instance_type(),
            managed_offset_bytes: memory.offsets().find(is_managed)?,
        })
    }

    /// Where the contents of a memory begin.
    fn start(&self, memory: HeapObject) -> Option<usize> {
        managed_start(memory, self.managed_offset_bytes)
    }
}

/// Follows a reference to a `Managed<BackingStore>`. Other references lead nowhere: no other object that a memory refers to has the
/// size of a `Foreign` and a pointer in it, and an estimate that is a number of WebAssembly's pages behind that.
fn managed_start(memory: HeapObject, offset_bytes: usize) -> Option<usize> {
    let reference: Tagged = memory.word(offset_bytes)?;
    // SAFETY: a field of a living object, whose strong references are to living objects.
    let foreign = unsafe { tagged_at(reference)? };
    if foreign.size_bytes() != FOREIGN_BYTES {
        return None;
    }
    let destructor = foreign.word(FOREIGN_ADDRESS_BYTES)?;
    // SAFETY: a `Foreign` of a living memory is its `Managed<BackingStore>`: what it points to lives as long, and so does
    // what that points to in turn (see the constants).
    unsafe {
        let estimated_bytes = word_behind(destructor, ESTIMATED_SIZE_BYTES)?;
        if !estimated_bytes.is_multiple_of(WASM_PAGE_BYTES) {
            return None;
        }
        let shared = word_behind(destructor, SHARED_PTR_PTR_BYTES)?;
        let store = word_behind(shared, 0)?;
        word_behind(store, BUFFER_START_BYTES)
    }
}
