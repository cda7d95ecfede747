// The global object is shared by all runs, one after the other, and must stay changeable, or the next run could not get
// its own globals: it cannot be frozen, and what workflow code defines on it can always be taken away again.
'use strict';
(function keepGlobalChangeable({ sandbox }) {
  const FIELDS = ['value', 'writable', 'get', 'set', 'enumerable'];
  const { Object: SandboxObject, Reflect: SandboxReflect } = sandbox;

  function replace(holder, name, make) {
    const replacement = { [name]: make(holder[name]) }[name];
    Object.defineProperty(holder, name, { value: replacement, writable: true, enumerable: false, configurable: true });
  }

  // Node's contextified global refuses to be frozen too.
  const refusing = (original) =>
    function (target) {
      if (target === sandbox) throw new sandbox.TypeError('Cannot prevent extensions');
      return original(target);
    };

  function configurable(descriptor) {
    if (descriptor === null || typeof descriptor !== 'object') return descriptor;
    const copy = { configurable: true };
    for (const field of FIELDS) if (field in descriptor) copy[field] = descriptor[field];
    return copy;
  }

  const definingOne = (original) =>
    function (target, key, descriptor) {
      return original(target, key, target === sandbox ? configurable(descriptor) : descriptor);
    };

  const definingMany = (original) =>
    function (target, descriptors) {
      if (target !== sandbox) return original(target, descriptors);
      const copy = {};
      for (const key of Reflect.ownKeys(descriptors)) copy[key] = configurable(descriptors[key]);
      return original(target, copy);
    };

  for (const name of ['freeze', 'seal', 'preventExtensions']) replace(SandboxObject, name, refusing);
  replace(SandboxReflect, 'preventExtensions', refusing);
  replace(SandboxObject, 'defineProperty', definingOne);
  replace(SandboxReflect, 'defineProperty', definingOne);
  replace(SandboxObject, 'defineProperties', definingMany);
});
