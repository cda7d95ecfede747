//! Private fields of classes, which scripts can only reach from within the class.

use deno_core::v8;

use super::handles::{handles, object};
use super::instance::elements;
use super::natives::sharing;

/// `(object) => names | undefined`: the names of an object's private fields, for the two functions below alone.
pub(super) fn private_names(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let Some(sharing) = sharing(scope) else {
        return;
    };
    if !arguments.get(0).is_object() {
        return;
    }
    // SAFETY: a handle to an object; nothing is allocated before the names are handles.
    let names = unsafe {
        let isolate: &v8::Isolate = scope;
        let isolate = isolate.as_raw_isolate_ptr();
        sharing
            .borrow()
            .kinds
            .private_names(isolate, object(arguments.get(0)))
    };
    let holder = arguments.get(0);
    let names: Vec<_> = handles(scope, &names)
        .into_iter()
        .filter(|name| private_value(scope, holder, *name).is_some())
        .collect();
    if !names.is_empty() {
        result.set(v8::Array::new_with_elements(scope, &names).into());
    }
}

/// `(object, names) => values`.
pub(super) fn private_values(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    let Ok(names) = v8::Local::<v8::Array>::try_from(arguments.get(1)) else {
        return;
    };
    let holder = arguments.get(0);
    let undefined = v8::undefined(scope).into();
    let values: Vec<_> = elements(scope, names)
        .into_iter()
        .map(|name| private_value(scope, holder, name).unwrap_or(undefined))
        .collect();
    result.set(v8::Array::new_with_elements(scope, &values).into());
}

/// `(object, names, values) => void`.
pub(super) fn set_private_values(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_, v8::Value>,
) {
    let lists = [1, 2].map(|index| v8::Local::<v8::Array>::try_from(arguments.get(index)));
    let (Ok(holder), [Ok(names), Ok(values)]) =
        (v8::Local::<v8::Object>::try_from(arguments.get(0)), lists)
    else {
        return;
    };
    let names = elements(scope, names);
    let values = elements(scope, values);
    for (name, value) in names.into_iter().zip(values) {
        v8::tc_scope!(let scope, scope);
        let _ = holder.set(scope, name, value);
    }
}

/// The value of a private field; V8 throws where there is none.
fn private_value<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    holder: v8::Local<'_, v8::Value>,
    name: v8::Local<'_, v8::Value>,
) -> Option<v8::Local<'s, v8::Value>> {
    let holder = v8::Local::<v8::Object>::try_from(holder).ok()?;
    let value = {
        v8::tc_scope!(let scope, scope);
        let value = holder.get(scope, name)?;
        v8::Global::new(scope, value)
    };
    Some(v8::Local::new(scope, value))
}
