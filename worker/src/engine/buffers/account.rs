//! What the buffers of one isolate hold, and whether they may hold more.

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::ranges::{EVERYBODY, Held, Ranges, RunNumber};
use super::resident::resident_bytes;
use super::room::Holdings;
use crate::engine::page_guard::{has_room_for, note_mapped};

/// From this size on a buffer is refused if the process has no room for it. Smaller ones are bounded by their sum.
const LARGE_BYTES: usize = 1 << 20;

/// What the runs that are entered now, one for each isolate, may touch and have not: never less than it is.
static PROMISED_BYTES: AtomicUsize = AtomicUsize::new(0);
/// Every account of the process. Its lock comes before that of an account.
static ACCOUNTS: Mutex<Vec<Weak<BufferAccount>>> = Mutex::new(Vec::new());

/// What all buffers of an isolate take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct BufferBytes {
    /// What they may take.
    pub(in crate::engine) all_bytes: usize,
    /// What is resident, by the last look.
    pub(in crate::engine) resident_bytes: usize,
    /// Of that, what lies in mappings and not in blocks of `malloc`.
    pub(in crate::engine) mapped_resident_bytes: usize,
}

/// Why a run must not be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum EntryRefusal {
    /// Buffers of its isolate could pass the isolate's limit.
    Isolate {
        untouched_bytes: usize,
        limit_bytes: usize,
    },
    /// The process could pass its limit.
    Process { untouched_bytes: usize },
}

impl fmt::Display for EntryRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: &usize| bytes >> 20;
        match self {
            Self::Isolate {
                untouched_bytes,
                limit_bytes,
            } => write!(
                f,
                "This run has buffers of which it has not touched {} MiB yet, and the buffers of its isolate could pass the limit \
                 of {} MiB (max-heap-per-isolate) if it did; the server hands the task out again",
                mib(untouched_bytes),
                mib(limit_bytes)
            ),
            Self::Process { untouched_bytes } => write!(
                f,
                "This run has buffers of which it has not touched {} MiB yet, and the worker has no memory for them \
                 (memory-limit); the server hands the task out again",
                mib(untouched_bytes)
            ),
        }
    }
}

/// The buffers of one isolate.
#[derive(Debug)]
pub(in crate::engine) struct BufferAccount {
    limit_bytes: usize,
    /// Blocks of `malloc`: counted as touched.
    small_bytes: AtomicUsize,
    state: Mutex<State>,
    /// This account's part of [`PROMISED_BYTES`].
    promised_bytes: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    ranges: Ranges,
    entered: Option<RunNumber>,
    /// What the entered run may still ask for; nothing until that had to be found out.
    headroom_bytes: Option<usize>,
}

impl BufferAccount {
    /// Buffers beyond `limit_bytes` are refused, see `room`.
    pub(in crate::engine) fn limited_to(limit_bytes: Option<usize>) -> Arc<Self> {
        let account = Arc::new(Self {
            limit_bytes: limit_bytes.unwrap_or(usize::MAX),
            small_bytes: AtomicUsize::new(0),
            state: Mutex::default(),
            promised_bytes: AtomicUsize::new(0),
        });
        let mut accounts = ACCOUNTS.lock();
        accounts.retain(|account| account.strong_count() > 0);
        accounts.push(Arc::downgrade(&account));
        account
    }

    pub(in crate::engine) fn bytes(&self) -> BufferBytes {
        let small_bytes = self.small_bytes.load(Ordering::Relaxed);
        let state = self.state.lock();
        let mapped_resident_bytes = state.ranges.resident_bytes();
        BufferBytes {
            all_bytes: small_bytes + state.ranges.bytes(),
            resident_bytes: small_bytes + mapped_resident_bytes,
            mapped_resident_bytes,
        }
    }

    /// A run is entered. An error tells why it should not be; the run counts as entered all the same.
    ///
    /// # Errors
    /// When what it may touch is more than there is room for.
    pub(in crate::engine) fn enter(&self, run_id: &str) -> Result<(), EntryRefusal> {
        let run = number_of(run_id);
        let untouched_bytes = {
            let mut state = self.state.lock();
            state.entered = Some(run);
            state.headroom_bytes = None;
            state.ranges.look_for(run, resident_bytes);
            state.ranges.untouched_bytes(run)
        };
        self.promise(untouched_bytes);
        if untouched_bytes == 0 {
            return Ok(());
        }
        if !self.fits_isolate(0) {
            return Err(EntryRefusal::Isolate {
                untouched_bytes,
                limit_bytes: self.limit_bytes,
            });
        }
        if untouched_bytes >= LARGE_BYTES && !process_keeps_promises(0) {
            return Err(EntryRefusal::Process { untouched_bytes });
        }
        Ok(())
    }

    /// The run that was entered is left.
    pub(in crate::engine) fn leave(&self) {
        let mut state = self.state.lock();
        if let Some(run) = state.entered.take() {
            state.ranges.look_for(run, resident_bytes);
        }
        drop(state);
        self.promise(0);
    }

    /// The mappings that a run made, by the last look.
    pub(in crate::engine) fn of_run(&self, run_id: &str) -> Held {
        self.state.lock().ranges.of_run(number_of(run_id))
    }

    /// Looks at all buffers; those that have mappings by their addresses.
    pub(in crate::engine) fn look(&self) -> HashMap<usize, Held> {
        let mut state = self.state.lock();
        state.ranges.look(resident_bytes);
        let held = state.ranges.iter().map(|(start, range)| {
            let held = Held {
                bytes: range.bytes,
                resident_bytes: range.resident_bytes,
            };
            (start, held)
        });
        held.collect()
    }

    /// Whether there may be `more_bytes`.
    pub(in crate::engine) fn permits(&self, more_bytes: usize) -> bool {
        self.fits_isolate(more_bytes)
            && (more_bytes < LARGE_BYTES || process_keeps_promises(more_bytes))
    }

    /// A block of `malloc`.
    pub(in crate::engine) fn add_small(&self, bytes: usize) {
        self.small_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(in crate::engine) fn remove_small(&self, bytes: usize) {
        self.small_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// A mapping of which nothing was touched yet, of the run that is entered.
    pub(in crate::engine) fn add_mapping(&self, start: usize, bytes: usize) {
        {
            let mut state = self.state.lock();
            let run = state.entered.unwrap_or(EVERYBODY);
            state.ranges.insert(start, bytes, run);
        }
        self.grown(bytes);
    }

    /// Whether there was one.
    pub(in crate::engine) fn remove_mapping(&self, start: usize) -> bool {
        self.state.lock().ranges.remove(start).is_some()
    }

    /// How much of a mapping can be used.
    pub(super) fn usable_bytes(&self, start: usize) -> usize {
        let state = self.state.lock();
        state.ranges.get(start).map_or(0, |range| range.bytes)
    }

    /// Another part of a mapping can be used.
    pub(super) fn resize_mapping(&self, start: usize, bytes: usize) {
        let grown_bytes = {
            let mut state = self.state.lock();
            let before = state.ranges.get(start).map_or(0, |range| range.bytes);
            state.ranges.resize(start, bytes);
            bytes.saturating_sub(before)
        };
        if grown_bytes > 0 {
            self.grown(grown_bytes);
        }
    }

    fn grown(&self, bytes: usize) {
        self.promised_bytes.fetch_add(bytes, Ordering::Relaxed);
        PROMISED_BYTES.fetch_add(bytes, Ordering::Relaxed);
        note_mapped(bytes);
    }

    fn fits_isolate(&self, more_bytes: usize) -> bool {
        let small_bytes = self.small_bytes.load(Ordering::Relaxed);
        let mut state = self.state.lock();
        let all_bytes = small_bytes.saturating_add(state.ranges.bytes());
        if all_bytes.saturating_add(more_bytes) <= self.limit_bytes {
            let headroom_bytes = state.headroom_bytes;
            state.headroom_bytes = headroom_bytes.map(|bytes| bytes.saturating_sub(more_bytes));
            return true;
        }
        // Some of it may be untouched buffers of others. Found out once, and again when that is used up.
        let known_bytes = state.headroom_bytes.filter(|bytes| *bytes >= more_bytes);
        let headroom_bytes = known_bytes.or_else(|| state.look(small_bytes, self.limit_bytes));
        state.headroom_bytes = headroom_bytes.map(|bytes| bytes.saturating_sub(more_bytes));
        headroom_bytes.is_some_and(|bytes| bytes >= more_bytes)
    }

    fn promise(&self, bytes: usize) {
        let before = self.promised_bytes.swap(bytes, Ordering::Relaxed);
        PROMISED_BYTES.fetch_add(bytes, Ordering::Relaxed);
        PROMISED_BYTES.fetch_sub(before, Ordering::Relaxed);
    }

    /// Takes what is resident by now out of what was promised.
    fn renew_promise(&self) {
        let mut state = self.state.lock();
        let Some(run) = state.entered else {
            return;
        };
        state.ranges.look_for(run, resident_bytes);
        self.promise(state.ranges.untouched_bytes(run));
    }
}

impl State {
    fn look(&mut self, small_bytes: usize, limit_bytes: usize) -> Option<usize> {
        self.ranges.look(resident_bytes);
        let run = self.entered.unwrap_or(EVERYBODY);
        let holdings = Holdings {
            resident_bytes: small_bytes.saturating_add(self.ranges.resident_bytes()),
            untouched_bytes: self.ranges.untouched_bytes(run),
        };
        holdings.headroom_bytes(limit_bytes)
    }
}

/// Whether the process has room for `more_bytes` beside all that the runs that are entered may touch.
fn process_keeps_promises(more_bytes: usize) -> bool {
    let has_room =
        || has_room_for(more_bytes.saturating_add(PROMISED_BYTES.load(Ordering::Relaxed)));
    if has_room() {
        return true;
    }
    // Much of what was promised may be resident by now and would count twice.
    for account in ACCOUNTS.lock().iter().filter_map(Weak::upgrade) {
        account.renew_promise();
    }
    has_room()
}

/// A run's number; that two runs of one isolate have the same is as good as impossible, and would add up what they hold.
fn number_of(run_id: &str) -> RunNumber {
    let mut hasher = DefaultHasher::new();
    run_id.hash(&mut hasher);
    hasher.finish().max(EVERYBODY + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    /// Address space of this test's own; none of it is touched.
    struct Space(usize);

    impl Space {
        fn new() -> Self {
            // SAFETY: a new mapping, wherever the kernel likes.
            let start = unsafe {
                let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
                let protection = libc::PROT_READ | libc::PROT_WRITE;
                libc::mmap(std::ptr::null_mut(), 1 << 30, protection, flags, -1, 0)
            };
            assert_ne!(start, libc::MAP_FAILED);
            Self(start as usize)
        }

        fn at(&self, mib: usize) -> usize {
            self.0 + mib * MIB
        }

        fn touch(&self, mib: usize, count: usize) {
            // SAFETY: within the mapping of this test's own.
            unsafe { std::ptr::write_bytes(self.at(mib) as *mut u8, 1, count * MIB) };
        }
    }

    #[test]
    fn untouched_buffers_of_idle_runs_are_no_reason_to_refuse() {
        let space = Space::new();
        let account = BufferAccount::limited_to(Some(100 * MIB));
        for run in 0..10 {
            assert_eq!(account.enter(&format!("run-{run}")), Ok(()));
            assert!(account.permits(60 * MIB), "{run}");
            account.add_mapping(space.at(run * 60), 60 * MIB);
            account.leave();
        }
        let bytes = account.bytes();
        assert_eq!((bytes.all_bytes, bytes.resident_bytes), (600 * MIB, 0));
    }

    #[test]
    fn one_run_may_have_what_fits_the_limit_and_no_more() {
        let space = Space::new();
        let account = BufferAccount::limited_to(Some(100 * MIB));
        account.enter("other").unwrap();
        account.add_mapping(space.at(0), 90 * MIB);
        account.leave();
        account.enter("run").unwrap();
        assert!(account.permits(60 * MIB));
        account.add_mapping(space.at(100), 60 * MIB);
        assert!(!account.permits(41 * MIB), "it has not touched 60");
        assert!(account.permits(40 * MIB));
        account.add_mapping(space.at(200), 40 * MIB);
        assert!(!account.permits(1));
        assert!(account.remove_mapping(space.at(200)));
        assert!(account.permits(40 * MIB), "what was given back");
    }

    #[test]
    fn what_others_touched_leaves_less() {
        let space = Space::new();
        let account = BufferAccount::limited_to(Some(20 * MIB));
        for (run, mib) in [("a", 0), ("b", 100)] {
            account.enter(run).unwrap();
            assert!(account.permits(15 * MIB));
            account.add_mapping(space.at(mib), 15 * MIB);
            account.leave();
        }
        account.enter("a").unwrap();
        space.touch(0, 15);
        account.leave();
        assert_eq!(account.bytes().resident_bytes, 15 * MIB);
        let refused = account.enter("b").unwrap_err();
        assert!(matches!(refused, EntryRefusal::Isolate { .. }), "{refused}");
        assert!(refused.to_string().contains("15 MiB yet"), "{refused}");
        account.leave();
        assert!(account.remove_mapping(space.at(0)), "the other run leaves");
        assert_eq!(account.enter("b"), Ok(()));
    }

    #[test]
    fn a_look_tells_what_each_holds() {
        let space = Space::new();
        let account = BufferAccount::limited_to(None);
        account.enter("run").unwrap();
        account.add_mapping(space.at(0), 10 * MIB);
        account.add_small(100);
        space.touch(2, 3);
        let held = account.look();
        let expected = Held {
            bytes: 10 * MIB,
            resident_bytes: held[&space.at(0)].resident_bytes,
        };
        assert_eq!(held[&space.at(0)], expected);
        assert!(
            (3 * MIB..=8 * MIB).contains(&expected.resident_bytes),
            "{expected:?}"
        );
        assert_eq!(account.bytes().all_bytes, 10 * MIB + 100);
        account.resize_mapping(space.at(0), MIB);
        assert_eq!(account.usable_bytes(space.at(0)), MIB);
        account.remove_small(100);
        assert_eq!(account.bytes().all_bytes, MIB);
    }
}
