//! Keeps a run that fills the heap from taking the process with it: near its limit V8 asks whether there is more. It gets
//! a reserve, and the entry that is running is stopped.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use deno_core::v8;

use super::page_guard::{note_stopped, note_stopping};

/// How far the limit is raised until the stopped entry has unwound. V8 asks once and then repeats the one allocation that
/// failed, or gives up and ends the process, so the largest of all must fit: an array of 1 GiB beside what is there. It
/// is a limit and no commitment: for what the process has no memory for, see `page_guard`.
const RESERVE_BYTES: usize = 1536 << 20;

struct Shared {
    handle: v8::IsolateHandle,
    reached: Arc<AtomicBool>,
    /// The limit was raised since it was last restored.
    raised: AtomicBool,
}

/// The guard of one isolate. Must be dropped after the isolate's last entry.
pub(super) struct HeapGuard {
    shared: Box<Shared>,
    limit_bytes: usize,
}

impl HeapGuard {
    /// Guards `isolate`; `reached` tells its watchdog that the entry was stopped for its memory.
    pub(super) fn install(isolate: &mut v8::OwnedIsolate, reached: Arc<AtomicBool>) -> Self {
        let limit_bytes = isolate.get_heap_statistics().heap_size_limit();
        let handle = isolate.thread_safe_handle();
        let mut guard = Self {
            shared: Box::new(Shared {
                handle,
                reached,
                raised: AtomicBool::new(false),
            }),
            limit_bytes,
        };
        guard.add(isolate);
        guard
    }

    /// The heap's limit when no run is being stopped.
    pub(super) fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }

    /// Whether the limit was raised since it was last restored: an entry was stopped for its memory.
    pub(super) fn is_raised(&self) -> bool {
        self.shared.raised.load(Ordering::Relaxed)
    }

    /// Collects what the stopped run left and puts the limit back.
    pub(super) fn restore(&mut self, isolate: &mut v8::OwnedIsolate) {
        if !self.is_raised() {
            return;
        }
        isolate.low_memory_notification();
        isolate.remove_near_heap_limit_callback(near_heap_limit, self.limit_bytes);
        self.add(isolate);
        // The collection itself may have asked for more: whoever is entered next has nothing to do with it.
        self.shared.raised.store(false, Ordering::Relaxed);
        self.shared.reached.store(false, Ordering::Relaxed);
        isolate.cancel_terminate_execution();
        note_stopped();
    }

    fn add(&mut self, isolate: &mut v8::OwnedIsolate) {
        let data = std::ptr::from_ref::<Shared>(&self.shared).cast_mut();
        isolate.add_near_heap_limit_callback(near_heap_limit, data.cast());
    }
}

unsafe extern "C" fn near_heap_limit(data: *mut c_void, current: usize, _initial: usize) -> usize {
    // SAFETY: `add` passed a pointer into the guard's box, which lives as long as the isolate does anything: the guard
    // is a field of the isolate's owner and V8 calls back only from entries and collections of that isolate.
    let shared = unsafe { &*data.cast::<Shared>() };
    shared.reached.store(true, Ordering::Relaxed);
    shared.raised.store(true, Ordering::Relaxed);
    note_stopping();
    shared.handle.terminate_execution();
    current + RESERVE_BYTES
}
