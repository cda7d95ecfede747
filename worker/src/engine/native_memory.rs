//! What the C library's allocator says of itself. Here because `unsafe` is allowed in this module tree alone.

use std::fmt;
use std::sync::OnceLock;

use crate::memory::breakdown::MallocReading;

/// Who answers `malloc` in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocator {
    /// glibc: what it holds can be counted, and what is free of it given back.
    Glibc,
    /// Another C library, or an allocator that was put in front of glibc's, as `LD_PRELOAD` does.
    Other,
}

impl Allocator {
    /// Finds out, once for the process: a block is allocated, and glibc's counters know of it or not. To be asked before
    /// much is going on, since others allocate and free meanwhile.
    #[must_use]
    pub fn of_process() -> Self {
        static FOUND: OnceLock<Allocator> = OnceLock::new();
        *FOUND.get_or_init(|| {
            if glibc_counts_a_block() {
                Self::Glibc
            } else {
                Self::Other
            }
        })
    }

    /// What an operator should hear of it.
    #[must_use]
    pub const fn warning(self) -> Option<&'static str> {
        match self {
            Self::Glibc => None,
            Self::Other => Some(
                "`malloc` is not answered by glibc: what it holds is not counted and counts as in use, and what is free \
                 is not given back after evictions; unset LD_PRELOAD unless this is meant",
            ),
        }
    }
}

impl fmt::Display for Allocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Glibc => "glibc",
            Self::Other => "other",
        })
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn glibc_counts_a_block() -> bool {
    const BLOCK_BYTES: usize = 64 << 20;
    let before = count();
    // SAFETY: `malloc` may be called from any thread with any size. The block is not touched, so it costs no memory, and
    // `black_box` keeps the compiler from taking the pair away.
    let block = std::hint::black_box(unsafe { libc::malloc(BLOCK_BYTES) });
    let held = count();
    // SAFETY: the block is that of `malloc` above, or null, and is freed once.
    unsafe { libc::free(block) };
    held.allocated_bytes
        >= before
            .allocated_bytes
            .saturating_add(BLOCK_BYTES as u64 / 2)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
const fn glibc_counts_a_block() -> bool {
    false
}

/// Blocks from here on get mappings of their own, which go back to the system when they are freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_FROM_BYTES: libc::c_int = 1 << 20;
/// What may stay free at the end of an arena.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const FREE_AT_END_BYTES: libc::c_int = 4 << 20;
/// The fewest arenas, so that two threads need not wait for each other.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS_MIN: libc::c_int = 2;

/// Has glibc keep less than it would. To be called before threads start; what the environment sets stays as it is.
///
/// - Large blocks stay out of its arenas. By itself glibc takes each large block that is freed as a reason to keep the next
///   ones there, up to 32 MiB: after one `JSON.parse` that took hundreds of megabytes the small blocks that live on lie scattered
///   over all of it.
/// - One arena for each core, and not eight: each keeps what is free between blocks that live on. After all offenders of the
///   mixed load two arenas keep a quarter of what sixteen do (`docs/allocators.md`).
pub fn tune_malloc() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        if !is_set_for(&["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"]) {
            set_malloc_option(libc::M_MMAP_THRESHOLD, MAPPED_FROM_BYTES);
            set_malloc_option(libc::M_TRIM_THRESHOLD, FREE_AT_END_BYTES);
        }
        if !is_set_for(&["MALLOC_ARENA_MAX", "MALLOC_ARENA_TEST"]) {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let arenas = libc::c_int::try_from(cores).unwrap_or(libc::c_int::MAX);
            set_malloc_option(libc::M_ARENA_MAX, arenas.max(ARENAS_MIN));
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn set_malloc_option(option: libc::c_int, value: libc::c_int) {
    // SAFETY: plain numbers; `mallopt` takes the allocator's lock, and refuses what it does not know.
    unsafe { libc::mallopt(option, value) };
}

/// Whether one of the variables is set, or `malloc` is tuned by glibc's own way.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn is_set_for(variables: &[&str]) -> bool {
    let tunables = std::env::var_os("GLIBC_TUNABLES");
    let is_tuned = |tunables: std::ffi::OsString| tunables.to_string_lossy().contains("malloc");
    let is_set = |name: &&str| std::env::var_os(name).is_some();
    tunables.is_some_and(is_tuned) || variables.iter().any(is_set)
}

/// Reads glibc's counters of all arenas. Takes the lock of one arena after the other and walks its lists of free blocks,
/// so do it seldom. `None` where somebody else answers `malloc`.
#[must_use]
pub fn read_malloc() -> Option<MallocReading> {
    if Allocator::of_process() == Allocator::Other {
        return None;
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    return Some(count());
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    None
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn count() -> MallocReading {
    // SAFETY: `mallinfo2` (glibc 2.33 and later) takes no arguments, may be called from any thread, and returns
    // plain numbers by value.
    let info = unsafe { libc::mallinfo2() };
    MallocReading {
        // `uordblks` counts blocks in the arenas, `hblkhd` those with mappings of their own.
        allocated_bytes: (info.uordblks as u64).saturating_add(info.hblkhd as u64),
        mapped_bytes: info.hblkhd as u64,
        free_bytes: info.fordblks as u64,
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn glibc_answers_in_a_test() {
        assert_eq!(Allocator::of_process(), Allocator::Glibc);
        assert!(Allocator::Glibc.warning().is_none() && Allocator::Other.warning().is_some());
    }

    /// By default glibc puts the second block into an arena, because the first one was freed.
    #[test]
    fn a_large_block_has_a_mapping_of_its_own_also_after_another_was_freed() {
        const BLOCK_BYTES: usize = 24 << 20;
        tune_malloc();
        drop(std::hint::black_box(vec![0_u8; BLOCK_BYTES]));
        let block = std::hint::black_box(vec![0_u8; BLOCK_BYTES]);
        // glibc's header of 16 bytes is the first thing on the first page of a mapping.
        let address = block.as_ptr().addr();
        assert_eq!(address % 4096, 16, "{address:x}");
    }

    #[test]
    fn a_block_is_counted_while_it_is_held() {
        const BLOCK_BYTES: u64 = 256 << 20;
        let before = read_malloc().expect("glibc");
        let block = vec![0_u8; BLOCK_BYTES as usize];
        let held = read_malloc().expect("glibc");
        drop(std::hint::black_box(block));
        let after = read_malloc().expect("glibc");
        // Other tests allocate at the same time, by far less.
        let slack = BLOCK_BYTES / 2;
        assert!(
            held.mapped_bytes > before.mapped_bytes + slack,
            "{before:?} {held:?}"
        );
        assert!(
            held.allocated_bytes > before.allocated_bytes + slack,
            "{before:?} {held:?}"
        );
        assert!(
            after.mapped_bytes + slack < held.mapped_bytes,
            "{held:?} {after:?}"
        );
    }
}
