//! Whose the resident pages are, from `/proc/self/smaps` (Linux, `man 5 proc_pid_smaps`).
//!
//! Every mapping belongs to one owner, told by marks that its maker leaves:
//! - V8 excludes all that it maps from forks (`MADV_DONTFORK`): flag `dc`.
//! - glibc's `malloc` has the main arena in `[heap]`; further arenas are heaps that begin at a multiple of 64 MiB and are
//!   mapped without reserve (`HEAP_MAX_SIZE` in malloc/arena.c): flag `nr`.
//! - Thread stacks are mapped with `MAP_STACK`, which means "no huge pages" since Linux 6.7: flag `nh`. On older kernels
//!   they are what follows an inaccessible guard of a few pages.
//! - What has a path is a file; the pages of it that were written to count there too.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// A heap of glibc's `malloc` begins at a multiple of this (64-bit systems).
const ARENA_ALIGN: u64 = 64 << 20;
/// Guards of stacks are one page as a rule; V8's and malloc's inaccessible reserves are far larger.
const GUARD_BYTES_MAX: u64 = 64 << 10;

/// Resident bytes by owner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegionBytes {
    /// V8's heaps, code ranges and tables.
    pub v8_bytes: u64,
    /// The arenas of `malloc`.
    pub malloc_arena_bytes: u64,
    /// Stacks of all threads.
    pub stack_bytes: u64,
    /// Mapped files: the program and its libraries.
    pub file_bytes: u64,
    /// Anonymous mappings of anyone else; large blocks of `malloc` are here.
    pub other_bytes: u64,
    /// Mapped size of `other_bytes`, resident or not.
    pub other_mapped_bytes: u64,
}

impl RegionBytes {
    /// Reads `<root>/proc/self/smaps`; `root` is `/` outside tests. Takes some milliseconds of the kernel's time in a
    /// process of some hundred megabytes, so do it seldom.
    ///
    /// # Errors
    /// The file cannot be read, or holds no mapping (kind `InvalidData`).
    pub fn read(root: &Path) -> io::Result<Self> {
        let path = root.join("proc/self/smaps");
        let found = sum(BufReader::with_capacity(64 << 10, File::open(&path)?))?;
        found.ok_or_else(|| {
            let message = format!("{} holds no mapping", path.display());
            io::Error::new(io::ErrorKind::InvalidData, message)
        })
    }

    /// All of it.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.v8_bytes
            + self.malloc_arena_bytes
            + self.stack_bytes
            + self.file_bytes
            + self.other_bytes
    }
}

#[derive(Debug, Default)]
struct Mapping {
    begin: u64,
    end: u64,
    accessible: bool,
    name: String,
    resident_bytes: u64,
    after_guard: bool,
}

fn sum(text: impl BufRead) -> io::Result<Option<RegionBytes>> {
    let mut sums = RegionBytes::default();
    let mut mapping: Option<Mapping> = None;
    for line in text.lines() {
        let line = line?;
        if let Some(resident) = super::process::kib_field(&line, "Rss") {
            if let Some(mapping) = &mut mapping {
                mapping.resident_bytes = resident;
            }
        } else if let Some(flags) = line.strip_prefix("VmFlags:") {
            // The last line of a mapping.
            if let Some(mapping) = &mapping {
                sums.add(mapping, flags);
            }
        } else if let Some(next) = header(&line, mapping.as_ref()) {
            mapping = Some(next);
        }
    }
    Ok(mapping.is_some().then_some(sums))
}

/// `begin-end perms offset dev inode   name`; `None` for the other lines.
fn header(line: &str, before: Option<&Mapping>) -> Option<Mapping> {
    let mut words = line.split_ascii_whitespace();
    let (begin, end) = words.next()?.split_once('-')?;
    let (begin, end) = (
        u64::from_str_radix(begin, 16).ok()?,
        u64::from_str_radix(end, 16).ok()?,
    );
    let permissions = words.next()?;
    let guards = |before: &Mapping| {
        !before.accessible
            && before.end == begin
            && before.end.saturating_sub(before.begin) <= GUARD_BYTES_MAX
    };
    Some(Mapping {
        begin,
        end,
        accessible: !permissions.starts_with("---"),
        name: words.nth(3).unwrap_or_default().to_owned(),
        resident_bytes: 0,
        after_guard: before.is_some_and(guards),
    })
}

impl RegionBytes {
    fn add(&mut self, mapping: &Mapping, flags: &str) {
        let flagged = |flag: &str| flags.split_ascii_whitespace().any(|found| found == flag);
        let owner = match mapping.name.as_str() {
            "[heap]" => &mut self.malloc_arena_bytes,
            name if name.starts_with("[stack") => &mut self.stack_bytes,
            name if name.starts_with('/') => &mut self.file_bytes,
            _ if flagged("dc") => &mut self.v8_bytes,
            _ if flagged("nr") && mapping.begin.is_multiple_of(ARENA_ALIGN) => {
                &mut self.malloc_arena_bytes
            }
            _ if flagged("nh") || mapping.after_guard => &mut self.stack_bytes,
            _ => {
                if mapping.accessible {
                    self.other_mapped_bytes += mapping.end.saturating_sub(mapping.begin);
                }
                &mut self.other_bytes
            }
        };
        *owner += mapping.resident_bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(header: &str, rss_kib: u64, flags: &str) -> String {
        format!(
            "{header}\nSize: 9999 kB\nRss: {rss_kib} kB\nPss: 1 kB\nAnonymous: 1 kB\nVmFlags: {flags}\n"
        )
    }

    fn sums(mappings: &[(&str, u64, &str)]) -> RegionBytes {
        let text: String = mappings
            .iter()
            .map(|(header, rss, flags)| mapping(header, *rss, flags))
            .collect();
        sum(text.as_bytes()).expect("readable").expect("mappings")
    }

    #[test]
    fn v8_is_what_is_not_copied_to_forks() {
        let found = sums(&[
            (
                "5e9eb00000-5e9eb40000 rw-p 00000000 00:00 0 ",
                256,
                "rd wr mr mw me dc ac",
            ),
            (
                "7f38a4000000-7f38c4000000 rwxp 00000000 00:00 0 ",
                892,
                "rd wr ex mr mw me dc nr",
            ),
        ]);
        let expected = RegionBytes {
            v8_bytes: 1148 << 10,
            ..RegionBytes::default()
        };
        assert_eq!(found, expected, "also where it looks like an arena");
    }

    #[test]
    fn malloc_is_the_heap_and_its_aligned_arenas() {
        let found = sums(&[
            (
                "55744233a000-5574424d9000 rw-p 00000000 00:00 0    [heap]",
                1508,
                "rd wr mr mw me ac",
            ),
            (
                "7f3910000000-7f391191a000 rw-p 00000000 00:00 0 ",
                22524,
                "rd wr mr mw me nr",
            ),
        ]);
        assert_eq!(found.malloc_arena_bytes, 24032 << 10);
        assert_eq!(found.total_bytes(), 24032 << 10);
    }

    #[test]
    fn stacks_are_flagged_or_behind_a_guard() {
        let found = sums(&[
            (
                "7f3918c03000-7f3918c04000 ---p 00000000 00:00 0 ",
                0,
                "mr mw me nh",
            ),
            (
                "7f3918c04000-7f3918e04000 rw-p 00000000 00:00 0 ",
                16,
                "rd wr mr mw me ac nh",
            ),
            (
                "7f3919003000-7f3919004000 ---p 00000000 00:00 0 ",
                0,
                "mr mw me",
            ),
            (
                "7f3919004000-7f3919204000 rw-p 00000000 00:00 0 ",
                8,
                "rd wr mr mw me ac",
            ),
            (
                "7ffc00000000-7ffc00100000 rw-p 00000000 00:00 0  [stack]",
                200,
                "rd wr mr mw me gd ac",
            ),
        ]);
        assert_eq!(found.stack_bytes, 224 << 10);
        assert_eq!(found.total_bytes(), 224 << 10);
    }

    #[test]
    fn files_count_whole_and_the_rest_is_kept_apart() {
        let found = sums(&[
            (
                "55741db5c000-5574208e1000 r-xp 01 fe:00 24  /bin/burdock",
                37088,
                "rd ex mr mw me",
            ),
            (
                "5574208e1000-557420a26000 r--p 01 fe:00 24  /bin/burdock",
                1300,
                "rd mr mw me ac",
            ),
            (
                "557420a51000-557420a7a000 rw-p 00000000 00:00 0 ",
                140,
                "rd wr mr mw me ac",
            ),
            (
                "7ffc11fde000-7ffc11fe0000 r-xp 00000000 00:00 0  [vdso]",
                4,
                "rd ex mr me de",
            ),
        ]);
        assert_eq!(found.file_bytes, 38388 << 10);
        assert_eq!(
            (found.other_bytes, found.other_mapped_bytes),
            (144 << 10, 164 << 10 | 8 << 10)
        );
    }

    #[test]
    fn text_without_mappings_is_refused_and_noise_is_passed_over() {
        assert_eq!(sum("".as_bytes()).expect("readable"), None);
        assert_eq!(
            sum("Rss: 5 kB\nVmFlags: dc\nzz-yy rw-p\n-\n".as_bytes()).expect("readable"),
            None
        );
        let root = tempfile::tempdir().expect("temp dir");
        std::fs::create_dir_all(root.path().join("proc/self")).expect("mkdir");
        std::fs::write(root.path().join("proc/self/smaps"), "").expect("write");
        let error = RegionBytes::read(root.path()).expect_err("nothing there");
        assert!(error.to_string().contains("proc/self/smaps"), "{error}");
    }

    #[test]
    fn this_process_adds_up() {
        let found = RegionBytes::read(Path::new("/")).expect("Linux has smaps");
        let rss = super::super::ProcessMemory::read(Path::new("/"))
            .expect("status")
            .rss_bytes;
        // The kernel counts resident pages for each processor, in batches.
        let slack_bytes = (rss / 10).max(4 << 20);
        assert!(
            found.total_bytes().abs_diff(rss) < slack_bytes,
            "{found:?} and {rss}"
        );
        assert!(
            found.file_bytes > 0 && found.stack_bytes > 0 && found.malloc_arena_bytes > 0,
            "{found:?}"
        );
    }
}
