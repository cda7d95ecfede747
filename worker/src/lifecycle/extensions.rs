//! What a program adds to a worker beyond its settings.

use std::sync::Arc;

use burdock_activities::ActivityRegistry;

/// Code of one's own that the worker calls. Everything is optional; the default adds nothing.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct WorkerExtensions {
    /// Activities that this worker runs.
    pub activities: Option<Arc<ActivityRegistry>>,
}

impl WorkerExtensions {
    /// Runs these activities.
    #[must_use]
    pub fn activities(mut self, registry: ActivityRegistry) -> Self {
        self.activities = Some(Arc::new(registry));
        self
    }
}
