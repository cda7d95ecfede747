//! Stops the entry that runs in an isolate, for the memory that it takes.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use deno_core::v8;
use parking_lot::Mutex;

use super::page_guard::{Stopping, note_stopping};
use super::watchdog::{Alarm, Stop};

const NOTHING: u8 = 0;
const HEAP_LIMIT: u8 = 1;
const PROCESS_LIMIT: u8 = 2;

/// Stops the entries of one isolate; shared by whatever notices that it must be done.
pub(super) struct EntryStopper {
    handle: v8::IsolateHandle,
    alarm: Alarm,
    reason: AtomicU8,
    /// Something was stopped since what it left was collected.
    is_littered: AtomicBool,
    /// The isolate is lost: its entry no longer counts as being stopped, and its heap grows no further.
    is_abandoned: AtomicBool,
    stopping: Mutex<Option<Stopping>>,
}

impl EntryStopper {
    /// Entries that are stopped set `alarm`, so that one that does not end is noticed.
    pub(super) fn new(handle: v8::IsolateHandle, alarm: Alarm) -> Self {
        Self {
            handle,
            alarm,
            reason: AtomicU8::new(NOTHING),
            is_littered: AtomicBool::new(false),
            is_abandoned: AtomicBool::new(false),
            stopping: Mutex::default(),
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
        {
            let mut stopping = self.stopping.lock();
            if stopping.is_none() && !self.is_abandoned() {
                *stopping = Some(Stopping::begin());
                self.alarm.set();
            }
        }
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

    /// What was left is collected; what the collection itself asked for says nothing about the next entry.
    pub(super) fn tidy(&self) {
        self.is_littered.store(false, Ordering::Relaxed);
        self.reason.store(NOTHING, Ordering::Relaxed);
        self.stopping.lock().take();
    }

    /// The isolate is lost, on whichever thread that is noticed.
    pub(super) fn abandon(&self) {
        let mut stopping = self.stopping.lock();
        self.is_abandoned.store(true, Ordering::Relaxed);
        stopping.take();
    }

    /// Whether the isolate is lost.
    pub(super) fn is_abandoned(&self) -> bool {
        self.is_abandoned.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::page_guard::note_stopped;
    use super::super::platform::initialize_v8;
    use super::*;

    #[test]
    fn an_entry_of_a_lost_isolate_does_not_count_as_being_stopped() {
        initialize_v8();
        let isolate = v8::Isolate::new(v8::CreateParams::default());
        let stopper = EntryStopper::new(isolate.thread_safe_handle(), Alarm::default());
        stopper.stop_for_heap();
        assert!(stopper.stopping.lock().is_some());
        std::thread::scope(|scope| {
            scope.spawn(|| stopper.abandon());
        });
        assert!(stopper.stopping.lock().is_none() && stopper.is_abandoned());
        stopper.stop_for_process();
        assert!(stopper.stopping.lock().is_none());
        assert_eq!(stopper.take(), Some(Stop::HeapLimit));
        stopper.tidy();
        note_stopped();
    }
}
