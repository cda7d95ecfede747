//! Counts the buffers for which V8 reserves address space, and refuses what there is no memory for.
//!
//! For resizable and growable buffers and for WebAssembly memories V8 reserves all that they may ever need, without access
//! (`BackingStore::TryAllocateAndPartiallyCommitMemory`), and makes the first part of it accessible: at once, and when they grow
//! (`ResizeInPlace`, `GrowInPlace`, `GrowWasmMemoryInPlace`). It does so by `mmap64`, for which `page_guard` stands in, and by
//! `mprotect`, and gives all back by `munmap`; the linker puts the functions of this file in the place of these two. `ENOMEM` is an
//! answer that V8 expects: for a new buffer it collects garbage, asks `heap_guard`, which stops the entry, and tries again; `resize`
//! and `grow` of an array buffer throw a `RangeError`.
//!
//! V8's other mappings are left alone. Its heaps, code ranges and pools were reserved before an isolate's thread was told
//! whose buffers it makes, or are accessible from the start; code is never only readable and writable; and the stacks of
//! WebAssembly become accessible behind a guard, not from their first page on: these are counted, and never refused.

#![allow(
    clippy::disallowed_types,
    reason = "this lock takes no memory of its own: it is asked for by what an allocator calls"
)]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::account::BufferAccount;

const READ_WRITE: c_int = libc::PROT_READ | libc::PROT_WRITE;

/// What is reserved: where it ends, and whose it is, by where it begins.
type Reserved = BTreeMap<usize, (usize, Arc<BufferAccount>)>;

/// Its lock comes before that of an account.
static RESERVED: Mutex<Reserved> = Mutex::new(BTreeMap::new());

thread_local! {
    static ACCOUNT: RefCell<Option<Arc<BufferAccount>>> = const { RefCell::new(None) };
    /// This thread is in here: an allocator that was put in front of the C library's may call back.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// From now on `account` counts what is reserved on this thread.
pub(in crate::engine) fn count_for_this_thread(account: &Arc<BufferAccount>) {
    ACCOUNT.with(|place| *place.borrow_mut() = Some(Arc::clone(account)));
}

/// Whether a mapping without access is one that is counted from now on. Told by whoever stands in for `mmap64`.
pub(in crate::engine) fn note_reserved(start: usize, bytes: usize) {
    let account = ACCOUNT.try_with(|account| account.try_borrow().ok()?.clone());
    let Ok(Some(account)) = account else {
        return;
    };
    inside(|| {
        reserved().insert(start, (start + bytes, Arc::clone(&account)));
        account.add_mapping(start, 0);
    });
}

fn reserved() -> MutexGuard<'static, Reserved> {
    RESERVED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does `work`, unless this thread is at it already.
fn inside<R>(work: impl FnOnce() -> R) -> Option<R> {
    let was_inside = IS_INSIDE.try_with(|inside| inside.replace(true));
    if was_inside != Ok(false) {
        return None;
    }
    let result = work();
    let _ = IS_INSIDE.try_with(|inside| inside.set(false));
    Some(result)
}

/// The reservation that `start` lies in, with its beginning.
fn reservation_at(start: usize) -> Option<(usize, Arc<BufferAccount>)> {
    let reserved = reserved();
    let (base, (end, account)) = reserved.range(..=start).next_back()?;
    (start < *end).then(|| (*base, Arc::clone(account)))
}

/// Something of a reservation is given back: all of it, or what V8 reserved beyond a buffer so that it could be aligned.
fn note_unmapped(start: usize, bytes: usize) {
    let end = start + bytes;
    let mut reserved = reserved();
    let found = reserved.range(..end).next_back();
    let Some((&base, &(reserved_end, _))) = found.filter(|(_, (last, _))| start < *last) else {
        return;
    };
    if start <= base {
        if let Some((_, account)) = reserved.remove(&base) {
            account.remove_mapping(base);
            if end < reserved_end {
                account.add_mapping(end, 0);
                reserved.insert(end, (reserved_end, account));
            }
        }
    } else if end >= reserved_end
        && let Some((last, account)) = reserved.get_mut(&base)
    {
        *last = start;
        let usable_bytes = account.usable_bytes(base);
        account.resize_mapping(base, usable_bytes.min(start - base));
    }
}

/// What becomes of a change of access.
enum Change {
    /// Of something else than a buffer.
    Other,
    Refused,
    /// Up to here the reservation of this account can be used afterwards.
    Usable(usize, usize, Arc<BufferAccount>),
    /// It is code, and not counted as a buffer.
    Code(usize),
}

fn change_of(start: usize, bytes: usize, protection: c_int) -> Change {
    let Some((base, account)) = reservation_at(start) else {
        return Change::Other;
    };
    let before = account.usable_bytes(base);
    let end = start + bytes - base;
    match protection {
        READ_WRITE if end > before => {
            if start == base && !account.permits(end - before) {
                return Change::Refused;
            }
            Change::Usable(base, end, account)
        }
        libc::PROT_NONE if end >= before => Change::Usable(base, before.min(start - base), account),
        _ if protection & libc::PROT_EXEC != 0 => Change::Code(base),
        _ => Change::Other,
    }
}

/// Stands in for the C library's function of this name, for V8.
///
/// # Safety
/// That of `mprotect(2)`.
#[cfg_attr(feature = "v8-page-guard", unsafe(no_mangle))]
#[cfg_attr(
    not(feature = "v8-page-guard"),
    allow(dead_code, reason = "only the linker calls it, with the feature")
)]
unsafe extern "C" fn mprotect(start: *mut c_void, bytes: usize, protection: c_int) -> c_int {
    let change = inside(|| change_of(start as usize, bytes, protection)).unwrap_or(Change::Other);
    if matches!(change, Change::Refused) {
        // SAFETY: the C library gives each thread a place for its error number.
        unsafe { *libc::__errno_location() = libc::ENOMEM };
        return -1;
    }
    // SAFETY: the caller's arguments, with the caller's promises.
    let failed = unsafe { libc::syscall(libc::SYS_mprotect, start, bytes, protection) };
    if failed == 0 {
        inside(|| match change {
            Change::Usable(base, usable_bytes, account) => {
                account.resize_mapping(base, usable_bytes);
            }
            Change::Code(base) => {
                if let Some((_, account)) = reserved().remove(&base) {
                    account.remove_mapping(base);
                }
            }
            Change::Other | Change::Refused => {}
        });
    }
    failed as c_int
}

/// Stands in for the C library's function of this name, for V8.
///
/// # Safety
/// That of `munmap(2)`.
#[cfg_attr(feature = "v8-page-guard", unsafe(no_mangle))]
#[cfg_attr(
    not(feature = "v8-page-guard"),
    allow(dead_code, reason = "only the linker calls it, with the feature")
)]
unsafe extern "C" fn munmap(start: *mut c_void, bytes: usize) -> c_int {
    // Before it is done: afterwards the place may be another thread's.
    inside(|| note_unmapped(start as usize, bytes));
    // SAFETY: the caller's arguments, with the caller's promises.
    unsafe { libc::syscall(libc::SYS_munmap, start, bytes) as c_int }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;
    const MAPPING: c_int = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;

    fn reserve(bytes: usize) -> *mut c_void {
        // SAFETY: a new mapping, wherever the kernel likes.
        let start =
            unsafe { libc::mmap(std::ptr::null_mut(), bytes, libc::PROT_NONE, MAPPING, -1, 0) };
        assert_ne!(start, libc::MAP_FAILED);
        note_reserved(start as usize, bytes);
        start
    }

    #[test]
    fn what_is_made_accessible_is_counted_and_limited() {
        let account = BufferAccount::limited_to(Some(10 * MIB));
        count_for_this_thread(&account);
        let all_bytes = || account.bytes().all_bytes;
        let start = reserve(64 * MIB);
        // SAFETY: parts of this test's own mapping, which is unmapped once.
        unsafe {
            assert_eq!(all_bytes(), 0, "address space is for nothing");
            assert_eq!(mprotect(start, 4 * MIB, READ_WRITE), 0);
            assert_eq!(mprotect(start, 9 * MIB, READ_WRITE), 0);
            assert_eq!(all_bytes(), 9 * MIB, "the whole again, for it grows");
            start.cast::<u8>().write(1);
            assert_eq!(mprotect(start, 11 * MIB, READ_WRITE), -1);
            assert_eq!(
                std::io::Error::last_os_error().raw_os_error(),
                Some(libc::ENOMEM)
            );
            assert_eq!(all_bytes(), 9 * MIB);
            assert_eq!(
                mprotect(start.byte_add(2 * MIB), 7 * MIB, libc::PROT_NONE),
                0
            );
            assert_eq!(all_bytes(), 2 * MIB);
            assert_eq!(munmap(start, 64 * MIB), 0);
        }
        assert_eq!(all_bytes(), 0);
    }

    #[test]
    fn a_reservation_is_trimmed_to_its_alignment() {
        let account = BufferAccount::limited_to(None);
        count_for_this_thread(&account);
        let start = reserve(8 * MIB);
        // SAFETY: parts of this test's own mapping, each unmapped once.
        unsafe {
            assert_eq!(munmap(start, MIB), 0);
            assert_eq!(munmap(start.byte_add(6 * MIB), 2 * MIB), 0);
            let start = start.byte_add(MIB);
            assert_eq!(mprotect(start, 3 * MIB, READ_WRITE), 0);
            assert_eq!(account.usable_bytes(start as usize), 3 * MIB);
            assert_eq!(munmap(start, 5 * MIB), 0);
        }
        assert_eq!(account.bytes().all_bytes, 0);
        assert!(account.look().is_empty());
    }

    #[test]
    fn code_and_stacks_are_never_refused() {
        let account = BufferAccount::limited_to(Some(0));
        count_for_this_thread(&account);
        let executable = READ_WRITE | libc::PROT_EXEC;
        let (code, stack) = (reserve(MIB), reserve(MIB));
        // SAFETY: parts of this test's own mappings, each unmapped once.
        unsafe {
            assert_eq!(mprotect(code, MIB, executable), 0);
            assert_eq!(account.bytes().all_bytes, 0);
            let behind_the_guard = stack.byte_add(4096);
            assert_eq!(mprotect(behind_the_guard, MIB / 2, READ_WRITE), 0);
            assert!(account.bytes().all_bytes >= MIB / 2, "counted");
            assert_eq!(munmap(code, MIB), 0);
            assert_eq!(munmap(stack, MIB), 0);
        }
        assert_eq!(account.bytes().all_bytes, 0);
    }

    #[test]
    fn other_threads_are_left_alone_and_may_give_back() {
        let account = BufferAccount::limited_to(Some(MIB));
        count_for_this_thread(&account);
        let start = reserve(MIB) as usize;
        // SAFETY: this test's own mappings, each unmapped once.
        unsafe {
            assert_eq!(mprotect(start as *mut c_void, MIB, READ_WRITE), 0);
            std::thread::spawn(move || {
                let other = reserve(8 * MIB);
                assert_eq!(mprotect(other, 8 * MIB, READ_WRITE), 0);
                assert_eq!(munmap(other, 8 * MIB), 0);
                assert_eq!(munmap(start as *mut c_void, MIB), 0);
            })
            .join()
            .unwrap();
        }
        assert_eq!(account.bytes().all_bytes, 0);
    }
}
