//! One entry into the sandbox: a call under the watchdog, then all microtasks that it left.

use deno_core::v8;

use super::transcode::TranscodeError;
use super::watchdog::{Stop, Watchdog};

/// Why an entry did not return.
pub(super) enum EntryError {
    /// JavaScript threw this value.
    Threw(v8::Global<v8::Value>),
    /// The entry was stopped from outside.
    Stopped(Stop),
    /// A value could not cross the border.
    Transcode(TranscodeError),
}

/// Calls `function` with `arguments` and drains the microtask queue, so that no microtask of this run is left when
/// another run is entered.
pub(super) fn enter<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    watchdog: &Watchdog,
    function: &v8::Global<v8::Function>,
    arguments: &[v8::Local<'s, v8::Value>],
) -> Result<v8::Local<'s, v8::Value>, EntryError> {
    let value = guarded(scope, watchdog, |scope| {
        let function = v8::Local::new(scope, function);
        let undefined = v8::undefined(scope).into();
        let value = function
            .call(scope, undefined, arguments)
            .ok_or_else(TranscodeError::threw)?;
        let value = v8::Global::new(scope, value);
        scope.perform_microtask_checkpoint();
        Ok(value)
    })?;
    Ok(v8::Local::new(scope, value))
}

/// Runs `body`, which may call into JavaScript, under the watchdog.
pub(super) fn guarded<R>(
    scope: &mut v8::PinScope<'_, '_>,
    watchdog: &Watchdog,
    body: impl FnOnce(&mut v8::PinScope<'_, '_>) -> Result<R, TranscodeError>,
) -> Result<R, EntryError> {
    reset_continuation(scope);
    watchdog.arm();
    let result = {
        v8::tc_scope!(let scope, scope);
        body(scope).map_err(|error| match error {
            TranscodeError::Threw { .. } => thrown(
                scope.exception().map(|value| v8::Global::new(scope, value)),
                error,
            ),
            other => EntryError::Transcode(other),
        })
    };
    if let Some(stop) = watchdog.disarm() {
        discard_microtasks(scope);
        return Err(EntryError::Stopped(stop));
    }
    result
}

fn thrown(exception: Option<v8::Global<v8::Value>>, error: TranscodeError) -> EntryError {
    exception.map_or(EntryError::Transcode(error), EntryError::Threw)
}

/// Async context is per isolate; the next run must not see the last one's.
fn reset_continuation(scope: &mut v8::PinScope<'_, '_>) {
    let undefined = v8::undefined(scope).into();
    scope.set_continuation_preserved_embedder_data(undefined);
}

/// Empties the queue of a stopped run: V8 drops a whole queue when execution is terminated inside a checkpoint.
fn discard_microtasks(scope: &mut v8::PinScope<'_, '_>) {
    scope.terminate_execution();
    scope.perform_microtask_checkpoint();
    scope.cancel_terminate_execution();
}

/// What an error says, for a message. Its own `toString` is workflow code: it runs under the watchdog too.
pub(super) fn error_text(
    scope: &mut v8::PinScope<'_, '_>,
    watchdog: &Watchdog,
    error: EntryError,
) -> String {
    match error {
        EntryError::Threw(value) => guarded(scope, watchdog, |scope| {
            let value = v8::Local::new(scope, value);
            let text = value
                .to_detail_string(scope)
                .ok_or_else(TranscodeError::threw)?;
            Ok(text.to_rust_string_lossy(scope))
        })
        .unwrap_or_else(|_| "a value that cannot be described".to_owned()),
        EntryError::Stopped(Stop::Deadline) => {
            format!("it ran longer than {} ms", watchdog.timeout().as_millis())
        }
        EntryError::Stopped(Stop::ProcessLimit) => {
            "it took memory while the process was at its limit".to_owned()
        }
        EntryError::Stopped(Stop::HeapLimit) => "it filled the heap of its isolate".to_owned(),
        EntryError::Transcode(error) => error.to_string(),
    }
}
