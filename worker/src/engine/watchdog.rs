//! Stops an entry into the sandbox that runs too long.
//!
//! One thread for each isolate sleeps until the deadline of the entry that is armed. Arming and disarming cost a lock;
//! the thread is woken only when it has no deadline to wait for.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use deno_core::v8;
use parking_lot::{Condvar, Mutex};

use super::lost::LossSignal;
use super::page_guard::{entry_begins, entry_ends};
use super::stopper::EntryStopper;

/// An entry ends within this time after it is stopped, or never: V8 checks at every loop and call of JavaScript, but not in
/// its own long operations.
const STUCK_AFTER: Duration = Duration::from_secs(30);

#[derive(Default)]
struct State {
    deadline: Option<Instant>,
    fired: bool,
    /// When an entry that was stopped and goes on makes its isolate a lost one.
    lost_at: Option<Instant>,
    idle: bool,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// Why an entry was stopped from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It ran too long.
    Deadline,
    /// It filled the heap, see `heap_guard`.
    HeapLimit,
    /// It took memory when the process had no more, see `page_guard`.
    ProcessLimit,
}

/// The watchdog of one isolate.
pub(super) struct Watchdog {
    shared: Arc<Shared>,
    stopper: Arc<EntryStopper>,
    thread: Option<JoinHandle<()>>,
    timeout: Duration,
}

impl Watchdog {
    /// Watches the isolate behind `handle`; every entry may take `timeout`.
    pub(super) fn start(
        handle: v8::IsolateHandle,
        timeout: Duration,
        stopper: Arc<EntryStopper>,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let watched = Arc::clone(&shared);
        let signal = LossSignal::of_this_thread();
        let thread = std::thread::Builder::new()
            .name("burdock-watchdog".to_owned())
            .spawn(move || watch(&watched, &handle, signal.as_ref()))?;
        Ok(Self {
            shared,
            stopper,
            thread: Some(thread),
            timeout,
        })
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Begins an entry.
    pub(super) fn arm(&self) {
        entry_begins(&self.stopper);
        let mut state = self.shared.state.lock();
        state.deadline = Some(Instant::now() + self.timeout);
        state.fired = false;
        state.lost_at = None;
        if state.idle {
            self.shared.changed.notify_one();
        }
    }

    /// Ends the entry; tells whether it was stopped. The caller then cancels the isolate's termination.
    pub(super) fn disarm(&self) -> Option<Stop> {
        entry_ends();
        let mut state = self.shared.state.lock();
        state.deadline = None;
        state.lost_at = None;
        let late = std::mem::take(&mut state.fired);
        let for_memory = self.stopper.take();
        for_memory.or_else(|| late.then_some(Stop::Deadline))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.state.lock().closed = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn watch(shared: &Shared, handle: &v8::IsolateHandle, signal: Option<&LossSignal>) {
    let mut state = shared.state.lock();
    while !state.closed {
        match state.deadline {
            None if let Some(lost_at) = state.lost_at => {
                if Instant::now() < lost_at {
                    // Idle: the next entry has to wake it, or its own deadline would be slept through.
                    state.idle = true;
                    shared.changed.wait_until(&mut state, lost_at);
                    state.idle = false;
                    continue;
                }
                state.lost_at = None;
                if let Some(signal) = signal {
                    signal.tell("an entry that was stopped does not end".to_owned());
                }
            }
            None => {
                state.idle = true;
                shared.changed.wait(&mut state);
                state.idle = false;
            }
            Some(deadline) if Instant::now() >= deadline => {
                // Under the lock: the entry cannot end between the decision and the termination.
                state.deadline = None;
                state.fired = true;
                state.lost_at = Some(Instant::now() + STUCK_AFTER);
                handle.terminate_execution();
            }
            Some(deadline) => {
                shared.changed.wait_until(&mut state, deadline);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::platform::initialize_v8;
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Less than a stopped entry has until its isolate counts as lost.
    fn is_stopped(watchdog: &Watchdog) -> bool {
        let began = Instant::now();
        while !watchdog.shared.state.lock().fired {
            if began.elapsed() > PATIENCE {
                return false;
            }
            std::thread::yield_now();
        }
        true
    }

    #[test]
    fn an_entry_after_a_stopped_one_has_a_deadline_too() {
        initialize_v8();
        let isolate = v8::Isolate::new(v8::CreateParams::default());
        let handle = isolate.thread_safe_handle();
        let stopper = Arc::new(EntryStopper::new(handle.clone()));
        let timeout = Duration::from_millis(20);
        let watchdog = Watchdog::start(handle, timeout, stopper).expect("a thread");
        for _ in 0..3 {
            watchdog.arm();
            assert!(is_stopped(&watchdog));
            assert_eq!(watchdog.disarm(), Some(Stop::Deadline));
            isolate.cancel_terminate_execution();
        }
    }
}
