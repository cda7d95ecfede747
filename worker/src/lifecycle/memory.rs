//! The memory limit and its plan, found when the worker starts.

use std::sync::Arc;

use crate::config::WorkerConfig;
use crate::memory::{
    MemoryLimit, MemoryPlan, MemorySources, PlanError, find_memory_limit, mib_text,
};

/// How much memory the process may take, and how that is divided.
#[derive(Clone, Debug)]
pub(crate) struct PlannedMemory {
    pub(crate) limit: MemoryLimit,
    pub(crate) plan: Arc<MemoryPlan>,
}

impl PlannedMemory {
    /// Asks the container and the machine, and divides what they say.
    pub(crate) async fn find(config: &WorkerConfig) -> Result<Self, PlanError> {
        let explicit_bytes = config.memory_limit.as_ref().map(|limit| limit.0);
        let limit = find_memory_limit(&MemorySources::detected(explicit_bytes)).await;
        let limit = limit.ok_or(PlanError::NoLimit)?;
        let plan = Arc::new(config.memory_plan(limit.bytes, bundle_bytes(config))?);
        Ok(Self { limit, plan })
    }

    /// What an operator should hear of it.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let failures = self.limit.failures.iter().cloned();
        let warning = self.limit.warning().into_iter();
        failures
            .chain(warning)
            .chain(self.plan.warnings())
            .collect()
    }

    /// Every limit that was found and who states it, for the log.
    pub(crate) fn candidates(&self) -> String {
        let candidates = self.limit.candidates.iter();
        let shown: Vec<String> = candidates
            .map(|found| {
                format!(
                    "{} {} ({})",
                    found.source,
                    mib_text(found.bytes),
                    found.origin
                )
            })
            .collect();
        shown.join(", ")
    }
}

/// Size of the bundle file; 0 where there is none. One that cannot be read is reported when it is loaded.
fn bundle_bytes(config: &WorkerConfig) -> u64 {
    let path = config.bundle.as_ref().filter(|_| config.hosts_workflows());
    path.and_then(|path| std::fs::metadata(path).ok())
        .map_or(0, |file| file.len())
}
