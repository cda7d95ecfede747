// The executor that gives every run a context of its own, with the whole bundle evaluated in it: built-ins and
// prototypes cannot leak either. Code that is compiled is shared, what it makes is not.
'use strict';
(function installContextPerWorkflow({ global: first, sandboxGlobals, install, native, imports, promiseTraces }) {
  const { freezeGraph } = install.deepFreeze();
  const { freezeIntrinsics } = install.freezeIntrinsics();
  const { rootsOf } = install.intrinsicRoots();

  function makeSandbox(global) {
    const sandbox = { global, current: { activator: undefined } };
    sandboxGlobals.define(global, sandbox.current, {});
    return sandbox;
  }

  // The first context shows whether the bundle can be used at all; no run lives in it.
  const prepare = () => makeSandbox(first);

  // What the host lends to every sandbox is the only thing that runs share.
  function seal() {
    freezeIntrinsics(rootsOf(globalThis));
    freezeGraph(sandboxGlobals.sharedValues());
  }

  function open(run) {
    run.sandbox = makeSandbox(native.newContext());
    native.runBundle(run.sandbox.global);
    imports.watch(run.sandbox);
    sandboxGlobals.settle(run.sandbox.global);
    promiseTraces?.watch(run.sandbox.global, run.sandbox.current);
  }

  const opened = (run) => {
    run.activator = run.sandbox.current.activator;
  };

  // Its context dies with the run, and what the bundle made in it for all runs is for this one alone.
  const disposed = (run) => run.sandbox.global.__TEMPORAL__.api.destroy?.();

  return { prepare, seal, open, opened, enter() {}, leave() {}, begin() {}, close() {}, disposed, destroy() {} };
});
