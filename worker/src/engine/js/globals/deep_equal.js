// Structural equality as Node's assert.deepEqual (loose) and assert.deepStrictEqual (strict) define it.
(function installDeepEqual(native, host) {
  'use strict';
  const { kind } = native;
  const { unbox } = host;
  const { apply, ownKeys } = Reflect;
  const { getPrototypeOf } = Object;

  const call =
    (fn) =>
    (receiver, ...args) =>
      apply(fn, receiver, args);
  const getter = (prototype, key) => call(Object.getOwnPropertyDescriptor(prototype, key).get);
  const tag = call(Object.prototype.toString);
  const isEnumerable = call(Object.prototype.propertyIsEnumerable);
  const dateTime = call(Date.prototype.getTime);
  const mapSize = getter(Map.prototype, 'size');
  const mapGet = call(Map.prototype.get);
  const mapHas = call(Map.prototype.has);
  const mapEntries = call(Map.prototype.entries);
  const setSize = getter(Set.prototype, 'size');
  const setHas = call(Set.prototype.has);
  const setValues = call(Set.prototype.values);
  const regexpText = call(RegExp.prototype.toString);
  const typedArrayLength = getter(getPrototypeOf(Uint8Array.prototype), 'length');

  const isObject = (value) => value !== null && typeof value === 'object';
  const isIndex = (key) => typeof key === 'string' && /^(0|[1-9]\d*)$/.test(key);

  function primitivesEqual(left, right, strict) {
    if (strict) return Object.is(left, right);
    // eslint-disable-next-line eqeqeq -- the loose mode is defined by ==
    return left == right || (Number.isNaN(left) && Number.isNaN(right));
  }

  // A pair met again while it is being compared is taken as equal: cycles end there.
  class Pairs {
    #left = [];
    #right = [];
    has(left, right) {
      return this.#left.some((held, index) => held === left && this.#right[index] === right);
    }
    during(left, right, compare) {
      this.#left.push(left);
      this.#right.push(right);
      const result = compare();
      this.#left.pop();
      this.#right.pop();
      return result;
    }
  }

  function equal(left, right, strict, pairs) {
    if (left === right) return left !== 0 || !strict || Object.is(left, right);
    if (!isObject(left) || !isObject(right)) {
      // Loosely, an object is never equal to a primitive, although == might say so.
      if (isObject(left) || isObject(right)) return false;
      if (typeof left === 'function' || typeof right === 'function') return false;
      return primitivesEqual(left, right, strict);
    }
    if (strict && getPrototypeOf(left) !== getPrototypeOf(right)) return false;
    if (tag(left) !== tag(right) || Array.isArray(left) !== Array.isArray(right)) return false;
    const type = kind(left);
    if (type !== kind(right) && (SAME[type] ?? SAME[kind(right)]) !== undefined) return false;
    if (SAME[type] !== undefined && !SAME[type](left, right, strict)) return false;
    if (pairs.has(left, right)) return true;
    return pairs.during(left, right, () => contentsEqual(left, right, type, strict, pairs));
  }

  // What must hold for two objects of one kind before their properties are compared.
  const SAME = {
    date: (left, right) => Object.is(dateTime(left), dateTime(right)),
    regexp: (left, right) => regexpText(left) === regexpText(right) && left.lastIndex === right.lastIndex,
    error: (left, right) => left.message === right.message && left.name === right.name,
    boxed(left, right) {
      const [unboxedLeft, unboxedRight] = [unbox(left), unbox(right)];
      return typeof unboxedLeft === typeof unboxedRight && Object.is(unboxedLeft, unboxedRight);
    },
    map: (left, right) => mapSize(left) === mapSize(right),
    set: (left, right) => setSize(left) === setSize(right),
    array: (left, right) => left.length === right.length,
    typedarray(left, right, strict) {
      const length = typedArrayLength(left);
      if (length !== typedArrayLength(right)) return false;
      for (let i = 0; i < length; i++) if (!primitivesEqual(left[i], right[i], strict)) return false;
      return true;
    },
    dataview: (left, right) =>
      bytesEqual(left.buffer, left.byteOffset, left.byteLength, right.buffer, right.byteOffset, right.byteLength),
    arraybuffer: buffersEqual,
    sharedarraybuffer: buffersEqual,
    weakmap: () => false,
    weakset: () => false,
    promise: () => false,
  };

  function buffersEqual(left, right) {
    return bytesEqual(left, 0, left.byteLength, right, 0, right.byteLength);
  }

  function bytesEqual(left, leftOffset, leftLength, right, rightOffset, rightLength) {
    if (leftLength !== rightLength) return false;
    const bytes = new Uint8Array(left, leftOffset, leftLength);
    const others = new Uint8Array(right, rightOffset, rightLength);
    return bytes.every((byte, index) => byte === others[index]);
  }

  function comparedKeys(object, type, strict) {
    const keys = ownKeys(object).filter((key) => isEnumerable(object, key) && (strict || typeof key !== 'symbol'));
    return type === 'typedarray' ? keys.filter((key) => !isIndex(key)) : keys;
  }

  function contentsEqual(left, right, type, strict, pairs) {
    if (type === 'error' && !hiddenEqual(left, right, strict, pairs)) return false;
    const keys = comparedKeys(left, type, strict);
    if (keys.length !== comparedKeys(right, type, strict).length) return false;
    if (!keys.every((key) => isEnumerable(right, key))) return false;
    if (type === 'set' && !setsEqual(left, right, strict, pairs)) return false;
    if (type === 'map' && !mapsEqual(left, right, strict, pairs)) return false;
    return keys.every((key) => equal(left[key], right[key], strict, pairs));
  }

  // `cause` and `errors` are not enumerable, yet part of what an error says.
  function hiddenEqual(left, right, strict, pairs) {
    return ['cause', 'errors'].every(
      (key) => Object.hasOwn(left, key) === Object.hasOwn(right, key) && equal(left[key], right[key], strict, pairs)
    );
  }

  // Members that are not found by identity are matched by structure, each at most once.
  function setsEqual(left, right, strict, pairs) {
    const open = [...setValues(right)].filter((value) => !setHas(left, value));
    for (const value of setValues(left)) {
      if (setHas(right, value)) continue;
      if (strict && !isObject(value)) return false;
      const found = open.findIndex((other) => equal(value, other, strict, pairs));
      if (found < 0) return false;
      open.splice(found, 1);
    }
    return open.length === 0;
  }

  function mapsEqual(left, right, strict, pairs) {
    const open = [...mapEntries(right)].filter(([key]) => !mapHas(left, key));
    for (const [key, value] of mapEntries(left)) {
      if (mapHas(right, key)) {
        if (!equal(value, mapGet(right, key), strict, pairs)) return false;
        continue;
      }
      if (strict && !isObject(key)) return false;
      const found = open.findIndex(
        ([otherKey, other]) => equal(key, otherKey, strict, pairs) && equal(value, other, strict, pairs)
      );
      if (found < 0) return false;
      open.splice(found, 1);
    }
    return open.length === 0;
  }

  return { isDeepEqual: (left, right, strict) => equal(left, right, strict, new Pairs()) };
});
