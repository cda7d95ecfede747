// The executor that all runs of an isolate share one context in, one at a time: modules evaluated before any run are
// shared and frozen, every run has its own other modules and its own globals.
'use strict';
(function installSharedContext({ global, sandboxGlobals, install, imports, promiseTraces }) {
  const current = { activator: undefined };
  const { deepFreeze } = install.deepFreeze();
  const { freezeIntrinsics } = install.freezeIntrinsics();
  const globals = install.globalsPerRun({ sandbox: global });
  const modules = install.moduleCache({ activatorOf: () => current.activator });
  const sandbox = { global };

  const prepare = () => sandboxGlobals.define(global, current, modules.cache);

  // Fixes the state that every run starts from. Nothing that is shared can be changed after this.
  function seal() {
    imports.watch(sandbox);
    install.keepGlobalChangeable({ sandbox: global });
    globals.capturePristine();
    for (const [name, { value }] of globals.pristineValues()) {
      if (name !== 'globalThis' && name !== '__temporal_globalSandboxDestructors') deepFreeze(value);
    }
    for (const module of modules.seal()) deepFreeze(module);
    freezeIntrinsics();
    promiseTraces?.watch(global, current);
  }

  // A place for a new run; the bundle is about to set its activator.
  function open(run) {
    globals.switchTo(run);
    current.activator = undefined;
    run.sandbox = sandbox;
  }

  const opened = (run) => {
    run.activator = current.activator;
  };

  function enter(run) {
    globals.switchTo(run);
    current.activator = run.activator;
  }

  // Ends a run, also one that never came to life.
  function close(runId) {
    globals.forget(runId);
    current.activator = undefined;
    modules.dropOrphans();
  }

  // The worker ends: the bundle's own destructors run.
  const destroy = () => global.__TEMPORAL__.api.destroy?.();

  return { prepare, seal, open, opened, enter, close, disposed() {}, destroy };
});
