// What Node provides to a workflow besides the language's own built-ins, as properties of a sandbox's global object.
'use strict';
(function installSandboxGlobals({ provided, install }) {
  const fixed = (value) => ({ value, writable: false, enumerable: true, configurable: false });
  const hidden = (value) => ({ value, writable: false, enumerable: false, configurable: false });
  const { URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, assert } = provided;
  const shared = { URL, URLSearchParams, assert, TextEncoder, TextDecoder, AbortController };

  // `current.activator` is the activator of the run that executes; the bundle reads and sets it as a global.
  function defineActivator(global, current) {
    // Not configurable: the jobs of a run must never reach another run's activator.
    Object.defineProperty(global, '__TEMPORAL_ACTIVATOR__', {
      get: () => current.activator,
      set(activator) {
        current.activator = activator;
      },
      enumerable: true,
      configurable: false,
    });
  }

  function defineDisposeSymbols({ Symbol }) {
    for (const name of ['dispose', 'asyncDispose']) {
      if (typeof Symbol[name] !== 'symbol') Object.defineProperty(Symbol, name, hidden(Symbol.for(`nodejs.${name}`)));
    }
  }

  // Must come before the bundle's script; `moduleCache` is where webpack keeps evaluated modules.
  function define(global, current, moduleCache) {
    const activatorOf = () => current.activator;
    for (const name of Object.keys(shared)) Object.defineProperty(global, name, fixed(shared[name]));
    const AsyncLocalStorage = provided.makeAsyncLocalStorage(activatorOf, () => global);
    Object.defineProperty(global, 'AsyncLocalStorage', fixed(AsyncLocalStorage));
    Object.defineProperty(global, 'console', {
      value: provided.makeConsole(activatorOf),
      writable: true,
      enumerable: false,
      configurable: true,
    });
    defineActivator(global, current);
    install.realmEscape({ sandbox: global, Buffer: provided.Buffer });
    Object.defineProperty(global, '__webpack_module_cache__', hidden(moduleCache));
    defineDisposeSymbols(global);
    install.deterministicBuiltins({ sandbox: global });
  }

  // The bundle replaces these. What code assigns to a global of Node's sandbox can be enumerated afterwards.
  function settle(global) {
    for (const name of ['Date', 'WeakRef', 'FinalizationRegistry']) {
      const descriptor = Object.getOwnPropertyDescriptor(global, name);
      if (descriptor?.configurable) Object.defineProperty(global, name, { ...descriptor, enumerable: true });
    }
  }

  // Prototypes of objects that only calls make: no property leads to them.
  function madePrototypes() {
    const events = [];
    const controller = new AbortController();
    controller.signal.addEventListener('abort', (event) => events.push(event));
    controller.abort();
    const made = [controller.signal, controller.signal.reason, ...events, new URLSearchParams('a=1').keys()];
    return made.map(Object.getPrototypeOf);
  }

  // Of objects whose state is in closures of the host, where a run's changes of it cannot be taken back.
  const statefulPrototypes = (global) => [
    AbortController.prototype,
    global.AsyncLocalStorage.prototype,
    ...madePrototypes(),
  ];

  return { define, settle, statefulPrototypes, sharedValues: () => [...Object.values(shared), ...madePrototypes()] };
});
