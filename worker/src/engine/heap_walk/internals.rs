//! The few internals of V8 that a walk over its objects needs: an object's size, and the references that it holds.
//!
//! V8's embedder API has no call that tells what one part of a context keeps alive (`Isolate::MeasureMemory` stops at
//! native contexts, a heap snapshot copies the whole graph). These two functions do; the garbage collector's verifier and
//! V8's own tools use them. They are not part of the API, so this file states what it relies on, all of it fixed by the exact
//! version of the crate `v8` in `Cargo.lock`:
//! - the mangled names: another V8 without them fails to link;
//! - the order of the virtual functions of `v8::internal::ObjectVisitor` (`src/objects/visitors.h`), Itanium C++ ABI;
//! - 64-bit tagged values without pointer compression, sandbox or external code space (`args.gn` of the crate's build):
//!   bit 0 tells a heap object, bit 1 of it a weak reference; a reference to an object is its address plus 1.
//!
//! What leads from objects to the contents of buffers is in `buffers`.
//!
//! [`super::HeapWalk::new`] checks them all on objects of known size before any figure is believed.

use deno_core::v8;

/// A reference as V8 stores it: a small integer, or an address with [`HEAP_OBJECT`] and possibly [`WEAK`].
pub(in crate::engine) type Tagged = usize;

const HEAP_OBJECT: usize = 1;
const WEAK: usize = 2;
const TAG_MASK: usize = HEAP_OBJECT | WEAK;

/// `v8::internal::Internals::kMapInstanceTypeOffset` (`include/v8-internal.h`).
const MAP_INSTANCE_TYPE_OFFSET: usize = 12;

#[allow(
    improper_ctypes,
    reason = "the isolate is passed as the opaque pointer that it is"
)]
unsafe extern "C" {
    /// `void VisitObjectBody(Isolate*, Tagged<Map>, Tagged<HeapObject>, ObjectVisitor*)`, `src/heap/visit-object.h`.
    #[link_name = "_ZN2v88internal15VisitObjectBodyEPNS0_7IsolateENS0_6TaggedINS0_3MapEEENS3_INS0_10HeapObjectEEEPNS0_13ObjectVisitorE"]
    fn visit_object_body(
        isolate: v8::UnsafeRawIsolatePtr,
        map: Tagged,
        object: Tagged,
        visitor: *mut Visitor,
    );

    /// `int HeapObject::SizeFromMap(Tagged<Map>) const`, `src/objects/heap-object.h`; `this` is the address.
    #[link_name = "_ZNK2v88internal10HeapObject11SizeFromMapENS0_6TaggedINS0_3MapEEE"]
    fn size_from_map(object_address: usize, map: Tagged) -> i32;
}

/// Words of one object that hold tagged values: the offset of the first in words, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::engine) struct TaggedWords {
    pub(in crate::engine) first: u32,
    pub(in crate::engine) count: u32,
}

/// An object of class `v8::internal::ObjectVisitor` that puts aside strong references, or the places of all tagged values.
#[repr(C)]
struct Visitor {
    vtable: *const Slots,
    references: *mut Vec<Tagged>,
    places: *mut Vec<TaggedWords>,
    has_weak: bool,
}

type Ignore = unsafe extern "C" fn();
type VisitRange = unsafe extern "C" fn(
    visitor: *mut Visitor,
    host: Tagged,
    start: *const Tagged,
    end: *const Tagged,
);
type VisitOne = unsafe extern "C" fn(visitor: *mut Visitor, host: Tagged, slot: *const Tagged);

/// The virtual functions in the order of their declaration. Whatever holds no strong reference to an object of the heap is
/// ignored; `Ignore` takes fewer arguments than V8 passes, which the C calling convention permits.
#[repr(C)]
struct Slots {
    complete_destructor: Ignore,
    deleting_destructor: Ignore,
    visit_pointers: VisitRange,
    visit_maybe_weak_pointers: VisitRange,
    visit_instruction_stream_pointer: Ignore,
    visit_custom_weak_pointers: Ignore,
    visit_pointer: VisitOne,
    visit_maybe_weak_pointer: VisitOne,
    visit_custom_weak_pointer: Ignore,
    visit_ephemeron: Ignore,
    /// Code targets, embedded pointers, external and internal references, off-heap targets, external, `CppHeap`, indirect and
    /// protected (twice) pointers, entries of the tables of trusted pointers and of dispatch (twice), the map.
    others: [Ignore; 14],
}

static SLOTS: Slots = Slots {
    complete_destructor: ignore,
    deleting_destructor: ignore,
    visit_pointers,
    visit_maybe_weak_pointers: visit_pointers,
    visit_instruction_stream_pointer: ignore,
    visit_custom_weak_pointers: ignore,
    visit_pointer,
    visit_maybe_weak_pointer: visit_pointer,
    visit_custom_weak_pointer: ignore,
    // A weak map keeps a value only as long as its key lives, and it is the key's owner that pays.
    visit_ephemeron: ignore,
    others: [ignore; 14],
};

/// The same for a visit that wants to know where tagged values are, and whether some may be weak.
static PLACES: Slots = Slots {
    visit_pointers: note_places,
    visit_maybe_weak_pointers: note_weak_places,
    visit_pointer: note_place,
    visit_maybe_weak_pointer: note_weak_place,
    ..SLOTS
};

unsafe extern "C" fn note_weak_places(
    visitor: *mut Visitor,
    _host: Tagged,
    _start: *const Tagged,
    _end: *const Tagged,
) {
    // SAFETY: V8 passes the visitor of `tagged_words`, which outlives the call.
    unsafe { (*visitor).has_weak = true };
}

unsafe extern "C" fn note_weak_place(visitor: *mut Visitor, host: Tagged, slot: *const Tagged) {
    // SAFETY: as for ranges.
    unsafe { note_weak_places(visitor, host, slot, slot) };
}

unsafe extern "C" fn ignore() {}

unsafe extern "C" fn note_places(
    visitor: *mut Visitor,
    host: Tagged,
    start: *const Tagged,
    end: *const Tagged,
) {
    let words = |address: usize| (address - (host - HEAP_OBJECT)) / size_of::<usize>();
    let (first, past) = (words(start as usize), words(end as usize));
    if let (Ok(first), Ok(count)) = (u32::try_from(first), u32::try_from(past - first)) {
        // SAFETY: V8 passes the visitor of `tagged_words`, which outlives the call.
        unsafe { (*(*visitor).places).push(TaggedWords { first, count }) };
    }
}

unsafe extern "C" fn note_place(visitor: *mut Visitor, host: Tagged, slot: *const Tagged) {
    // SAFETY: one slot is a range that ends behind it.
    unsafe { note_places(visitor, host, slot, slot.add(1)) };
}

unsafe extern "C" fn visit_pointers(
    visitor: *mut Visitor,
    _host: Tagged,
    start: *const Tagged,
    end: *const Tagged,
) {
    // SAFETY: V8 passes the visitor of `references_of`, which outlives the call, and a range of slots of one object.
    unsafe {
        let references = &mut *(*visitor).references;
        let mut slot = start;
        while slot < end {
            keep_strong(references, *slot);
            slot = slot.add(1);
        }
    }
}

unsafe extern "C" fn visit_pointer(visitor: *mut Visitor, _host: Tagged, slot: *const Tagged) {
    // SAFETY: as for `visit_pointers`, with one slot.
    unsafe { keep_strong(&mut *(*visitor).references, *slot) }
}

fn keep_strong(references: &mut Vec<Tagged>, value: Tagged) {
    if value & TAG_MASK == HEAP_OBJECT {
        references.push(value);
    }
}

/// The object that a field's strong reference is to; none for small integers.
///
/// # Safety
/// As for [`HeapObject::at`], where the value is a reference.
pub(in crate::engine) unsafe fn tagged_at(value: Tagged) -> Option<HeapObject> {
    let is_object = value & TAG_MASK == HEAP_OBJECT;
    // SAFETY: the caller's promise.
    is_object.then(|| unsafe { HeapObject::at(value) })
}

/// The word at `offset_bytes` behind a pointer of V8's own, if it can be one.
///
/// # Safety
/// A pointer that is neither null nor misaligned must be to memory that can be read that far.
pub(in crate::engine) unsafe fn word_behind(pointer: usize, offset_bytes: usize) -> Option<usize> {
    if pointer == 0 || !pointer.is_multiple_of(size_of::<usize>()) {
        return None;
    }
    // SAFETY: the caller's promise.
    Some(unsafe { *((pointer + offset_bytes) as *const usize) })
}

/// An object of the heap of the isolate that a walk runs on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct HeapObject {
    tagged: Tagged,
    map: Tagged,
}

impl HeapObject {
    /// # Safety
    /// `tagged` must be a strong reference to an object that lives now, and no garbage collection may happen while the
    /// result is used.
    pub(in crate::engine) unsafe fn at(tagged: Tagged) -> Self {
        // SAFETY: the first word of every object is its map.
        let map = unsafe { *((tagged - HEAP_OBJECT) as *const Tagged) };
        Self { tagged, map }
    }

    /// Offsets of all words.
    pub(in crate::engine) fn offsets(self) -> impl Iterator<Item = usize> + use<> {
        (0..self.size_bytes() / size_of::<usize>()).map(|word| word * size_of::<usize>())
    }

    pub(in crate::engine) fn address(self) -> usize {
        self.tagged - HEAP_OBJECT
    }

    pub(in crate::engine) fn map(self) -> Tagged {
        self.map
    }

    pub(in crate::engine) fn tagged(self) -> Tagged {
        self.tagged
    }

    pub(in crate::engine) fn size_bytes(self) -> usize {
        // SAFETY: by `at`, the object and its map live; the function only reads both.
        let size = unsafe { size_from_map(self.address(), self.map) };
        usize::try_from(size).unwrap_or(0)
    }

    /// The kind of object, a number that is fixed within one version of V8.
    pub(in crate::engine) fn instance_type(self) -> u16 {
        // SAFETY: by `at`, the map lives, and a map is longer than this offset.
        unsafe { *((self.map - HEAP_OBJECT + MAP_INSTANCE_TYPE_OFFSET) as *const u16) }
    }

    /// The word at `offset_bytes`; none behind the object's end.
    pub(in crate::engine) fn word(self, offset_bytes: usize) -> Option<usize> {
        if offset_bytes + size_of::<usize>() > self.size_bytes() {
            return None;
        }
        // SAFETY: by `at` and the check above, the word lies within the living object.
        Some(unsafe { *((self.address() + offset_bytes) as *const usize) })
    }

    /// Adds the strong references that the object holds, except that to its map.
    ///
    /// # Safety
    /// `isolate` must be the object's isolate, and this its thread.
    pub(in crate::engine) unsafe fn references(
        self,
        isolate: v8::UnsafeRawIsolatePtr,
        references: &mut Vec<Tagged>,
    ) {
        let mut visitor = Visitor {
            vtable: &raw const SLOTS,
            references,
            places: std::ptr::null_mut(),
            has_weak: false,
        };
        // SAFETY: the visitor has the layout that V8 expects (see the head of this file) and lives through the call, which
        // reads the object and calls back; nothing is allocated on V8's heap.
        unsafe { visit_object_body(isolate, self.map, self.tagged, &raw mut visitor) }
    }

    /// Adds where the object has tagged values, its map aside, without those that may be weak; whether there are such.
    ///
    /// # Safety
    /// As for [`Self::references`].
    pub(in crate::engine) unsafe fn tagged_words(
        self,
        isolate: v8::UnsafeRawIsolatePtr,
        places: &mut Vec<TaggedWords>,
    ) -> bool {
        let mut visitor = Visitor {
            vtable: &raw const PLACES,
            references: std::ptr::null_mut(),
            places,
            has_weak: false,
        };
        // SAFETY: as for `references`; the functions of `PLACES` use `places` alone.
        unsafe { visit_object_body(isolate, self.map, self.tagged, &raw mut visitor) };
        visitor.has_weak
    }
}
