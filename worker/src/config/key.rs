//! The description of one setting, and what every setting can do.

use std::fmt;

use super::source::Source;

/// The heading of `--help` and of `burdock config` that a setting stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The bundle and the execution of workflow code.
    Workflows,
    /// How much work at a time, and how much is kept.
    SlotsAndCache,
    /// Activities and their limits.
    Activities,
    /// What changes payloads on their way to the server.
    Codecs,
    /// The Temporal server and who the worker is to it.
    Connection,
    /// Status and logs.
    Observability,
    /// How the worker ends.
    Shutdown,
}

impl Group {
    /// The heading as it is printed.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Workflows => "Workflows",
            Self::SlotsAndCache => "Slots and cache",
            Self::Activities => "Activities",
            Self::Codecs => "Payload codecs",
            Self::Connection => "Connection",
            Self::Observability => "Observability",
            Self::Shutdown => "Shutdown",
        }
    }
}

/// Which TOML values a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string.
    Text,
    /// An array of strings, or one string with commas.
    Texts,
    /// An integer.
    Integer,
    /// An integer or a float.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A string with a unit (`512MiB`), or an integer that counts bytes.
    Bytes,
}

impl Shape {
    /// What to write, for error messages.
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Text => "a string in quotes",
            Self::Texts => "an array of strings such as [\"a\", \"b\"]",
            Self::Integer => "a whole number without quotes",
            Self::Number => "a number without quotes",
            Self::Boolean => "true or false without quotes",
            Self::Bytes => "a size such as \"512MiB\"",
        }
    }
}

/// One setting: its name in TOML and on the command line, and its variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Kebab-case; the flag is `--NAME`.
    pub name: &'static str,
    /// The heading that it stands under.
    pub group: Group,
    /// The TOML value that it takes.
    pub shape: Shape,
    /// The variable of Temporal's own client configuration, for settings of the client.
    pub temporal_variable: Option<&'static str>,
    /// Whether the value must never be printed.
    pub secret: bool,
    /// What stands for the value in `--help`.
    pub value_name: &'static str,
    /// The text of `--help`; it describes what a value does.
    pub meaning: &'static str,
    /// What applies when the setting is left out.
    pub absence: Absence,
}

/// What applies when a setting is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Nothing: the feature is off.
    Off,
    /// This value, or the rule that finds one.
    Default(&'static str),
    /// It is a mistake, under this condition.
    Mistake(&'static str),
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => Ok(()),
            Self::Default(value) => write!(f, " [default: {value}]"),
            Self::Mistake(condition) => write!(f, " [required {condition}]"),
        }
    }
}

impl Key {
    /// A setting of the worker. Its variable is `BURDOCK_` and the name.
    #[must_use]
    pub const fn worker(name: &'static str, group: Group, shape: Shape) -> Self {
        Self {
            name,
            group,
            shape,
            temporal_variable: None,
            secret: false,
            value_name: "",
            meaning: "",
            absence: Absence::Off,
        }
    }

    /// A setting of the client, with Temporal's own variable.
    #[must_use]
    pub const fn client(name: &'static str, shape: Shape, variable: &'static str) -> Self {
        let mut key = Self::worker(name, Group::Connection, shape);
        key.temporal_variable = Some(variable);
        key
    }

    /// The same setting, never printed.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The same setting, with what stands for its value in `--help`.
    #[must_use]
    pub const fn takes(mut self, value_name: &'static str) -> Self {
        self.value_name = value_name;
        self
    }

    /// The same setting, with what it does.
    #[must_use]
    pub const fn means(mut self, meaning: &'static str) -> Self {
        self.meaning = meaning;
        self
    }

    /// The same setting, with what applies when it is left out.
    #[must_use]
    pub const fn defaults_to(mut self, value: &'static str) -> Self {
        self.absence = Absence::Default(value);
        self
    }

    /// The same setting, with the condition under which it must not be left out.
    #[must_use]
    pub const fn required(mut self, condition: &'static str) -> Self {
        self.absence = Absence::Mistake(condition);
        self
    }

    /// What `--help` says.
    #[must_use]
    pub fn help(&self) -> String {
        format!("{}{}", self.meaning, self.absence)
    }

    /// The environment variable of the setting.
    #[must_use]
    pub fn variable(&self) -> String {
        self.temporal_variable
            .map_or_else(|| burdock_variable(self.name), str::to_owned)
    }

    /// The key at its place, for error messages: `--isolates`, `BURDOCK_ISOLATES`, or
    /// `burdock.toml:3: isolates`.
    #[must_use]
    pub fn at(&self, source: &Source) -> String {
        match source {
            Source::File { .. } | Source::TemporalFile { .. } => {
                format!("{source}: {}", self.name)
            }
            _ => source.to_string(),
        }
    }
}

/// `max-cached-workflows` as `BURDOCK_MAX_CACHED_WORKFLOWS`.
pub(super) fn burdock_variable(name: &str) -> String {
    format!("BURDOCK_{}", name.to_uppercase().replace('-', "_"))
}

/// What is wrong with a value, and what to write instead. Both are fragments of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// For example: `"abc" is no whole number`.
    pub what: String,
    /// For example: `give a number from 1 to 64`.
    pub remedy: String,
}

impl Problem {
    /// A problem and its remedy.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

/// One setting: its key, its type and its parser. Its default stands beside it as a constant.
pub trait Element {
    /// The typed value.
    type Value;

    /// The description of the setting.
    const KEY: Key;

    /// Reads the text of a flag, a variable or a TOML value.
    ///
    /// # Errors
    /// Says what is wrong and what to write instead.
    fn parse(text: &str) -> Result<Self::Value, Problem>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_follow_the_name() {
        let key = Key::worker("max-cached-workflows", Group::SlotsAndCache, Shape::Integer);
        assert_eq!(key.variable(), "BURDOCK_MAX_CACHED_WORKFLOWS");
        let key = Key::client("address", Shape::Text, "TEMPORAL_ADDRESS");
        assert_eq!(key.variable(), "TEMPORAL_ADDRESS");
    }

    #[test]
    fn a_place_in_a_file_names_the_key() {
        let key = Key::worker("isolates", Group::SlotsAndCache, Shape::Integer);
        let source = Source::File {
            path: "b.toml".into(),
            line: 2,
        };
        assert_eq!(key.at(&source), "b.toml:2: isolates");
        assert_eq!(key.at(&Source::Flag("isolates")), "--isolates");
    }
}
