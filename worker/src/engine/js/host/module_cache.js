// webpack's module cache, which the bundle reads as `globalThis.__webpack_module_cache__`: modules evaluated before the
// host is sealed are shared by all runs, and so are those of an instance (`shared_modules.js`) by its runs; every other module is
// evaluated once per run, into the run's own cache.
'use strict';
(function installModuleCache({ activatorOf, stackTrace }) {
  // webpack's own function, which it hands to every module, and which leads to all their factories.
  let webpackRequire;
  const shared = new Map();
  // For modules that late microtasks of a run without an activator evaluate; never shared, dropped at the next chance.
  let orphans = new Map();
  let sealed = false;

  const callerNamed = (name, below) =>
    stackTrace
      ?.sitesAbove(below)
      .map((site) => site.getFunction())
      .find((caller) => caller?.name === name);

  // While modules are evaluated for all runs: `{ get, set }`, instead of a run's cache.
  let evaluation;
  // Modules of the instance that the entered run shares.
  let instance = new Map();

  const cacheNow = () => evaluation ?? activatorOf()?.moduleCache ?? (sealed ? orphans : shared);

  const cache = new Proxy(
    {},
    {
      get(_target, id) {
        return shared.get(id) ?? instance.get(id) ?? cacheNow().get(id);
      },
      set(_target, id, module) {
        if (!sealed) webpackRequire ??= callerNamed('__webpack_require__', this.set);
        cacheNow().set(id, module);
        return true;
      },
      deleteProperty(_target, id) {
        // webpack drops a module whose evaluation threw.
        cacheNow().delete(id);
        return true;
      },
    }
  );

  // What runs share from now on.
  function seal() {
    sealed = true;
    const parts = webpackRequire === undefined ? [] : [webpackRequire, ...Object.values(webpackRequire)];
    return [...shared.values(), ...parts.filter((part) => part !== cache)];
  }

  function dropOrphans() {
    if (orphans.size > 0) orphans = new Map();
  }

  // Evaluates modules by `body(require)` into `evaluated`, for all runs; it may be observed: `{ get, set, delete }`.
  function evaluateFor(evaluated, body) {
    if (webpackRequire === undefined) throw new Error('webpack modules were not found');
    evaluation = evaluated;
    try {
      return body(webpackRequire);
    } finally {
      evaluation = undefined;
    }
  }

  const use = (modules) => {
    instance = modules;
  };

  return { cache, seal, dropOrphans, evaluateFor, use };
});
