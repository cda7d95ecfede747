//! What a program adds to a worker beyond its settings.

use std::sync::Arc;

use burdock_activities::ActivityRegistry;
use burdock_codecs::PayloadCodec;

use super::error::RunError;
use super::tuner::CustomSuppliers;
use crate::config::elements::LogSinks;
use crate::config::{Setting, WorkerConfig};
use crate::engine::PatchActivation;
use crate::interceptors::{ActivationInterceptor, ActivityInterceptor};
use crate::sinks::{SinkRegistry, WorkflowSink};
use crate::slots::{ActivitySlotKind, LocalActivitySlotKind, SharedSlotSupplier, WorkflowSlotKind};

/// Code of one's own that the worker calls. Everything is optional; the default adds nothing.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct WorkerExtensions {
    /// Activities that this worker runs.
    pub activities: Option<Arc<ActivityRegistry>>,
    /// Decides which patches new code activates; the setting `inactive-patches` comes first.
    pub patch_activation: Option<Arc<dyn PatchActivation>>,
    pub(super) slot_suppliers: CustomSuppliers,
    pub(super) activation_interceptors: Vec<Arc<dyn ActivationInterceptor>>,
    pub(super) activity_interceptors: Vec<Arc<dyn ActivityInterceptor>>,
    pub(super) sinks: Vec<(String, Arc<dyn WorkflowSink>)>,
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

    /// Asks this about every patch.
    #[must_use]
    pub fn patch_activation(mut self, activation: impl PatchActivation + 'static) -> Self {
        self.patch_activation = Some(Arc::new(activation));
        self
    }

    /// Adds a payload codec after those that were added before.
    #[must_use]
    pub fn payload_codec(mut self, codec: impl PayloadCodec) -> Self {
        self.payload_codecs.push(Arc::new(codec));
        self
    }

    /// Hands out the slots of workflow tasks. With a cache it must be willing to hand out two, one for each of the
    /// worker's queues. Not together with `workflow-slots` or `workflow-slot-supplier`.
    #[must_use]
    pub fn workflow_slot_supplier(
        mut self,
        supplier: SharedSlotSupplier<WorkflowSlotKind>,
    ) -> Self {
        self.slot_suppliers.workflow = Some(supplier);
        self
    }

    /// Hands out the slots of activity tasks. Not together with `activity-slots` or `activity-slot-supplier`.
    #[must_use]
    pub fn activity_slot_supplier(
        mut self,
        supplier: SharedSlotSupplier<ActivitySlotKind>,
    ) -> Self {
        self.slot_suppliers.activity = Some(supplier);
        self
    }

    /// Hands out the slots of local activities. Not together with `local-activity-slots` or
    /// `local-activity-slot-supplier`.
    #[must_use]
    pub fn local_activity_slot_supplier(
        mut self,
        supplier: SharedSlotSupplier<LocalActivitySlotKind>,
    ) -> Self {
        self.slot_suppliers.local_activity = Some(supplier);
        self
    }

    /// Stands around every activation, within the interceptors that were registered before.
    #[must_use]
    pub fn activation_interceptor(
        mut self,
        interceptor: impl ActivationInterceptor + 'static,
    ) -> Self {
        self.activation_interceptors.push(Arc::new(interceptor));
        self
    }

    /// Stands around every activity, within the interceptors that were registered before.
    #[must_use]
    pub fn activity_interceptor(mut self, interceptor: impl ActivityInterceptor + 'static) -> Self {
        self.activity_interceptors.push(Arc::new(interceptor));
        self
    }

    /// Takes the calls of the sink that workflow code names `name` in `proxySinks`. A name that the SDK keeps for
    /// itself, or that is taken, is an error when the worker starts.
    #[must_use]
    pub fn sink(mut self, name: impl Into<String>, sink: impl WorkflowSink + 'static) -> Self {
        self.sinks.push((name.into(), Arc::new(sink)));
        self
    }

    /// The sinks by name.
    pub(super) fn sink_registry(&self, config: &WorkerConfig) -> Result<SinkRegistry, RunError> {
        let registry = SinkRegistry::new(self.sinks.iter().cloned())
            .map_err(|error| RunError::Extensions(error.to_string()))?;
        refuse_logged_sinks(&registry, &config.log_sinks)?;
        Ok(registry)
    }
}

/// A call is taken by the sink or written to the log, not both.
fn refuse_logged_sinks(
    registry: &SinkRegistry,
    logged: &Setting<LogSinks>,
) -> Result<(), RunError> {
    let LogSinks::Named(names) = &logged.value else {
        return Ok(());
    };
    match names.iter().find(|name| registry.contains(name)) {
        None => Ok(()),
        Some(name) => Err(RunError::Extensions(format!(
            "`log-sinks` names the sink {name:?} ({}), which the program registers; leave one of the two out",
            logged.source
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::test_config::config;
    use crate::sinks::{SinkError, SinkInvocation};
    use crate::slots::async_trait;

    struct Nowhere;

    #[async_trait]
    impl WorkflowSink for Nowhere {
        async fn call(&self, _: SinkInvocation<'_>) -> Result<(), SinkError> {
            Ok(())
        }
    }

    fn refusal(extensions: &WorkerExtensions, line: &[&str]) -> String {
        match extensions.sink_registry(&config(line)) {
            Err(error) => error.to_string(),
            Ok(registry) => panic!("{registry:?} was taken"),
        }
    }

    #[test]
    fn a_sink_is_registered_or_logged_and_not_both() {
        let extensions = WorkerExtensions::default().sink("audit", Nowhere);
        assert!(
            extensions
                .sink_registry(&config(&["--log-sinks=*"]))
                .is_ok()
        );
        assert!(
            extensions
                .sink_registry(&config(&["--log-sinks=other"]))
                .is_ok()
        );
        let refusal = refusal(&extensions, &["--log-sinks=audit"]);
        assert!(refusal.contains("\"audit\" (--log-sinks)"), "{refusal}");
    }

    #[test]
    fn a_reserved_name_is_refused() {
        let extensions = WorkerExtensions::default().sink("__temporal_logger", Nowhere);
        assert!(refusal(&extensions, &[]).contains("keeps for its own"));
    }
}
