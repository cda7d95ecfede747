// Where a realm's built-in objects can be reached from: its global object, and the prototypes that no global names.
'use strict';
(function installIntrinsicRoots() {
  // Evaluated in the realm itself.
  const UNNAMED = `(() => {
    const { getPrototypeOf } = Object;
    const iteratorOf = (value) => value[Symbol.iterator]();
    return [
      getPrototypeOf(Uint8Array),
      ...[[], new Map(), new Set(), ''].map((value) => getPrototypeOf(iteratorOf(value))),
      getPrototypeOf('a'.matchAll(/a/g)),
      getPrototypeOf(function* () {}),
      getPrototypeOf(async function () {}),
      getPrototypeOf(async function* () {}),
      ...(typeof Iterator === 'function'
        ? [getPrototypeOf(iteratorOf([]).map((item) => item)), getPrototypeOf(Iterator.from({ next() {} }))]
        : []),
      getPrototypeOf(new Intl.Segmenter().segment('')),
      getPrototypeOf(new Intl.Segmenter().segment('')[Symbol.iterator]()),
    ];
  })()`;

  const rootsOf = (realm) => [realm, ...realm.eval(UNNAMED)];

  return { rootsOf };
});
