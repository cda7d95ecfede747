//! The activities that the stock binary runs.

use std::sync::Arc;

use burdock_activities::conversation::{self, ConversationStore};
use burdock_activities::{ActivityRegistry, probe};

use super::error::RunError;
use crate::config::WorkerConfig;
use crate::config::elements::ActivityStore;

/// The built-in activities, if this worker runs any.
pub(super) fn built_in_activities(
    config: &WorkerConfig,
) -> Result<Option<Arc<ActivityRegistry>>, RunError> {
    if !config.hosts_activities() && !config.hosts_local_activities() {
        return Ok(None);
    }
    let store = match &*config.activity_store {
        ActivityStore::Memory => ConversationStore::in_memory(),
        ActivityStore::File(path) => ConversationStore::open(path),
    };
    let store = store.map_err(|error| RunError::ActivityStore(error.to_string()))?;
    let builder = conversation::register(ActivityRegistry::builder(), store);
    let registry = probe::register(builder)
        .build()
        .map_err(|error| RunError::Core(error.to_string()))?;
    Ok(Some(Arc::new(registry)))
}
