//! Tells that an isolate is lost: V8 gave up on its heap, or its thread does not come back from an entry that was stopped.
//!
//! Such an isolate cannot be repaired, but the process need not end with it: its thread is left alone, and the owner puts
//! another isolate in its place. What the lost one holds stays until its thread ends, if it ever does.

use std::cell::RefCell;
use std::ffi::{CStr, c_char};
use std::sync::{Arc, OnceLock};

use deno_core::v8;
use tokio::sync::watch;

use super::stopper::EntryStopper;

thread_local! {
    static SIGNAL: RefCell<Option<LossSignal>> = const { RefCell::new(None) };
}

/// What the thread of a lost isolate does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostThread {
    /// It sleeps for good, in V8's out-of-memory handler.
    Parked,
    /// It is still inside of V8, uses a processor, and may come back.
    Running,
}

/// Why an isolate is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IsolateLoss {
    /// One sentence without a full stop.
    pub reason: String,
    /// What is left.
    pub thread: LostThread,
}

/// How the loss of one isolate is told.
#[derive(Clone, Debug)]
pub struct LossSignal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sender: watch::Sender<Option<IsolateLoss>>,
    isolate: OnceLock<Told>,
}

/// The isolate whose loss is told.
struct Told {
    stopper: Arc<EntryStopper>,
    thread_id: libc::pid_t,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Told")
            .field("thread_id", &self.thread_id)
            .finish_non_exhaustive()
    }
}

/// Waits for the loss of one isolate.
pub type LossWatch = watch::Receiver<Option<IsolateLoss>>;

impl LossSignal {
    /// A signal and its watch.
    #[must_use]
    pub fn new() -> (Self, LossWatch) {
        let (sender, receiver) = watch::channel(None);
        let isolate = OnceLock::new();
        (Self(Arc::new(Inner { sender, isolate })), receiver)
    }

    /// The isolate that this thread makes next tells its loss here.
    pub fn install(&self) {
        SIGNAL.set(Some(self.clone()));
    }

    /// Whether the isolate is lost.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.0.sender.borrow().is_some()
    }

    pub(super) fn of_this_thread() -> Option<Self> {
        SIGNAL.with_borrow(Clone::clone)
    }

    /// The isolate of this thread has this stopper.
    pub(super) fn belongs_to(&self, stopper: &Arc<EntryStopper>) {
        let stopper = Arc::clone(stopper);
        // SAFETY: takes nothing and cannot fail.
        let thread_id = unsafe { libc::gettid() };
        let _ = self.0.isolate.set(Told { stopper, thread_id });
    }

    pub(super) fn tell(&self, reason: String, thread: LostThread) {
        if let Some(isolate) = self.0.isolate.get() {
            isolate.stopper.abandon();
            if thread == LostThread::Running {
                yield_to_others(isolate.thread_id);
            }
        }
        self.0
            .sender
            .send_replace(Some(IsolateLoss { reason, thread }));
    }
}

/// A thread cannot be ended from outside, but the others can be scheduled before it.
fn yield_to_others(thread_id: libc::pid_t) {
    const LOWEST_PRIORITY: libc::c_int = 19;
    let Ok(thread_id) = libc::id_t::try_from(thread_id) else {
        return;
    };
    // SAFETY: numbers alone. Linux takes the id of a thread for `PRIO_PROCESS` (`setpriority(2)`, "C library/kernel
    // differences"); the thread still runs, as its entry has not ended.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, thread_id, LOWEST_PRIORITY) };
}

/// Keeps V8 from ending the process when the heap of `isolate` cannot grow although it must.
pub(super) fn survive_exhaustion(isolate: &mut v8::OwnedIsolate) {
    isolate.set_oom_error_handler(give_up);
}

unsafe extern "C" fn give_up(location: *const c_char, details: &v8::OomDetails) {
    let Some(signal) = LossSignal::of_this_thread() else {
        // An isolate of a command, or of a thread of V8's own: V8 reports and ends the process.
        return;
    };
    let place = if location.is_null() {
        "an allocation".into()
    } else {
        // SAFETY: V8 passes the name of a place in its code, a literal.
        unsafe { CStr::from_ptr(location) }.to_string_lossy()
    };
    let kind = if details.is_heap_oom {
        "heap"
    } else {
        "memory"
    };
    let reason = format!("V8 ran out of {kind} in {place}");
    signal.tell(reason, LostThread::Parked);
    loop {
        std::thread::park();
    }
}
