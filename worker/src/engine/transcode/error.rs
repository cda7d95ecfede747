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

    /// Puts one step in front of the path.
    #[must_use]
    pub(crate) fn under(mut self, step: &str) -> Self {
        if let Self::Value { path, .. } | Self::Threw { path } = &mut self {
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
