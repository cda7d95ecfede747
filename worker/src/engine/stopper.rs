//! Stops the entry that runs in an isolate, for the memory that it takes.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use deno_core::v8;

use super::page_guard::note_stopping;
use super::watchdog::Stop;

const NOTHING: u8 = 0;
const HEAP_LIMIT: u8 = 1;
const PROCESS_LIMIT: u8 = 2;

/// Stops the entries of one isolate; shared by whatever notices that it must be done.
pub(super) struct EntryStopper {
    handle: v8::IsolateHandle,
    reason: AtomicU8,
    /// Something was stopped since what it left was collected.
    is_littered: AtomicBool,
}

impl EntryStopper {
    pub(super) fn new(handle: v8::IsolateHandle) -> Self {
        Self {
            handle,
            reason: AtomicU8::new(NOTHING),
            is_littered: AtomicBool::new(false),
        }
    }

    /// The heap has reached its limit. Must be called on the isolate's thread, as must [`Self::stop_for_process`].
    pub(super) fn stop_for_heap(&self) {
        self.stop(HEAP_LIMIT);
    }

    /// The process has reached its limit, and this entry takes more and more.
    pub(super) fn stop_for_process(&self) {
        self.stop(PROCESS_LIMIT);
    }

    fn stop(&self, reason: u8) {
        // The first reason is the one that is told.
        let _ = self
            .reason
            .compare_exchange(NOTHING, reason, Ordering::Relaxed, Ordering::Relaxed);
        self.is_littered.store(true, Ordering::Relaxed);
        note_stopping();
        self.handle.terminate_execution();
    }

    /// Why the entry that has just ended was stopped, if it was.
    pub(super) fn take(&self) -> Option<Stop> {
        match self.reason.swap(NOTHING, Ordering::Relaxed) {
            HEAP_LIMIT => Some(Stop::HeapLimit),
            PROCESS_LIMIT => Some(Stop::ProcessLimit),
            _ => None,
        }
    }

    /// Whether an entry was stopped and what it left was not collected since.
    pub(super) fn is_littered(&self) -> bool {
        self.is_littered.load(Ordering::Relaxed)
    }

    /// What was left is collected; what the collection itself asked for was nobody's fault.
    pub(super) fn tidy(&self) {
        self.is_littered.store(false, Ordering::Relaxed);
        self.reason.store(NOTHING, Ordering::Relaxed);
    }
}
