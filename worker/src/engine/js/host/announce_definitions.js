// The functions by which workflow code defines hidden properties or accessors on objects that all runs take turns with
// (the global object, prototypes), or fixes such objects. What they define can always be taken away again, and it is
// announced, because it cannot be seen cheaply.
'use strict';
(function installAnnounceDefinitions({ sandbox, globals, prototypes }) {
  const FIELDS = ['value', 'writable', 'get', 'set', 'enumerable'];
  const { Object: SandboxObject, Reflect: SandboxReflect, Error: SandboxError } = sandbox;

  function replace(holder, name, make) {
    const replacement = { [name]: make(holder[name]) }[name];
    Object.defineProperty(replacement, 'length', { value: holder[name].length, configurable: true });
    Object.defineProperty(holder, name, { value: replacement, writable: true, enumerable: false, configurable: true });
  }

  const isShared = (target) => target === sandbox || prototypes.isTracked(target);

  const announce = (target) => (target === sandbox ? globals.announce() : prototypes.announce(target));

  // Node's contextified global refuses to be frozen too. A prototype only seems to be: code that hardens its built-ins
  // goes on, and the next run can still be given its own.
  const refusing = (original, done) =>
    function (target) {
      if (target === sandbox) throw new sandbox.TypeError('Cannot prevent extensions');
      return prototypes.isTracked(target) ? done(target) : original(target);
    };

  function configurable(descriptor) {
    if (descriptor === null || typeof descriptor !== 'object') return descriptor;
    const copy = { configurable: true };
    for (const field of FIELDS) if (field in descriptor) copy[field] = descriptor[field];
    return copy;
  }

  // A definition on a shared object: announced, and never for good. Fields that are left out keep their values.
  function define(original, target, key, descriptor) {
    announce(target);
    const existing = Object.getOwnPropertyDescriptor(target, key);
    return original(target, key, existing?.configurable === false ? descriptor : configurable(descriptor));
  }

  const definingOne = (original) =>
    function (target, key, descriptor) {
      return isShared(target) ? define(original, target, key, descriptor) : original(target, key, descriptor);
    };

  const definingMany = (original) =>
    function (target, descriptors) {
      if (!isShared(target)) return original(target, descriptors);
      for (const key of Reflect.ownKeys(descriptors))
        define(SandboxReflect.defineProperty, target, key, descriptors[key]);
      return target;
    };

  const announcing = (original) =>
    function (...args) {
      announce(this);
      return Reflect.apply(original, this, args);
    };

  replace(SandboxObject, 'freeze', (original) => refusing(original, (target) => target));
  replace(SandboxObject, 'seal', (original) => refusing(original, (target) => target));
  replace(SandboxObject, 'preventExtensions', (original) => refusing(original, (target) => target));
  replace(SandboxReflect, 'preventExtensions', (original) => refusing(original, () => true));
  replace(SandboxObject, 'defineProperty', definingOne);
  replace(SandboxReflect, 'defineProperty', definingOne);
  replace(SandboxObject, 'defineProperties', definingMany);
  for (const name of ['__defineGetter__', '__defineSetter__']) replace(SandboxObject.prototype, name, announcing);
  replace(
    SandboxError,
    'captureStackTrace',
    (original) =>
      function (target, below) {
        announce(target);
        return original(target, below);
      }
  );
});
