//! The parts of a memory limit, as rows of the plan's table.

use super::super::share::Share;

/// A part of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanPart {
    /// The process with its bundle, file mappings and threads.
    Base,
    /// sdk-core and activities.
    Core,
    /// The V8 heaps of all isolates, and the array buffers that runs hold.
    Heaps,
    /// Isolates that come up for a while: of stack traces on demand, and for runs that are kept apart.
    TemporaryIsolate,
    /// What malloc keeps without using it.
    Slack,
    /// What must stay free.
    Reserve,
    /// What the settings leave to nobody.
    Unassigned,
}

impl PlanPart {
    /// The name in the table and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Core => "core and activities",
            Self::Heaps => "V8 heaps",
            Self::TemporaryIsolate => "temporary isolates",
            Self::Slack => "allocator slack",
            Self::Reserve => "reserve",
            Self::Unassigned => "unassigned",
        }
    }

    /// The setting that changes it.
    #[must_use]
    pub const fn setting(self) -> Option<&'static str> {
        match self {
            Self::Base => Some("memory-base"),
            Self::Core => Some("memory-core"),
            Self::Heaps => Some("memory-heaps"),
            Self::Slack => Some("memory-slack"),
            Self::Reserve => Some("memory-reserve"),
            Self::TemporaryIsolate | Self::Unassigned => None,
        }
    }
}

/// One part and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// Which part.
    pub part: PlanPart,
    /// Its size.
    pub bytes: u64,
    /// The rule that it follows; nothing where it was set.
    pub rule: Option<&'static str>,
}

impl PlanRow {
    /// The share that was set, or what the rule gives.
    pub(super) fn of(
        part: PlanPart,
        share: Option<Share>,
        limit_bytes: u64,
        default: impl FnOnce() -> (u64, &'static str),
    ) -> Self {
        match share {
            Some(share) => Self {
                part,
                bytes: share.of(limit_bytes),
                rule: None,
            },
            None => {
                let (bytes, rule) = default();
                Self {
                    part,
                    bytes,
                    rule: Some(rule),
                }
            }
        }
    }
}
