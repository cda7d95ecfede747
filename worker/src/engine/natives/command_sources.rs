//! `recordsCommandSources`: whether the place of each command in workflow code is wanted.

use deno_core::v8;

struct RecordsSlot(bool);

/// Decides for this isolate. Counts from before the host's scripts run.
pub(crate) fn record_command_sources(isolate: &mut v8::Isolate, wanted: bool) {
    isolate.set_slot(RecordsSlot(wanted));
}

/// `() => boolean`
pub(super) fn records(
    scope: &mut v8::PinScope<'_, '_>,
    _arguments: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_, v8::Value>,
) {
    result.set_bool(scope.get_slot::<RecordsSlot>().is_some_and(|slot| slot.0));
}
