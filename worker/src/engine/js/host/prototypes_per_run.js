// Built-in prototypes, and those of the SDK's classes, may be changed by workflow code, as polyfills do. The change
// belongs to the run that made it: it is taken back when another run is entered, and made again when its run comes back.
//
// Whether a run has changed anything is asked at every switch between runs, so asking is cheap: a generated guard for
// each object compares its properties with plain loads. What loads cannot see (accessors, hidden properties) is only
// made by functions that announce it, see `announce_definitions.js`.
'use strict';
(function installPrototypesPerRun({ sandbox }) {
  const { defineProperty, getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf, setPrototypeOf } = Object;
  const { freeze, isFrozen } = Object;
  const { ownKeys, deleteProperty } = Reflect;
  const isReference = (value) => value !== null && (typeof value === 'object' || typeof value === 'function');
  // object -> { prototype, descriptors, changed }
  const tracked = new Map();
  const announced = new Set();

  const same = (a, b) =>
    Object.is(a.value, b.value) &&
    a.get === b.get &&
    a.set === b.set &&
    a.writable === b.writable &&
    a.enumerable === b.enumerable &&
    a.configurable === b.configurable;

  // A function that tells whether the object was changed by assignment, deletion or a new prototype. Properties are
  // written out, so that V8 reads each from a fixed place.
  function makeGuard(object, prototype, descriptors) {
    const values = [];
    const checks = [];
    let [enumerable, symbols] = [0, 0];
    for (const [key, { value, get, set, enumerable: isEnumerable }] of descriptors) {
      if (typeof key === 'symbol') symbols++;
      else if (isEnumerable) enumerable++;
      if (get !== undefined || set !== undefined || Number.isNaN(value)) continue;
      const place = typeof key === 'symbol' ? `object[keys[${values.length}]]` : `object[${JSON.stringify(key)}]`;
      checks.push(`${place} !== values[${values.length}]`);
      values.push([key, value]);
    }
    const body = `
      return function changed() {
        if (getPrototypeOf(object) !== prototype) return true;
        if (${checks.join(' || ') || 'false'}) return true;
        let names = 0;
        for (const name in object) if (hasOwn(object, name) && ++names > ${enumerable}) return true;
        return names !== ${enumerable} || getOwnPropertySymbols(object).length !== ${symbols};
      };`;
    const make = new Function(
      'object',
      'prototype',
      'keys',
      'values',
      'getPrototypeOf',
      'getOwnPropertySymbols',
      'hasOwn',
      body
    );
    const [keys, known] = [values.map(([key]) => key), values.map(([, value]) => value)];
    return make(object, prototype, keys, known, getPrototypeOf, getOwnPropertySymbols, Object.hasOwn);
  }

  const descriptorsOf = (object) => new Map(ownKeys(object).map((key) => [key, getOwnPropertyDescriptor(object, key)]));

  // The prototype that every function has and that only constructors use.
  const isUnusedPrototype = (descriptors) => descriptors.size === 1 && descriptors.has('constructor');

  function track(object) {
    const descriptors = descriptorsOf(object);
    const isFunction = typeof object === 'function' && object !== sandbox.Function.prototype;
    if (isFunction || isUnusedPrototype(descriptors)) {
      freeze(object);
      return descriptors;
    }
    const prototype = getPrototypeOf(object);
    tracked.set(object, { prototype, descriptors, changed: makeGuard(object, prototype, descriptors) });
    return descriptors;
  }

  function referencesOf(object, descriptors) {
    const references = [getPrototypeOf(object)];
    for (const { value, get, set } of descriptors.values()) references.push(value, get, set);
    return references.filter(isReference);
  }

  // Tracks everything that can be reached from `roots` and changed; functions are frozen. `left` is not looked at. The
  // global object is looked into only: its own changes are the affair of `globals_per_run.js`.
  function capture(roots, left) {
    const visited = new Set(left);
    const pending = [...roots];
    while (pending.length > 0) {
      const object = pending.pop();
      if (visited.has(object)) continue;
      visited.add(object);
      const fixed = object === sandbox || isFrozen(object) || ArrayBuffer.isView(object);
      pending.push(...referencesOf(object, fixed ? descriptorsOf(object) : track(object)));
    }
    orderByDepth();
  }

  function depthOf(object) {
    let depth = 0;
    for (let above = getPrototypeOf(object); above !== null; above = getPrototypeOf(above)) depth++;
    return depth;
  }

  // A property that was deleted seems to be there as long as a prototype has it, so prototypes are looked at first.
  function orderByDepth() {
    const entries = [...tracked].sort(([a], [b]) => depthOf(a) - depthOf(b));
    tracked.clear();
    for (const [object, pristine] of entries) tracked.set(object, pristine);
  }

  function restore(object, key, descriptor) {
    try {
      if (descriptor === undefined) deleteProperty(object, key);
      else defineProperty(object, key, descriptor);
    } catch {
      // A property that cannot be changed was not changed.
    }
  }

  function takeObject(object, { prototype, descriptors }, changes) {
    const foundPrototype = getPrototypeOf(object);
    if (foundPrototype !== prototype) {
      changes.push({ object, prototype: foundPrototype });
      setPrototypeOf(object, prototype);
    }
    for (const key of ownKeys(object)) {
      const found = getOwnPropertyDescriptor(object, key);
      const original = descriptors.get(key);
      if (original !== undefined && same(found, original)) continue;
      changes.push({ object, key, descriptor: found });
      restore(object, key, original);
    }
    for (const [key, original] of descriptors) {
      if (Object.hasOwn(object, key)) continue;
      changes.push({ object, key, descriptor: undefined });
      restore(object, key, original);
    }
  }

  // Puts the pristine state back; what was different, or undefined.
  function takeChanges() {
    const changes = [];
    for (const [object, pristine] of tracked) {
      if (announced.has(object) || pristine.changed()) takeObject(object, pristine, changes);
    }
    announced.clear();
    return changes.length === 0 ? undefined : changes;
  }

  function applyChanges(changes) {
    for (const { object, prototype, key, descriptor } of changes) {
      announced.add(object);
      if (key === undefined) setPrototypeOf(object, prototype);
      else restore(object, key, descriptor);
    }
  }

  const isTracked = (object) => tracked.has(object);
  const announce = (object) => tracked.has(object) && announced.add(object);

  return { capture, takeChanges, applyChanges, isTracked, announce, descriptorsOf, makeGuard, same };
});
