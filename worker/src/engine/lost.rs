//! Tells that an isolate is lost: V8 gave up on its heap, or its thread does not come back from an entry that was stopped.
//!
//! Nothing can be done for such an isolate, but the process need not end with it: its thread is left alone for ever, and
//! whoever owns it makes another one.

use std::cell::RefCell;
use std::ffi::{CStr, c_char};
use std::sync::Arc;

use deno_core::v8;
use tokio::sync::watch;

thread_local! {
    static SIGNAL: RefCell<Option<LossSignal>> = const { RefCell::new(None) };
}

/// How the loss of one isolate is told.
#[derive(Clone, Debug)]
pub struct LossSignal(Arc<watch::Sender<Option<String>>>);

/// Waits for the loss of one isolate.
pub type LossWatch = watch::Receiver<Option<String>>;

impl LossSignal {
    /// A signal and who waits for it.
    #[must_use]
    pub fn new() -> (Self, LossWatch) {
        let (sender, receiver) = watch::channel(None);
        (Self(Arc::new(sender)), receiver)
    }

    /// The isolate that this thread makes next tells its loss here.
    pub fn install(&self) {
        SIGNAL.set(Some(self.clone()));
    }

    pub(super) fn of_this_thread() -> Option<Self> {
        SIGNAL.with_borrow(Clone::clone)
    }

    pub(super) fn tell(&self, reason: String) {
        self.0.send_replace(Some(reason));
    }
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
    signal.tell(format!("V8 ran out of {kind} in {place}"));
    loop {
        std::thread::park();
    }
}
