//! A history file: JSON or bytes.

use std::path::Path;

use prost::Message as _;
use temporalio_common::protos::temporal::api::history::v1::History;

use super::proto_json::{self, JsonHistory};
use super::recorded::{RecordedHistory, Unreadable};

/// Endings of the files that a folder is searched for.
pub(super) const EXTENSIONS: [&str; 3] = ["json", "bin", "binpb"];

/// Reads a history file. Its name is the workflow id if the history has none.
///
/// # Errors
/// When it cannot be read or is no history.
pub(super) fn read(path: &Path) -> Result<RecordedHistory, Unreadable> {
    let bytes =
        std::fs::read(path).map_err(|error| Unreadable(format!("cannot be read: {error}")))?;
    parse(path, &bytes)
}

/// The history that a file of this name holds.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<RecordedHistory, Unreadable> {
    let parsed = if is_json(path, bytes) {
        proto_json::parse(bytes)
            .map_err(|reason| Unreadable(format!("is no history in JSON: {reason}")))?
    } else {
        let history = History::decode(bytes).map_err(|error| {
            Unreadable(format!(
                "is neither JSON nor a binary `temporal.api.history.v1.History`: {error}"
            ))
        })?;
        JsonHistory {
            history,
            unknown_event_types: Vec::new(),
        }
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    RecordedHistory::new(parsed.history, parsed.unknown_event_types, &stem)
}

/// By the name, and where that says nothing by the first letter. Every binary history begins with a line feed, so blanks
/// decide nothing.
fn is_json(path: &Path, bytes: &[u8]) -> bool {
    let extension = path
        .extension()
        .map(|extension| extension.to_ascii_lowercase());
    match extension.as_ref().and_then(|extension| extension.to_str()) {
        Some("json") => true,
        Some("bin" | "binpb" | "pb") => false,
        _ => matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::replay::fuzzing::{BINARY, JSON, check_history, histories};

    fn read_as(name: &str, bytes: &[u8]) -> Result<RecordedHistory, Unreadable> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        read(&path)
    }

    #[test]
    fn both_forms_of_a_history_are_read() {
        let read = [
            ("a.json", JSON),
            ("a", JSON),
            ("a.binpb", BINARY),
            ("a.BIN", BINARY),
            ("a", BINARY),
        ]
        .map(|(name, bytes)| read_as(name, bytes).unwrap().history);
        assert!(read.iter().all(|history| *history == read[0]));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (name, bytes, part) in [
            ("a.json", &b"{"[..], "no history in JSON: EOF"),
            ("a.bin", &b"\xff\xff"[..], "neither JSON nor a binary"),
            ("a", &b""[..], "has no events"),
        ] {
            let Unreadable(message) = read_as(name, bytes).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
        let Unreadable(message) = read(Path::new("no/such/history.json")).unwrap_err();
        assert!(message.starts_with("cannot be read"), "{message}");
    }

    proptest! {
        #[test]
        fn a_changed_byte_ends_in_a_history_or_a_reason(bytes in histories()) {
            check_history(&bytes);
        }
    }
}
