// Freezes the built-ins of the host context. Workflow code reaches them through what the host lends it (`URL`, the
// objects of an activation), and the host's own scripts and every other run rely on them.
'use strict';
(function installFreezeIntrinsics() {
  const { freeze, getPrototypeOf, getOwnPropertyDescriptor, defineProperty } = Object;
  const isReference = (value) => value !== null && (typeof value === 'object' || typeof value === 'function');

  function freezeWithPrototype(value) {
    if (!isReference(value)) return;
    const prototype = getOwnPropertyDescriptor(value, 'prototype')?.value;
    if (isReference(prototype)) freeze(prototype);
    freeze(value);
  }

  // By `constructor` workflow code reaches from any object to `Object` and `Function` of its realm, by which it could
  // define what is never announced. It finds those of the sandbox there.
  function leadToSandbox(sandbox) {
    const kinds = ['function () {}', 'function* () {}', 'async function () {}', 'async function* () {}'];
    const sandboxKinds = kinds.map((source) => getPrototypeOf(sandbox.eval(`(${source})`)).constructor);
    const hostKinds = [function () {}, function* () {}, async function () {}, async function* () {}];
    hostKinds.forEach((kind, index) => lead(getPrototypeOf(kind), sandboxKinds[index]));
    lead(Object.prototype, sandbox.Object);
    delete Error.captureStackTrace;
  }

  const lead = (prototype, constructor) =>
    defineProperty(prototype, 'constructor', {
      value: constructor,
      writable: false,
      enumerable: false,
      configurable: false,
    });

  // `roots` are the realm's global object and the prototypes that it does not name; `sandbox` is the global object of
  // the only workflow context, if there is one for all runs.
  function freezeIntrinsics(roots, sandbox) {
    if (sandbox !== undefined) leadToSandbox(sandbox);
    for (const name of Reflect.ownKeys(globalThis)) {
      if (name === 'globalThis') continue;
      const value = getOwnPropertyDescriptor(globalThis, name)?.value;
      freezeWithPrototype(value);
      // `Intl` and `WebAssembly` hold constructors of their own.
      if (isReference(value) && typeof value === 'object') {
        for (const key of Reflect.ownKeys(value)) freezeWithPrototype(getOwnPropertyDescriptor(value, key)?.value);
      }
    }
    for (const root of roots) if (root !== globalThis) freezeWithPrototype(root);
  }

  return { freezeIntrinsics };
});
