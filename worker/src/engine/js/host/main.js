// Puts the host together: the globals of the sandbox, the module cache, and the steps that the engine calls.
// `install` holds the other files of this folder by name, `provided` what the files of `globals/` export, `sandbox` is
// the global object of the workflow context.
'use strict';
(function assembleHost(native, install, provided, sandbox, settings) {
  const { Long } = provided;
  // The activator of the run that is being entered. The bundle reads and sets it as a global of the sandbox.
  const current = { activator: undefined };
  const activatorOf = () => current.activator;
  const messages = install.messages({ Long });
  const { deepFreeze } = install.deepFreeze();
  const { freezeIntrinsics } = install.freezeIntrinsics();
  const globals = install.globalsPerRun({ sandbox });
  const modules = install.moduleCache({ activatorOf });
  const info = install.workflowInfo({ Long });
  const failure = install.failure();
  const sinks = install.sinks(native);
  const { formatStack } = install.stackTrace(native);
  const commandSources = install.commandSources(native);
  const runs = install.runs({
    ...{ sandbox, current, globals, modules, info, failure, sinks, settings, native },
    commandSources,
  });

  const fixed = (value) => ({ value, writable: false, enumerable: true, configurable: false });
  const hidden = (value) => ({ value, writable: false, enumerable: false, configurable: false });

  function defineGlobals() {
    const { URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, assert } = provided;
    const AsyncLocalStorage = provided.makeAsyncLocalStorage(activatorOf, () => sandbox);
    const values = { URL, URLSearchParams, assert, TextEncoder, TextDecoder, AbortController, AsyncLocalStorage };
    for (const name of Object.keys(values)) Object.defineProperty(sandbox, name, fixed(values[name]));
    Object.defineProperty(sandbox, 'console', {
      value: provided.makeConsole(activatorOf),
      writable: true,
      enumerable: false,
      configurable: true,
    });
    // Not configurable: the jobs of a run must never reach another run's activator.
    Object.defineProperty(sandbox, '__TEMPORAL_ACTIVATOR__', {
      get: activatorOf,
      set(activator) {
        current.activator = activator;
      },
      enumerable: true,
      configurable: false,
    });
    install.realmEscape({ sandbox, Buffer: provided.Buffer });
    Object.defineProperty(sandbox, '__webpack_module_cache__', hidden(modules.cache));
    const { Symbol } = sandbox;
    for (const name of ['dispose', 'asyncDispose']) {
      if (typeof Symbol[name] !== 'symbol') Object.defineProperty(Symbol, name, hidden(Symbol.for(`nodejs.${name}`)));
    }
  }

  const preloadModules = () => sandbox.__TEMPORAL__?.preloadModules?.();

  // Fixes the state that every run starts from. Nothing that is shared can be changed after this.
  function seal() {
    runs.watchWorkflowImports();
    install.keepGlobalChangeable({ sandbox });
    globals.capturePristine();
    for (const [name, { value }] of globals.pristineValues()) {
      if (name !== 'globalThis' && name !== '__temporal_globalSandboxDestructors') deepFreeze(value);
    }
    for (const module of modules.seal()) deepFreeze(module);
    freezeIntrinsics();
  }

  return { ...messages, ...runs, formatStack, defineGlobals, preloadModules, seal };
});
