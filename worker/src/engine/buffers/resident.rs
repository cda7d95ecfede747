//! Which pages of a mapping exist, by the kernel's word.

/// Pages that one question is about; a byte for each lies on the stack.
const PAGES_AT_ONCE: usize = 4096;

/// Resident bytes of the mapping at `start`: pages that were touched. A page that was only read counts, too, although the kernel
/// shows the same page of zeros for all of these. Nothing for a range that is not mapped.
pub(super) fn resident_bytes(start: usize, bytes: usize) -> usize {
    let page_bytes = page_bytes();
    let mut pages = [0_u8; PAGES_AT_ONCE];
    let mut resident = 0;
    let mut done = 0;
    while done < bytes {
        let piece = (bytes - done).min(PAGES_AT_ONCE * page_bytes);
        // SAFETY: `mincore` reads and writes none of the memory that it is asked about, mapped or not; for each page of the
        // piece it writes a byte, and there is room for as many as a piece has.
        let failed = unsafe { libc::mincore((start + done) as *mut _, piece, pages.as_mut_ptr()) };
        if failed != 0 {
            return 0;
        }
        let found = pages[..piece.div_ceil(page_bytes)].iter();
        resident += found.filter(|page| **page & 1 != 0).count() * page_bytes;
        done += piece;
    }
    resident.min(bytes)
}

/// The size of a page of the system.
pub(super) fn page_bytes() -> usize {
    // SAFETY: a constant of the system.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_exist_once_they_are_written() {
        const BYTES: usize = 40 << 20;
        let (protection, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
        );
        // SAFETY: a mapping of this test's own, without huge pages, written within its bounds and unmapped once.
        unsafe {
            let start = libc::mmap(std::ptr::null_mut(), BYTES, protection, flags, -1, 0);
            assert_ne!(start, libc::MAP_FAILED);
            libc::madvise(start, BYTES, libc::MADV_NOHUGEPAGE);
            assert_eq!(resident_bytes(start as usize, BYTES), 0);
            let bytes = std::slice::from_raw_parts_mut(start.cast::<u8>(), BYTES);
            bytes[0] = 1;
            bytes[BYTES - 1] = 1;
            assert_eq!(resident_bytes(start as usize, BYTES), 2 * page_bytes());
            assert_eq!(
                resident_bytes(start as usize, 100),
                100,
                "never more than asked about"
            );
            bytes.fill(1);
            assert_eq!(resident_bytes(start as usize, BYTES), BYTES);
            assert_eq!(libc::munmap(start, BYTES), 0);
        }
    }
}
