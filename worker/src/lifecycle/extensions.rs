//! What a program adds to a worker beyond its settings.

use std::sync::Arc;

use burdock_activities::ActivityRegistry;

use crate::engine::PatchActivation;

/// Code of one's own that the worker calls. Everything is optional; the default adds nothing.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct WorkerExtensions {
    /// Activities that this worker runs.
    pub activities: Option<Arc<ActivityRegistry>>,
    /// Decides which patches new code activates; the setting `inactive-patches` comes first.
    pub patch_activation: Option<Arc<dyn PatchActivation>>,
}

impl WorkerExtensions {
    /// Runs these activities.
    #[must_use]
    pub fn activities(mut self, registry: ActivityRegistry) -> Self {
        self.activities = Some(Arc::new(registry));
        self
    }

    /// Asks this about every patch.
    #[must_use]
    pub fn patch_activation(mut self, activation: impl PatchActivation + 'static) -> Self {
        self.patch_activation = Some(Arc::new(activation));
        self
    }
}
