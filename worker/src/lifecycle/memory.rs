//! The memory limit and its plan, found when the worker starts.

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::WorkerConfig;
use crate::config::elements::MemoryOverflowDir;
use crate::engine::overflow_into;
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

    /// Has memory overflow into a folder on a disk, and says into which.
    ///
    /// # Errors
    /// What an operator should hear: there is none.
    pub(crate) fn overflow(config: &WorkerConfig) -> Result<Option<PathBuf>, String> {
        let folders = match &*config.memory.overflow_dir {
            MemoryOverflowDir::Off => return Ok(None),
            MemoryOverflowDir::Folder(folder) => vec![folder.clone()],
            MemoryOverflowDir::Auto => {
                vec!["/var/tmp".into(), std::env::temp_dir(), ".".into()]
            }
        };
        let mut problems = Vec::new();
        for folder in folders {
            match overflow_into(&folder) {
                Ok(()) => return Ok(Some(folder)),
                Err(error) => problems.push(format!("{}: {error}", folder.display())),
            }
        }
        Err(format!(
            "no folder for memory beyond the limit ({}): what cannot be stopped at once, such as `JSON.parse` of a large text, \
             may take the process over its limit; set `memory-overflow-dir` to a folder on a disk, or to `off`",
            problems.join("; ")
        ))
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
