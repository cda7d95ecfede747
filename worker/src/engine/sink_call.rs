//! Calls of sinks that workflow code made, on their way to the worker.

use deno_core::v8;

/// The sink that the host itself calls for each command, if asked to: the function is the command's kind, the argument
/// the stack.
pub const COMMAND_SOURCE_SINK: &str = "__burdock_command";

/// One call of a sink function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkCall {
    /// Name of the sink, for example `__temporal_logger`.
    pub interface: String,
    /// Name of its function.
    pub function: String,
    /// The arguments as a JSON array; what JSON lacks is written as text.
    pub arguments_json: String,
    /// The call was made while events of history were replayed.
    pub replaying: bool,
    /// The run's `workflowInfo()` at the time of the call, as a JSON object without its functions; nothing for the
    /// SDK's own sinks.
    pub info_json: Option<String>,
}

impl SinkCall {
    /// Reads `[interface, function, arguments, replaying, info]` as `js/host/sinks.js` writes it.
    pub(super) fn read(
        scope: &mut v8::PinScope<'_, '_>,
        value: v8::Local<'_, v8::Value>,
    ) -> Option<Self> {
        let call = v8::Local::<v8::Array>::try_from(value).ok()?;
        let text = |index| Some(call.get_index(scope, index)?.to_rust_string_lossy(scope));
        let (interface, function, arguments_json) = (text(0)?, text(1)?, text(2)?);
        let replaying = call.get_index(scope, 3)?.is_true();
        let info = call.get_index(scope, 4)?;
        let info_json = info.is_string().then(|| info.to_rust_string_lossy(scope));
        Some(Self {
            interface,
            function,
            arguments_json,
            replaying,
            info_json,
        })
    }
}
