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
    (
        "keepGlobalChangeable",
        script!("host/keep_global_changeable"),
    ),
    ("globalsPerRun", script!("host/globals_per_run")),
    ("moduleCache", script!("host/module_cache")),
    ("workflowInfo", script!("host/workflow_info")),
    ("failure", script!("host/failure")),
    ("commandSources", script!("host/command_sources")),
    ("sinks", script!("host/sinks")),
    ("stackTrace", script!("host/stack_trace")),
    ("runs", script!("host/runs")),
];

/// Puts the host together.
pub(super) const MAIN: Script = script!("host/main");
