//! Keeps one allocation of V8 from taking the process past its memory limit.
//!
//! V8 cannot be told that a large object is too large: near its limit it asks for more (see `heap_guard`), repeats the one
//! allocation that failed, and ends the process if it fails again. The object is then filled, up to a gibibyte of it, before the
//! stopped entry notices that it was stopped. So large pages come through here. V8 gets them from `mmap64` of the C library, in
//! whose place the linker puts the function of this file:
//! - A large page that the process has no room for is refused. V8 collects garbage, asks `heap_guard`, which stops the
//!   entry, and tries again.
//! - Once the entry is being stopped, pages beyond the limit have a file behind them (see `overflow`): real, distinct memory, which
//!   the kernel can write out. Where that cannot be had a large page is refused; close to the limit every page is. V8 then
//!   ends in its out-of-memory handler, which costs the isolate and not the process (see `lost`). No page ever shows the
//!   bytes of another: V8's own code reads what it wrote, a hash table's probe for a free slot for example.
//! - An entry that has taken much and takes more while the process is beyond its limit is stopped, page by page: many small
//!   objects are as large as one.
//! - Until a stopped entry has ended, V8's own threads get such pages too: they collect for it.
//!
//! Everything else gets what the system gives.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::buffers::note_reserved;
use super::overflow::{back_by_file, close_file};
use super::stopper::EntryStopper;

/// Smaller mappings are V8's regular pages and everybody else's memory: never refused.
const LARGE_BYTES: usize = 8 << 20;
/// What an entry may map beyond the process's limit without being stopped: no healthy one needs as much in one go.
const MODEST_BYTES: usize = 16 << 20;
/// How much an entry maps between two looks at the process.
const LOOK_EVERY_BYTES: usize = 4 << 20;

/// The smallest page of V8's heaps; what is smaller is not worth a file.
const SMALL_BYTES: usize = 64 << 10;

/// Threads whose entries are being stopped.
static STOPPING: AtomicUsize = AtomicUsize::new(0);

/// Private resident bytes that the process may have; 0: nobody set them.
static ALLOWED_BYTES: AtomicUsize = AtomicUsize::new(0);
/// Private resident bytes beyond which what is being stopped gets no memory of its own.
static OVERFLOW_FROM_BYTES: AtomicUsize = AtomicUsize::new(0);
/// Private resident bytes beyond which what is being stopped gets no anonymous page at all.
static REFUSE_FROM_BYTES: AtomicUsize = AtomicUsize::new(0);

/// Private resident bytes (anonymous memory) that the process may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateBytes {
    /// Large objects that would take the process beyond are refused to their runs, and entries that take more are stopped.
    pub limit_bytes: u64,
    /// An entry that is being stopped gets pages with a file behind them from here on. Below the limit, so that the kernel
    /// has room to move these in and out.
    pub overflow_from_bytes: u64,
    /// Above the limit: an entry that is being stopped gets no further pages from here on, not even with a file behind them: what
    /// grows then grows elsewhere.
    pub refuse_from_bytes: u64,
}

thread_local! {
    static THREAD: Cell<Thread> = const { Cell::new(Thread::Other) };
    static ENTRY: RefCell<Option<Entry>> = const { RefCell::new(None) };
}

/// The entry that runs on a thread.
struct Entry {
    stopper: Arc<EntryStopper>,
    mapped_bytes: usize,
    unseen_bytes: usize,
}

impl Entry {
    /// Notes a mapping; tells whether the process is worth a look.
    fn note_mapped(&mut self, bytes: usize) -> bool {
        self.mapped_bytes = self.mapped_bytes.saturating_add(bytes);
        self.unseen_bytes = self.unseen_bytes.saturating_add(bytes);
        let is_due = self.mapped_bytes >= MODEST_BYTES && self.unseen_bytes >= LOOK_EVERY_BYTES;
        if is_due {
            self.unseen_bytes = 0;
        }
        is_due
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Thread {
    /// None of ours, or one that loads a bundle.
    Other,
    /// An isolate's; an entry can be stopped.
    Isolate,
    /// An isolate's, whose entry is being stopped for its memory.
    Stopping,
}

/// Sets how much memory there is.
pub fn allow_private_bytes(bytes: PrivateBytes) {
    let store = |place: &AtomicUsize, bytes| {
        place.store(
            usize::try_from(bytes).unwrap_or(usize::MAX),
            Ordering::Relaxed,
        );
    };
    store(&ALLOWED_BYTES, bytes.limit_bytes);
    store(&OVERFLOW_FROM_BYTES, bytes.overflow_from_bytes);
    store(&REFUSE_FROM_BYTES, bytes.refuse_from_bytes);
}

/// From now on entries of this thread's isolate can be stopped.
pub(super) fn guard_this_thread() {
    THREAD.set(Thread::Isolate);
}

/// The entry that runs on this thread is being stopped for its memory.
pub(super) fn note_stopping() {
    THREAD.set(Thread::Stopping);
}

/// What the stopped entry of this thread left is collected.
pub(super) fn note_stopped() {
    if THREAD.get() == Thread::Stopping {
        THREAD.set(Thread::Isolate);
    }
}

/// One of the entries that are being stopped in this process. Counts as such until it is dropped, on whichever thread.
#[derive(Debug)]
pub(super) struct Stopping(());

impl Stopping {
    pub(super) fn begin() -> Self {
        STOPPING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Stopping {
    fn drop(&mut self) {
        if STOPPING.fetch_sub(1, Ordering::Relaxed) == 1 {
            close_file();
        }
    }
}

/// Whether an entry is being stopped for its memory, or what one left is being collected.
#[must_use]
pub fn is_stopping() -> bool {
    STOPPING.load(Ordering::Relaxed) > 0
}

/// An entry begins on this thread; `stopper` stops it.
pub(super) fn entry_begins(stopper: &Arc<EntryStopper>) {
    ENTRY.with(|entry| {
        *entry.borrow_mut() = Some(Entry {
            stopper: Arc::clone(stopper),
            mapped_bytes: 0,
            unseen_bytes: 0,
        });
    });
}

/// The entry of this thread has ended.
pub(super) fn entry_ends() {
    ENTRY.with(|entry| entry.borrow_mut().take());
}

/// The entry of this thread has mapped `bytes`: stops it when it is one of those that take the process beyond its limit.
pub(super) fn note_mapped(bytes: usize) {
    let greedy = ENTRY.try_with(|entry| {
        let mut entry = entry.try_borrow_mut().ok()?;
        let entry = entry.as_mut()?;
        entry.note_mapped(bytes).then(|| Arc::clone(&entry.stopper))
    });
    if let Ok(Some(stopper)) = greedy
        && !has_room_for(0)
    {
        stopper.stop_for_process();
    }
}

/// Whether the process has room for `more_bytes`. Asks the system: for large amounts only.
pub(super) fn has_room_for(more_bytes: usize) -> bool {
    is_below(&ALLOWED_BYTES, more_bytes)
}

fn is_below(allowed_bytes: &AtomicUsize, more_bytes: usize) -> bool {
    let allowed_bytes = allowed_bytes.load(Ordering::Relaxed);
    if allowed_bytes == 0 {
        return true;
    }
    private_bytes().is_none_or(|private| private.saturating_add(more_bytes) <= allowed_bytes)
}

/// Whether the process comes near what it may have: less than an eighth of it is left.
pub(super) fn is_tight() -> bool {
    !has_room_for(ALLOWED_BYTES.load(Ordering::Relaxed) / 8)
}

/// What becomes of a request for a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Real,
    Refused,
    /// With a file behind it.
    Overflowing,
}

/// `has_room` tells whether there is room below one of the bounds of [`PrivateBytes`] for so many bytes more.
fn page_for(
    thread: Thread,
    bytes: usize,
    is_stopping: bool,
    has_room: impl Fn(&'static AtomicUsize, usize) -> bool,
) -> Page {
    let (bound, beyond) = match thread {
        Thread::Isolate if bytes >= LARGE_BYTES => (&ALLOWED_BYTES, Page::Refused),
        Thread::Stopping if bytes >= LARGE_BYTES => (&ALLOWED_BYTES, Page::Overflowing),
        Thread::Stopping if bytes >= SMALL_BYTES => (&OVERFLOW_FROM_BYTES, Page::Overflowing),
        Thread::Other if is_stopping && bytes >= SMALL_BYTES => {
            (&OVERFLOW_FROM_BYTES, Page::Overflowing)
        }
        _ => return Page::Real,
    };
    if has_room(bound, bytes) {
        Page::Real
    } else if thread == Thread::Stopping && !has_room(&REFUSE_FROM_BYTES, 0) {
        // What it takes from `malloc`, handles for example, has no file behind it, and it does not stop.
        Page::Refused
    } else {
        beyond
    }
}

/// Whether a page that should have a file behind it, and for which there is none, may be an anonymous one. On V8's own threads
/// always: without the page they would end the process.
fn may_stay_anonymous(
    thread: Thread,
    bytes: usize,
    has_room: impl Fn(&'static AtomicUsize, usize) -> bool,
) -> bool {
    thread != Thread::Stopping || (bytes < LARGE_BYTES && has_room(&REFUSE_FROM_BYTES, bytes))
}

/// Whether V8 has asked for memory here.
static IS_ASKED: AtomicBool = AtomicBool::new(false);

/// Whether V8's requests for memory come through this guard. They do if the crate is built with its feature
/// `v8-page-guard` and the linker has put this file's `mmap64` in the place of the C library's. True only after an isolate
/// was made.
#[must_use]
pub fn is_guarding() -> bool {
    IS_ASKED.load(Ordering::Relaxed)
}

/// Stands in for the C library's function of this name, for V8.
///
/// # Safety
/// That of `mmap(2)`.
#[cfg_attr(feature = "v8-page-guard", unsafe(no_mangle))]
#[cfg_attr(
    not(feature = "v8-page-guard"),
    allow(dead_code, reason = "only the linker calls it, with the feature")
)]
unsafe extern "C" fn mmap64(
    hint: *mut c_void,
    bytes: usize,
    protection: i32,
    flags: i32,
    file: i32,
    offset: i64,
) -> *mut c_void {
    IS_ASKED.store(true, Ordering::Relaxed);
    let is_data = protection == libc::PROT_READ | libc::PROT_WRITE
        && flags & libc::MAP_ANONYMOUS != 0
        && flags & libc::MAP_FIXED == 0;
    let thread = THREAD.get();
    let has_room = |bound: &AtomicUsize, more_bytes| is_below(bound, more_bytes);
    let page = if is_data {
        page_for(thread, bytes, is_stopping(), has_room)
    } else {
        Page::Real
    };
    if page == Page::Refused {
        return refused();
    }
    // SAFETY: the caller's arguments, with the caller's promises.
    let start = unsafe { system_mmap(hint, bytes, protection, flags, file, offset) };
    if is_data && thread == Thread::Isolate {
        note_mapped(bytes);
    }
    if protection == libc::PROT_NONE && flags & libc::MAP_FIXED == 0 && start != libc::MAP_FAILED {
        note_reserved(start as usize, bytes);
    }
    if start == libc::MAP_FAILED || page != Page::Overflowing {
        return start;
    }
    // SAFETY: the mapping was just made, is private to the caller, and is known to this function alone.
    unsafe {
        if !back_by_file(start, bytes) && !may_stay_anonymous(thread, bytes, has_room) {
            libc::munmap(start, bytes);
            return refused();
        }
    }
    start
}

/// What `mmap(2)` answers where there is no memory.
fn refused() -> *mut c_void {
    // SAFETY: the C library gives each thread a place for its error number.
    unsafe { *libc::__errno_location() = libc::ENOMEM };
    libc::MAP_FAILED
}

/// The system call behind the function that this file stands in for.
///
/// # Safety
/// That of `mmap(2)`.
unsafe fn system_mmap(
    hint: *mut c_void,
    bytes: usize,
    protection: i32,
    flags: i32,
    file: i32,
    offset: i64,
) -> *mut c_void {
    // SAFETY: the system call behind the function that this file stands in for.
    let start =
        unsafe { libc::syscall(libc::SYS_mmap, hint, bytes, protection, flags, file, offset) };
    start as *mut c_void
}

/// Private resident bytes of the process, read without allocating: this may be asked from within an allocator. Pages of
/// files are left out: the kernel can write them out.
fn private_bytes() -> Option<usize> {
    let mut text = [0; 128];
    // SAFETY: a path that ends with a zero, a buffer of the given length, a file that is closed once.
    let len = unsafe {
        let file = libc::open(
            c"/proc/self/statm".as_ptr(),
            libc::O_RDONLY | libc::O_CLOEXEC,
        );
        if file < 0 {
            return None;
        }
        let len = libc::read(file, text.as_mut_ptr().cast(), text.len());
        libc::close(file);
        usize::try_from(len).ok()?
    };
    // SAFETY: a constant of the system.
    let page_bytes = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
    Some(private_pages(text.get(..len)?)? * page_bytes)
}

/// The second number of `/proc/self/statm`, resident pages, without the third, shared ones.
fn private_pages(text: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(text).ok()?;
    let mut numbers = text.split(' ').skip(1);
    let mut number = || numbers.next()?.parse::<usize>().ok();
    number()?.checked_sub(number()?)
}

#[cfg(test)]
mod tests {
    use super::super::watchdog::Alarm;
    use super::*;
    use deno_core::v8;

    #[test]
    fn only_large_pages_of_isolates_are_ever_refused() {
        for (thread, bytes, has_room, expected) in [
            (Thread::Other, 1 << 30, false, Page::Real),
            (Thread::Isolate, LARGE_BYTES - 1, false, Page::Real),
            (Thread::Isolate, LARGE_BYTES, true, Page::Real),
            (Thread::Isolate, LARGE_BYTES, false, Page::Refused),
        ] {
            assert_eq!(page_for(thread, bytes, false, |_, _| has_room), expected);
        }
    }

    #[test]
    fn while_an_entry_is_stopped_pages_beyond_the_limit_have_a_file_behind_them() {
        for (thread, bytes, has_room, expected) in [
            (Thread::Stopping, LARGE_BYTES, true, Page::Real),
            (Thread::Stopping, LARGE_BYTES, false, Page::Overflowing),
            (Thread::Stopping, LARGE_BYTES - 1, true, Page::Real),
            (Thread::Stopping, LARGE_BYTES - 1, false, Page::Overflowing),
            (Thread::Stopping, SMALL_BYTES - 1, false, Page::Real),
            (Thread::Other, 1 << 30, false, Page::Overflowing),
            (Thread::Isolate, LARGE_BYTES - 1, false, Page::Real),
        ] {
            let below_refusal = |bound: &'static AtomicUsize, _| {
                has_room || std::ptr::eq(bound, &REFUSE_FROM_BYTES)
            };
            assert_eq!(page_for(thread, bytes, true, below_refusal), expected);
        }
        // The entry of a lost isolate counts no longer as being stopped, and takes no memory all the same.
        let below_refusal =
            |bound: &'static AtomicUsize, _| std::ptr::eq(bound, &REFUSE_FROM_BYTES);
        let page = page_for(Thread::Stopping, SMALL_BYTES, false, below_refusal);
        assert_eq!(page, Page::Overflowing);
    }

    #[test]
    fn what_is_stopped_and_comes_close_to_the_limit_all_the_same_gets_no_page() {
        let nowhere = |_, _| false;
        for (thread, expected) in [
            (Thread::Stopping, Page::Refused),
            (Thread::Other, Page::Overflowing),
        ] {
            assert_eq!(page_for(thread, SMALL_BYTES, true, nowhere), expected);
            assert_eq!(page_for(thread, LARGE_BYTES, true, nowhere), expected);
        }
    }

    #[test]
    fn without_a_file_a_large_page_is_refused_and_a_small_one_close_to_the_limit() {
        for (thread, bytes, has_room, expected) in [
            (Thread::Stopping, LARGE_BYTES, true, false),
            (Thread::Stopping, LARGE_BYTES - 1, true, true),
            (Thread::Stopping, LARGE_BYTES - 1, false, false),
            (Thread::Other, LARGE_BYTES, false, true),
        ] {
            assert_eq!(may_stay_anonymous(thread, bytes, |_, _| has_room), expected);
        }
    }

    #[test]
    fn an_entry_counts_as_being_stopped_until_it_is_dropped_on_any_thread() {
        let stopping = Stopping::begin();
        assert!(is_stopping());
        std::thread::spawn(move || drop(stopping)).join().unwrap();
    }

    #[test]
    fn an_entry_is_looked_at_when_it_has_taken_much_and_then_now_and_again() {
        super::super::platform::initialize_v8();
        let isolate = v8::Isolate::new(v8::CreateParams::default());
        let mut entry = Entry {
            stopper: Arc::new(EntryStopper::new(
                isolate.thread_safe_handle(),
                Alarm::default(),
            )),
            mapped_bytes: 0,
            unseen_bytes: 0,
        };
        let page = 1 << 20;
        let looks: Vec<usize> = (1..=24).filter(|_| entry.note_mapped(page)).collect();
        assert_eq!(looks, [16, 20, 24]);
    }

    #[test]
    fn reads_the_private_pages() {
        assert_eq!(private_pages(b"1000 25 3 4 0 5 0\n"), Some(22));
        assert_eq!(private_pages(b"1000 25"), None);
        assert!(private_bytes().is_some_and(|bytes| bytes > 1 << 20));
    }
}
