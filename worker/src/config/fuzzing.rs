//! Inputs and invariants of `burdock.toml`, for the property tests and the fuzz targets.

use std::path::Path;

use proptest::prelude::*;

use super::elements::KEYS;
use super::{Environment, Surroundings, WorkerFlags, resolve_worker};

/// Files of any text, and files of known keys with values of any kind.
pub fn settings() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        "[0-9_]{1,22}",
        "-?[0-9]{1,4}\\.[0-9]{1,4}(e-?[0-9]{1,3})?",
        "\"[0-9.]{0,8}(s|ms|m|h|B|kB|MiB|GiB|%)?\"",
        "\"\\PC{0,20}\"",
        "(true|false|nan|inf|\\[\\]|\\{\\})",
        "\\[\"[a-z,]{0,8}\"(, \"[a-z]{0,8}\")?\\]",
    ];
    let line = (0..KEYS.len(), value)
        .prop_map(|(index, value)| format!("{} = {value}\n", KEYS[index].name));
    prop_oneof![
        any_text().prop_map(String::into_bytes),
        prop::collection::vec(line, 0..8).prop_map(|lines| lines.concat().into_bytes()),
    ]
}

/// A few lines of any characters.
pub(super) fn any_text() -> impl Strategy<Value = String> {
    "\\PC{0,40}(\n\\PC{0,40}){0,4}"
}

/// Any file is a configuration that can be shown, or mistakes of one line each. The file is written to `path`.
pub fn check_settings(bytes: &[u8], path: &Path) {
    std::fs::write(path, bytes).expect("a folder for the file");
    let surroundings = Surroundings {
        environment: Environment::default(),
        process_id: 7,
        host_name: "host".to_owned(),
    };
    let path = path.to_str().expect("a path of plain letters").to_owned();
    let flags = WorkerFlags::default().with_config(Some(path));
    match resolve_worker(&flags, &surroundings) {
        Ok(config) => assert!(!config.rows().is_empty()),
        Err(errors) => check_errors(&errors),
    }
}

/// The log shows one line for each mistake.
pub(super) fn check_errors(errors: &super::ConfigErrors) {
    assert!(!errors.errors().is_empty());
    let lines = errors.to_string().lines().count();
    assert_eq!(lines, errors.errors().len(), "{errors}");
}
