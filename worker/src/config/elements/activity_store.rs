//! `activity-store`: where the built-in conversation activities keep their data.

use std::fmt;
use std::path::PathBuf;

use super::path::parse_path;
use crate::config::key::{Element, Group, Key, Problem, Shape};

/// As SQLite writes a database without a file.
const MEMORY: &str = ":memory:";

/// The store of the conversation activities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ActivityStore {
    /// In memory, gone with the process. The default: a trial leaves nothing behind.
    #[default]
    Memory,
    /// In a SQLite file, which is created when it is missing.
    File(PathBuf),
}

impl fmt::Display for ActivityStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str(MEMORY),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Element for ActivityStore {
    type Value = Self;

    const KEY: Key = Key::worker("activity-store", Group::Activities, Shape::Text)
        .takes("FILE")
        .means("SQLite file of the built-in conversation activities")
        .defaults_to(":memory:");

    fn parse(text: &str) -> Result<Self, Problem> {
        if text == MEMORY {
            return Ok(Self::Memory);
        }
        parse_path(text, "conversations.db").map(Self::File)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_files_are_told_apart() {
        assert_eq!(ActivityStore::parse(":memory:"), Ok(ActivityStore::Memory));
        let file = ActivityStore::File("a.db".into());
        assert_eq!(ActivityStore::parse("a.db"), Ok(file));
        assert_eq!(ActivityStore::default().to_string(), ":memory:");
    }
}
