// Built-ins whose effects arrive when V8's background threads please, and not when history says: their work is done at
// once, or they refuse.
'use strict';
(function installDeterministicBuiltins({ sandbox }) {
  const { WebAssembly, Promise: SandboxPromise, Atomics, TypeError: SandboxTypeError } = sandbox;
  const { Module, Instance } = WebAssembly;

  function replace(holder, name, value) {
    Object.defineProperty(holder, name, { value, writable: true, enumerable: false, configurable: true });
  }

  // The promise is settled before anybody sees it, so its reactions run within the same activation, and within the same
  // run. The executor's own throw rejects it.
  const settled = (work) => new SandboxPromise((resolve) => resolve(work()));

  replace(WebAssembly, 'compile', function compile(bytes) {
    return settled(() => new Module(bytes));
  });

  replace(WebAssembly, 'instantiate', function instantiate(source, imports) {
    return settled(() => {
      if (source instanceof Module) return new Instance(source, imports);
      const module = new Module(source);
      return { module, instance: new Instance(module, imports) };
    });
  });

  // A real clock, and a wake-up outside of every activation.
  replace(Atomics, 'waitAsync', function waitAsync() {
    throw new SandboxTypeError('Atomics.waitAsync is not available to workflows: use `condition` or `sleep`');
  });
});
