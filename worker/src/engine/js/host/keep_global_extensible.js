// The global object is shared by all runs and must stay changeable, or the next run could not get its own globals.
// Node's contextified global refuses to be frozen too; only there it is V8's embedder that does.
'use strict';
(function keepGlobalExtensible({ sandbox }) {
  const targets = [
    [sandbox.Object, 'freeze'],
    [sandbox.Object, 'seal'],
    [sandbox.Object, 'preventExtensions'],
    [sandbox.Reflect, 'preventExtensions'],
  ];
  for (const [holder, name] of targets) {
    const original = holder[name];
    const guarded = {
      [name](target) {
        if (target === sandbox) throw new sandbox.TypeError('Cannot prevent extensions');
        return original(target);
      },
    }[name];
    Object.defineProperty(holder, name, { value: guarded, writable: true, enumerable: false, configurable: true });
  }
});
