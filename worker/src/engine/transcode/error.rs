//! Why a value could not cross the border, with the path of properties to it.

use super::wire::WireError;

/// A value that is no message of the expected type.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TranscodeError {
    /// The bytes from sdk-core are no message of the expected type.
    #[error("{message} cannot be read: {source}")]
    Wire {
        message: &'static str,
        source: WireError,
    },
    /// A property of a command has a value of another type.
    #[error("`{path}`: expected {expected}, found {found}")]
    Value {
        path: String,
        expected: &'static str,
        found: String,
    },
    /// A getter, a proxy or a conversion of the workflow's threw, or the entry was terminated; the exception is pending.
    #[error("`{path}`: reading the property threw")]
    Threw { path: String },
    /// A message contains messages to no end, such as a failure that is its own cause.
    #[error("`{}`: nested deeper than {levels_max} levels", shortened(.path))]
    Deep { path: String, levels_max: usize },
    /// V8 refused to make the value, for instance a string longer than it allows.
    #[error("{0} is too large for V8")]
    TooLarge(&'static str),
}

impl TranscodeError {
    pub(crate) fn threw() -> Self {
        Self::Threw {
            path: String::new(),
        }
    }

    pub(crate) fn value(expected: &'static str, found: String) -> Self {
        Self::Value {
            path: String::new(),
            expected,
            found,
        }
    }

    /// What was being read when workflow code threw.
    pub(crate) fn place(&self) -> Option<String> {
        matches!(self, Self::Threw { .. }).then(|| self.to_string())
    }

    /// Puts one step in front of the path.
    #[must_use]
    pub(crate) fn under(mut self, step: &str) -> Self {
        if let Self::Value { path, .. } | Self::Threw { path } | Self::Deep { path, .. } = &mut self
        {
            let separator = if path.is_empty() || path.starts_with('[') {
                ""
            } else {
                "."
            };
            *path = format!("{step}{separator}{path}");
        }
        self
    }
}

/// The beginning of a path, which names the command; a path without an end says nothing more.
fn shortened(path: &str) -> String {
    const CHARS_MAX: usize = 120;
    match path.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}...", &path[..end]),
        None => path.to_owned(),
    }
}
