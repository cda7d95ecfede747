// Objects of every kind that shared modules may consist of, from which the engine learns how V8 lays them out.
'use strict';
(() => {
  const closureOver = (value) => () => value;
  const inBlocks = () => {
    const made = [];
    for (let index = 0; index < 2; index++) made.push(() => index);
    return made;
  };
  const inCatch = () => {
    try {
      throw new Error();
    } catch (error) {
      return () => error;
    }
  };
  class Plain {}
  class Private {
    #name = 1;
    static names = (holder) => #name in holder;
  }
  const typed = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array];
  const wide = [Float32Array, Float64Array, BigInt64Array, BigUint64Array, globalThis.Float16Array].filter(Boolean);
  const receivers = [
    {},
    Object.create(null),
    [],
    [1.5],
    new Plain(),
    Plain.prototype,
    Plain,
    class extends Plain {},
    class extends Array {},
    class extends Map {},
    new (class extends Map {})(),
    closureOver(1),
    function named() {},
    async () => 0,
    async function asynchronous() {},
    function* generator() {},
    async function* asyncGenerator() {},
    { method() {} }.method,
    Object.getOwnPropertyDescriptor(
      {
        get value() {
          return 1;
        },
      },
      'value'
    ).get,
    closureOver.bind(undefined, 1),
    Math.max,
    Object,
    new Map(),
    new Set(),
    new WeakMap(),
    new WeakSet(),
    new Date(0),
    /sample/g,
    ...[1, 'text', true, Symbol(), 1n].map(Object),
    new Error(),
    new TypeError(),
    (function () {
      return arguments;
    })(1),
    new Function('a', 'return arguments')(1),
    new Proxy({}, {}),
    new Proxy(closureOver(1), {}),
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(8)),
    ...[...typed, ...wide].map((TypedArray) => new TypedArray(1)),
    ...[Intl.NumberFormat, Intl.DateTimeFormat, Intl.Collator, Intl.PluralRules].map((Format) => new Format('en')),
    function* generator() {}.prototype,
  ];
  const contexts = [
    closureOver(1),
    ...inBlocks(),
    inCatch(),
    new Function('holder', 'with (holder) { return () => value; }')({ value: 1 }),
    new Function('return eval("let value = 1; var other; () => value + other")')(),
  ];
  return {
    receivers,
    pair: [closureOver(1), closureOver(2)],
    contexts,
    weak: new WeakMap(),
    private: new Private(),
    // biome-ignore lint/suspicious/noSparseArray: the sample of a hole
    holey: [, {}],
  };
})();
