//! The isolates of a worker, from its settings and extensions.

use std::sync::Arc;

use burdock_bundle::Bundle;

use super::error::RunError;
use super::extensions::WorkerExtensions;
use super::state::WorkerState;
use crate::config::WorkerConfig;
use crate::config::elements::StackTraces;
use crate::engine::{ConsoleOutput, Inactive, IsolateSettings, PatchActivation, is_guarding};
use crate::hosting::IsolatePool;
use crate::memory::MemoryPlan;
use crate::status::BundleInfo;

/// What every isolate of the worker is made from.
pub(super) fn isolate_settings(
    config: &WorkerConfig,
    bundle: Arc<Bundle>,
    extensions: &WorkerExtensions,
    plan: &MemoryPlan,
) -> IsolateSettings {
    IsolateSettings {
        bundle,
        namespace: config.client.namespace.clone(),
        task_queue: config.task_queue.to_string(),
        activity_names: extensions
            .activities
            .as_deref()
            .map(|registry| registry.names().map(str::to_owned).collect())
            .unwrap_or_default(),
        workflow_timeout: *config.workflow_timeout,
        heap_limit_bytes: heap_limit(plan.heap_per_isolate_bytes),
        workflow_budget_bytes: plan.workflow_budget_bytes,
        context: *config.context,
        share_modules: *config.share_modules,
        stack_traces: *config.stack_traces == StackTraces::Always,
        show_stack_trace_sources: *config.show_stack_trace_sources,
        failure_error_types: config
            .workflow_failure_error_types
            .as_ref()
            .cloned()
            .unwrap_or_default(),
        patch_activation: patch_activation(config, extensions),
        console: ConsoleOutput::Log,
        command_sources: false,
    }
}

/// A heap of the plan for V8; nothing, V8's own default, where the plan has none.
pub(super) fn heap_limit(bytes: u64) -> Option<usize> {
    usize::try_from(bytes).ok().filter(|bytes| *bytes > 0)
}

/// Starts them; nothing if the worker hosts no workflows.
pub(super) async fn start_isolates(
    config: &WorkerConfig,
    state: &WorkerState,
    settings: Option<&IsolateSettings>,
    build_id: &str,
    plan: &MemoryPlan,
) -> Result<Option<Arc<IsolatePool>>, RunError> {
    let Some(settings) = settings else {
        return Ok(None);
    };
    let bundle = &settings.bundle;
    let info = BundleInfo {
        file: bundle.file_name().to_owned(),
        sdk_version: bundle.sdk().to_string(),
        build_id: build_id.to_owned(),
    };
    let bundle_bytes = bundle.code().len() + bundle.source_map().held_bytes();
    state.set_bundle(info, bundle_bytes as u64);
    let mailbox_capacity = *config.workflow_slots;
    let pool = IsolatePool::start(*config.isolates, mailbox_capacity, settings).await?;
    tell_page_guard();
    let pool = pool.with_share(plan.cache_limits().bytes_per_isolate);
    let pool = Arc::new(pool.with_quarantine());
    state.set_pool(Some(Arc::clone(&pool)));
    Ok(Some(pool))
}

/// Says whether V8's requests for memory are guarded; known once an isolate was made.
fn tell_page_guard() {
    if is_guarding() {
        tracing::info!("V8's requests for memory pass the page guard");
    } else if cfg!(feature = "v8-page-guard") {
        tracing::warn!(
            "V8's requests for memory do not pass the page guard, so that one large object can take the process past its              memory limit: another library answers `mmap64`; unset LD_PRELOAD unless this is meant"
        );
    } else {
        tracing::info!(
            "built without the feature v8-page-guard: one large object can take the process past its memory limit"
        );
    }
}

fn patch_activation(
    config: &WorkerConfig,
    extensions: &WorkerExtensions,
) -> Option<Arc<dyn PatchActivation>> {
    match config.inactive_patches.as_ref() {
        Some(patches) => Some(Arc::new(Inactive(patches.0.clone()))),
        None => extensions.patch_activation.clone(),
    }
}
