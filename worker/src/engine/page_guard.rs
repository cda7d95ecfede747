//! Keeps one allocation of V8 from taking the process past its memory limit.
//!
//! V8 cannot be told that a large object is too large: near its limit it asks for more (see `heap_guard`), repeats the one
//! allocation that failed, and ends the process if it fails again. The object is then filled, up to a gibibyte of it, before the
//! stopped entry notices that it was stopped. So large pages come through here. V8 gets them from `mmap64` of the C library, in
//! whose place the linker puts the function of this file:
//! - A large page that the process has no room for is refused. V8 collects garbage, asks `heap_guard`, which stops the
//!   entry, and tries again.
//! - Once the entry is being stopped there is always a large page: where memory lacks, one that shows the same few pages of memory
//!   again and again behind its first megabyte, in which V8 keeps the page's and the object's own fields. What is written into such an object is
//!   lost, and nobody will read it: workflow code does not run on, and what the collector finds in it are references or
//!   numbers that were written to it, as in any object of its kind.
//! - An entry that has taken much and takes more while the process is beyond its limit is stopped, page by page: many small
//!   objects are as large as one.
//! - Until a stopped entry has ended, small pages beyond the limit have a file behind them (see `overflow`), those of V8's own
//!   threads too: they collect for it.
//!
//! Everything else gets what the system gives.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::buffers::note_reserved;
use super::overflow::{back_by_file, close_file};
use super::stopper::EntryStopper;

/// Smaller mappings are V8's regular pages and everybody else's memory: never refused.
const LARGE_BYTES: usize = 8 << 20;
/// Head of a page that is always real: 256 KiB of it may lie before the page, which V8 aligns to that.
const REAL_HEAD_BYTES: usize = 1 << 20;
/// What a page without memory shows again and again.
const REPEATED_BYTES: usize = 4 << 20;

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

/// Private resident bytes (anonymous memory) that the process may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateBytes {
    /// Large objects that would take the process beyond are refused to their runs, and entries that take more are stopped.
    pub limit_bytes: u64,
    /// An entry that is being stopped gets pages with a file behind them from here on. Below the limit, so that the kernel
    /// has room to move these in and out.
    pub overflow_from_bytes: u64,
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
}

/// From now on entries of this thread's isolate can be stopped.
pub(super) fn guard_this_thread() {
    THREAD.set(Thread::Isolate);
}

/// The entry that runs on this thread is being stopped for its memory.
pub(super) fn note_stopping() {
    if THREAD.replace(Thread::Stopping) != Thread::Stopping {
        STOPPING.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether an entry is being stopped for its memory, or what one left is being collected.
#[must_use]
pub fn is_stopping() -> bool {
    STOPPING.load(Ordering::Relaxed) > 0
}

/// What the stopped entry left is collected.
pub(super) fn note_stopped() {
    if THREAD.get() == Thread::Stopping {
        THREAD.set(Thread::Isolate);
        if STOPPING.fetch_sub(1, Ordering::Relaxed) == 1 {
            close_file();
        }
    }
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
    Repeating,
    /// With a file behind it.
    Overflowing,
}

/// `has_room` tells whether there is room below one of the two bounds of [`PrivateBytes`].
fn page_for(
    thread: Thread,
    bytes: usize,
    is_stopping: bool,
    has_room: impl FnOnce(&'static AtomicUsize) -> bool,
) -> Page {
    let (bound, beyond) = match thread {
        Thread::Isolate if bytes >= LARGE_BYTES => (&ALLOWED_BYTES, Page::Refused),
        Thread::Stopping if bytes >= LARGE_BYTES => (&ALLOWED_BYTES, Page::Repeating),
        Thread::Stopping | Thread::Other if is_stopping && bytes >= SMALL_BYTES => {
            (&OVERFLOW_FROM_BYTES, Page::Overflowing)
        }
        _ => return Page::Real,
    };
    if has_room(bound) { Page::Real } else { beyond }
}

/// Stands in for the C library's function of this name, for V8.
///
/// # Safety
/// That of `mmap(2)`.
#[unsafe(no_mangle)]
unsafe extern "C" fn mmap64(
    hint: *mut c_void,
    bytes: usize,
    protection: i32,
    flags: i32,
    file: i32,
    offset: i64,
) -> *mut c_void {
    let is_data = protection == libc::PROT_READ | libc::PROT_WRITE
        && flags & libc::MAP_ANONYMOUS != 0
        && flags & libc::MAP_FIXED == 0;
    let page = if is_data {
        page_for(THREAD.get(), bytes, is_stopping(), |bound| {
            is_below(bound, bytes)
        })
    } else {
        Page::Real
    };
    if page == Page::Refused {
        // SAFETY: the C library gives each thread a place for its error number.
        unsafe { *libc::__errno_location() = libc::ENOMEM };
        return libc::MAP_FAILED;
    }
    // SAFETY: the caller's arguments, with the caller's promises.
    let start = unsafe { system_mmap(hint, bytes, protection, flags, file, offset) };
    if is_data && THREAD.get() == Thread::Isolate {
        note_mapped(bytes);
    }
    if start == libc::MAP_FAILED {
        return start;
    }
    if protection == libc::PROT_NONE && flags & libc::MAP_FIXED == 0 {
        note_reserved(start as usize, bytes);
    }
    // SAFETY: the mapping was just made, is private to the caller, and nobody has seen it yet.
    unsafe {
        match page {
            Page::Repeating => repeat(start, bytes),
            Page::Overflowing => back_by_file(start, bytes),
            Page::Real | Page::Refused => {}
        }
    }
    start
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

/// Shows one piece of memory again and again behind the head of a mapping. What cannot be mapped stays as it is.
///
/// # Safety
/// `start` must be a mapping of `bytes` that nothing was written to yet.
unsafe fn repeat(start: *mut c_void, bytes: usize) {
    // SAFETY: a file without a name, which its mappings keep alive.
    let file = unsafe { libc::memfd_create(c"repeated".as_ptr(), libc::MFD_CLOEXEC) };
    if file < 0 {
        return;
    }
    // SAFETY: the file was just made, and is closed once; every piece lies within the mapping.
    unsafe {
        if libc::ftruncate(file, REPEATED_BYTES as libc::off_t) == 0 {
            let mut from = REAL_HEAD_BYTES;
            while from < bytes {
                let piece = (bytes - from).min(REPEATED_BYTES);
                let flags = libc::MAP_SHARED | libc::MAP_FIXED;
                let protection = libc::PROT_READ | libc::PROT_WRITE;
                system_mmap(start.byte_add(from), piece, protection, flags, file, 0);
                from += piece;
            }
        }
        libc::close(file);
    }
}

/// Private resident bytes of the process, read without allocating: this may be asked from within an allocator. Shared
/// pages are left out: those of a repeating page would count once for each place.
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
            assert_eq!(page_for(thread, bytes, false, |_| has_room), expected);
        }
    }

    #[test]
    fn while_an_entry_is_stopped_pages_beyond_the_limit_take_no_memory() {
        for (thread, bytes, has_room, expected) in [
            (Thread::Stopping, LARGE_BYTES, true, Page::Real),
            (Thread::Stopping, LARGE_BYTES, false, Page::Repeating),
            (Thread::Stopping, LARGE_BYTES - 1, true, Page::Real),
            (Thread::Stopping, LARGE_BYTES - 1, false, Page::Overflowing),
            (Thread::Stopping, SMALL_BYTES - 1, false, Page::Real),
            (Thread::Other, 1 << 30, false, Page::Overflowing),
            (Thread::Isolate, LARGE_BYTES - 1, false, Page::Real),
        ] {
            assert_eq!(page_for(thread, bytes, true, |_| has_room), expected);
        }
    }

    #[test]
    fn an_entry_is_looked_at_when_it_has_taken_much_and_then_now_and_again() {
        super::super::platform::initialize_v8();
        let isolate = v8::Isolate::new(v8::CreateParams::default());
        let mut entry = Entry {
            stopper: Arc::new(EntryStopper::new(isolate.thread_safe_handle())),
            mapped_bytes: 0,
            unseen_bytes: 0,
        };
        let page = 1 << 20;
        let looks: Vec<usize> = (1..=24).filter(|_| entry.note_mapped(page)).collect();
        assert_eq!(looks, [16, 20, 24]);
    }

    #[test]
    fn a_repeating_page_takes_little_memory_and_can_be_written_everywhere() {
        const BYTES: usize = 512 << 20;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let before = private_bytes().expect("Linux");
        // SAFETY: a mapping of this test's own, written within its bounds and unmapped once.
        unsafe {
            let start = system_mmap(std::ptr::null_mut(), BYTES, protection, flags, -1, 0);
            assert_ne!(start, libc::MAP_FAILED);
            repeat(start, BYTES);
            let words = std::slice::from_raw_parts_mut(start.cast::<u64>(), BYTES / 8);
            words.fill(7);
            words[0] = 8;
            assert_eq!((words[1], words[BYTES / 8 - 1]), (7, 7));
            let private = private_bytes().expect("Linux");
            assert!(private < before + (64 << 20), "{private} after {before}");
            assert_eq!(libc::munmap(start, BYTES), 0);
        }
    }

    #[test]
    fn reads_the_private_pages() {
        assert_eq!(private_pages(b"1000 25 3 4 0 5 0\n"), Some(22));
        assert_eq!(private_pages(b"1000 25"), None);
        assert!(private_bytes().is_some_and(|bytes| bytes > 1 << 20));
    }
}
