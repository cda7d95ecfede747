// Where in workflow code each command was issued, for `burdock replay`, which shows it when code and history part ways.
// A stack for each command costs time, so isolates of a worker do without.
'use strict';
(function installCommandSources(native) {
  const FRAMES_MAX = 100;
  const records = native.recordsCommandSources();
  const stacks = new WeakMap();
  if (records) Error.stackTraceLimit = FRAMES_MAX;

  function watch(activator) {
    if (!records || typeof activator.pushCommand !== 'function') return;
    const { pushCommand } = activator;
    const issued = [];
    stacks.set(activator, issued);
    Object.defineProperty(activator, 'pushCommand', {
      value(command, ...rest) {
        issued.push([String(Object.keys(command)[0]), new Error()]);
        return pushCommand.call(activator, command, ...rest);
      },
    });
  }

  // In the form of `sinks.encode`, one call for each command since the last time.
  function take(activator) {
    const issued = stacks.get(activator)?.splice(0) ?? [];
    return issued.map(([kind, { stack }]) => ['__burdock_command', kind, JSON.stringify([stack]), false]);
  }

  return { watch, take };
});
