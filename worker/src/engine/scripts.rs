//! The host's own JavaScript, embedded in the binary.

/// One script. Its completion value is an installer function, see `js/host/main.js` and `js/globals/`.
pub(super) struct Script {
    /// Name that stack traces show.
    pub(super) name: &'static str,
    pub(super) source: &'static str,
}

macro_rules! script {
    ($path:literal) => {
        Script {
            name: concat!("burdock:", $path),
            source: include_str!(concat!("js/", $path, ".js")),
        }
    };
}

/// Called in this order as `(native, provided)`; what each returns is added to `provided`.
pub(super) const PROVIDED: &[Script] = &[
    script!("globals/errors"),
    script!("globals/long"),
    script!("globals/inspect"),
    script!("globals/format"),
    script!("globals/console_values"),
    script!("globals/console"),
    script!("globals/encoding"),
    script!("globals/buffer"),
    script!("globals/url_search_params"),
    script!("globals/url"),
    script!("globals/event_target"),
    script!("globals/abort"),
    script!("globals/async_local_storage"),
    script!("globals/deep_equal"),
    script!("globals/assertion_error"),
    script!("globals/assert_throws"),
    script!("globals/assert"),
];

/// Installers that `main.js` calls itself, under these names.
pub(super) const INSTALLERS: &[(&str, Script)] = &[
    ("messages", script!("host/messages")),
    ("deepFreeze", script!("host/deep_freeze")),
    ("freezeIntrinsics", script!("host/freeze_intrinsics")),
    ("realmEscape", script!("host/realm_escape")),
    ("intrinsicRoots", script!("host/intrinsic_roots")),
    ("prototypesPerRun", script!("host/prototypes_per_run")),
    ("announceDefinitions", script!("host/announce_definitions")),
    ("globalsPerRun", script!("host/globals_per_run")),
    ("moduleCache", script!("host/module_cache")),
    ("workflowInfo", script!("host/workflow_info")),
    ("failure", script!("host/failure")),
    ("sinks", script!("host/sinks")),
    ("stackTrace", script!("host/stack_trace")),
    ("promiseTraces", script!("host/promise_traces")),
    ("commandSites", script!("host/command_sites")),
    ("sourceTexts", script!("host/source_texts")),
    (
        "deterministicBuiltins",
        script!("host/deterministic_builtins"),
    ),
    ("sandboxGlobals", script!("host/sandbox_globals")),
    ("workflowImports", script!("host/workflow_imports")),
    ("moduleProbe", script!("host/module_probe")),
    ("objectState", script!("host/object_state")),
    ("weakState", script!("host/weak_state")),
    ("sharedModules", script!("host/shared_modules")),
    ("sharedContext", script!("host/shared_context")),
    ("contextPerWorkflow", script!("host/context_per_workflow")),
    ("runs", script!("host/runs")),
];

/// Puts the host together.
pub(super) const MAIN: Script = script!("host/main");

/// Objects of all kinds, whose layouts the engine learns.
pub(super) const HEAP_SAMPLES: Script = script!("host/heap_samples");
