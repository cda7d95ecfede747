// inspect and format against Node's own util.
import assert from 'node:assert';
import test from 'node:test';
import util from 'node:util';
import { loadGlobals, settledPromises } from './globals.mjs';

const { inspect, format, URL, URLSearchParams, DOMException } = loadGlobals();

class Point {
  constructor() {
    this.x = 1;
  }
}
class Sub extends Map {}
class ValidationError extends Error {}
class Problem extends Error {}
const circular = { name: 'loop', list: [] };
circular.list.push(circular, { circular });
const fixedStack = (error, rows = 1) => {
  const head = error.stack.split('\n    at ')[0];
  error.stack = `${head}${'\n    at run (workflow.ts:1:2)'.repeat(rows)}`;
  return error;
};
const stackless = (error) => Object.assign(error, { stack: 'Error: without frames' });
const rejected = Promise.reject(new Point());
rejected.catch(() => {});
settledPromises.set(rejected, ['rejected', new Point()]);
const fulfilled = Promise.resolve({ a: 1 });
settledPromises.set(fulfilled, ['fulfilled', { a: 1 }]);

const VALUES = {
  primitives: [undefined, null, true, 1, -0, NaN, 10n, Symbol('s'), Symbol()],
  'strings in objects': [['a', "it's", `"it's"`, '`"\'', 'tab\t\u0001\u007f', '\\', '\ud800', 'é€😀', '']],
  'long string in lines': [{ text: 'line\n'.repeat(30) }],
  'string beyond the limit': [['x'.repeat(10_050)]],
  'empty things': [{}, [], new Map(), new Set(), Object.create(null), new Point().constructor],
  nested: [{ a: { b: { c: { d: 1 } } } }, { a: { b: { c: {} } } }, { a: { b: { c: [] } } }, [[[[1]]]], [[[[]]]]],
  'beyond the depth': [
    { a: { b: { p: new Point(), n: Object.assign(Object.create(null), { a: 1 }), m: new Map([[1, 2]]) } } },
  ],
  'one line up to 72': [{ key: 'x'.repeat(60) }, { key: 'x'.repeat(61) }, { a: { key: 'x'.repeat(54) } }],
  'several lines': [{ first: 'x'.repeat(40), second: { third: 'y'.repeat(40), fourth: [1, 2, 'z'.repeat(60)] } }],
  'keys that need quotes': [{ 'a-b': 1, 1: 2, [Symbol('k')]: 3, ['__proto__']: 4, $: 5, é: 6 }],
  accessors: [
    {
      get a() {
        throw new Error('ran');
      },
      set b(v) {},
      get c() {
        return 1;
      },
      set c(v) {},
    },
  ],
  'hidden properties': [Object.defineProperty({ a: 1 }, 'b', { value: 2 })],
  functions: [
    () => {},
    function named() {},
    async () => {},
    async function named() {},
    function* gen() {},
    class A {},
    class B extends Point {},
    class {},
    Object.assign(() => {}, { a: 1 }),
    Math.max,
  ],
  instances: [
    new Point(),
    new (class extends Point {})(),
    Object.create(Point.prototype),
    Object.create({}),
    Object.create(new Point()),
  ],
  'null prototype': [Object.assign(Object.create(null), { a: 1 }), [Object.create(null)]],
  'tagged objects': [Math, JSON, Object.assign(Object.create({ [Symbol.toStringTag]: 'Tag' }), { a: 1 })],
  arrays: [[1, 2, 3], [undefined, null], [1, , , 2], new Array(3), Object.assign([1], { extra: true }), [[1], [2]]],
  'array beyond 100': [
    Array.from({ length: 101 }, (_, i) => `entry number ${i} of a long array, so that columns are of no use`),
  ],
  maps: [
    new Map([
      ['a', 1],
      [{ k: 1 }, new Map([[1, 2]])],
    ]),
    new Sub([[1, 2]]),
    Object.assign(new Map(), { extra: 1 }),
  ],
  sets: [new Set([1, 'a', { b: 1 }]), new Set([new Set([1])])],
  dates: [new Date(0), new Date(NaN), { at: new Date(1e12) }, Object.assign(new Date(0), { a: 1 })],
  regexps: [/a\/b/gi, { re: /x/dsuy }],
  boxed: [Object(1), Object('ab'), Object(true), Object(1n), Object(Symbol('s')), Object(-0)],
  promises: [new Promise(() => {}), fulfilled, rejected],
  'weak collections': [new WeakMap(), new WeakSet()],
  buffers: [
    new Uint8Array([1, 2]),
    new Float64Array(1),
    new BigInt64Array(2),
    new ArrayBuffer(3),
    new SharedArrayBuffer(2),
    new DataView(new ArrayBuffer(1)),
    new ArrayBuffer(60),
  ],
  arguments: [
    (function () {
      return arguments;
    })(1, 'a'),
  ],
  errors: [
    fixedStack(new Error('plain')),
    fixedStack(new TypeError('typed')),
    { nested: fixedStack(new Error('in'), 2) },
  ],
  'error with properties': [fixedStack(Object.assign(new Error('with'), { code: 'E1', details: { a: 1 } }))],
  'error with cause': [
    fixedStack(new Error('outer', { cause: fixedStack(new Error('inner')) })),
    fixedStack(new Error('o', { cause: 'text' })),
  ],
  'error classes': [fixedStack(new ValidationError('v')), fixedStack(new Problem('p'))],
  'error without stack': [stackless(new Error('m')), Object.assign(new Error('m'), { stack: undefined })],
  'circular references': [circular, [circular]],
};

for (const [name, values] of Object.entries(VALUES)) {
  test(`inspect: ${name}`, () => {
    for (const value of values) assert.strictEqual(inspect(value), util.inspect(value, { breakLength: 80 }));
  });
}

const FORMATS = [
  [],
  [''],
  ['plain'],
  ['%%'],
  ['100%', 1],
  ['%s'],
  ['%s %s', 'a'],
  ['%s|%s|%s|%s|%s', 1, -0, 2n, Symbol('x'), undefined],
  ['%s|%s|%s', { a: { b: 1 } }, [1, [2, [3]]], null],
  ['%s', () => 1],
  ['%s', { toString: () => 'mine' }],
  [
    '%s',
    new (class Named {
      toString() {
        return 'named';
      }
    })(),
  ],
  ['%s', new Date(0)],
  ['%d|%d|%d|%d|%d', 1.5, '0x10', 'no', 3n, Symbol('s')],
  ['%i|%i|%i|%i', 1.9, '12px', 4n, Symbol('s')],
  ['%f|%f|%f', '1.5x', 2, Symbol('s')],
  ['%j|%j', { a: [1] }, undefined],
  ['%j', circular],
  ['%O', { a: { b: { c: { d: {} } } } }],
  ['%c styled', 'color: red'],
  ['%x %', 1],
  ['%% %s', 'a'],
  ['a', 'b', { c: 'd' }],
  ['%s', 'a', 'rest', { b: 1 }],
  [1, 'text', '%s', { a: 1 }],
  [{ a: 1 }, 'x'],
];
test('format: directives and the rest of the arguments', () => {
  for (const args of FORMATS) assert.strictEqual(format(...args), util.format(...args), String(args[0]));
});

test('short numbers of a long array stay on one line', () => {
  assert.strictEqual(inspect([1, 2, 3, 4, 5, 6, 7, 8]), '[ 1, 2, 3, 4, 5, 6, 7, 8 ]');
});

test('own interfaces are shown with their parts', () => {
  const node = util.inspect(new globalThis.URL('http://h/p?q=1')).split('\n')[1];
  assert.strictEqual(inspect(new URL('http://h/p?q=1')).split('\n')[1], node);
  assert.strictEqual(inspect(new URLSearchParams('a=1&b')), "URLSearchParams { 'a' => '1', 'b' => '' }");
  assert.match(inspect(new DOMException('gone', 'AbortError')), /^DOMException \[AbortError\]: gone\n {4}at /);
});

test('no getter, trap or user method runs', () => {
  const forbidden = () => {
    throw new Error('ran');
  };
  const trapped = new Proxy(
    {},
    {
      get: forbidden,
      ownKeys: forbidden,
      getPrototypeOf: forbidden,
      has: forbidden,
      getOwnPropertyDescriptor: forbidden,
    }
  );
  const hostile = [
    trapped,
    Object.create(trapped),
    new Proxy(() => {}, { get: forbidden, apply: forbidden }),
    {
      get [Symbol.toStringTag]() {
        return forbidden();
      },
    },
    Object.defineProperty({}, 'constructor', { get: forbidden }),
    Object.defineProperty(/x/, 'flags', { get: forbidden }),
    Object.defineProperty(/x/g, 'global', { get: forbidden }),
    Object.defineProperty(new Error('e'), 'stack', { get: forbidden }),
    Object.defineProperty(new Error('e'), 'message', { get: forbidden }),
    Object.defineProperty(new Map([[1, 2]]), 'size', { get: forbidden }),
    Object.defineProperty(new Map([[1, 2]]), Symbol.iterator, { get: forbidden }),
    Object.defineProperty(new Uint8Array(1), 'length', { get: forbidden }),
    Object.defineProperty(function f() {}, 'name', { get: forbidden }),
    Object.defineProperty(new Date(0), 'toISOString', { value: forbidden }),
    {
      [Symbol.for('nodejs.util.inspect.custom')]: forbidden,
      toString: forbidden,
      valueOf: forbidden,
      toJSON: forbidden,
    },
    Object.setPrototypeOf(() => {}, null),
    Object.setPrototypeOf(new Error('e'), null),
  ];
  for (const value of hostile) {
    assert.notStrictEqual(inspect(value), '[value that cannot be inspected]');
    assert.notStrictEqual(inspect([value]), '[value that cannot be inspected]');
  }
  assert.strictEqual(inspect(trapped), '[Proxy]');
  assert.strictEqual(format('%s', trapped), '[Proxy]');
});

test('a throwing toString or toJSON is reported in its place', () => {
  const thrower = {
    toString() {
      throw new Error('no');
    },
    toJSON() {
      throw new Error('no');
    },
  };
  assert.strictEqual(
    format('%s|%j|%d|after', thrower, thrower, thrower),
    `${'[value that cannot be formatted]|'.repeat(3)}after`
  );
});

test('output has a bound, whatever the value', () => {
  const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]));
  const deep = Array.from({ length: 200 }, () =>
    Array.from({ length: 200 }, () => Array.from({ length: 200 }, () => 'xxxxxxxx'))
  );
  const values = [
    wide,
    deep,
    new Map(Object.entries(wide)),
    'y'.repeat(1_000_000),
    new Array(2 ** 32 - 1),
    { s: 'z'.repeat(1e6) },
  ];
  for (const value of values) {
    assert.ok(inspect(value).length < 33_000);
    assert.ok(format('%s and', 'a', value).length < 33_000);
  }
});
