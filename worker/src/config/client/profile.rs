//! The profile that Temporal's own loader makes of `temporal.toml` and `TEMPORAL_*`, with the
//! checks that the loader leaves out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use temporalio_common::envconfig::{
    ClientConfigProfile, ConfigError as LoaderError, DEFAULT_CONFIG_FILE, DEFAULT_PROFILE,
    DataSource, LoadClientConfigProfileOptions, load_client_config_profile,
};

use super::temporal_file::{self, TemporalFile};
use crate::config::elements::client::{Profile, TemporalConfig};
use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::findings::{Findings, Taken};
use crate::config::given::Given;
use crate::config::given::toml_text::read_text;
use crate::config::key::Element as _;
use crate::config::resolved::beside_its_file;
use crate::config::source::{Setting, Source};
use crate::config::suggest;

/// A profile and where its values stand.
#[derive(Debug)]
pub(super) struct LoadedProfile {
    /// What the loader made of file and variables.
    pub(super) values: ClientConfigProfile,
    /// The profile's name.
    pub(super) name: Setting<String>,
    /// The file, if there is one.
    pub(super) path: Setting<Option<PathBuf>>,
    lines: TemporalFile,
}

impl LoadedProfile {
    /// The place of a key (`tls.server_name`) in the file, if it stands there.
    pub(super) fn source(&self, key: &str) -> Option<Source> {
        Some(Source::TemporalFile {
            path: self.path.value.clone()?,
            profile: self.name.value.clone(),
            line: self.lines.line(&self.name.value, key)?,
        })
    }
}

/// Loads the profile. Nothing comes back when a mistake, now reported, left no sense in it.
pub(super) fn load(
    given: &Given,
    environment: &Environment,
    findings: &mut Findings,
) -> Option<LoadedProfile> {
    let path = match findings.take::<TemporalConfig>(given) {
        Taken::Invalid => return None,
        Taken::Valid(path) => beside_its_file(path).map(Some),
        Taken::Absent => default_path(environment),
    };
    let name = match findings.take::<Profile>(given) {
        Taken::Invalid => return None,
        taken => taken.or(DEFAULT_PROFILE.to_owned()),
    };
    let (text, lines) = match &path.value {
        None => (None, TemporalFile::default()),
        Some(file) => {
            let (text, lines) = read(file, &path.source, findings)?;
            (Some(text), lines)
        }
    };
    let is_there = lines.line(&name, "").is_some();
    if name.source.is_given() && !is_there {
        findings.errors.push(no_such_profile(&name, &path, &lines));
        return None;
    }
    match merge(text, is_there.then_some(&name.value), environment) {
        Ok(values) => Some(LoadedProfile {
            values,
            name,
            path,
            lines,
        }),
        Err(error) => {
            findings.errors.push(loader_error(&error));
            None
        }
    }
}

/// `temporalio/temporal.toml` in the user's configuration folder, if it is there.
fn default_path(environment: &Environment) -> Setting<Option<PathBuf>> {
    let path = environment
        .config_folder()
        .map(|folder| folder.join("temporalio").join(DEFAULT_CONFIG_FILE))
        // A path that cannot be looked at counts as there, so that reading it reports why.
        .filter(|path| path.try_exists().unwrap_or(true));
    match path {
        Some(_) => Setting::derived(path, "in the user's configuration folder"),
        None => Setting::derived(None, "there is none"),
    }
}

fn read(path: &Path, named_by: &Source, findings: &mut Findings) -> Option<(String, TemporalFile)> {
    let place = if named_by.is_given() {
        TemporalConfig::KEY.at(named_by)
    } else {
        "default temporal.toml".to_owned()
    };
    let read = read_text(path, &place)
        .map_err(|error| vec![error])
        .and_then(|text| Ok((temporal_file::read(path, &text)?, text)));
    match read {
        Ok((lines, text)) => Some((text, lines)),
        Err(errors) => {
            findings.errors.extend(errors);
            None
        }
    }
}

/// Calls the loader with exactly these inputs; it sees neither the real environment nor a file.
fn merge(
    text: Option<String>,
    profile: Option<&String>,
    environment: &Environment,
) -> Result<ClientConfigProfile, LoaderError> {
    // Profile and file are settled already.
    let variables: HashMap<String, String> = environment
        .with_prefix("TEMPORAL_")
        .filter(|(name, _)| !matches!(*name, "TEMPORAL_PROFILE" | "TEMPORAL_CONFIG_FILE"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let has_file = text.is_some();
    let source = text.map(|text| DataSource::Data(text.into_bytes()));
    let options = LoadClientConfigProfileOptions::builder()
        .maybe_config_source(source)
        .maybe_config_file_profile(profile.cloned())
        .config_file_strict(true)
        .disable_file(!has_file)
        .build();
    load_client_config_profile(options, Some(&variables))
}

fn no_such_profile(
    name: &Setting<String>,
    path: &Setting<Option<PathBuf>>,
    lines: &TemporalFile,
) -> ConfigError {
    let place = Profile::KEY.at(&name.source);
    let Some(path) = &path.value else {
        return ConfigError::Value {
            place,
            problem: format!(
                "there is no temporal.toml to hold the profile `{}`",
                name.value
            ),
            remedy: "name the file with --temporal-config, or leave the profile out".to_owned(),
        };
    };
    let profiles: Vec<&str> = lines.profiles().collect();
    let otherwise = match profiles.as_slice() {
        [] => "the file has no profiles; leave the profile out".to_owned(),
        profiles => format!("the file has {}", profiles.join(", ")),
    };
    ConfigError::Value {
        place,
        problem: format!("{} has no profile `{}`", path.display(), name.value),
        remedy: suggest::remedy(name, profiles, &otherwise),
    }
}

/// The loader's message, of which further lines would quote the file.
fn loader_error(error: &LoaderError) -> ConfigError {
    let message = error.to_string();
    ConfigError::Contradiction {
        problem: message.lines().next().unwrap_or_default().to_owned(),
        remedy: "correct the TEMPORAL_* variables or temporal.toml".to_owned(),
    }
}
