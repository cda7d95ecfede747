//! The transcoder against `prost-reflect`, which knows the same descriptors and shares no code with it.

mod random_message;
mod round_trips;
mod shapes;

use deno_core::v8;

use super::schema::{MESSAGES, Message, MessageId};
use super::{TranscodeError, Transcoder};
use crate::config::elements::FailureErrorTypes;
use crate::engine::host::{Host, HostSettings};
use crate::engine::platform::initialize_v8;
use crate::engine::{ContextMode, ModuleSharing};

/// Runs `body` with a transcoder in the host context of a fresh isolate.
fn with_transcoder<R>(body: impl FnOnce(&mut v8::PinScope<'_, '_>, &Transcoder) -> R) -> R {
    initialize_v8();
    let mut isolate = v8::Isolate::new(v8::CreateParams::default());
    let settings = HostSettings {
        namespace: "n",
        task_queue: "q",
        activity_names: &[],
        failure_error_types: &FailureErrorTypes::default(),
        context: ContextMode::Shared,
        share_modules: ModuleSharing::Off,
        stack_traces: false,
        show_stack_trace_sources: false,
        patch_activation: false,
        command_sources: false,
    };
    let (host, loading) = Host::create(&mut isolate, &settings).expect("the host's scripts run");
    v8::scope_with_context!(let scope, &mut isolate, &host.host_context);
    let transcoder = Transcoder::new(scope, loading.factories);
    body(scope, &transcoder)
}

/// The type with this full protobuf name.
fn message_id(name: &str) -> MessageId {
    let position = MESSAGES
        .iter()
        .position(|message: &Message| message.name == name);
    MessageId(u16::try_from(position.expect("a type of the protocol")).expect("few types"))
}

/// The value of a JavaScript expression.
fn eval<'s>(scope: &mut v8::PinScope<'s, '_>, source: &str) -> v8::Local<'s, v8::Value> {
    let source = v8::String::new(scope, source).expect("a short string");
    let script = v8::Script::compile(scope, source, None).expect("a script that compiles");
    script.run(scope).expect("a script that does not throw")
}

/// Calls the JavaScript function `source` with `argument`; its result as text.
fn describe(
    scope: &mut v8::PinScope<'_, '_>,
    source: &str,
    argument: v8::Local<'_, v8::Value>,
) -> String {
    let function = v8::Local::<v8::Function>::try_from(eval(scope, source)).expect("a function");
    let undefined = v8::undefined(scope).into();
    let argument = v8::Local::new(scope, argument);
    let result = function
        .call(scope, undefined, &[argument])
        .expect("a function that does not throw");
    result.to_rust_string_lossy(scope)
}

/// Encodes the object that a JavaScript expression makes.
fn encode_expression(
    scope: &mut v8::PinScope<'_, '_>,
    transcoder: &Transcoder,
    name: &str,
    source: &str,
) -> Result<Vec<u8>, TranscodeError> {
    let value = eval(scope, &format!("({source})"));
    let object = v8::Local::<v8::Object>::try_from(value).expect("an object");
    transcoder.encode(scope, message_id(name), object)
}
