//! `kind` and `promiseState`: what an object is, found without running a getter or a proxy trap, for objects of any
//! context. `js/globals/` formats and compares values by these names.

use deno_core::v8;

type Test = fn(&v8::Value) -> bool;

/// The first match counts: a proxy is nothing but a proxy, even around a function.
const KINDS: &[(&str, Test)] = &[
    ("proxy", v8::Value::is_proxy),
    ("function", v8::Value::is_function),
    ("array", v8::Value::is_array),
    ("date", v8::Value::is_date),
    ("regexp", v8::Value::is_reg_exp),
    ("error", v8::Value::is_native_error),
    ("map", v8::Value::is_map),
    ("set", v8::Value::is_set),
    ("promise", v8::Value::is_promise),
    ("typedarray", v8::Value::is_typed_array),
    ("dataview", v8::Value::is_data_view),
    ("arraybuffer", v8::Value::is_array_buffer),
    ("sharedarraybuffer", v8::Value::is_shared_array_buffer),
    ("weakmap", v8::Value::is_weak_map),
    ("weakset", v8::Value::is_weak_set),
    ("arguments", v8::Value::is_arguments_object),
    ("boxed", is_boxed),
];

fn is_boxed(value: &v8::Value) -> bool {
    value.is_number_object()
        || value.is_string_object()
        || value.is_boolean_object()
        || value.is_symbol_object()
        || value.is_big_int_object()
}

/// `(value) => string`; `object` for every other object and for primitives.
pub(super) fn kind(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let value = arguments.get(0);
    let name = KINDS
        .iter()
        .find(|(_, test)| test(&value))
        .map_or("object", |(name, _)| name);
    let internalized =
        v8::String::new_from_utf8(scope, name.as_bytes(), v8::NewStringType::Internalized);
    if let Some(name) = internalized {
        result.set(name.into());
    }
}

/// `(promise) => ['pending' | 'fulfilled' | 'rejected', value | undefined]`
pub(super) fn promise_state(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let Ok(promise) = v8::Local::<v8::Promise>::try_from(arguments.get(0)) else {
        return;
    };
    let (name, value): (_, v8::Local<v8::Value>) = match promise.state() {
        v8::PromiseState::Pending => ("pending", v8::undefined(scope).into()),
        v8::PromiseState::Fulfilled => ("fulfilled", promise.result(scope)),
        v8::PromiseState::Rejected => ("rejected", promise.result(scope)),
    };
    let name = v8::String::new(scope, name).unwrap_or_else(|| v8::String::empty(scope));
    result.set(v8::Array::new_with_elements(scope, &[name.into(), value]).into());
}
