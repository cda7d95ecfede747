// webpack's module cache, which the bundle reads as `globalThis.__webpack_module_cache__`: modules evaluated before any
// run exists are shared by all runs; every other module is evaluated once per run, into the run's own cache.
'use strict';
(function installModuleCache({ activatorOf }) {
  const shared = new Map();
  const cache = new Proxy(
    {},
    {
      get(_target, id) {
        const module = shared.get(id);
        return module !== undefined ? module : activatorOf()?.moduleCache.get(id);
      },
      set(_target, id, module) {
        const own = activatorOf()?.moduleCache;
        if (own !== undefined) own.set(id, module);
        else shared.set(id, module);
        return true;
      },
      deleteProperty(_target, id) {
        // webpack drops a module whose evaluation threw.
        const own = activatorOf()?.moduleCache;
        if (own !== undefined) own.delete(id);
        else shared.delete(id);
        return true;
      },
    }
  );
  return { cache, sharedModules: () => [...shared.values()] };
});
