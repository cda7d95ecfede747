//! Why a memory limit cannot be divided, and what to do about it.

use super::super::share::mib_text;
use super::divide::MIB;

/// A limit that cannot be divided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Not even the machine tells how much memory it has: say it.
    #[error("{problem}; {remedy}", problem = self.problem(), remedy = self.remedy())]
    NoLimit,
    /// The parts need more than there is: raise the limit.
    #[error("{problem}; {remedy}", problem = self.problem(), remedy = self.remedy())]
    TooSmall {
        /// The limit.
        limit_bytes: u64,
        /// The smallest limit that can be divided, in whole MiB.
        needed_bytes: u64,
        /// Isolates that need a heap each.
        isolates: usize,
    },
    /// The shares that were set leave no room under any limit: lower one.
    #[error("{problem}; {remedy}", problem = self.problem(), remedy = self.remedy())]
    SharesExceed {
        /// The limit.
        limit_bytes: u64,
        /// The settings that were given.
        settings: String,
    },
}

impl PlanError {
    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> String {
        match self {
            Self::NoLimit => {
                "neither the container nor the machine tells how much memory the worker may take"
                    .to_owned()
            }
            Self::TooSmall {
                limit_bytes,
                needed_bytes,
                isolates,
            } => format!(
                "the memory limit of {} is too small for this worker with {isolates} isolates, which needs {}",
                mib_text(*limit_bytes),
                mib_text(*needed_bytes)
            ),
            Self::SharesExceed {
                limit_bytes,
                settings,
            } => format!(
                "{settings} leave less of the memory limit of {} than the rest of the worker needs",
                mib_text(*limit_bytes)
            ),
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::NoLimit => "set `memory-limit`".to_owned(),
            Self::TooSmall { needed_bytes, .. } => format!(
                "raise the container's limit or `memory-limit` to at least {}MiB, or lower `isolates`",
                needed_bytes / MIB
            ),
            Self::SharesExceed { .. } => "lower one of them".to_owned(),
        }
    }
}
