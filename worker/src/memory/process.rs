//! The process's resident memory, from `/proc/self/status` (Linux, `man 5 proc_pid_status`).

use std::io;
use std::path::Path;

/// Resident memory of this process in bytes. `rss = anon + file + shmem`.
///
/// The kernel batches these counters per thread, so a reading may lag by some hundred kilobytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProcessMemory {
    /// `VmRSS`: everything resident.
    pub rss_bytes: u64,
    /// `RssAnon`: heaps and stacks; what a container limit cannot reclaim without swap.
    pub anon_bytes: u64,
    /// `RssFile`: mapped files such as the binary itself; reclaimable.
    pub file_bytes: u64,
    /// `RssShmem`: shared memory.
    pub shmem_bytes: u64,
}

impl ProcessMemory {
    /// Reads `<root>/proc/self/status`; `root` is `/` outside tests.
    ///
    /// # Errors
    /// The file cannot be read, or it has no `VmRSS` line (kind `InvalidData`).
    pub fn read(root: &Path) -> io::Result<Self> {
        let path = root.join("proc/self/status");
        let text = std::fs::read_to_string(&path)?;
        parse_status(&text).ok_or_else(|| {
            let message = format!("{} has no `VmRSS: N kB` line", path.display());
            io::Error::new(io::ErrorKind::InvalidData, message)
        })
    }
}

/// Parses the text of `/proc/self/status`. `None` without a usable `VmRSS` line; the parts of it
/// that an old kernel (before 4.5) does not print are 0.
pub fn parse_status(text: &str) -> Option<ProcessMemory> {
    Some(ProcessMemory {
        rss_bytes: kib_field(text, "VmRSS")?,
        anon_bytes: kib_field(text, "RssAnon").unwrap_or(0),
        file_bytes: kib_field(text, "RssFile").unwrap_or(0),
        shmem_bytes: kib_field(text, "RssShmem").unwrap_or(0),
    })
}

/// Bytes of a `Key:   123 kB` line, the form that `status` and `meminfo` share.
pub(super) fn kib_field(text: &str, key: &str) -> Option<u64> {
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    let mut words = value.split_whitespace();
    let kib: u64 = words.next()?.parse().ok()?;
    match (words.next(), words.next()) {
        (Some("kB"), None) => kib.checked_mul(1024),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Name:\tburdock\nUmask:\t0022\nVmPeak:\t 9000000 kB\nVmHWM:\t  90000 kB\n\
        VmRSS:\t   81920 kB\nRssAnon:\t   61440 kB\nRssFile:\t   20476 kB\nRssShmem:\t       4 kB\n\
        Threads:\t9\n";

    #[test]
    fn reads_the_four_resident_counters_in_bytes() {
        let expected = ProcessMemory {
            rss_bytes: 80 << 20,
            anon_bytes: 60 << 20,
            file_bytes: 20476 << 10,
            shmem_bytes: 4 << 10,
        };
        assert_eq!(parse_status(STATUS), Some(expected));
    }

    #[test]
    fn an_old_kernel_without_the_split_still_gives_rss() {
        let memory = parse_status("VmRSS:\t 8 kB\n").expect("VmRSS is there");
        assert_eq!((memory.rss_bytes, memory.anon_bytes), (8192, 0));
    }

    #[test]
    fn refuses_text_without_a_usable_vmrss() {
        for text in [
            "",
            "VmRSS:",
            "VmRSS:\tmany kB",
            "VmRSS:\t1 MB",
            "VmRSS:\t1",
            "VmRSS:\t1 kB more",
            "XVmRSS:\t1 kB",
            "VmRSSX:\t1 kB",
            "VmRSS:\t18446744073709551615 kB",
        ] {
            assert_eq!(parse_status(text), None, "{text:?}");
        }
    }

    #[test]
    fn reads_this_process() {
        let memory = ProcessMemory::read(Path::new("/")).expect("Linux has /proc/self/status");
        let parts = memory.anon_bytes + memory.file_bytes + memory.shmem_bytes;
        assert!(memory.anon_bytes > 0, "{memory:?}");
        assert_eq!(parts, memory.rss_bytes, "{memory:?}");
    }

    #[test]
    fn names_the_file_that_lacks_the_line() {
        let root = tempfile::tempdir().expect("temp dir");
        std::fs::create_dir_all(root.path().join("proc/self")).expect("mkdir");
        std::fs::write(root.path().join("proc/self/status"), "Name: x\n").expect("write");
        let error = ProcessMemory::read(root.path()).expect_err("no VmRSS");
        assert!(error.to_string().contains("proc/self/status"), "{error}");
    }
}
