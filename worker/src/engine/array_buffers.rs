//! The memory of `ArrayBuffer`s: this V8 keeps their bytes outside of its heap, so we count them ourselves.

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deno_core::v8;

use super::page_guard::has_room_for;

/// V8 asks for no more than this alignment of a buffer's bytes.
const ALIGN_BYTES: usize = 16;

/// From this size on a buffer is refused if the process has no room for it. Smaller ones are bounded by their sum.
const LARGE_BYTES: usize = 1 << 20;

/// Bytes that are allocated to the `ArrayBuffer`s of one isolate.
#[derive(Debug)]
pub(super) struct ArrayBufferBytes {
    allocated: AtomicUsize,
    limit_bytes: usize,
}

impl ArrayBufferBytes {
    /// Buffers beyond `limit_bytes` in all are refused.
    pub(super) fn limited_to(limit_bytes: Option<usize>) -> Self {
        Self {
            allocated: AtomicUsize::new(0),
            limit_bytes: limit_bytes.unwrap_or(usize::MAX),
        }
    }

    pub(super) fn get(&self) -> usize {
        self.allocated.load(Ordering::Relaxed)
    }

    fn permits(&self, len: usize) -> bool {
        self.get()
            .checked_add(len)
            .is_some_and(|bytes| bytes <= self.limit_bytes)
            && (len < LARGE_BYTES || has_room_for(len))
    }
}

static VTABLE: v8::RustAllocatorVtable<ArrayBufferBytes> = v8::RustAllocatorVtable {
    allocate,
    allocate_uninitialized,
    free,
    drop,
};

/// An allocator for one isolate that keeps `counter` up to date.
pub(super) fn counting_allocator(counter: &Arc<ArrayBufferBytes>) -> v8::UniqueRef<v8::Allocator> {
    let handle = Arc::into_raw(Arc::clone(counter));
    // SAFETY: `handle` owns one reference to the counter, which `drop` gives back exactly once, when V8 destroys the
    // allocator; until then every callback gets this pointer. The counter is `Sync`, as V8 frees on any thread.
    unsafe { v8::new_rust_allocator(handle, &VTABLE) }
}

fn layout(len: usize) -> Option<Layout> {
    Layout::from_size_align(len.max(1), ALIGN_BYTES).ok()
}

unsafe extern "C" fn allocate(counter: &ArrayBufferBytes, len: usize) -> *mut c_void {
    let Some(layout) = layout(len).filter(|_| counter.permits(len)) else {
        return std::ptr::null_mut();
    };
    // SAFETY: the layout has a size of at least one byte.
    count(counter, len, unsafe { alloc_zeroed(layout) })
}

unsafe extern "C" fn allocate_uninitialized(counter: &ArrayBufferBytes, len: usize) -> *mut c_void {
    let Some(layout) = layout(len).filter(|_| counter.permits(len)) else {
        return std::ptr::null_mut();
    };
    // SAFETY: the layout has a size of at least one byte.
    count(counter, len, unsafe { alloc(layout) })
}

/// A null pointer is V8's `RangeError: Array buffer allocation failed`.
fn count(counter: &ArrayBufferBytes, len: usize, data: *mut u8) -> *mut c_void {
    if !data.is_null() {
        counter.allocated.fetch_add(len, Ordering::Relaxed);
    }
    data.cast()
}

unsafe extern "C" fn free(counter: &ArrayBufferBytes, data: *mut c_void, len: usize) {
    if let (Some(layout), false) = (layout(len), data.is_null()) {
        counter.allocated.fetch_sub(len, Ordering::Relaxed);
        // SAFETY: V8 frees what it got from `allocate` or `allocate_uninitialized`, once, with the same length, from
        // which the same layout follows.
        unsafe { dealloc(data.cast(), layout) };
    }
}

unsafe extern "C" fn drop(counter: *const ArrayBufferBytes) {
    // SAFETY: the pointer comes from `Arc::into_raw` in `counting_allocator` and V8 drops an allocator once.
    std::mem::drop(unsafe { Arc::from_raw(counter) });
}
