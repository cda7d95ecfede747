//! Natives of the host's own scripts: clock and source map.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use burdock_bundle::Bundle;
use deno_core::v8;

use super::natives;

/// The bundle that the isolate runs, in a slot of the isolate.
pub(super) struct BundleSlot(pub(super) Arc<Bundle>);

/// `js/host/stack_trace.js`'s `formatStack`, in a slot of the isolate.
pub(super) struct FormatStack(pub(super) v8::Global<v8::Function>);

/// The `native` object that installers get.
pub(super) fn natives_object<'s>(scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Object> {
    let target = v8::Object::new(scope);
    natives::install(scope, target);
    natives::define(scope, target, "getTimeOfDay", get_time_of_day);
    natives::define(scope, target, "originalPosition", original_position);
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
