// Freezes what all runs of a context share. The limits are those of the Node worker's shared-context executor (contract
// 1.9): functions are frozen but not entered, prototypes stay mutable so that polyfills load, and the contents of maps,
// sets and closures cannot be reached.
'use strict';
(function installDeepFreeze({ left = [] } = {}) {
  const { freeze, isFrozen, getOwnPropertyDescriptor, getPrototypeOf } = Object;
  const { ownKeys } = Reflect;
  const isReference = (value) => value !== null && (typeof value === 'object' || typeof value === 'function');

  function readValue(object, key) {
    const descriptor = getOwnPropertyDescriptor(object, key);
    if (descriptor === undefined) return undefined;
    // Exports of webpack modules are getters; what they return is shared too.
    return 'value' in descriptor ? descriptor.value : object[key];
  }

  // Returns what it came by.
  function deepFreeze(root) {
    // What is left alone is the global object, which modules and webpack's own function refer to.
    const visited = new Set(left);
    const pending = [root];
    while (pending.length > 0) {
      const object = pending.pop();
      if (!isReference(object) || visited.has(object) || isFrozen(object)) continue;
      visited.add(object);
      if (typeof object === 'object') {
        for (const key of ownKeys(object)) {
          try {
            pending.push(readValue(object, key));
          } catch {
            // A getter that throws outside a workflow has nothing to freeze.
          }
        }
      }
      try {
        freeze(object);
      } catch {
        // Typed arrays with elements cannot be frozen.
      }
    }
    return visited;
  }

  // Freezes all that can be reached from `roots` without calling anything, prototypes and accessors too.
  function freezeGraph(roots) {
    const visited = new Set();
    const pending = [...roots];
    while (pending.length > 0) {
      const object = pending.pop();
      if (!isReference(object) || visited.has(object)) continue;
      visited.add(object);
      pending.push(getPrototypeOf(object));
      for (const key of ownKeys(object)) {
        const { value, get, set } = getOwnPropertyDescriptor(object, key);
        pending.push(value, get, set);
      }
      if (!ArrayBuffer.isView(object)) freeze(object);
    }
  }

  return { deepFreeze, freezeGraph };
});
