//! What is known of an isolate that was lost.

/// An isolate that was lost and made anew: its runs are to be evicted, and replay elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("The isolate of this run was lost ({reason}); the run is replayed on another")]
pub struct Loss {
    /// Why.
    pub reason: String,
    /// The runs that it held; empty for all but the first who notices.
    pub run_ids: Vec<String>,
    /// The run that it was working for.
    pub culprit: Option<String>,
}

impl Loss {
    /// A loss of which the rest is not known, or known to somebody else.
    pub(super) fn because(reason: String) -> Self {
        Self {
            reason,
            ..Self::default()
        }
    }
}
