//! `burdock.toml`: plain keys, the names of the flags.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::toml_text::{entries, read_text, scalar, syntax_errors};
use super::{Entry, Layer};
use crate::config::elements::{KEYS, key};
use crate::config::error::ConfigError;
use crate::config::source::Source;
use crate::config::suggest;

/// What is wrong with a file, and what of it could be read nevertheless.
#[derive(Debug)]
pub(super) struct FileErrors {
    pub(super) mistakes: Vec<ConfigError>,
    pub(super) rest: Layer,
    /// Whether the file could not be understood at all.
    pub(super) is_broken: bool,
}

/// Reads the file at `path`, which `named_by` named.
pub(super) fn read(path: &Path, named_by: &str) -> Result<Layer, FileErrors> {
    let broken = |mistakes| FileErrors {
        mistakes,
        rest: Layer::new(),
        is_broken: true,
    };
    let text = read_text(path, named_by).map_err(|error| broken(vec![error]))?;
    let (table, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() {
        return Err(broken(syntax_errors(path, &text, &errors)));
    }
    let mut layer = Layer::new();
    let mut mistakes = Vec::new();
    for (name, line, value) in entries(&text, table.get_ref()) {
        match entry(path, name, line, value) {
            Ok((name, entry)) => drop(layer.insert(name, entry)),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() {
        return Ok(layer);
    }
    Err(FileErrors {
        mistakes,
        rest: layer,
        is_broken: false,
    })
}

fn entry(
    path: &Path,
    name: &str,
    line: usize,
    value: &DeValue<'_>,
) -> Result<(&'static str, Entry), ConfigError> {
    let Some(key) = key(name) else {
        return Err(unknown(path, name, line, value));
    };
    let source = Source::File {
        path: path.to_owned(),
        line,
    };
    match scalar(value, key.shape) {
        Some(text) => Ok((key.name, Entry { text, source })),
        None => Err(ConfigError::Value {
            place: key.at(&source),
            problem: format!("a TOML {} does not fit here", value.type_str()),
            remedy: format!("write {}", key.shape.expected()),
        }),
    }
}

fn unknown(path: &Path, name: &str, line: usize, value: &DeValue<'_>) -> ConfigError {
    let otherwise = match value {
        DeValue::Table(_) => "settings stand at the top of the file, without a [section]",
        _ => "delete it; `burdock worker --help` lists the settings",
    };
    ConfigError::Unknown {
        place: format!("{}:{line}", path.display()),
        name: name.to_owned(),
        remedy: suggest::remedy(name, KEYS.iter().map(|key| key.name), otherwise),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_str(text: &str) -> Result<Layer, FileErrors> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("burdock.toml");
        std::fs::write(&path, text).unwrap();
        read(&path, "--config")
    }

    fn mistakes(text: &str) -> Vec<String> {
        let errors = read_str(text).expect_err("the file has a mistake");
        errors.mistakes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn values_are_kept_with_their_line() {
        let layer = read_str("# cache\nmax-cached-workflows = 500\ntask-queue = \"q\"\n")
            .ok()
            .unwrap();
        assert_eq!(layer["max-cached-workflows"].text, "500");
        let source = &layer["task-queue"].source;
        assert!(matches!(source, Source::File { line: 3, .. }), "{source}");
    }

    #[test]
    fn an_unknown_key_is_named_with_line_and_suggestion() {
        let mistakes = mistakes("\nmax_cached_workflow = 5\n");
        assert!(mistakes[0].contains("burdock.toml:2: `max_cached_workflow`"));
        assert!(mistakes[0].ends_with("did you mean `max-cached-workflows`?"));
    }

    #[test]
    fn all_mistakes_of_a_file_come_together_and_the_rest_is_kept() {
        let errors = read_str("colour = 1\nisolates = \"2\"\ntask-queue = \"q\"\n")
            .err()
            .unwrap();
        assert_eq!(errors.mistakes.len(), 2);
        assert!(errors.rest.contains_key("task-queue"));
        assert!(!errors.is_broken);
    }

    #[test]
    fn a_section_is_refused_with_the_way_to_write_it() {
        assert!(mistakes("[worker]\nisolates = 2\n")[0].contains("without a [section]"));
    }

    #[test]
    fn a_wrong_type_says_what_to_write() {
        let message = &mistakes("isolates = \"2\"\n")[0];
        assert!(message.contains("burdock.toml:1: isolates"), "{message}");
        assert!(
            message.ends_with("write a whole number without quotes"),
            "{message}"
        );
    }

    #[test]
    fn wrong_toml_is_reported_with_its_line() {
        let message = &mistakes("isolates = 2\ntask-queue = q\n")[0];
        assert!(
            message.contains("burdock.toml:2: this is no TOML"),
            "{message}"
        );
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        assert!(mistakes("isolates = 2\nisolates = 3\n")[0].contains("burdock.toml:2"));
    }
}
