//! `print`: where the lines of a workflow's `console` go.

use deno_core::v8;

/// Takes a line with its level: `log`, `warn`, `error`, `info` or `debug`.
pub(crate) type ConsoleSink = fn(level: &str, line: &str);

struct ConsoleSlot(ConsoleSink);

/// Sends the console lines of this isolate to `sink` instead of the worker's log.
#[allow(
    dead_code,
    reason = "for a worker that collects console lines; the tests do"
)]
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

fn log_line(level: &str, line: &str) {
    match level {
        "error" => tracing::error!(target: "burdock::workflow::console", "{line}"),
        "warn" => tracing::warn!(target: "burdock::workflow::console", "{line}"),
        "debug" => tracing::debug!(target: "burdock::workflow::console", "{line}"),
        _ => tracing::info!(target: "burdock::workflow::console", "{line}"),
    }
}
