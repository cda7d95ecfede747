//! Where a value came from.

use std::fmt;
use std::ops::Deref;
use std::path::PathBuf;

use serde_json::{Value, json};

/// Where a resolved value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A flag of the command line; holds the key's name, `isolates` for `--isolates`.
    Flag(&'static str),
    /// An environment variable, by its name.
    Env(String),
    /// A line of `burdock.toml`.
    File {
        /// The file as it was named by the user.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A line of a profile in Temporal's own `temporal.toml`.
    TemporalFile {
        /// The file that was read.
        path: PathBuf,
        /// The profile in it.
        profile: String,
        /// The line, from 1.
        line: usize,
    },
    /// Nobody said anything; holds how the default came about where it is no constant.
    Default(Option<&'static str>),
    /// Read off the machine or the process; says how.
    Detected(&'static str),
    /// Somebody gave a larger value than another setting leaves room for.
    Lowered {
        /// The key that sets the limit.
        by: &'static str,
        /// The value that was given.
        given: usize,
        /// Where it was given.
        source: Box<Self>,
    },
}

impl Source {
    /// Whether the user gave the value.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        !matches!(self, Self::Default(_) | Self::Detected(_))
    }

    /// The machine-readable form in `burdock config --output json`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Flag(name) => json!({"kind": "flag", "name": format!("--{name}")}),
            Self::Env(name) => json!({"kind": "env", "name": name}),
            Self::File { path, line } => {
                json!({"kind": "file", "path": path.display().to_string(), "line": line})
            }
            Self::TemporalFile {
                path,
                profile,
                line,
            } => json!({
                "kind": "temporal-file",
                "path": path.display().to_string(),
                "profile": profile,
                "line": line,
            }),
            Self::Default(None) => json!({"kind": "default"}),
            Self::Default(Some(why)) => json!({"kind": "default", "why": why}),
            Self::Detected(how) => json!({"kind": "detected", "how": how}),
            Self::Lowered { by, given, source } => json!({
                "kind": "lowered", "by": by, "given": given, "from": source.to_json(),
            }),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "--{name}"),
            Self::Env(name) => f.write_str(name),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::TemporalFile {
                path,
                profile,
                line,
            } => write!(f, "{}:{line} [profile.{profile}]", path.display()),
            Self::Default(None) => f.write_str("default"),
            Self::Default(Some(why)) => write!(f, "default: {why}"),
            Self::Detected(how) => write!(f, "detected: {how}"),
            Self::Lowered { by, given, source } => {
                write!(f, "{source} ({given}, lowered to fit {by})")
            }
        }
    }
}

/// A resolved value with its source. Dereferences to the value.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting<T> {
    /// The value that the worker goes by.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

impl<T> Setting<T> {
    /// A value that nobody gave.
    pub const fn default_of(value: T) -> Self {
        Self {
            value,
            source: Source::Default(None),
        }
    }

    /// A value that nobody gave and that follows from something else.
    pub const fn derived(value: T, why: &'static str) -> Self {
        Self {
            value,
            source: Source::Default(Some(why)),
        }
    }

    /// The same source for a value made from this one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting {
            value: change(self.value),
            source: self.source,
        }
    }
}

impl<T> Deref for Setting<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_source_names_its_place() {
        let file = Source::File {
            path: "burdock.toml".into(),
            line: 3,
        };
        let lowered = Source::Lowered {
            by: "max-cached-workflows",
            given: 40,
            source: Box::new(Source::Flag("workflow-slots")),
        };
        let temporal = Source::TemporalFile {
            path: "temporal.toml".into(),
            profile: "prod".into(),
            line: 2,
        };
        let shown = [
            (Source::Flag("isolates"), "--isolates"),
            (Source::Env("BURDOCK_ISOLATES".into()), "BURDOCK_ISOLATES"),
            (file, "burdock.toml:3"),
            (temporal, "temporal.toml:2 [profile.prod]"),
            (Source::Default(None), "default"),
            (Source::Default(Some("no bundle")), "default: no bundle"),
            (Source::Detected("cgroup"), "detected: cgroup"),
            (
                lowered,
                "--workflow-slots (40, lowered to fit max-cached-workflows)",
            ),
        ];
        for (source, text) in shown {
            assert_eq!(source.to_string(), text);
        }
    }

    #[test]
    fn defaults_and_detections_are_not_given() {
        assert!(!Source::Default(None).is_given());
        assert!(!Source::Detected("x").is_given());
        assert!(Source::Env("X".into()).is_given());
    }
}
