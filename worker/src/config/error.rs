//! What can be wrong with a configuration, by what the user has to do about it.

use std::fmt;

use crate::exit_code::ExitCode;

/// One mistake: what is wrong, where, and what to do. `Display` is one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A key or variable that does not exist: rename or delete it.
    #[error("{place}: `{name}` is not a setting of burdock; {remedy}")]
    Unknown {
        /// File and line, or `environment`.
        place: String,
        /// The name as it was written.
        name: String,
        /// What to do, with a suggestion where one is close.
        remedy: String,
    },
    /// A value that its key does not take: change the value.
    #[error("{place}: {problem}; {remedy}")]
    Value {
        /// Flag, variable, or file and line with the key.
        place: String,
        /// What is wrong.
        problem: String,
        /// What to write instead.
        remedy: String,
    },
    /// A required value that nobody gave: give it.
    #[error(
        "`{key}` is required{because}; give --{key} {example}, {variable}, or `{key}` in the file named by --config"
    )]
    Missing {
        /// The key.
        key: &'static str,
        /// Why it is required, starting with a space, or nothing.
        because: &'static str,
        /// An example of a value.
        example: &'static str,
        /// The environment variable of the key.
        variable: String,
    },
    /// Values that contradict each other: change one of the keys named.
    #[error("{problem}; {remedy}")]
    Contradiction {
        /// What contradicts what, with the values and their places.
        problem: String,
        /// Which key to change.
        remedy: String,
    },
    /// A file that cannot be read or is no TOML: repair it or name another.
    #[error("{place}: {problem}; {remedy}")]
    File {
        /// Who named the file, or the line in it.
        place: String,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        remedy: String,
    },
}

impl ConfigError {
    /// Whether a value could not be read, so that what it was meant to be is unknown.
    pub(super) const fn is_of_value(&self) -> bool {
        matches!(self, Self::Value { .. })
    }
}

/// Every mistake of a configuration, in the order of reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<ConfigError>);

impl ConfigErrors {
    /// All mistakes of a configuration; at least one.
    pub(super) fn new(errors: Vec<ConfigError>) -> Self {
        debug_assert!(
            !errors.is_empty(),
            "a configuration failed without a mistake"
        );
        Self(errors)
    }

    /// The mistakes; never empty.
    #[must_use]
    pub fn errors(&self) -> &[ConfigError] {
        &self.0
    }

    /// The code that the process ends with.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

/// One line per mistake.
impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            write!(f, "error: {error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// Something that works but is probably not what the user meant. One sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(pub String);

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_has_a_line() {
        let unknown = |name: &str| ConfigError::Unknown {
            place: "burdock.toml:1".into(),
            name: name.into(),
            remedy: "delete it".into(),
        };
        let errors = ConfigErrors::new(vec![unknown("a"), unknown("b")]);
        assert_eq!(errors.to_string().lines().count(), 2);
        assert_eq!(errors.exit_code().as_u8(), 64);
    }
}
