// Entries of shared weak maps and weak sets. They cannot be listed, but only four functions change them: those note what they do to
// entries that another run could ask for, that is, whose key is shared too.
'use strict';
(function installWeakState({ sandbox }) {
  const { apply } = Reflect;
  const { defineProperty, isFrozen, hasOwn, is } = Object;
  const METHODS = {
    WeakMap: {
      change: ['set', 'delete'],
      read: (holder, key, { has, get }) =>
        apply(has, holder, [key]) ? { value: apply(get, holder, [key]) } : undefined,
      put: (holder, key, entry, { set, delete: remove }) =>
        entry === undefined ? apply(remove, holder, [key]) : apply(set, holder, [key, entry.value]),
    },
    WeakSet: {
      change: ['add', 'delete'],
      read: (holder, key, { has }) => (apply(has, holder, [key]) ? {} : undefined),
      put: (holder, key, entry, { add, delete: remove }) => apply(entry === undefined ? remove : add, holder, [key]),
    },
  };
  // Of the entered run: isShared(object), and what it has touched, holder -> key -> pristine entry.
  let isShared = () => false;
  let touched = new Map();
  const kinds = new Map();

  // Template objects are made once for each place in the code, whoever executes it first.
  const isTemplate = (key) => Array.isArray(key) && isFrozen(key) && hasOwn(key, 'raw');

  function note(holder, key, kind) {
    if (!isShared(holder) || !(isShared(key) || isTemplate(key))) return;
    kinds.set(holder, kind);
    let keys = touched.get(holder);
    if (keys === undefined) touched.set(holder, (keys = new Map()));
    if (!keys.has(key)) keys.set(key, kind.read(holder, key));
  }

  for (const [name, { change, read, put }] of Object.entries(METHODS)) {
    const { prototype } = sandbox[name];
    const originals = Object.fromEntries(
      ['get', 'set', 'has', 'add', 'delete'].filter((key) => hasOwn(prototype, key)).map((key) => [key, prototype[key]])
    );
    const kind = {
      read: (holder, key) => read(holder, key, originals),
      put: (holder, key, entry) => put(holder, key, entry, originals),
    };
    for (const method of change) {
      const original = originals[method];
      const replacement = {
        [method](...args) {
          note(this, args[0], kind);
          return apply(original, this, args);
        },
      }[method];
      defineProperty(replacement, 'length', { value: original.length, configurable: true });
      defineProperty(prototype, method, { value: replacement, writable: true, enumerable: false, configurable: true });
    }
  }

  // What the entered run made of shared entries, [holder, key, entry or undefined][]; puts the pristine ones back.
  function takeChanges() {
    if (touched.size === 0) return undefined;
    const changes = [];
    for (const [holder, keys] of touched) {
      const kind = kinds.get(holder);
      for (const [key, pristine] of keys) {
        const now = kind.read(holder, key);
        if ((now === undefined) === (pristine === undefined) && is(now?.value, pristine?.value)) continue;
        changes.push([holder, key, now]);
        kind.put(holder, key, pristine);
      }
    }
    touched = new Map();
    return changes.length > 0 ? changes : undefined;
  }

  // Puts the entries of a run in place.
  function applyChanges(changes) {
    for (const [holder, key, entry] of changes) {
      const kind = kinds.get(holder);
      note(holder, key, kind);
      kind.put(holder, key, entry);
    }
  }

  const watch = (test) => {
    isShared = test;
  };

  return { watch, takeChanges, applyChanges };
});
