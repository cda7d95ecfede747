//! Inputs and invariants of history files, for the property tests and the fuzz targets.

use std::path::Path;

use proptest::prelude::*;
use prost::Message as _;
use temporalio_common::protos::temporal::api::history::v1::History;

use super::file;

pub(super) const JSON: &[u8] = include_bytes!("../../tests/fixtures/history.json");
pub(super) const BINARY: &[u8] = include_bytes!("../../tests/fixtures/history.binpb");

/// Real histories in both forms after changes of single bytes, and any text of JSON's characters.
pub fn histories() -> impl Strategy<Value = Vec<u8>> {
    let changes = || prop::collection::vec((0..1_000_000_usize, any::<u8>()), 1..4);
    prop_oneof![
        changes().prop_map(|changes| changed(JSON, &changes)),
        changes().prop_map(|changes| changed(BINARY, &changes)),
        json_like_text().prop_map(String::into_bytes),
    ]
}

pub(super) fn json_like_text() -> impl Strategy<Value = String> {
    r#"[\[\]{}:,"a-z0-9. ]{0,60}"#
}

fn changed(original: &[u8], changes: &[(usize, u8)]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for (at, byte) in changes {
        let at = at * bytes.len() / 1_000_000;
        bytes[at] = *byte;
    }
    bytes
}

/// Any bytes, taken for any kind of file, are a history that can be written again, or a reason why not.
pub fn check_history(bytes: &[u8]) {
    for name in ["a.json", "a.bin", "a"] {
        match file::parse(Path::new(name), bytes) {
            Ok(recorded) => {
                assert!(!recorded.run_id.is_empty());
                let _ = recorded.unknown_event();
                let written = recorded.history.encode_to_vec();
                let again = History::decode(written.as_slice()).expect("what is written is read");
                assert_eq!(again.events.len(), recorded.history.events.len());
                assert_eq!(again.encoded_len(), written.len());
            }
            Err(reason) => assert!(!reason.0.is_empty()),
        }
    }
}
