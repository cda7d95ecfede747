//! Runs a bundle's script in the workflow context and fixes the state that its runs start from.

use std::sync::Arc;

use burdock_bundle::{Bundle, render_excerpt};
use deno_core::v8;

use super::entry::{EntryError, enter};
use super::error::EngineError;
use super::host::{Host, Loading};
use super::watchdog::Watchdog;

/// Members of `__TEMPORAL__.api` without which nothing can run.
const API: &[&str] = &[
    "initRuntime",
    "initialize",
    "activate",
    "tryUnblockConditions",
    "concludeActivation",
    "dispose",
];

pub(super) fn load_bundle(
    isolate: &mut v8::OwnedIsolate,
    host: &Host,
    loading: &Loading,
    watchdog: &Watchdog,
    bundle: &Arc<Bundle>,
) -> Result<(), EngineError> {
    call(isolate, host, watchdog, &loading.define_globals, bundle)?;
    run_script(isolate, host, bundle)?;
    call(isolate, host, watchdog, &loading.preload_modules, bundle)?;
    check_api(isolate, host, bundle)?;
    call(isolate, host, watchdog, &loading.seal, bundle)
}

fn call(
    isolate: &mut v8::OwnedIsolate,
    host: &Host,
    watchdog: &Watchdog,
    function: &v8::Global<v8::Function>,
    bundle: &Bundle,
) -> Result<(), EngineError> {
    v8::scope_with_context!(let scope, isolate, &host.host_context);
    enter(scope, watchdog, function, &[])
        .map(drop)
        .map_err(|error| {
            let message = match error {
                EntryError::Threw(value) => {
                    v8::Local::new(scope, value).to_rust_string_lossy(scope)
                }
                EntryError::TimedOut => {
                    format!("it ran longer than {} ms", watchdog.timeout().as_millis())
                }
                EntryError::Transcode(error) => error.to_string(),
            };
            EngineError::Load {
                file: bundle.file_name().to_owned(),
                message,
            }
        })
}

fn run_script(
    isolate: &mut v8::OwnedIsolate,
    host: &Host,
    bundle: &Bundle,
) -> Result<(), EngineError> {
    v8::scope_with_context!(let scope, isolate, &host.workflow_context);
    v8::tc_scope!(let scope, scope);
    let too_large = || EngineError::Load {
        file: bundle.file_name().to_owned(),
        message: "its code is longer than V8 allows a string to be".to_owned(),
    };
    let source = v8::String::new(scope, bundle.code()).ok_or_else(too_large)?;
    let name = v8::String::new(scope, bundle.file_name())
        .ok_or_else(too_large)?
        .into();
    let origin = v8::ScriptOrigin::new(
        scope, name, 0, 0, false, -1, None, false, false, false, None,
    );
    let script = v8::Script::compile(scope, source, Some(&origin));
    let ran = script.map(|script| script.run(scope).is_some());
    if ran == Some(true) {
        scope.perform_microtask_checkpoint();
        return Ok(());
    }
    let file = bundle.file_name().to_owned();
    let message = scope
        .exception()
        .map_or_else(String::new, |value| value.to_rust_string_lossy(scope));
    let place = scope.message().map(|message| {
        (
            message.get_line_number(scope).unwrap_or(1) as u32,
            message.get_start_column() as u32 + 1,
        )
    });
    let (line, column) = place.unwrap_or((1, 1));
    if ran.is_none() {
        let excerpt = render_excerpt(bundle.code(), line, column);
        return Err(EngineError::Syntax {
            file,
            line,
            column,
            message,
            excerpt,
        });
    }
    Err(EngineError::Load {
        file: format!("{file}:{line}:{column}"),
        message,
    })
}

fn check_api(
    isolate: &mut v8::OwnedIsolate,
    host: &Host,
    bundle: &Bundle,
) -> Result<(), EngineError> {
    v8::scope_with_context!(let scope, isolate, &host.workflow_context);
    let missing = |missing| EngineError::Api {
        file: bundle.file_name().to_owned(),
        missing,
    };
    let global = scope.get_current_context().global(scope);
    let library = property(scope, global, "__TEMPORAL__").ok_or_else(|| missing("__TEMPORAL__"))?;
    let api = property(scope, library, "api").ok_or_else(|| missing("__TEMPORAL__.api"))?;
    for name in API {
        let function = property(scope, api, name).ok_or_else(|| missing(name))?;
        if !function.is_function() {
            return Err(missing(name));
        }
    }
    Ok(())
}

fn property<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    name: &str,
) -> Option<v8::Local<'s, v8::Object>> {
    let key = v8::String::new(scope, name)?;
    v8::Local::<v8::Object>::try_from(object.get(scope, key.into())?).ok()
}
