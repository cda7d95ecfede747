// What can be changed of an object: a snapshot of it, what differs from a snapshot later, and how it is put back. Own properties
// with their order, the prototype, private fields, contents of maps, sets, dates and buffers.
'use strict';
(function installObjectState({ native, sandbox }) {
  const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf, isExtensible, is, hasOwn } = Object;
  const { ownKeys, deleteProperty, apply } = Reflect;
  const { kind, privateNames, privateValues, setPrivateValues, hasFastElements, exchangeTables } = native;
  const NONE = Object.freeze([]);

  // What programs do to prototypes must not reach this code, whatever realm an object is of.
  // Keys and values in turn.
  function mapEntries(map) {
    const entries = [];
    apply(eachEntry, map, [(value, key) => entries.push(key, value)]);
    return entries;
  }
  const setValues = (set) => [...Set.prototype.values.call(set)];
  const { forEach: eachEntry } = Map.prototype;
  const { getTime: timeOf, setTime } = Date.prototype;
  const slice = Array.prototype.slice;
  const { compile } = sandbox.RegExp.prototype;
  const [sourceOf, flagsOf] = ['source', 'flags'].map((name) => getOwnPropertyDescriptor(RegExp.prototype, name).get);
  const { prototype: typedArrayPrototype } = getPrototypeOf(Uint8Array);
  const bufferOf = getOwnPropertyDescriptor(typedArrayPrototype, 'buffer').get;
  // What these return is made at the first call, and kept.
  const bound = [
    ['NumberFormat', 'format'],
    ['DateTimeFormat', 'format'],
    ['Collator', 'compare'],
  ].map(([name, key]) => {
    const { prototype } = sandbox.Intl[name];
    return { prototype, get: getOwnPropertyDescriptor(prototype, key).get };
  });
  const viewOf = (buffer) => new Uint8Array(buffer);
  const isReference = (value) =>
    value !== null && (typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol');
  const isIndex = (key) => typeof key === 'string' && /^(0|[1-9]\d*)$/.test(key);

  const same = (a, b) =>
    a !== undefined &&
    b !== undefined &&
    is(a.value, b.value) &&
    a.get === b.get &&
    a.set === b.set &&
    a.writable === b.writable &&
    a.enumerable === b.enumerable &&
    a.configurable === b.configurable;

  // Contents that no property shows, by the kind of object; each with how it is read, compared and put back.
  const sameList = (a, b) => a.length === b.length && a.every((value, index) => is(value, b[index]));
  const CONTENTS = {
    map: {
      read: mapEntries,
      same: sameList,
      hold(entries) {
        const holder = new Map();
        for (let at = 0; at < entries.length; at += 2) holder.set(entries[at], entries[at + 1]);
        return holder;
      },
    },
    set: {
      read: setValues,
      same: sameList,
      hold: (values) => new Set(values),
    },
    date: { read: (date) => apply(timeOf, date, NONE), same: is, put: (date, time) => apply(setTime, date, [time]) },
    arraybuffer: {
      read: (buffer) => viewOf(buffer).slice(),
      same: sameList,
      put: (buffer, bytes) => viewOf(buffer).set(bytes),
    },
    regexp: {
      read: (pattern) => [apply(sourceOf, pattern, NONE), apply(flagsOf, pattern, NONE)],
      same: sameList,
      put: (pattern, [source, flags]) => apply(compile, pattern, [source, flags]),
    },
  };

  const contentsOf = (object) => {
    const name = kind(object);
    return hasOwn(CONTENTS, name) ? CONTENTS[name] : undefined;
  };

  // A buffer that was detached or resized is another one.
  const isFixed = (object) => kind(object) === 'arraybuffer';

  const isTyped = (object) => ArrayBuffer.isView(object);

  // Keys of the properties that are looked at one by one: not the elements of an array whose elements are all plain.
  function namedKeys(object, elements) {
    const keys = ownKeys(object);
    return elements === undefined && !isTyped(object) ? keys : keys.filter((key) => !isIndex(key));
  }

  function elementsOf(object) {
    return Array.isArray(object) && hasFastElements(object) ? apply(slice, object, NONE) : undefined;
  }

  // Has V8 make what it puts off: the buffer of a typed array, and functions that belong to an object of Intl.
  function complete(object) {
    if (kind(object) === 'proxy') return;
    if (isTyped(object) && kind(object) === 'typedarray') apply(bufferOf, object, NONE);
    const lazy = bound.find(({ prototype }) => prototype === getPrototypeOf(object));
    if (lazy === undefined) return;
    try {
      apply(lazy.get, object, NONE);
    } catch {
      // An object that only looks like one.
    }
  }

  function snapshot(object) {
    // A look at a proxy would run its traps.
    if (kind(object) === 'proxy') return undefined;
    const elements = elementsOf(object);
    const keys = namedKeys(object, elements);
    const contents = contentsOf(object);
    const names = privateNames(object);
    return {
      keys,
      descriptors: keys.map((key) => getOwnPropertyDescriptor(object, key)),
      elements,
      prototype: getPrototypeOf(object),
      extensible: isExtensible(object),
      contents: contents && readable(contents, object),
      names,
      privates: names === undefined ? undefined : privateValues(object, names),
    };
  }

  function sameElements(object, elements) {
    if (object.length !== elements.length) return false;
    for (let index = 0; index < elements.length; index++) {
      if (!is(object[index], elements[index])) return false;
      if (elements[index] === undefined && hasOwn(object, index) !== hasOwn(elements, index)) return false;
    }
    return true;
  }

  // Undefined for a buffer that was detached, and for a view of one.
  function readable(contents, object) {
    try {
      return contents.read(object);
    } catch {
      return undefined;
    }
  }

  // What differs from the snapshot, or undefined; `irrevocable` if the snapshot cannot be put back.
  function difference(object, pristine) {
    if (pristine === undefined) return { irrevocable: true };
    const found = {};
    const prototype = getPrototypeOf(object);
    if (prototype !== pristine.prototype) found.prototype = { value: prototype };
    if (isExtensible(object) !== pristine.extensible) return { irrevocable: true };
    if (!diffProperties(object, pristine, found)) return { irrevocable: true };
    const contents = contentsOf(object);
    if (contents !== undefined) {
      const now = readable(contents, object);
      if (now === undefined) return { irrevocable: true };
      if (now.length !== pristine.contents.length && isFixed(object)) return { irrevocable: true };
      if (!contents.same(now, pristine.contents)) found.contents = { value: now };
    }
    const names = privateNames(object);
    if (names?.length !== pristine.names?.length) return { irrevocable: true };
    if (names !== undefined) {
      const privates = privateValues(object, pristine.names);
      if (!sameList(privates, pristine.privates)) found.privates = { names: pristine.names, values: privates };
    }
    return ownKeys(found).length > 0 ? found : undefined;
  }

  // False if a property can not be taken away again.
  function diffProperties(object, { keys, descriptors, elements }, found) {
    const now = elementsOf(object);
    if ((elements === undefined) !== (now === undefined)) {
      return diffSlowly(object, { keys, descriptors, elements }, found);
    }
    if (elements !== undefined && !sameElements(object, elements)) found.elements = now;
    const nowKeys = namedKeys(object, now);
    const ordered = nowKeys.length >= keys.length && keys.every((key, index) => nowKeys[index] === key);
    const changes = [];
    const known = new Map(keys.map((key, index) => [key, descriptors[index]]));
    for (const key of nowKeys) {
      const descriptor = getOwnPropertyDescriptor(object, key);
      const original = known.get(key);
      if (same(descriptor, original)) continue;
      if (!canGoBack(descriptor, original)) return false;
      changes.push([key, descriptor]);
    }
    for (const key of keys) if (!hasOwn(object, key)) changes.push([key, undefined]);
    if (changes.length > 0) found.changes = changes;
    if (!ordered) found.order = nowKeys;
    return true;
  }

  // An array whose elements are no longer plain, or have become so: as properties like all others.
  function diffSlowly(object, { keys, descriptors, elements }, found) {
    const original = new Map(keys.map((key, index) => [key, descriptors[index]]));
    if (elements !== undefined) {
      for (const key of ownKeys(elements)) {
        if (isIndex(key)) original.set(key, getOwnPropertyDescriptor(elements, key));
      }
    }
    const changes = [];
    for (const key of ownKeys(object)) {
      const descriptor = getOwnPropertyDescriptor(object, key);
      if (same(descriptor, original.get(key))) continue;
      if (!canGoBack(descriptor, original.get(key))) return false;
      changes.push([key, descriptor]);
    }
    for (const key of original.keys()) if (!hasOwn(object, key)) changes.push([key, undefined]);
    if (changes.length > 0) found.slow = { changes, original };
    return true;
  }

  const canGoBack = (descriptor, original) =>
    descriptor.configurable ||
    (original !== undefined && !original.configurable && descriptor.writable === original.writable);

  function define(object, key, descriptor) {
    if (descriptor === undefined) deleteProperty(object, key);
    else defineProperty(object, key, descriptor);
  }

  // Puts a state in place: that of a difference, or the pristine one where the difference is.
  function place(object, difference, pristine) {
    if (difference.prototype !== undefined) {
      setPrototypeOf(object, pristine === undefined ? difference.prototype.value : pristine.prototype);
    }
    if (difference.contents !== undefined) putContents(object, difference.contents, pristine);
    if (difference.slow !== undefined) putSlowly(object, difference.slow, pristine !== undefined);
    if (difference.elements !== undefined) putElements(object, pristine?.elements ?? difference.elements);
    if (difference.changes !== undefined) putChanges(object, difference, pristine);
    if (difference.privates !== undefined) {
      const { names, values } = difference.privates;
      setPrivateValues(object, names, pristine?.privates ?? values);
    }
  }

  // Maps and sets with pristine entries that are not in their places, because a run's are.
  const spare = new WeakMap();

  function putContents(object, contents, pristine) {
    const kindOf = contentsOf(object);
    if (kindOf.hold === undefined) {
      kindOf.put(object, pristine === undefined ? contents.value : pristine.contents);
    } else if (pristine === undefined) {
      exchangeTables(object, contents.holder);
      spare.set(object, contents.holder);
    } else {
      contents.holder = spare.get(object) ?? kindOf.hold(pristine.contents);
      spare.delete(object);
      exchangeTables(object, contents.holder);
      contents.value = undefined;
    }
  }

  function putElements(object, elements) {
    object.length = 0;
    object.length = elements.length;
    for (let index = 0; index < elements.length; index++) {
      if (hasOwn(elements, index)) object[index] = elements[index];
    }
  }

  function putSlowly(object, { changes, original }, toPristine) {
    const isArray = Array.isArray(object);
    const ordered = toPristine ? [...changes].reverse() : changes;
    for (const [key, descriptor] of ordered) {
      if (isArray && key === 'length') continue;
      define(object, key, toPristine ? original.get(key) : descriptor);
    }
    const length = changes.find(([key]) => key === 'length');
    if (isArray && length !== undefined) object.length = (toPristine ? original.get('length') : length[1]).value;
  }

  function putChanges(object, { changes, order }, pristine) {
    if (pristine === undefined) {
      for (const [key, descriptor] of changes) define(object, key, descriptor);
      if (order !== undefined) reorder(object, order);
      return;
    }
    for (const [key] of changes) {
      const at = pristine.keys.indexOf(key);
      define(object, key, at < 0 ? undefined : pristine.descriptors[at]);
    }
    if (order !== undefined) reorder(object, pristine.keys);
  }

  // The order of own keys is the order in which they were made.
  function reorder(object, keys) {
    const now = ownKeys(object);
    if (now.length === keys.length && keys.every((key, index) => now[index] === key)) return;
    const descriptors = keys.map((key) => getOwnPropertyDescriptor(object, key));
    // Keys that cannot be removed were there from the start, in front of all that can.
    keys.forEach((key, index) => {
      if (descriptors[index]?.configurable && !isIndex(key)) {
        deleteProperty(object, key);
        defineProperty(object, key, descriptors[index]);
      }
    });
  }

  // Whether two snapshots of the same object of two evaluations hold the same, other objects aside.
  function alike(a, b) {
    if (a === undefined || b === undefined) return a === b;
    const values = (snapshot) => [
      ...snapshot.descriptors.map(({ value }) => value),
      ...(snapshot.elements ?? NONE),
      ...(Array.isArray(snapshot.contents) ? snapshot.contents : [snapshot.contents]),
      ...(snapshot.privates ?? NONE),
    ];
    const [first, second] = [values(a), values(b)];
    return (
      a.keys.length === b.keys.length &&
      a.keys.every((key, index) => key === b.keys[index] || typeof key === 'symbol') &&
      first.length === second.length &&
      first.every((value, index) => is(value, second[index]) || (isReference(value) && isReference(second[index])))
    );
  }

  const putBack = (object, difference, pristine) => place(object, difference, pristine);
  const put = (object, difference) => place(object, difference, undefined);

  return { complete, snapshot, difference, alike, put, putBack };
});
