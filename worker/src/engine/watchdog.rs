//! Stops an entry into the sandbox that runs too long.
//!
//! One thread for each isolate sleeps until the deadline of the entry that is armed. Arming and disarming cost a lock;
//! the thread is woken only when it has no deadline to wait for.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use deno_core::v8;
use parking_lot::{Condvar, Mutex};

use super::lost::{LossSignal, LostThread};
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
    is_waiting: bool,
    closed: bool,
}

impl State {
    /// The next moment at which something has to be done.
    fn wakes_at(&self) -> Option<Instant> {
        [self.deadline, self.lost_at].into_iter().flatten().min()
    }

    fn entry_was_stopped(&mut self) {
        self.lost_at
            .get_or_insert_with(|| Instant::now() + STUCK_AFTER);
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// Notes that an entry was stopped: if it does not end soon, its isolate is lost.
#[derive(Clone, Default)]
pub(super) struct Alarm(Arc<Shared>);

impl Alarm {
    /// The entry that runs now was stopped.
    pub(super) fn set(&self) {
        self.0.state.lock().entry_was_stopped();
        self.0.changed.notify_one();
    }
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
    /// Watches the isolate behind `handle`; every entry may take `timeout`. `alarm` is the one of `stopper`.
    pub(super) fn start(
        handle: v8::IsolateHandle,
        timeout: Duration,
        stopper: Arc<EntryStopper>,
        alarm: &Alarm,
    ) -> std::io::Result<Self> {
        let shared = Arc::clone(&alarm.0);
        let watched = Arc::clone(&shared);
        let signal = LossSignal::of_this_thread();
        if let Some(signal) = &signal {
            signal.belongs_to(&stopper);
        }
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
        if state.is_waiting {
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
        let now = Instant::now();
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if is_due(state.deadline) {
            // Under the lock: the entry cannot end between the decision and the termination.
            state.deadline = None;
            state.fired = true;
            state.entry_was_stopped();
            handle.terminate_execution();
        } else if is_due(state.lost_at) {
            state.lost_at = None;
            state.deadline = None;
            if let Some(signal) = signal {
                let reason = "an entry that was stopped does not end".to_owned();
                signal.tell(reason, LostThread::Running);
            }
        } else if let Some(at) = state.wakes_at() {
            // An entry that begins wakes it if its own deadline is sooner.
            state.is_waiting = state.deadline.is_none();
            shared.changed.wait_until(&mut state, at);
            state.is_waiting = false;
        } else {
            state.is_waiting = true;
            shared.changed.wait(&mut state);
            state.is_waiting = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::page_guard::note_stopped;
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
        let alarm = Alarm::default();
        let stopper = Arc::new(EntryStopper::new(handle.clone(), alarm.clone()));
        let timeout = Duration::from_millis(20);
        let watchdog = Watchdog::start(handle, timeout, stopper, &alarm).expect("a thread");
        for _ in 0..3 {
            watchdog.arm();
            assert!(is_stopped(&watchdog));
            assert_eq!(watchdog.disarm(), Some(Stop::Deadline));
            isolate.cancel_terminate_execution();
        }
    }

    #[test]
    fn an_entry_that_is_stopped_for_its_memory_has_no_longer_to_end_than_another() {
        initialize_v8();
        let isolate = v8::Isolate::new(v8::CreateParams::default());
        let handle = isolate.thread_safe_handle();
        let alarm = Alarm::default();
        let stopper = Arc::new(EntryStopper::new(handle.clone(), alarm.clone()));
        let timeout = Duration::from_secs(3600);
        let watchdog =
            Watchdog::start(handle, timeout, Arc::clone(&stopper), &alarm).expect("a thread");
        watchdog.arm();
        stopper.stop_for_heap();
        let lost_at = watchdog.shared.state.lock().lost_at;
        assert!(lost_at.is_some_and(|at| at <= Instant::now() + STUCK_AFTER));
        assert_eq!(watchdog.disarm(), Some(Stop::HeapLimit));
        assert_eq!(watchdog.shared.state.lock().lost_at, None);
        stopper.tidy();
        note_stopped();
    }
}
