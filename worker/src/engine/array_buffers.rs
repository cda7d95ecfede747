//! The allocator that V8 asks for `ArrayBuffer`s of a fixed length. What it gives is counted by `buffers`.

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::ffi::c_void;
use std::sync::Arc;

use deno_core::v8;

use super::buffers::BufferAccount;

/// V8 asks for no more than this alignment of a buffer's bytes.
const ALIGN_BYTES: usize = 16;

/// Buffers from here on get mappings: zeros that were never touched cost nothing, and the kernel tells which were. A smaller one
/// fills the pages that it shares with other blocks sooner or later.
const MAPPED_FROM_BYTES: usize = 64 << 10;

static VTABLE: v8::RustAllocatorVtable<BufferAccount> = v8::RustAllocatorVtable {
    allocate,
    allocate_uninitialized,
    free,
    drop,
};

/// An allocator for one isolate that keeps `account` up to date.
pub(super) fn counting_allocator(account: &Arc<BufferAccount>) -> v8::UniqueRef<v8::Allocator> {
    let handle = Arc::into_raw(Arc::clone(account));
    // SAFETY: `handle` owns one reference to the account, which `drop` gives back exactly once, when V8 destroys the
    // allocator; until then every callback gets this pointer. The account is `Sync`, as V8 frees on any thread.
    unsafe { v8::new_rust_allocator(handle, &VTABLE) }
}

fn layout(len: usize) -> Option<Layout> {
    Layout::from_size_align(len.max(1), ALIGN_BYTES).ok()
}

/// A null pointer is V8's `RangeError: Array buffer allocation failed`.
unsafe extern "C" fn allocate(account: &BufferAccount, len: usize) -> *mut c_void {
    give(account, len, |layout| {
        // SAFETY: the layout has a size of at least one byte.
        unsafe { alloc_zeroed(layout) }
    })
}

unsafe extern "C" fn allocate_uninitialized(account: &BufferAccount, len: usize) -> *mut c_void {
    give(account, len, |layout| {
        // SAFETY: the layout has a size of at least one byte.
        unsafe { alloc(layout) }
    })
}

fn give(account: &BufferAccount, len: usize, alloc: impl FnOnce(Layout) -> *mut u8) -> *mut c_void {
    let Some(layout) = layout(len).filter(|_| account.permits(len)) else {
        return std::ptr::null_mut();
    };
    if len >= MAPPED_FROM_BYTES
        && let Some(start) = map(len)
    {
        account.add_mapping(start as usize, len);
        return start;
    }
    // The kernel refuses mappings beyond a number (`vm.max_map_count`): `malloc` may still have room.
    let data = alloc(layout);
    if !data.is_null() {
        account.add_small(len);
    }
    data.cast()
}

fn map(len: usize) -> Option<*mut c_void> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping, wherever the kernel likes. The advice marks it as V8's, as V8 marks what it maps itself, and
    // changes nothing for this process.
    unsafe {
        let start = libc::mmap(std::ptr::null_mut(), len, protection, flags, -1, 0);
        if start == libc::MAP_FAILED {
            return None;
        }
        libc::madvise(start, len, libc::MADV_DONTFORK);
        Some(start)
    }
}

unsafe extern "C" fn free(account: &BufferAccount, data: *mut c_void, len: usize) {
    let (Some(layout), false) = (layout(len), data.is_null()) else {
        return;
    };
    if len >= MAPPED_FROM_BYTES && account.remove_mapping(data as usize) {
        // SAFETY: the account knew the address as that of a mapping of `map`, of this length; V8 frees it once and does
        // not use it any more.
        unsafe { libc::syscall(libc::SYS_munmap, data, len) };
        return;
    }
    account.remove_small(len);
    // SAFETY: V8 frees what it got from `allocate` or `allocate_uninitialized`, once, with the same length, from which the
    // same layout follows; the account knew it as no mapping, so it came from the allocator.
    unsafe { dealloc(data.cast(), layout) };
}

unsafe extern "C" fn drop(account: *const BufferAccount) {
    // SAFETY: the pointer comes from `Arc::into_raw` in `counting_allocator` and V8 drops an allocator once.
    std::mem::drop(unsafe { Arc::from_raw(account) });
}
