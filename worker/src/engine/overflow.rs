//! Memory with a file behind it, for what nobody can stop at once.
//!
//! Some of V8's built-ins take memory in small pieces and look at nothing else until they are done: `JSON.parse`, `split`,
//! `Object.entries`. The entry is stopped all the same, but only when they return. What they take meanwhile beyond the
//! process's limit gets pages of a file without a name: under pressure the kernel writes these out where it would have to
//! kill the process for others. To V8 they are pages like any other.

use std::ffi::{CString, c_void};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use parking_lot::Mutex;

/// What lies so far behind the end of the file begins to be written out: by then it was filled, as a rule, and the kernel
/// can take clean pages at once.
const WRITE_OUT_BEHIND_BYTES: i64 = 4 << 20;

/// The most that overflows until all that is being stopped has ended: more than V8 lets the heap of one stopped entry grow (see
/// `heap_guard`), and no full disk.
const FILE_MAX_BYTES: i64 = 8 << 30;

struct Overflow {
    folder: Option<CString>,
    /// The file of what is being stopped now; below zero: there is none.
    file: i32,
    end: i64,
    has_overflowed: bool,
}

static OVERFLOW: Mutex<Overflow> = Mutex::new(Overflow {
    folder: None,
    file: -1,
    end: 0,
    has_overflowed: false,
});

/// From now on memory may overflow into `folder`.
///
/// # Errors
/// The folder is kept in memory itself, or no file without a name can be made in it.
pub fn overflow_into(folder: &Path) -> io::Result<()> {
    let path = CString::new(folder.as_os_str().as_bytes())?;
    if is_in_memory(&path)? {
        let message = format!("{} is kept in memory", folder.display());
        return Err(io::Error::other(message));
    }
    let file = open(&path)?;
    // SAFETY: the file was just opened and is closed once.
    unsafe { libc::close(file) };
    OVERFLOW.lock().folder = Some(path);
    Ok(())
}

fn is_in_memory(folder: &CString) -> io::Result<bool> {
    const RAMFS_MAGIC: i64 = 0x8584_58f6;
    // SAFETY: all zeros are a value of this plain structure; the path ends with a zero.
    let (failed, found) = unsafe {
        let mut found: libc::statfs = std::mem::zeroed();
        (libc::statfs(folder.as_ptr(), &raw mut found), found)
    };
    if failed != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(found.f_type == libc::TMPFS_MAGIC || found.f_type == RAMFS_MAGIC)
}

fn open(folder: &CString) -> io::Result<i32> {
    let flags = libc::O_TMPFILE | libc::O_RDWR | libc::O_CLOEXEC;
    // SAFETY: a path that ends with a zero.
    let file = unsafe { libc::open(folder.as_ptr(), flags, 0o600) };
    if file >= 0 {
        return Ok(file);
    }
    // The overlay file systems of containers know files without a name since Linux 6.1 alone.
    open_and_unlink(folder)
}

fn open_and_unlink(folder: &CString) -> io::Result<i32> {
    let mut path = folder.as_bytes().to_vec();
    path.extend_from_slice(b"/burdock-overflow-XXXXXX\0");
    // SAFETY: a path that ends with a zero, whose six last letters may be written to.
    let file = unsafe { libc::mkostemp(path.as_mut_ptr().cast(), libc::O_CLOEXEC) };
    if file < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the same path, as it was written. A name that stays is no harm to what follows.
    unsafe { libc::unlink(path.as_ptr().cast()) };
    Ok(file)
}

/// Puts a file behind a mapping of `bytes`. False: it cannot be done, for lack of space for example, and the mapping is as it
/// was.
///
/// # Safety
/// `start` must be a mapping of `bytes`, a multiple of the page size, that nothing was written to yet.
pub(super) unsafe fn back_by_file(start: *mut c_void, bytes: usize) -> bool {
    let Ok(len) = i64::try_from(bytes) else {
        return false;
    };
    let mut overflow = OVERFLOW.lock();
    if overflow.end.saturating_add(len) > FILE_MAX_BYTES {
        return false;
    }
    if overflow.file < 0 {
        let opened = overflow.folder.as_ref().map(open);
        let Some(Ok(file)) = opened else {
            return false;
        };
        overflow.file = file;
    }
    let (file, offset) = (overflow.file, overflow.end);
    let (protection, flags) = (
        libc::PROT_READ | libc::PROT_WRITE,
        libc::MAP_SHARED | libc::MAP_FIXED,
    );
    // SAFETY: the file is open as long as the lock is held; space that was promised is there when a page is written, which
    // would be a signal otherwise; the mapping is the caller's.
    let mapped = unsafe {
        libc::fallocate(file, 0, offset, len) == 0
            && libc::mmap(start, bytes, protection, flags, file, offset) != libc::MAP_FAILED
    };
    if mapped {
        overflow.end += len;
        overflow.has_overflowed = true;
        let old = offset - WRITE_OUT_BEHIND_BYTES;
        if old >= 0 {
            // SAFETY: numbers alone, of an open file.
            unsafe { libc::sync_file_range(file, old, len, libc::SYNC_FILE_RANGE_WRITE) };
        }
    }
    mapped
}

/// Whether memory has ever overflowed: since then resident pages of files may be such, and V8 may keep some for later.
#[must_use]
pub fn has_overflowed() -> bool {
    OVERFLOW.lock().has_overflowed
}

/// Nothing is being stopped any more: pages that are still mapped keep the file, and the next one begins at zero.
pub(super) fn close_file() {
    let mut overflow = OVERFLOW.lock();
    if overflow.file >= 0 {
        // SAFETY: the file is open and closed once.
        unsafe { libc::close(overflow.file) };
    }
    overflow.file = -1;
    overflow.end = 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kernel's line about the mapping that begins at `start`.
    fn mapping_at(start: *mut c_void) -> Option<String> {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let begin = format!("{:x}-", start as usize);
        let line = maps.lines().find(|line| line.starts_with(&begin));
        line.map(str::to_owned)
    }

    #[test]
    fn a_page_with_a_file_behind_it_is_a_page_and_no_private_memory() {
        const BYTES: usize = 64 << 20;
        const PIECE_BYTES: usize = 256 << 10;
        let folders = ["/var/tmp", env!("CARGO_MANIFEST_DIR")];
        if !folders
            .iter()
            .any(|folder| overflow_into(Path::new(folder)).is_ok())
        {
            eprintln!("skipped: this machine keeps all of {folders:?} in memory");
            return;
        }
        let (protection, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        );
        // SAFETY: a mapping of this test's own, written within its bounds and unmapped once.
        unsafe {
            let start = libc::mmap(std::ptr::null_mut(), BYTES, protection, flags, -1, 0);
            assert_ne!(start, libc::MAP_FAILED);
            for offset in (0..BYTES).step_by(PIECE_BYTES) {
                let piece = start.byte_add(offset);
                assert!(back_by_file(piece, PIECE_BYTES));
                std::slice::from_raw_parts_mut(piece.cast::<usize>(), PIECE_BYTES / 8).fill(offset);
            }
            let words = std::slice::from_raw_parts(start.cast::<usize>(), BYTES / 8);
            for (index, word) in words.iter().enumerate() {
                assert_eq!(*word, index * 8 / PIECE_BYTES * PIECE_BYTES);
            }
            let mapping = mapping_at(start).expect("begins with its first piece");
            assert!(
                mapping.contains(" rw-s ") && mapping.contains("(deleted)"),
                "{mapping}"
            );
            close_file();
            assert_eq!(
                words[BYTES / 8 - 1],
                BYTES - PIECE_BYTES,
                "the mapping keeps the file"
            );
            assert_eq!(libc::munmap(start, BYTES), 0);
        }
    }

    #[test]
    fn a_file_that_had_a_name_leaves_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = CString::new(folder.path().as_os_str().as_bytes()).unwrap();
        let file = open_and_unlink(&path).unwrap();
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        // SAFETY: the file was just opened and is closed once.
        assert_eq!(unsafe { libc::close(file) }, 0);
    }

    #[test]
    fn folders_that_are_kept_in_memory_or_missing_are_refused() {
        assert!(overflow_into(Path::new("/no/such/folder")).is_err());
        assert!(overflow_into(Path::new("/proc")).is_err());
        if Path::new("/dev/shm").is_dir() {
            let refused = overflow_into(Path::new("/dev/shm")).unwrap_err();
            assert!(refused.to_string().contains("in memory"), "{refused}");
        }
    }
}
