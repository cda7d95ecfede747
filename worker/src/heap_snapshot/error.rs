//! Why there is no heap snapshot, one variant per remedy.

use std::io;
use std::path::{Path, PathBuf};

use super::headroom::NoHeadroom;

/// Why no heap snapshot was taken. No file is left behind.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The settings say so.
    #[error("heap snapshots are switched off: set `heap-snapshot-dir` to the folder for them")]
    Off,
    /// There is nothing to take one of.
    #[error(
        "the worker has no isolates now: it hosts no workflows, has not started yet or is ending"
    )]
    NoIsolates,
    /// The isolates have other numbers.
    #[error("there is no isolate {isolate}: name one from 0 to {last}")]
    UnknownIsolate {
        /// The number that was asked for.
        isolate: usize,
        /// The last number that there is.
        last: usize,
    },
    /// Only one is taken at a time, because each needs much memory.
    #[error("another heap snapshot is being taken: ask again when it is done")]
    Busy,
    /// The process could pass its memory limit.
    #[error(transparent)]
    NoHeadroom(#[from] NoHeadroom),
    /// The disk is full.
    #[error("the heap snapshot {} does not fit its disk: free some of it, or set `heap-snapshot-dir` to another folder ({source})", .path.display())]
    DiskFull {
        /// The file that was to be.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("the heap snapshot {} cannot be written: set `heap-snapshot-dir` to a folder that this user may write to ({source})", .path.display())]
    File {
        /// The file that was to be.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// V8 wrote nothing, or not to its end.
    #[error("V8 gave up on the heap snapshot of isolate {isolate}: ask again")]
    Incomplete {
        /// Whose snapshot it was to be.
        isolate: usize,
    },
    /// The thread ended.
    #[error("isolate {isolate} has ended: the worker is ending or has to be restarted")]
    Ended {
        /// Whose snapshot it was to be.
        isolate: usize,
    },
}

impl SnapshotError {
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { path, source }
            }
            _ => Self::File { path, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_has_a_remedy_of_its_own() {
        let of = |kind| SnapshotError::file(Path::new("/x"), io::Error::from(kind));
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            assert!(matches!(of(kind), SnapshotError::DiskFull { .. }));
        }
        let denied = of(io::ErrorKind::PermissionDenied);
        assert!(matches!(denied, SnapshotError::File { .. }));
        assert!(denied.to_string().contains("`heap-snapshot-dir`"));
    }
}
