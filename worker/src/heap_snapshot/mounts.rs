//! Whether a file would be kept in memory: what is written to a tmpfs counts against the container's limit.

use std::path::Path;

/// Whether `folder`, an absolute path without links, is on a file system that is kept in memory, by the text of
/// `/proc/self/mountinfo` (`man 5 proc_pid_mountinfo`). Of mounts on one point the last one counts.
pub(super) fn is_kept_in_memory(folder: &Path, mountinfo: &str) -> bool {
    let longest = mountinfo
        .lines()
        .filter_map(mount)
        .filter(|(point, _)| folder.starts_with(point))
        .max_by_key(|(point, _)| Path::new(point).components().count());
    longest.is_some_and(|(_, kind)| matches!(kind, "tmpfs" | "ramfs"))
}

/// The mount point and the type of the file system.
fn mount(line: &str) -> Option<(String, &str)> {
    let (head, tail) = line.split_once(" - ")?;
    let point = head.split(' ').nth(4)?;
    Some((unescaped(point), tail.split(' ').next()?))
}

/// The kernel writes a space, tab, newline and backslash as three octal digits.
fn unescaped(point: &str) -> String {
    point
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "22 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n\
        23 22 0:20 / /tmp rw - tmpfs tmpfs rw,size=65536k\n\
        24 23 0:21 / /tmp/disk rw master:2 - xfs /dev/vdb rw\n\
        25 22 0:22 / /a\\040b rw - ramfs ram rw\n\
        26 22 0:23 / /over rw - tmpfs tmpfs rw\n\
        27 22 0:24 / /over rw - ext4 /dev/vdc rw\n\
        broken line\n";

    #[test]
    fn the_nearest_mount_decides() {
        for (folder, kept) in [
            ("/", false),
            ("/var", false),
            ("/tmp", true),
            ("/tmp/x/y", true),
            ("/tmpfs", false),
            ("/tmp/disk/x", false),
            ("/a b/c", true),
            ("/over/x", false),
        ] {
            assert_eq!(
                is_kept_in_memory(Path::new(folder), MOUNTS),
                kept,
                "{folder}"
            );
        }
        assert!(!is_kept_in_memory(Path::new("/"), ""));
    }
}
