// AsyncLocalStorage over V8's continuation-preserved embedder data: one value per isolate which V8 saves when a
// promise reaction is created and restores while the reaction runs, so a store follows `await` and `then`.
(function installAsyncLocalStorage(native, host) {
  'use strict';
  const { getContinuationData, setContinuationData } = native;
  const { invalidArgument } = host;
  const { apply } = Reflect;

  // A frame is an immutable flat list [storage, store, storage, store, ...]; undefined is the empty frame. A workflow
  // has a handful of storages, so a scan beats a Map in time and, more important here, in bytes per pending promise.
  function lookUp(frame, storage) {
    if (frame === undefined) return undefined;
    for (let i = 0; i < frame.length; i += 2) if (frame[i] === storage) return frame[i + 1];
    return undefined;
  }

  // Replaces instead of stacking, so that a long chain of `run` calls does not keep every earlier store alive.
  function withStore(frame, storage, store) {
    const next = [];
    if (frame !== undefined) {
      for (let i = 0; i < frame.length; i += 2) if (frame[i] !== storage) next.push(frame[i], frame[i + 1]);
    }
    if (store !== undefined) next.push(storage, store);
    return next.length === 0 ? undefined : next;
  }

  function runInFrame(frame, callback, receiver, args) {
    const previous = getContinuationData();
    setContinuationData(frame);
    try {
      return apply(callback, receiver, args);
    } finally {
      setContinuationData(previous);
    }
  }

  function requireFunction(fn) {
    if (typeof fn !== 'function') throw invalidArgument('fn', 'of type function', fn);
  }

  function makeAsyncLocalStorage(getActivator, getSandboxGlobal) {
    // Storages made while a workflow is active die with it; the others with the sandbox. True for the others.
    function registerDestructor(destructor) {
      const activator = getActivator();
      if (activator) {
        activator.workflowSandboxDestructors?.push(destructor);
        return false;
      }
      const sandbox = getSandboxGlobal();
      if (sandbox.__temporal_globalSandboxDestructors === undefined) {
        Object.defineProperty(sandbox, '__temporal_globalSandboxDestructors', { value: [] });
      }
      sandbox.__temporal_globalSandboxDestructors.push(destructor);
      return true;
    }

    return class AsyncLocalStorage {
      #enabled = false;
      // A storage that all runs share: SDKs before 1.15 disable it whenever one run ends, which must not reach the
      // continuations of the others.
      #shared;

      constructor(name = 'anonymous') {
        this.name = name;
        this.#shared = registerDestructor(this.disable.bind(this));
      }

      static bind(fn) {
        requireFunction(fn);
        const frame = getContinuationData();
        const bound = function (...args) {
          return runInFrame(frame, fn, this, args);
        };
        return Object.defineProperty(bound, 'length', { value: fn.length, configurable: true });
      }

      static snapshot() {
        const frame = getContinuationData();
        return (fn, ...args) => runInFrame(frame, fn, undefined, args);
      }

      // Until the next `run` or `enterWith` every continuation, also one created earlier, reads undefined.
      disable() {
        if (!this.#enabled) return;
        this.#enabled = this.#shared;
        setContinuationData(withStore(getContinuationData(), this, undefined));
      }

      enterWith(store) {
        this.#enabled = true;
        setContinuationData(withStore(getContinuationData(), this, store));
      }

      run(store, callback, ...args) {
        this.#enabled = true;
        return runInFrame(withStore(getContinuationData(), this, store), callback, null, args);
      }

      exit(callback, ...args) {
        return runInFrame(withStore(getContinuationData(), this, undefined), callback, null, args);
      }

      getStore() {
        return this.#enabled ? lookUp(getContinuationData(), this) : undefined;
      }
    };
  }

  return { makeAsyncLocalStorage };
});
