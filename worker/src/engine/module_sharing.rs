//! Whether runs share the modules of the bundle.

use std::fmt;

/// Whether the runs of a context share the modules of the bundle, which are evaluated once for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModuleSharing {
    /// Every run evaluates all modules but those of the SDK.
    #[default]
    Off,
    /// What a run changes in a shared module is its own; see `docs/isolation.md`.
    On,
    /// As `On`, and after each activation all shared objects are compared with their pristine state, which costs time.
    Audit,
}

impl ModuleSharing {
    /// The name that settings use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Audit => "audit",
        }
    }
}

impl fmt::Display for ModuleSharing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
