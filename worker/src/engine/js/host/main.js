// Puts the host together: the globals of the sandbox, the executor, and the steps that the engine calls.
// `install` holds the other files of this folder by name, `provided` what the files of `globals/` export, `sandbox` is
// the global object of the workflow context that the bundle is loaded in first.
'use strict';
(function assembleHost(native, install, provided, sandbox, settings) {
  const { Long } = provided;
  const messages = install.messages({ Long });
  const info = install.workflowInfo({ Long });
  const failure = install.failure();
  const sinks = install.sinks(native);
  const stackTrace = install.stackTrace(native);
  const promiseTraces = settings.stackTraces ? install.promiseTraces({ native, stackTrace }) : undefined;
  const sandboxGlobals = install.sandboxGlobals({ provided, install });
  const makeExecutor = settings.context === 'per-workflow' ? install.contextPerWorkflow : install.sharedContext;
  const imports = install.workflowImports();
  const executor = makeExecutor({
    global: sandbox,
    sandboxGlobals,
    install,
    native,
    imports,
    promiseTraces,
    stackTrace,
    settings,
  });
  const sources = install.sourceTexts({ native });
  const commandSites = install.commandSites({ stackTrace });
  const runs = install.runs({ executor, imports, sources, commandSites, info, failure, sinks, settings, native });

  const preloadModules = () => sandbox.__TEMPORAL__?.preloadModules?.();

  return {
    ...messages,
    ...runs,
    formatStack: stackTrace.formatStack,
    defineGlobals: executor.prepare,
    preloadModules,
    seal: executor.seal,
  };
});
