//! `print` and `printValues`: where the output of a workflow's `console` goes.

use deno_core::v8;

/// Takes a line with its level: `log`, `warn`, `error`, `info` or `debug`.
pub(crate) type ConsoleSink = fn(level: &str, line: &str);

/// Takes one call of a `console` method with its values.
pub type ConsoleCallSink = fn(call: &ConsoleCall);

/// One call of a `console` method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleCall {
    /// `log`, `warn`, `error`, `info` or `debug`.
    pub level: String,
    /// The run that made it; nothing while the bundle is loaded.
    pub run_id: Option<String>,
    /// That run's workflow id.
    pub workflow_id: Option<String>,
    /// The arguments as a JSON array; what JSON lacks is written as text.
    pub arguments_json: String,
}

/// Where the output of `console` goes.
#[derive(Clone, Copy, Debug, Default)]
pub enum ConsoleOutput {
    /// To the worker's log, one formatted line with a prefix for each call.
    #[default]
    Log,
    /// To a function, call by call.
    Calls(ConsoleCallSink),
}

struct ConsoleSlot(ConsoleSink);

struct OutputSlot(ConsoleOutput);

/// Decides where the console of this isolate writes. Counts from before the host's scripts run.
pub(crate) fn set_console_output(isolate: &mut v8::Isolate, output: ConsoleOutput) {
    isolate.set_slot(OutputSlot(output));
}

/// Sends the console lines of this isolate to `sink` instead of the worker's log.
#[cfg(test)]
pub(crate) fn set_console_sink(isolate: &mut v8::Isolate, sink: ConsoleSink) {
    isolate.set_slot(ConsoleSlot(sink));
}

/// `(level, line) => undefined`
pub(super) fn print(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_, v8::Value>,
) {
    let level = arguments.get(0).to_rust_string_lossy(scope);
    let line = arguments.get(1).to_rust_string_lossy(scope);
    let sink = scope
        .get_slot::<ConsoleSlot>()
        .map_or(log_line as ConsoleSink, |slot| slot.0);
    sink(&level, &line);
}

/// `() => boolean`: whether console calls go out as values instead of lines.
pub(super) fn prints_values(
    scope: &mut v8::PinScope<'_, '_>,
    _arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    result.set_bool(call_sink(scope).is_some());
}

/// `(level, argumentsJson, runId?, workflowId?) => undefined`
pub(super) fn print_values(
    scope: &mut v8::PinScope<'_, '_>,
    arguments: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_, v8::Value>,
) {
    let Some(sink) = call_sink(scope) else { return };
    let call = ConsoleCall {
        level: arguments.get(0).to_rust_string_lossy(scope),
        arguments_json: arguments.get(1).to_rust_string_lossy(scope),
        run_id: text(scope, arguments.get(2)),
        workflow_id: text(scope, arguments.get(3)),
    };
    sink(&call);
}

fn call_sink(scope: &mut v8::PinScope<'_, '_>) -> Option<ConsoleCallSink> {
    match scope.get_slot::<OutputSlot>()?.0 {
        ConsoleOutput::Calls(sink) => Some(sink),
        ConsoleOutput::Log => None,
    }
}

fn text(scope: &mut v8::PinScope<'_, '_>, value: v8::Local<'_, v8::Value>) -> Option<String> {
    value.is_string().then(|| value.to_rust_string_lossy(scope))
}

fn log_line(level: &str, line: &str) {
    match level {
        "error" => tracing::error!(target: "burdock::workflow::console", "{line}"),
        "warn" => tracing::warn!(target: "burdock::workflow::console", "{line}"),
        "debug" => tracing::debug!(target: "burdock::workflow::console", "{line}"),
        _ => tracing::info!(target: "burdock::workflow::console", "{line}"),
    }
}
