// The `console` of workflow code: five methods that prefix a line with the workflow and stay silent on replay.
(function installConsole(native, host) {
  'use strict';
  const { print, printValues } = native;
  const { format, valuesToJson } = host;

  // undefined: print nothing.
  function prefixOf(activator) {
    if (activator === undefined || activator === null) return '[not in workflow context]';
    const { info } = activator;
    return info.unsafe.isReplayingHistoryEvents ? undefined : `[${info.workflowType}(${info.workflowId})]`;
  }

  // For a program that reads the output: the values themselves.
  function writeValues(info, level, args) {
    if (info?.unsafe.isReplayingHistoryEvents) return;
    printValues(level, valuesToJson(args), info?.runId, info?.workflowId);
  }

  // `getActivator` returns the Activator of the running workflow or undefined.
  // Node passes the prefix as the first argument of its console, which leaves `%s` in the user's first argument
  // unexpanded; here the user's arguments are formatted on their own and directives work.
  function makeConsole(getActivator) {
    const printsValues = native.printsValues();
    const write = (level, args) => {
      try {
        if (printsValues) return writeValues(getActivator()?.info, level, args);
        const prefix = prefixOf(getActivator());
        if (prefix === undefined) return;
        print(level, args.length === 0 ? prefix : `${prefix} ${format(...args)}`);
      } catch {
        // Logging never fails a workflow.
      }
    };
    const methods = {
      log: (...args) => write('log', args),
      warn: (...args) => write('warn', args),
      error: (...args) => write('error', args),
      info: (...args) => write('info', args),
      debug: (...args) => write('debug', args),
    };
    return methods;
  }

  return { makeConsole };
});
