//! Which runs share a V8 context.

use std::fmt;

/// Whether the runs of an isolate share one V8 context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContextMode {
    /// One context for all runs of an isolate, as the Node worker does by default: modules of the SDK are evaluated once.
    #[default]
    Shared,
    /// A context for each run, in which the whole bundle is evaluated: built-ins and prototypes cannot leak either.
    PerWorkflow,
}

impl ContextMode {
    /// The name that settings use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::PerWorkflow => "per-workflow",
        }
    }
}

impl fmt::Display for ContextMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
