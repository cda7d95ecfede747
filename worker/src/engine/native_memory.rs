//! What the C library's allocator says of itself. Here because `unsafe` is allowed in this module tree alone.

use crate::memory::breakdown::MallocReading;

/// Reads glibc's counters of all arenas. Takes the lock of one arena after the other and walks its lists of free blocks,
/// so do it seldom. `None` where another C library is used.
#[must_use]
pub fn read_malloc() -> Option<MallocReading> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: `mallinfo2` (glibc 2.33 and later) takes no arguments, may be called from any thread, and returns
        // plain numbers by value.
        let info = unsafe { libc::mallinfo2() };
        Some(MallocReading {
            // `uordblks` counts blocks in the arenas, `hblkhd` those with mappings of their own.
            allocated_bytes: (info.uordblks as u64).saturating_add(info.hblkhd as u64),
            mapped_bytes: info.hblkhd as u64,
            free_bytes: info.fordblks as u64,
        })
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    None
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

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
