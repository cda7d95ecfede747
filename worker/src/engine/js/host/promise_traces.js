// Where each pending promise of a run was made, for the queries `__stack_trace` and `__enhanced_stack_trace`: the
// activator's `promiseStackStore` (contract 1.9). Frames become text only when a query asks for them.
'use strict';
(function installPromiseTraces({ native, stackTrace }) {
  const AGGREGATES = new Set(['all', 'allSettled', 'any', 'race']);
  // The frame below workflow code, as text and as location.
  const NEXT_HANDLER = /^\s+at Activator\.\S+NextHandler \(.*[\\/]workflow[\\/](?:src|lib)[\\/]internals\.[jt]s:/;

  class Trace {
    #sites;

    constructor(sites) {
      this.#sites = sites;
    }

    #frames() {
      const frames = this.#sites.map((site) => ({ text: stackTrace.frame(site), ...stackTrace.locate(site) }));
      const end = frames.findIndex(({ text }) => NEXT_HANDLER.test(text));
      return end < 0 ? frames : frames.slice(0, end);
    }

    get formatted() {
      return this.#frames()
        .map(({ text }) => text)
        .join('\n');
    }

    get structured() {
      return this.#frames().map(({ location }) => location);
    }
  }

  const isAggregate = (site) =>
    site !== undefined && !site.getFileName() && AGGREGATES.has(site.getFunctionName()) && !!site.getTypeName();
  const isHosts = (site) => String(site.getFileName()).startsWith('burdock:');
  const isThen = (site) => site !== undefined && !site.getFileName() && site.getFunctionName() === 'then';

  // V8 calls `init` for every promise that is made and `settled` for every one that is resolved or rejected.
  function hooks(current) {
    // The promise that `Promise.all` and the like is about to return: it stands for those that it makes inside.
    let aggregate;

    function record(store, promise, parent) {
      const sites = stackTrace.sitesAbove(init);
      if (!Array.isArray(sites)) return;
      let trace = new Trace(sites.slice(0, stackTrace.FRAMES).filter((site) => !isHosts(site)));
      if (aggregate !== undefined && isThen(sites[0]) && isAggregate(sites[1])) {
        promise = aggregate;
        trace = store.promiseToStack.get(aggregate) ?? trace;
      } else {
        aggregate = isAggregate(sites[0]) ? promise : undefined;
      }
      if (promise === parent) return;
      store.promiseToStack.set(promise, trace);
      const parents = store.childToParent.get(promise) ?? new Set();
      if (parent) parents.add(parent);
      store.childToParent.set(promise, parents);
    }

    function init(promise, parent) {
      const store = current.activator?.promiseStackStore;
      if (store !== undefined) record(store, promise, parent);
    }

    function settled(promise) {
      const store = current.activator?.promiseStackStore;
      if (store === undefined) return;
      store.childToParent.delete(promise);
      store.promiseToStack.delete(promise);
    }

    return { init, settled };
  }

  function watch(global, current) {
    const { init, settled } = hooks(current);
    native.setPromiseHooks(global, init, settled);
  }

  return { watch };
});
