//! `heap-snapshot-dir`: where heap snapshots are written.

use std::fmt;
use std::path::PathBuf;

use super::path::parse_path;
use crate::config::key::{Element, Group, Key, Problem, Shape};

/// As on the command line.
const OFF: &str = "off";

/// The folder for heap snapshots, if they are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeapSnapshotDir {
    /// In this folder, which must be there.
    Folder(PathBuf),
    /// Nobody can have one taken.
    Off,
}

impl Default for HeapSnapshotDir {
    /// The working folder, where Node writes its own. Folders for temporary files are often kept in memory, against the
    /// container's limit.
    fn default() -> Self {
        Self::Folder(PathBuf::from("."))
    }
}

impl fmt::Display for HeapSnapshotDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Off => f.write_str(OFF),
        }
    }
}

impl Element for HeapSnapshotDir {
    type Value = Self;

    const KEY: Key = Key::worker("heap-snapshot-dir", Group::Observability, Shape::Text)
        .takes("FOLDER")
        .means("Folder that heap snapshots are written to, or `off`")
        .defaults_to("the working folder");

    fn parse(text: &str) -> Result<Self, Problem> {
        if text == OFF {
            return Ok(Self::Off);
        }
        parse_path(text, "/var/tmp").map(Self::Folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_off_are_read_as_they_are_printed() {
        for text in ["off", "./off", "/var/tmp"] {
            assert_eq!(HeapSnapshotDir::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(HeapSnapshotDir::parse("off"), Ok(HeapSnapshotDir::Off));
        assert!(HeapSnapshotDir::parse(" ").is_err());
        assert_eq!(HeapSnapshotDir::default().to_string(), ".");
    }
}
