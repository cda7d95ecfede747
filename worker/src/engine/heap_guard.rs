//! Keeps a run that fills the heap from taking the process with it: near its limit V8 asks whether there is more. It gets
//! a reserve, and the entry that is running is stopped.

use std::ffi::c_void;
use std::sync::Arc;

use deno_core::v8;

use super::page_guard::note_stopped;
use super::stopper::EntryStopper;

/// How far the limit is raised until the stopped entry has unwound. V8 asks once and then repeats the one allocation that
/// failed, or gives up and ends the process, so the largest of all must fit: an array of 1 GiB beside what is there. It
/// is a limit and no commitment: for what the process has no memory for, see `page_guard`.
const RESERVE_BYTES: usize = 1536 << 20;

/// How often it is raised for one stopped entry: V8 may ask once more while it collects what the entry left. An entry that
/// takes all of it and goes on ends in V8's out-of-memory handler.
const RAISES_MAX: usize = 2;

/// The guard of one isolate. Must be dropped after the isolate's last entry.
pub(super) struct HeapGuard {
    stopper: Arc<EntryStopper>,
    limit_bytes: usize,
}

impl HeapGuard {
    /// Guards `isolate`, whose entries `stopper` stops.
    pub(super) fn install(isolate: &mut v8::OwnedIsolate, stopper: Arc<EntryStopper>) -> Self {
        let limit_bytes = isolate.get_heap_statistics().heap_size_limit();
        let mut guard = Self {
            stopper,
            limit_bytes,
        };
        guard.add(isolate);
        guard
    }

    /// The heap's limit when no run is being stopped.
    pub(super) fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }

    /// Whether an entry was stopped for its memory since the last [`Self::restore`].
    pub(super) fn is_littered(&self) -> bool {
        self.stopper.is_littered()
    }

    /// Collects what the stopped run left and puts the limit back.
    pub(super) fn restore(&mut self, isolate: &mut v8::OwnedIsolate) {
        if !self.is_littered() {
            return;
        }
        isolate.low_memory_notification();
        isolate.remove_near_heap_limit_callback(near_heap_limit, self.limit_bytes);
        self.add(isolate);
        // The collection itself may have asked for more: whoever is entered next has nothing to do with it.
        self.stopper.tidy();
        isolate.cancel_terminate_execution();
        note_stopped();
    }

    fn add(&mut self, isolate: &mut v8::OwnedIsolate) {
        let data = Arc::as_ptr(&self.stopper).cast_mut();
        isolate.add_near_heap_limit_callback(near_heap_limit, data.cast());
    }
}

unsafe extern "C" fn near_heap_limit(data: *mut c_void, current: usize, initial: usize) -> usize {
    // SAFETY: `add` passed a pointer to what the guard shares, which lives as long as the isolate does anything: the guard
    // is a field of the isolate's owner and V8 calls back only from entries and collections of that isolate.
    let stopper = unsafe { &*data.cast::<EntryStopper>() };
    stopper.stop_for_heap();
    let is_raised_enough = current >= initial.saturating_add(RAISES_MAX * RESERVE_BYTES);
    if stopper.is_abandoned() || is_raised_enough {
        return current;
    }
    current + RESERVE_BYTES
}
