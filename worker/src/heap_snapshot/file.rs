//! The file of a heap snapshot: under a name of its own until it is whole.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::error::SnapshotError;

/// V8 writes pieces of a kilobyte.
const BUFFER_BYTES: usize = 256 << 10;
/// Payloads and secrets of workflows are in it.
const MODE: u32 = 0o600;

/// A file that is being written; dropping it removes it.
pub(super) struct SnapshotFile {
    /// Its name when it is whole.
    path: PathBuf,
    partial: PathBuf,
    writer: BufWriter<File>,
    bytes: u64,
    broken: Option<io::Error>,
    finished: bool,
}

impl SnapshotFile {
    /// Creates `PATH.partial`.
    pub(super) fn create(path: PathBuf) -> Result<Self, SnapshotError> {
        let mut partial = path.clone().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(MODE)
            .open(&partial)
            .map_err(|error| SnapshotError::file(&path, error))?;
        Ok(Self {
            path,
            partial,
            writer: BufWriter::with_capacity(BUFFER_BYTES, file),
            bytes: 0,
            broken: None,
            finished: false,
        })
    }

    /// Adds a piece. False: it could not be written, and no more is wanted.
    pub(super) fn write(&mut self, piece: &[u8]) -> bool {
        if self.broken.is_none() {
            match self.writer.write_all(piece) {
                Ok(()) => self.bytes += piece.len() as u64,
                Err(error) => self.broken = Some(error),
            }
        }
        self.broken.is_none()
    }

    /// Whether a piece could not be written.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// Gives the file its name; its path and size.
    pub(super) fn finish(mut self) -> Result<(PathBuf, u64), SnapshotError> {
        let written = match self.broken.take() {
            Some(error) => Err(error),
            None => self
                .writer
                .flush()
                .and_then(|()| std::fs::rename(&self.partial, &self.path)),
        };
        written.map_err(|error| SnapshotError::file(&self.path, error))?;
        self.finished = true;
        Ok((std::mem::take(&mut self.path), self.bytes))
    }

    /// The path of the whole file.
    #[cfg(test)]
    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SnapshotFile {
    fn drop(&mut self) {
        if !self.finished {
            remove(&self.partial);
        }
    }
}

fn remove(partial: &Path) {
    if let Err(error) = std::fs::remove_file(partial) {
        tracing::warn!(file = %partial.display(), %error, "an unfinished heap snapshot is left behind");
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect()
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole() {
        let folder = tempfile::tempdir().expect("temp dir");
        let path = folder.path().join("a.heapsnapshot");
        let mut file = SnapshotFile::create(path.clone()).expect("created");
        assert!(file.write(b"{}"));
        assert_eq!(names(folder.path()), ["a.heapsnapshot.partial"]);
        assert_eq!(file.path(), path);
        assert_eq!(file.finish().expect("finished"), (path.clone(), 2));
        assert_eq!(names(folder.path()), ["a.heapsnapshot"]);
        let mode = std::fs::metadata(&path)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "others may not read payloads");
    }

    #[test]
    fn what_is_not_finished_is_removed() {
        let folder = tempfile::tempdir().expect("temp dir");
        let file = SnapshotFile::create(folder.path().join("a")).expect("created");
        drop(file);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named_with_its_setting() {
        let path = Path::new("/no/such/folder/a.heapsnapshot");
        let error = SnapshotFile::create(path.to_owned())
            .err()
            .expect("refused");
        let text = error.to_string();
        assert!(text.contains("/no/such/folder/a.heapsnapshot"), "{text}");
        assert!(text.contains("`heap-snapshot-dir`"), "{text}");
    }

    #[test]
    fn a_full_disk_ends_the_writing_and_leaves_nothing() {
        let folder = tempfile::tempdir().expect("temp dir");
        let path = folder.path().join("a");
        let mut file = SnapshotFile::create(path).expect("created");
        // The kernel's own full disk, in the place of the file.
        let full = OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("/dev/full");
        file.writer = BufWriter::with_capacity(1, full);
        assert!(!file.write(b"{}"));
        assert!(!file.write(b"{}"), "and takes no more");
        let error = file.finish().expect_err("refused");
        assert!(matches!(error, SnapshotError::DiskFull { .. }), "{error}");
        assert!(names(folder.path()).is_empty());
    }
}
