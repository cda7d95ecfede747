//! What a program adds to a worker beyond its settings.

use std::sync::Arc;

use burdock_activities::ActivityRegistry;
use burdock_codecs::PayloadCodec;

/// Code of one's own that the worker calls. Everything is optional; the default adds nothing.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct WorkerExtensions {
    /// Activities that this worker runs.
    pub activities: Option<Arc<ActivityRegistry>>,
    /// Codecs of payloads, in the order of encoding. The codec of the settings, if there is one, comes after them.
    pub payload_codecs: Vec<Arc<dyn PayloadCodec>>,
}

impl WorkerExtensions {
    /// Runs these activities.
    #[must_use]
    pub fn activities(mut self, registry: ActivityRegistry) -> Self {
        self.activities = Some(Arc::new(registry));
        self
    }

    /// Adds a payload codec after those that were added before.
    #[must_use]
    pub fn payload_codec(mut self, codec: impl PayloadCodec) -> Self {
        self.payload_codecs.push(Arc::new(codec));
        self
    }
}
