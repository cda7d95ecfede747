// Freezes the built-ins of the host context. Workflow code reaches them through what the host lends it (`URL`, the
// objects of an activation), and the host's own scripts and every other run rely on them.
'use strict';
(function installFreezeIntrinsics() {
  const { freeze, getPrototypeOf, getOwnPropertyDescriptor } = Object;
  const isReference = (value) => value !== null && (typeof value === 'object' || typeof value === 'function');

  // Prototypes that no global names.
  const unnamed = () => [
    getPrototypeOf(Uint8Array),
    getPrototypeOf(getPrototypeOf([][Symbol.iterator]())),
    getPrototypeOf([][Symbol.iterator]()),
    getPrototypeOf(new Map()[Symbol.iterator]()),
    getPrototypeOf(new Set()[Symbol.iterator]()),
    getPrototypeOf(''[Symbol.iterator]()),
    getPrototypeOf('a'.matchAll(/a/g)),
    getPrototypeOf(function* () {}),
    getPrototypeOf(async function () {}),
    getPrototypeOf(async function* () {}),
    getPrototypeOf(getPrototypeOf(async function* () {}).prototype),
  ];

  function freezeWithPrototype(value) {
    if (!isReference(value)) return;
    const prototype = getOwnPropertyDescriptor(value, 'prototype')?.value;
    if (isReference(prototype)) freeze(prototype);
    freeze(value);
  }

  function freezeIntrinsics() {
    for (const name of Reflect.ownKeys(globalThis)) {
      if (name === 'globalThis') continue;
      const value = getOwnPropertyDescriptor(globalThis, name)?.value;
      freezeWithPrototype(value);
      // `Intl` and `WebAssembly` hold constructors of their own.
      if (isReference(value) && typeof value === 'object') {
        for (const key of Reflect.ownKeys(value)) freezeWithPrototype(getOwnPropertyDescriptor(value, key)?.value);
      }
    }
    unnamed().forEach(freezeWithPrototype);
  }

  return { freezeIntrinsics };
});
