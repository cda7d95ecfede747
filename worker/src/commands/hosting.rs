//! What the isolates of `burdock activate` and `burdock replay` are made from.

use std::sync::Arc;

use burdock_bundle::{Bundle, BundleError};

use crate::config::HostingConfig;
use crate::engine::{ConsoleOutput, IsolateSettings};

/// Loads the bundle.
pub(super) fn isolate_settings(
    config: &HostingConfig,
    console: ConsoleOutput,
) -> Result<IsolateSettings, BundleError> {
    Ok(IsolateSettings {
        bundle: Arc::new(Bundle::load(&config.bundle)?),
        namespace: config.namespace.to_string(),
        task_queue: config.task_queue.to_string(),
        activity_names: config.activity_names.clone(),
        workflow_timeout: *config.workflow_timeout,
        heap_limit_bytes: config
            .max_heap_per_isolate
            .as_ref()
            .map(|limit| limit.0 as usize),
        workflow_budget_bytes: None,
        context: *config.context,
        share_modules: *config.share_modules,
        stack_traces: false,
        show_stack_trace_sources: false,
        failure_error_types: config
            .workflow_failure_error_types
            .as_ref()
            .cloned()
            .unwrap_or_default(),
        patch_activation: None,
        console,
        command_sources: false,
    })
}
