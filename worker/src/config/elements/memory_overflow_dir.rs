//! `memory-overflow-dir`: where memory goes that an entry takes beyond the limit before it can be stopped.

use std::fmt;
use std::path::PathBuf;

use super::path::parse_path;
use crate::config::key::{Element, Group, Key, Problem, Shape};

const AUTO: &str = "auto";
const OFF: &str = "off";

/// The folder for overflowing memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MemoryOverflowDir {
    /// The first that is on a disk of: `/var/tmp`, the folder for temporary files, the working folder.
    #[default]
    Auto,
    /// This folder, which must be there and on a disk.
    Folder(PathBuf),
    /// None: what cannot be stopped at once may take the process over its limit.
    Off,
}

impl fmt::Display for MemoryOverflowDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str(AUTO),
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Off => f.write_str(OFF),
        }
    }
}

impl Element for MemoryOverflowDir {
    type Value = Self;

    const KEY: Key = Key::worker("memory-overflow-dir", Group::SlotsAndCache, Shape::Text)
        .takes("FOLDER|auto|off")
        .means(
            "Folder on a disk for memory that an entry takes beyond the limit before it can be \
             stopped",
        )
        .defaults_to("auto: /var/tmp or the folder for temporary files");

    fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            AUTO => Ok(Self::Auto),
            OFF => Ok(Self::Off),
            _ => parse_path(text, "/var/tmp").map(Self::Folder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_words_are_read_as_they_are_printed() {
        for text in ["auto", "off", "./off", "/var/tmp"] {
            assert_eq!(MemoryOverflowDir::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            MemoryOverflowDir::parse("auto"),
            Ok(MemoryOverflowDir::default())
        );
        assert!(MemoryOverflowDir::parse(" ").is_err());
    }
}
