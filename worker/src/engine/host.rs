//! The two contexts of an isolate and the host's functions.
//!
//! Workflow code runs in a *workflow context*: one for all runs of the isolate, or one for each. What Node calls the outer realm is
//! our *host context*: its built-ins are out of reach of a run that changes prototypes, so the host's own code and the
//! injected globals live there.

use deno_core::v8;

use crate::config::elements::FailureErrorTypes;

use super::context_mode::ContextMode;
use super::error::EngineError;
use super::host_natives::{natives_object, sandbox_context};
use super::module_sharing::ModuleSharing;
use super::scripts::{INSTALLERS, MAIN, PROVIDED, Script};
use super::transcode::Factories;

/// Settings that the host's scripts see.
pub(super) struct HostSettings<'a> {
    pub(super) namespace: &'a str,
    pub(super) task_queue: &'a str,
    pub(super) activity_names: &'a [String],
    pub(super) failure_error_types: &'a FailureErrorTypes,
    pub(super) context: ContextMode,
    pub(super) stack_traces: bool,
    pub(super) show_stack_trace_sources: bool,
    pub(super) patch_activation: bool,
    pub(super) command_sources: bool,
    pub(super) share_modules: ModuleSharing,
}

/// The steps of an activation, see `js/host/runs.js`.
pub(super) struct Steps {
    pub(super) create: v8::Global<v8::Function>,
    pub(super) begin: v8::Global<v8::Function>,
    pub(super) initialize: v8::Global<v8::Function>,
    pub(super) batches: v8::Global<v8::Function>,
    pub(super) activate: v8::Global<v8::Function>,
    pub(super) try_unblock_conditions: v8::Global<v8::Function>,
    pub(super) conclude_activation: v8::Global<v8::Function>,
    pub(super) reject_run: v8::Global<v8::Function>,
    pub(super) failed_completion: v8::Global<v8::Function>,
    pub(super) command_lines: v8::Global<v8::Function>,
    pub(super) take_sink_calls: v8::Global<v8::Function>,
    pub(super) run_roots: v8::Global<v8::Function>,
    pub(super) dispose: v8::Global<v8::Function>,
    pub(super) forget: v8::Global<v8::Function>,
    pub(super) show_runs: v8::Global<v8::Function>,
    pub(super) hide_runs: v8::Global<v8::Function>,
    pub(super) destroy: v8::Global<v8::Function>,
}

/// Functions that are called once, while a bundle is loaded.
pub(super) struct Loading {
    pub(super) define_globals: v8::Global<v8::Function>,
    pub(super) preload_modules: v8::Global<v8::Function>,
    pub(super) seal: v8::Global<v8::Function>,
    pub(super) format_stack: v8::Global<v8::Function>,
    /// The context that the bundle is loaded in first.
    pub(super) workflow_context: v8::Global<v8::Context>,
    pub(super) factories: Factories,
}

pub(super) struct Host {
    pub(super) host_context: v8::Global<v8::Context>,
    /// The context that the bundle was loaded in first: that of all runs, if they share one.
    pub(super) workflow_context: v8::Global<v8::Context>,
    pub(super) steps: Steps,
}

impl Host {
    /// Makes both contexts and runs the host's scripts.
    pub(super) fn create(
        isolate: &mut v8::OwnedIsolate,
        settings: &HostSettings<'_>,
    ) -> Result<(Self, Loading), EngineError> {
        v8::scope!(let scope, isolate);
        let host_context = v8::Context::new(scope, v8::ContextOptions::default());
        let scope = &mut v8::ContextScope::new(scope, host_context);
        let workflow_context = sandbox_context(scope);
        let sandbox = workflow_context.global(scope);
        let exports = assemble(scope, sandbox, settings)?;
        let loading = Loading {
            define_globals: function(scope, exports, "defineGlobals")?,
            preload_modules: function(scope, exports, "preloadModules")?,
            seal: function(scope, exports, "seal")?,
            format_stack: function(scope, exports, "formatStack")?,
            workflow_context: v8::Global::new(scope, workflow_context),
            factories: Factories {
                make_class: function(scope, exports, "makeClass")?,
                make_long: function(scope, exports, "makeLong")?,
            },
        };
        let host = Self {
            host_context: v8::Global::new(scope, host_context),
            workflow_context: v8::Global::new(scope, workflow_context),
            steps: steps(scope, exports)?,
        };
        Ok((host, loading))
    }
}

fn steps(
    scope: &mut v8::PinScope<'_, '_>,
    exports: v8::Local<'_, v8::Object>,
) -> Result<Steps, EngineError> {
    Ok(Steps {
        create: function(scope, exports, "create")?,
        begin: function(scope, exports, "begin")?,
        initialize: function(scope, exports, "initialize")?,
        batches: function(scope, exports, "batches")?,
        activate: function(scope, exports, "activate")?,
        try_unblock_conditions: function(scope, exports, "tryUnblockConditions")?,
        conclude_activation: function(scope, exports, "concludeActivation")?,
        reject_run: function(scope, exports, "rejectRun")?,
        failed_completion: function(scope, exports, "failedCompletion")?,
        command_lines: function(scope, exports, "commandLines")?,
        take_sink_calls: function(scope, exports, "takeSinkCalls")?,
        run_roots: function(scope, exports, "runRoots")?,
        dispose: function(scope, exports, "dispose")?,
        forget: function(scope, exports, "forget")?,
        show_runs: function(scope, exports, "showRuns")?,
        hide_runs: function(scope, exports, "hideRuns")?,
        destroy: function(scope, exports, "destroy")?,
    })
}

fn assemble<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    sandbox: v8::Local<'s, v8::Object>,
    settings: &HostSettings<'_>,
) -> Result<v8::Local<'s, v8::Object>, EngineError> {
    let native = natives_object(scope);
    let provided = v8::Object::new(scope);
    for script in PROVIDED {
        let exports = call_installer(scope, script, &[native.into(), provided.into()])?;
        copy_properties(scope, exports, provided, script)?;
    }
    let install = v8::Object::new(scope);
    for (name, script) in INSTALLERS {
        let installer = evaluate(scope, script)?;
        let key = string(scope, name);
        install.create_data_property(scope, key.into(), installer.into());
    }
    let settings = settings_object(scope, settings);
    call_installer(
        scope,
        &MAIN,
        &[
            native.into(),
            install.into(),
            provided.into(),
            sandbox.into(),
            settings.into(),
        ],
    )
}

fn settings_object<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    settings: &HostSettings<'_>,
) -> v8::Local<'s, v8::Object> {
    let object = v8::Object::new(scope);
    let text = [
        ("namespace", settings.namespace),
        ("taskQueue", settings.task_queue),
        ("context", settings.context.as_str()),
        ("shareModules", settings.share_modules.as_str()),
    ];
    for (name, value) in text {
        let (key, value) = (string(scope, name), string(scope, value));
        object.create_data_property(scope, key.into(), value.into());
    }
    let switches = [
        ("stackTraces", settings.stack_traces),
        ("showStackTraceSources", settings.show_stack_trace_sources),
        ("patchActivation", settings.patch_activation),
        ("commandSources", settings.command_sources),
    ];
    for (name, on) in switches {
        let (key, value) = (string(scope, name), v8::Boolean::new(scope, on));
        object.create_data_property(scope, key.into(), value.into());
    }
    let lists = [
        ("activityNames", settings.activity_names),
        (
            "failureErrorTypes",
            settings.failure_error_types.everywhere.as_slice(),
        ),
    ];
    for (name, values) in lists {
        set_list(scope, object, name, values);
    }
    let by_workflow_type = v8::Object::new(scope);
    for (workflow_type, names) in &settings.failure_error_types.by_workflow_type {
        set_list(scope, by_workflow_type, workflow_type, names);
    }
    let key = string(scope, "failureErrorTypesByWorkflowType");
    object.create_data_property(scope, key.into(), by_workflow_type.into());
    object
}

fn set_list(
    scope: &mut v8::PinScope<'_, '_>,
    object: v8::Local<'_, v8::Object>,
    name: &str,
    values: &[String],
) {
    let values: Vec<v8::Local<v8::Value>> = values
        .iter()
        .map(|value| string(scope, value).into())
        .collect();
    let key = string(scope, name);
    let value = v8::Array::new_with_elements(scope, &values);
    object.create_data_property(scope, key.into(), value.into());
}

/// The function that a script's completion value is.
fn evaluate<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    script: &Script,
) -> Result<v8::Local<'s, v8::Function>, EngineError> {
    let value = caught(scope, script, |scope| {
        let source = string(scope, script.source);
        let name = string(scope, script.name).into();
        let origin = v8::ScriptOrigin::new(
            scope, name, 0, 0, false, -1, None, false, false, false, None,
        );
        let value = v8::Script::compile(scope, source, Some(&origin))?.run(scope)?;
        Some(v8::Global::new(scope, value))
    })?;
    v8::Local::<v8::Function>::try_from(value)
        .map_err(|_| host_script_error("its completion value is no function".to_owned(), script))
}

/// What that function returns.
fn call_installer<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    script: &Script,
    arguments: &[v8::Local<'s, v8::Value>],
) -> Result<v8::Local<'s, v8::Object>, EngineError> {
    let installer = evaluate(scope, script)?;
    let value = caught(scope, script, |scope| {
        let undefined = v8::undefined(scope).into();
        let value = installer.call(scope, undefined, arguments)?;
        Some(v8::Global::new(scope, value))
    })?;
    v8::Local::<v8::Object>::try_from(value)
        .map_err(|_| host_script_error("it exports no object".to_owned(), script))
}

/// Runs `body`; the exception that it leaves becomes the error.
fn caught<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    script: &Script,
    body: impl FnOnce(&mut v8::PinScope<'_, '_>) -> Option<v8::Global<v8::Value>>,
) -> Result<v8::Local<'s, v8::Value>, EngineError> {
    let result = {
        v8::tc_scope!(let scope, scope);
        body(scope).ok_or_else(|| {
            let text = scope
                .exception()
                .map(|value| value.to_rust_string_lossy(scope));
            host_script_error(text.unwrap_or_else(|| "no exception".to_owned()), script)
        })
    };
    Ok(v8::Local::new(scope, result?))
}

fn copy_properties(
    scope: &mut v8::PinScope<'_, '_>,
    from: v8::Local<'_, v8::Object>,
    to: v8::Local<'_, v8::Object>,
    script: &Script,
) -> Result<(), EngineError> {
    let copied = from
        .get_own_property_names(scope, v8::GetPropertyNamesArgs::default())
        .and_then(|names| {
            for index in 0..names.length() {
                let name = names.get_index(scope, index)?;
                let value = from.get(scope, name)?;
                to.set(scope, name, value)?;
            }
            Some(())
        });
    copied.ok_or_else(|| host_script_error("its exports cannot be read".to_owned(), script))
}

fn function(
    scope: &mut v8::PinScope<'_, '_>,
    exports: v8::Local<'_, v8::Object>,
    name: &'static str,
) -> Result<v8::Global<v8::Function>, EngineError> {
    let key = string(scope, name);
    exports
        .get(scope, key.into())
        .and_then(|value| v8::Local::<v8::Function>::try_from(value).ok())
        .map(|function| v8::Global::new(scope, function))
        .ok_or_else(|| host_script_error(format!("`{name}` is not exported"), &MAIN))
}

fn host_script_error(message: String, script: &Script) -> EngineError {
    EngineError::HostScript {
        script: script.name,
        message,
    }
}

/// A string of ours; its length is bounded by our sources and settings.
fn string<'s>(scope: &mut v8::PinScope<'s, '_, ()>, text: &str) -> v8::Local<'s, v8::String> {
    v8::String::new(scope, text).unwrap_or_else(|| v8::String::empty(scope))
}
