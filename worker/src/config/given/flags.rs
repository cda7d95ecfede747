//! The flags of `burdock worker`, as text: one for each setting.
//!
//! The command-line parser checks names alone. Values are read by their elements together with
//! those of variables and file, so that all mistakes come at once.

use std::collections::BTreeMap;
use std::fmt;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::{Entry, Layer};
use crate::config::elements::KEYS;
use crate::config::key::{Key, Shape};
use crate::config::source::Source;

/// A text that `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<SecretText> for String {
    fn from(text: SecretText) -> Self {
        text.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What was typed, by the name of the setting. Texts may be secrets: `Debug` shows names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WorkerFlags {
    /// The TOML file with settings.
    pub config: Option<String>,
    given: BTreeMap<&'static str, String>,
}

impl WorkerFlags {
    /// These flags and no others; those without a text are left out.
    #[must_use]
    pub fn of<const N: usize>(given: [(Key, Option<String>); N]) -> Self {
        let given = given.into_iter();
        Self {
            config: None,
            given: given
                .filter_map(|(key, text)| Some((key.name, text?)))
                .collect(),
        }
    }

    /// The same flags and `--config`.
    #[must_use]
    pub fn with_config(mut self, config: Option<String>) -> Self {
        self.config = config;
        self
    }

    /// The same flags and `more`, which win.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.given.extend(more.given);
        self
    }

    /// The text of a flag that was given.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str)
    }

    /// The flags that were given, by the key's name.
    pub(super) fn layer(&self) -> Layer {
        let given = self.given.iter();
        given
            .map(|(name, text)| {
                let (text, source) = (text.clone(), Source::Flag(name));
                (*name, Entry { text, source })
            })
            .collect()
    }
}

impl fmt::Debug for WorkerFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerFlags")
            .field("config", &self.config)
            .field("given", &self.given.keys())
            .finish()
    }
}

impl Args for WorkerFlags {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config").long("config").value_name("FILE").help(
            "A TOML file with any of these settings under the same names [env: BURDOCK_CONFIG]",
        );
        command
            .allow_negative_numbers(true)
            .arg(config)
            .args(KEYS.iter().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for WorkerFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let text = |name| matches.get_one::<String>(name).cloned();
        let flags = Self::of(KEYS.map(|key| (key, text(key.name))));
        Ok(flags.with_config(text("config")))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn argument(key: &Key) -> Arg {
    let argument = Arg::new(key.name)
        .long(key.name)
        .value_name(key.value_name)
        .help(key.help())
        .help_heading(key.group.heading());
    if key.shape == Shape::Boolean {
        // `--tls` alone is `--tls=true`.
        return argument
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true");
    }
    argument
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_reaches_its_setting() {
        let line = KEYS.map(|key| format!("--{}={}-text", key.name, key.name));
        let command = WorkerFlags::augment_args(Command::new("worker"));
        let matches = command
            .no_binary_name(true)
            .try_get_matches_from(line)
            .unwrap();
        let flags = WorkerFlags::from_arg_matches(&matches).unwrap();
        let layer = flags.layer();
        for key in KEYS {
            let entry = &layer[key.name];
            assert_eq!(entry.text, format!("{}-text", key.name));
            assert_eq!(entry.source, Source::Flag(key.name));
        }
    }
}
