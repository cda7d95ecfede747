// Which line of workflow code each command of the current activation comes from, for what is said about a command: that
// it cannot be sent, or that history has another one.
'use strict';
(function installCommandSites({ stackTrace }) {
  // Commands of one activation whose lines are kept; who has more is told of the first ones.
  const COMMANDS_MAX = 1_000;
  const SDK_SOURCE = /[\\/]@temporalio[\\/]|[\\/](?:workflow|common)[\\/](?:src|lib)[\\/]|^webpack[\\/]/;

  // `pushCommand` is how every part of the SDK, since 1.12 at least, hands a command over.
  function watch(run) {
    const { activator } = run;
    const original = activator?.pushCommand;
    if (typeof original !== 'function') return;
    run.commandSites = [];
    const pushCommand = (command, complete) => {
      if (run.commandSites.length < COMMANDS_MAX) {
        run.commandSites.push([String(Object.keys(command)[0]), stackTrace.sitesAbove(pushCommand)]);
      }
      return original.call(activator, command, complete);
    };
    Object.defineProperty(activator, 'pushCommand', { value: pushCommand, writable: true, configurable: true });
  }

  const restart = (run) => {
    if (run.commandSites?.length > 0) run.commandSites = [];
  };

  function describe([, sites]) {
    if (!Array.isArray(sites)) return undefined;
    for (const site of sites) {
      const { location, mapped } = stackTrace.locate(site);
      if (!mapped || SDK_SOURCE.test(location.file_path)) continue;
      const place = `${location.file_path}:${location.line}:${location.column}`;
      return location.function_name ? `${location.function_name} (${place})` : place;
    }
    return undefined;
  }

  // The line of each command of the activation, in order; undefined where no workflow code is on the stack.
  const lines = (run) => (run.commandSites ?? []).map(describe);

  // For `burdock replay`: the kind and the stack of each command as calls of a sink, in the form of `sinks.encode`.
  function asSinkCalls(run) {
    return (run.commandSites ?? []).map(([kind, sites]) => {
      const stack = ['Error', ...(Array.isArray(sites) ? sites.map(stackTrace.frame) : [])].join('\n');
      return ['__burdock_command', kind, JSON.stringify([stack]), false];
    });
  }

  return { watch, restart, lines, asSinkCalls };
});
