//! Functions that the JavaScript of the host globals (`js/globals/`) calls: what JavaScript alone cannot do, or not
//! well. They live in closures of those scripts, never on an object that workflow code can reach.

mod console;
mod continuation;
mod encoding;
mod url;
mod values;

use deno_core::v8;

pub(crate) use console::set_console_output;
#[cfg(test)]
pub(crate) use console::set_console_sink;
pub use console::{ConsoleCall, ConsoleCallSink, ConsoleOutput};

/// Defines every native as a property of `target`.
pub(crate) fn install<'s>(scope: &mut v8::PinScope<'s, '_>, target: v8::Local<'s, v8::Object>) {
    define(scope, target, "urlParse", url::parse);
    define(scope, target, "urlSet", url::set);
    define(scope, target, "utf8Encode", encoding::encode);
    define(scope, target, "utf8EncodeInto", encoding::encode_into);
    define(scope, target, "utf8Decode", encoding::decode);
    define(scope, target, "kind", values::kind);
    define(scope, target, "promiseState", values::promise_state);
    define(scope, target, "getContinuationData", continuation::get);
    define(scope, target, "setContinuationData", continuation::set);
    define(scope, target, "print", console::print);
    define(scope, target, "printsValues", console::prints_values);
    define(scope, target, "printValues", console::print_values);
}

/// Defines one function. Does nothing if V8 is out of memory or execution is being terminated, in which case the
/// script that needs the function fails next.
pub(crate) fn define<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    target: v8::Local<'s, v8::Object>,
    name: &str,
    callback: impl v8::MapFnTo<v8::FunctionCallback>,
) {
    let builder =
        v8::Function::builder(callback).constructor_behavior(v8::ConstructorBehavior::Throw);
    let (Some(function), Some(key)) = (builder.build(scope), v8::String::new(scope, name)) else {
        return;
    };
    function.set_name(key);
    target.create_data_property(scope, key.into(), function.into());
}

/// Throws a `RangeError` into the calling script.
fn throw_range_error(scope: &mut v8::PinScope<'_, '_>, message: &str) {
    let text = v8::String::new(scope, message).unwrap_or_else(|| v8::String::empty(scope));
    let error = v8::Exception::range_error(scope, text);
    scope.throw_exception(error);
}

#[cfg(test)]
mod tests;
