//! `getContinuationData` and `setContinuationData`: V8's continuation-preserved embedder data. V8 stores the value in
//! each promise reaction when it is created and brings it back while the reaction runs. There is one per isolate; the
//! engine sets it to undefined between two entries, so that no run sees the store of another.

use deno_core::v8;

/// `() => value`
pub(super) fn get(
    scope: &mut v8::PinScope<'_, '_>,
    _arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    result.set(scope.get_continuation_preserved_embedder_data());
}

/// `(value) => undefined`
pub(super) fn set(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_, v8::Value>,
) {
    scope.set_continuation_preserved_embedder_data(arguments.get(0));
}
