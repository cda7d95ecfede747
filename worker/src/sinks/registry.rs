//! Sinks of the program's own by name.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::is_of_sdk;
use super::user::{OnReplay, WorkflowSink};

/// The sinks that a program registered.
#[derive(Clone, Default)]
pub struct SinkRegistry {
    sinks: BTreeMap<String, Arc<dyn WorkflowSink>>,
}

/// Sink names that cannot be registered: rename the sinks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot register sinks: {}", problems.join("; "))]
pub struct SinkRegistryError {
    problems: Vec<String>,
}

impl SinkRegistry {
    /// The sinks under the names that workflow code gives to `proxySinks`.
    ///
    /// # Errors
    /// All names that are empty, reserved, or given twice.
    pub fn new(
        named: impl IntoIterator<Item = (String, Arc<dyn WorkflowSink>)>,
    ) -> Result<Self, SinkRegistryError> {
        let mut sinks = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, sink) in named {
            match name_problem(&name, sinks.contains_key(&name)) {
                Some(problem) => problems.push(problem),
                None => drop(sinks.insert(name, sink)),
            }
        }
        if problems.is_empty() {
            Ok(Self { sinks })
        } else {
            Err(SinkRegistryError { problems })
        }
    }

    /// Whether there is a sink of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.sinks.contains_key(name)
    }

    /// The sink that has this function.
    pub(super) fn find(&self, name: &str, function: &str) -> Option<(&dyn WorkflowSink, OnReplay)> {
        let sink = self.sinks.get(name)?;
        // A sink that panics over a name has no such function.
        let asked = std::panic::AssertUnwindSafe(|| sink.on_replay(function));
        let on_replay = std::panic::catch_unwind(asked).ok()??;
        Some((&**sink, on_replay))
    }
}

impl fmt::Debug for SinkRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.sinks.keys()).finish()
    }
}

fn name_problem(name: &str, is_taken: bool) -> Option<String> {
    if name.is_empty() {
        Some("a sink's name is empty; give it one".to_owned())
    } else if is_of_sdk(name) {
        Some(format!(
            "{name:?} is a name that the SDK keeps for its own sinks; rename it"
        ))
    } else if is_taken {
        Some(format!("{name:?} is registered twice; rename one of them"))
    } else {
        None
    }
}
