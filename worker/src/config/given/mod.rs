//! What the user said: the text of every setting with its place, before anything is interpreted.

mod file;
mod flags;
mod heap_flags;
mod hosting_flags;
mod replay_flags;
pub(super) mod toml_text;
mod variables;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

pub use flags::{SecretText, WorkerFlags};
pub use heap_flags::HeapFlags;
pub use hosting_flags::HostingFlags;
pub use replay_flags::ReplayFlags;

use super::environment::Environment;
use super::error::{ConfigError, Warning};
use super::source::Source;

/// The variable that names `burdock.toml`.
pub const CONFIG_VARIABLE: &str = "BURDOCK_CONFIG";

/// One value as it was written. Not `Debug`-printable in full, because it may be a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The text, for TOML numbers and booleans too.
    pub text: String,
    /// Where it stands.
    pub source: Source,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// The values of one origin, by the key's name.
pub type Layer = BTreeMap<&'static str, Entry>;

/// Everything that the user said.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Flags, variables and the file; the first wins.
    pub layers: [Layer; 3],
    /// Mistakes found so far: unknown names, unreadable files, wrong TOML.
    pub errors: Vec<ConfigError>,
    /// Things that look unintended.
    pub warnings: Vec<Warning>,
    /// Whether the file could not be understood, so that what seems missing may stand there.
    pub file_is_broken: bool,
}

impl Given {
    /// Collects flags, variables and the file that `--config` or `BURDOCK_CONFIG` names.
    #[must_use]
    pub fn gather(flags: &WorkerFlags, environment: &Environment) -> Self {
        let mut given = Self::default();
        given.layers[0] = flags.layer();
        given.layers[1] = variables::read(environment, &mut given.errors);
        if let Some((path, named_by)) = config_path(flags, environment) {
            match file::read(&path, &named_by) {
                Ok(layer) => given.layers[2] = layer,
                Err(errors) => {
                    given.errors.extend(errors.mistakes);
                    given.layers[2] = errors.rest;
                    given.file_is_broken = errors.is_broken;
                }
            }
        }
        given
    }

    /// What was said about a key; the first wins.
    pub fn entries<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Entry> + 'a {
        self.layers.iter().filter_map(move |layer| layer.get(name))
    }
}

/// The path of `burdock.toml` and who named it.
fn config_path(flags: &WorkerFlags, environment: &Environment) -> Option<(PathBuf, String)> {
    if let Some(path) = &flags.config {
        return Some((PathBuf::from(path), "--config".to_owned()));
    }
    let path = environment.get_non_empty(CONFIG_VARIABLE)?;
    Some((PathBuf::from(path), CONFIG_VARIABLE.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::elements::client::ServerApiKey;
    use crate::config::key::Element;

    #[test]
    fn the_flag_names_the_file_before_the_variable() {
        let flags = WorkerFlags::default().with_config(Some("a.toml".into()));
        let environment = Environment::from([("BURDOCK_CONFIG", "b.toml")]);
        let path = |flags| config_path(flags, &environment).map(|(path, _)| path);
        assert_eq!(path(&flags), Some("a.toml".into()));
        assert_eq!(path(&WorkerFlags::default()), Some("b.toml".into()));
    }

    #[test]
    fn an_empty_variable_names_no_file() {
        let environment = Environment::from([("BURDOCK_CONFIG", "")]);
        assert_eq!(config_path(&WorkerFlags::default(), &environment), None);
    }

    #[test]
    fn a_file_that_is_not_there_is_a_mistake() {
        let flags = WorkerFlags::default().with_config(Some("no/such/burdock.toml".into()));
        let given = Given::gather(&flags, &Environment::default());
        assert!(given.file_is_broken);
        let message = given.errors[0].to_string();
        assert!(message.contains("--config"), "{message}");
        assert!(message.contains("no/such/burdock.toml"), "{message}");
    }

    #[test]
    fn debug_shows_no_text() {
        let flags = WorkerFlags::of([(ServerApiKey::KEY, Some("hush".to_owned()))]);
        let given = Given::gather(&flags, &Environment::default());
        assert!(!format!("{flags:?} {given:?}").contains("hush"));
    }
}
