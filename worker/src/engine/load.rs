//! Runs a bundle's script in the workflow context and fixes the state that its runs start from.

use std::sync::Arc;

use burdock_bundle::{Bundle, render_excerpt};
use deno_core::v8;

use super::entry::{EntryError, enter, error_text, guarded};
use super::error::EngineError;
use super::host::{Host, Loading};
use super::host_natives::BundleScript;
use super::transcode::TranscodeError;
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
    run_script(isolate, loading, watchdog, bundle)?;
    call(isolate, host, watchdog, &loading.preload_modules, bundle)?;
    check_api(isolate, loading, watchdog, bundle)?;
    call(isolate, host, watchdog, &loading.seal, bundle)?;
    forbid_code_generation(isolate, host);
    Ok(())
}

/// What the host lends to workflow code leads to the host's `Function`. No text becomes code of the host there, or
/// workflow code would get at the host's global object.
fn forbid_code_generation(isolate: &mut v8::OwnedIsolate, host: &Host) {
    v8::scope!(let scope, isolate);
    let context = v8::Local::new(scope, &host.host_context);
    context.set_allow_generation_from_strings(false);
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
        .map_err(|error| load_error(bundle, error_text(scope, watchdog, error)))
}

fn load_error(bundle: &Bundle, message: String) -> EngineError {
    EngineError::Load {
        file: bundle.file_name().to_owned(),
        message,
    }
}

fn run_script(
    isolate: &mut v8::OwnedIsolate,
    loading: &Loading,
    watchdog: &Watchdog,
    bundle: &Bundle,
) -> Result<(), EngineError> {
    v8::scope_with_context!(let scope, isolate, &loading.workflow_context);
    let script = compile(scope, bundle)?;
    let unbound = script.get_unbound_script(scope);
    let unbound = v8::Global::new(scope, unbound);
    scope.set_slot(BundleScript(unbound));
    // The place is known only while V8 still holds the message of the exception.
    let mut place = None;
    let ran = guarded(scope, watchdog, |scope| {
        v8::tc_scope!(let scope, scope);
        if script.run(scope).is_some() {
            scope.perform_microtask_checkpoint();
            return Ok(());
        }
        place = scope.message().map(|message| place_of(scope, message));
        let text = scope
            .message()
            .map(|message| message.get(scope).to_rust_string_lossy(scope));
        Err(TranscodeError::value("a script", text.unwrap_or_default()))
    });
    match (ran, place) {
        (Ok(()), _) => Ok(()),
        (Err(EntryError::Transcode(TranscodeError::Value { found, .. })), Some((line, column))) => {
            Err(EngineError::Load {
                file: format!("{}:{line}:{column}", bundle.file_name()),
                message: found,
            })
        }
        (Err(error), _) => Err(load_error(bundle, error_text(scope, watchdog, error))),
    }
}

fn compile<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    bundle: &Bundle,
) -> Result<v8::Local<'s, v8::Script>, EngineError> {
    let too_large = || {
        load_error(
            bundle,
            "its code is longer than V8 allows a string to be".to_owned(),
        )
    };
    let source = v8::String::new(scope, bundle.code()).ok_or_else(too_large)?;
    let name = v8::String::new(scope, bundle.file_name()).ok_or_else(too_large)?;
    let origin = v8::ScriptOrigin::new(
        scope,
        name.into(),
        0,
        0,
        false,
        -1,
        None,
        false,
        false,
        false,
        None,
    );
    let compiled = {
        v8::tc_scope!(let scope, scope);
        match v8::Script::compile(scope, source, Some(&origin)) {
            Some(script) => Ok(v8::Global::new(scope, script)),
            None => Err(scope.message().map(|message| {
                let text = message.get(scope).to_rust_string_lossy(scope);
                (text, place_of(scope, message))
            })),
        }
    };
    match compiled {
        Ok(script) => Ok(v8::Local::new(scope, script)),
        Err(found) => {
            let (message, (line, column)) = found.unwrap_or_else(|| (String::new(), (1, 1)));
            Err(EngineError::Syntax {
                file: bundle.file_name().to_owned(),
                line,
                column,
                message: message.trim_start_matches("Uncaught ").to_owned(),
                excerpt: render_excerpt(bundle.code(), line, column),
            })
        }
    }
}

/// Line and column of a message, from one.
fn place_of(scope: &mut v8::PinScope<'_, '_>, message: v8::Local<'_, v8::Message>) -> (u32, u32) {
    let line = message.get_line_number(scope).unwrap_or(1);
    let column = message.get_start_column() + 1;
    (
        u32::try_from(line).unwrap_or(1),
        u32::try_from(column).unwrap_or(1),
    )
}

fn check_api(
    isolate: &mut v8::OwnedIsolate,
    loading: &Loading,
    watchdog: &Watchdog,
    bundle: &Bundle,
) -> Result<(), EngineError> {
    v8::scope_with_context!(let scope, isolate, &loading.workflow_context);
    let missing = guarded(scope, watchdog, |scope| Ok(missing_member(scope)))
        .map_err(|error| load_error(bundle, error_text(scope, watchdog, error)))?;
    match missing {
        None => Ok(()),
        Some(missing) => Err(EngineError::Api {
            file: bundle.file_name().to_owned(),
            missing,
        }),
    }
}

/// The first member that the host needs and the script did not define.
fn missing_member(scope: &mut v8::PinScope<'_, '_>) -> Option<&'static str> {
    let global = scope.get_current_context().global(scope);
    let Some(library) = property(scope, global, "__TEMPORAL__") else {
        return Some("__TEMPORAL__");
    };
    let Some(api) = property(scope, library, "api") else {
        return Some("__TEMPORAL__.api");
    };
    API.iter()
        .copied()
        .find(|name| !property(scope, api, name).is_some_and(|member| member.is_function()))
}

fn property<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    name: &str,
) -> Option<v8::Local<'s, v8::Object>> {
    let key = v8::String::new(scope, name)?;
    v8::Local::<v8::Object>::try_from(object.get(scope, key.into())?).ok()
}
