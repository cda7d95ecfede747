//! Natives of the host's own scripts: clock, source map, contexts.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use burdock_bundle::Bundle;
use deno_core::v8;

use super::natives;
use super::patch_activation::activate_patch;
use super::sharing;

/// The bundle that the isolate runs, in a slot of the isolate.
pub(super) struct BundleSlot(pub(super) Arc<Bundle>);

/// `js/host/stack_trace.js`'s `formatStack`, in a slot of the isolate.
pub(super) struct FormatStack(pub(super) v8::Global<v8::Function>);

/// The bundle's compiled script, in a slot of the isolate.
pub(super) struct BundleScript(pub(super) v8::Global<v8::UnboundScript>);

/// The `native` object that installers get.
pub(super) fn natives_object<'s>(scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Object> {
    let target = v8::Object::new(scope);
    natives::install(scope, target);
    natives::define(scope, target, "getTimeOfDay", get_time_of_day);
    natives::define(scope, target, "originalPosition", original_position);
    natives::define(scope, target, "sourceText", source_text);
    natives::define(scope, target, "newContext", new_context);
    natives::define(scope, target, "runBundle", run_bundle);
    natives::define(scope, target, "setPromiseHooks", set_promise_hooks);
    natives::define(scope, target, "activatePatch", activate_patch);
    sharing::define_natives(scope, target);
    target
}

/// Nanoseconds since the epoch, as a bigint.
fn get_time_of_day(
    scope: &mut v8::PinScope<'_, '_>,
    _arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let nanos = u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX);
    result.set(v8::BigInt::new_from_u64(scope, nanos).into());
}

/// `(file, line, column) => [source, line, column, name] | undefined` by the bundle's source map.
fn original_position(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let Some(bundle) = scope
        .get_slot::<BundleSlot>()
        .map(|slot| Arc::clone(&slot.0))
    else {
        return;
    };
    if arguments.get(0).to_rust_string_lossy(scope) != bundle.file_name() {
        return;
    }
    let line = arguments.get(1).uint32_value(scope).unwrap_or(0);
    let column = arguments.get(2).uint32_value(scope).unwrap_or(0);
    let Some(position) = bundle.source_map().lookup(line, column) else {
        return;
    };
    let source =
        v8::String::new(scope, position.source).unwrap_or_else(|| v8::String::empty(scope));
    let name = position.name.and_then(|name| v8::String::new(scope, name));
    let name = name.map_or_else(|| v8::undefined(scope).into(), v8::Local::<v8::Value>::from);
    let line = v8::Integer::new_from_unsigned(scope, position.line).into();
    let column = v8::Integer::new_from_unsigned(scope, position.column).into();
    result.set(v8::Array::new_with_elements(scope, &[source.into(), line, column, name]).into());
}

/// `(source) => text | undefined` by the bundle's source map.
fn source_text(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let source = arguments.get(0).to_rust_string_lossy(scope);
    let text = scope
        .get_slot::<BundleSlot>()
        .and_then(|slot| slot.0.source_map().source_file(&source))
        .and_then(|text| v8::String::new(scope, &text));
    if let Some(text) = text {
        result.set(text.into());
    }
}

/// A context for workflow code. It has the security token of the current one: the host may read what runs made, and
/// runs call what the host lends them.
pub(super) fn sandbox_context<'s>(scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Context> {
    let token = scope.get_current_context().get_security_token(scope);
    let context = v8::Context::new(scope, v8::ContextOptions::default());
    context.set_security_token(token);
    context
}

/// `() => global` of a new context for workflow code.
fn new_context(
    scope: &mut v8::PinScope<'_, '_>,
    _arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let context = sandbox_context(scope);
    result.set(context.global(scope).into());
}

/// `(global) => void`: runs the bundle's script in the context of a global object.
fn run_bundle(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_, v8::Value>,
) {
    let script = scope.get_slot::<BundleScript>().map(|slot| slot.0.clone());
    let (Some(script), Some(context)) = (script, context_of(scope, arguments.get(0))) else {
        return;
    };
    let scope = &mut v8::ContextScope::new(scope, context);
    let script = v8::Local::new(scope, script).bind_to_current_context(scope);
    // What it throws reaches the caller.
    let _ = script.run(scope);
}

/// `(global, init, settled) => void`: V8 calls `init(promise, parent)` for each promise made in that context, and
/// `settled(promise)` for each one that is resolved or rejected.
fn set_promise_hooks(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_, v8::Value>,
) {
    let hook = |index| v8::Local::<v8::Function>::try_from(arguments.get(index)).ok();
    let (init, settled) = (hook(1), hook(2));
    if let Some(context) = context_of(scope, arguments.get(0)) {
        let scope = &mut v8::ContextScope::new(scope, context);
        scope.set_promise_hooks(init, None, None, settled);
    }
}

fn context_of<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    global: v8::Local<'_, v8::Value>,
) -> Option<v8::Local<'s, v8::Context>> {
    v8::Local::<v8::Object>::try_from(global)
        .ok()?
        .get_creation_context(scope)
}

/// Called by V8 when the stack of an error is first read.
pub(super) fn prepare_stack_trace<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    error: v8::Local<'s, v8::Value>,
    sites: v8::Local<'s, v8::Array>,
) -> v8::Local<'s, v8::Value> {
    let formatter = scope.get_slot::<FormatStack>().map(|slot| slot.0.clone());
    let formatted = formatter.and_then(|formatter| {
        v8::tc_scope!(let scope, scope);
        let formatter = v8::Local::new(scope, formatter);
        let undefined = v8::undefined(scope).into();
        let formatted = formatter.call(scope, undefined, &[error, sites.into()])?;
        Some(v8::Global::new(scope, formatted))
    });
    match formatted {
        Some(formatted) => v8::Local::new(scope, formatted),
        // V8 wants a value even while execution is being terminated.
        None => v8::String::empty(scope).into(),
    }
}
