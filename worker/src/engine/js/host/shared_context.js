// The executor that all runs of an isolate share one context in, one at a time: modules evaluated before any run are
// shared and frozen, every run has its own other modules and its own globals.
'use strict';
(function installSharedContext({
  global,
  sandboxGlobals,
  install,
  native,
  imports,
  promiseTraces,
  stackTrace,
  settings,
}) {
  const current = { activator: undefined };
  const { deepFreeze } = install.deepFreeze({ left: [global] });
  const { freezeIntrinsics } = install.freezeIntrinsics();
  const { rootsOf } = install.intrinsicRoots();
  const prototypes = install.prototypesPerRun({ sandbox: global });
  const globals = install.globalsPerRun({ sandbox: global, prototypes });
  const modules = install.moduleCache({ activatorOf: () => current.activator, stackTrace });
  const sandbox = { global };
  const sharing = settings.shareModules === 'off' ? undefined : shareModules();

  function shareModules() {
    const probe = install.moduleProbe({ native, global, current, modules, promiseTraces, stackTrace });
    const state = install.objectState({ native, sandbox: global });
    const weak = install.weakState({ sandbox: global });
    return install.sharedModules({
      native,
      global,
      globals,
      modules,
      probe,
      state,
      weak,
      sandboxGlobals,
      audit: settings.shareModules === 'audit',
    });
  }

  const prepare = () => sandboxGlobals.define(global, current, modules.cache);

  // Fixes the state that every run starts from. Objects and functions are frozen; what has to stay changeable, the
  // global object and prototypes, is given to each run as the bundle left it.
  function seal() {
    imports.watch(sandbox);
    sandboxGlobals.settle(global);
    install.announceDefinitions({ sandbox: global, globals, prototypes });
    globals.capturePristine();
    for (const [name, { value }] of globals.pristineValues()) if (name !== 'globalThis') deepFreeze(value);
    const shared = modules.seal().flatMap((module) => [...deepFreeze(module)]);
    freezeIntrinsics(rootsOf(globalThis), global);
    prototypes.capture([...rootsOf(global), ...shared, ...sandboxGlobals.sharedValues()], [modules.cache]);
    promiseTraces?.watch(global, current);
    sharing?.seal();
  }

  // A place for a new run; the bundle is about to set its activator.
  function open(run, nowMs) {
    sharing?.open(run, nowMs);
    globals.switchTo(run);
    sharing?.switchTo(run);
    forgetLastMatch();
    current.activator = undefined;
    run.sandbox = sandbox;
  }

  const opened = (run) => {
    run.activator = current.activator;
  };

  // The last match of a regular expression is state of the realm too (`RegExp.$1`). Forgotten at the start of every
  // activation, so that it depends neither on other runs nor on the cache.
  const forgetLastMatch = global.eval(
    `(() => { const { exec } = RegExp.prototype; const { apply } = Reflect; const empty = /(?:)/; return () => { apply(exec, empty, ['']); }; })()`
  );

  function enter(run) {
    globals.switchTo(run);
    sharing?.switchTo(run);
    current.activator = run.activator;
  }

  // Nobody owns the globals until the next run is entered: what runs changed is with them alone.
  function leave() {
    globals.release();
    sharing?.release();
    current.activator = undefined;
  }

  // Ends a run, also one that never came to life.
  function close(runId) {
    globals.forget(runId);
    sharing?.forget(runId);
    current.activator = undefined;
    modules.dropOrphans();
  }

  // The worker ends: the bundle's own destructors run.
  const destroy = () => global.__TEMPORAL__.api.destroy?.();

  function begin(run) {
    sharing?.check(run);
    forgetLastMatch();
  }

  return { prepare, seal, open, opened, enter, leave, begin, close, disposed() {}, destroy };
});
