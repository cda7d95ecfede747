// assert against Node's own: whether a call throws, and what.
import nodeAssert from 'node:assert';
import test from 'node:test';
import { inspect } from 'node:util';
import { loadGlobals } from './globals.mjs';

const { assert: ourAssert } = loadGlobals();

function ending(call) {
  try {
    call();
    return 'passes';
  } catch (error) {
    return describe(error);
  }
}

function describe(error) {
  if (error?.code !== 'ERR_ASSERTION')
    return { name: error?.name, code: error?.code, plain: error?.code ? undefined : String(error) };
  const { name, code, operator, generatedMessage } = error;
  return { name, code, operator, generatedMessage, actual: error.actual, expected: error.expected };
}

function messageOf(call) {
  try {
    call();
    return 'passes';
  } catch (error) {
    return error.message;
  }
}

// The two must end alike; with `message` the texts must be equal too.
function same(script, { message = false, name = String(script) } = {}) {
  const [left, right] = [ourAssert, nodeAssert].map((assert) => ending(() => script(assert)));
  nodeAssert.deepStrictEqual(left, right, new Error(`${name}\nours:   ${text(left)}\ntheirs: ${text(right)}`));
  if (!message) return;
  const [ours, theirs] = [ourAssert, nodeAssert].map((assert) => messageOf(() => script(assert)));
  nodeAssert.strictEqual(ours, theirs, name);
}
const text = (value) =>
  typeof value === 'string'
    ? value
    : `${value.name} ${value.code} ${value.operator} ${value.generatedMessage} ${value.plain}`;

class Foo {
  constructor(a) {
    this.a = a;
  }
}
class Bar extends Foo {}
const cycle = (tail) => {
  const object = { tail };
  object.self = object;
  return object;
};
const bytes = (...values) => new Uint8Array(values);

const VALUES = [
  0,
  -0,
  1,
  '1',
  '',
  true,
  false,
  null,
  undefined,
  NaN,
  1n,
  10n,
  'a',
  Symbol.iterator,
  {},
  [],
  { a: 1 },
  { a: '1' },
  { a: 1, b: 2 },
  { b: 2, a: 1 },
  { a: undefined },
  { b: undefined },
  Object.create(null),
  Object.assign(Object.create(null), { a: 1 }),
  [1],
  ['1'],
  [1, 2],
  [2, 1],
  [, 1],
  [undefined, 1],
  Object.assign([1], { x: 1 }),
  { 0: 1, length: 1 },
  new Foo(1),
  new Bar(1),
  new Foo(2),
  { a: new Foo(1) },
  new Date(0),
  new Date(1),
  new Date(NaN),
  Object.assign(new Date(0), { a: 1 }),
  /a/g,
  /a/i,
  /b/g,
  Object.assign(/a/g, { lastIndex: 2 }),
  new Map(),
  new Map([[1, 2]]),
  new Map([['1', 2]]),
  new Map([[{ k: 1 }, { v: 1 }]]),
  new Map([[{ k: 1 }, { v: 2 }]]),
  new Map([
    [1, 2],
    [3, 4],
  ]),
  new Map([
    [3, 4],
    [1, 2],
  ]),
  new Map([[undefined, 1]]),
  new Map([[null, 1]]),
  new Set(),
  new Set([1, 2]),
  new Set([2, 1]),
  new Set(['1', 2]),
  new Set([{ a: 1 }, { a: 2 }]),
  new Set([{ a: 2 }, { a: 1 }]),
  new Set([{ a: '1' }, { a: 2 }]),
  new Set([{ a: 1 }, { a: 1 }]),
  new Error('a'),
  new Error('b'),
  new TypeError('a'),
  Object.assign(new Error('a'), { code: 1 }),
  Object(1),
  Object(2),
  Object('1'),
  Object(true),
  Object(1n),
  Object(Symbol.iterator),
  bytes(1, 2),
  bytes(1, 3),
  bytes(1, 2, 3),
  new Int8Array([1, 2]),
  bytes(1, 2).buffer,
  bytes(1, 3).buffer,
  new DataView(bytes(1, 2).buffer),
  new Float64Array([0]),
  new Float64Array([-0]),
  new Float64Array([NaN]),
  cycle(1),
  cycle(1),
  cycle(2),
  { [Symbol.iterator]: 1 },
  { [Symbol.iterator]: 2 },
  { [Symbol.for('x')]: 1 },
  () => {},
  Foo,
  (function () {
    return arguments;
  })(1),
  Object.defineProperty({ a: 1 }, 'hidden', { value: 1 }),
  { a: { b: { c: [1, { d: new Map([[1, new Set([1])]]) }] } } },
  { a: { b: { c: [1, { d: new Map([[1, new Set([1])]]) }] } } },
  { a: { b: { c: [1, { d: new Map([[1, new Set([2])]]) }] } } },
];
const COMPARISONS = [
  'equal',
  'notEqual',
  'strictEqual',
  'notStrictEqual',
  'deepEqual',
  'notDeepEqual',
  'deepStrictEqual',
  'notDeepStrictEqual',
];

for (const method of COMPARISONS) {
  test(`${method} of every pair of values`, () => {
    for (const [i, left] of VALUES.entries()) {
      for (const [j, right] of VALUES.entries()) {
        const passes = (assert) => {
          try {
            assert[method](left, right, 'message');
            return true;
          } catch (error) {
            return `${error.name} ${error.code}`;
          }
        };
        nodeAssert.strictEqual(passes(ourAssert), passes(nodeAssert), `${method} of values ${i} and ${j}`);
      }
    }
  });
  test(`${method}: arguments`, () => {
    same((assert) => assert[method](), { message: true });
    same((assert) => assert[method](1), { message: true });
    const failing = method.startsWith('not') ? [1, 1] : [1, 2];
    same((assert) => assert[method](...failing));
    // Some releases of Node append the difference to the caller's message.
    same((assert) => assert[method](...failing, 'said'));
    nodeAssert.strictEqual(
      messageOf(() => ourAssert[method](...failing, 'said')),
      'said'
    );
    same((assert) => assert[method](...failing, new RangeError('mine')), { message: true });
    same((assert) => assert.strict[method](...failing));
  });
}

test('messages of comparisons', () => {
  const pairs = [
    [1, 2],
    ['a', 'b'],
    [null, undefined],
    [1n, 2n],
    [true, 1],
  ];
  for (const method of ['equal', 'strictEqual', 'deepStrictEqual']) {
    for (const [left, right] of pairs) {
      if (left == right) continue; // eslint-disable-line eqeqeq -- not a failure of `equal`
      same((assert) => assert[method](left, right), { message: true, name: `${method} ${left} ${right}` });
    }
  }
  for (const method of ['notEqual', 'notStrictEqual', 'notDeepStrictEqual', 'notDeepEqual'])
    same((assert) => assert[method](1, 1), { message: true });
  same((assert) => assert.notDeepStrictEqual({ a: 1 }, { a: 1 }), { message: true });
  same((assert) => assert.strictEqual([1], [1]), { message: true });
  same((assert) => assert.deepEqual({ a: 1 }, { a: 2 }), { message: true });
  same((assert) => assert.deepStrictEqual({ a: 1, b: 2 }, { a: 1, b: 3 }), { message: true });
  same((assert) => assert.deepStrictEqual([1, 2, 3], [1, 2, 3, 4]), { message: true });
});

test('a difference far into a long value is shown with its surroundings only', () => {
  const many = Array.from({ length: 60 }, (_, i) => `item ${i}`);
  const other = many.with ? many.with(50, 'changed') : Object.assign([...many], { 50: 'changed' });
  const message = messageOf(() => ourAssert.deepStrictEqual(many, other));
  nodeAssert.match(message, /^Expected values to be strictly deep-equal:\n\+ actual - expected\n\n\.\.\.\n/);
  nodeAssert.ok(message.includes("+   'item 50',\n-   'changed',"), message);
  nodeAssert.ok(message.split('\n').length < 15, message);
});

test('truth', () => {
  for (const method of ['ok', 'strict']) {
    for (const value of [1, 0, '', null, {}, NaN]) same((assert) => assert[method](value, 'said'), { message: true });
    same((assert) => assert[method](false, new RangeError('mine')), { message: true });
  }
  for (const call of [(assert) => assert(0, 'm'), (assert) => assert(1), (assert) => assert.ok()])
    same(call, { message: true });
  nodeAssert.strictEqual(
    messageOf(() => ourAssert(false)),
    'false == true'
  );
  nodeAssert.strictEqual(ourAssert.ok, ourAssert);
  nodeAssert.strictEqual(ourAssert.strict.strict, ourAssert.strict);
  nodeAssert.strictEqual(ourAssert.strict.equal, ourAssert.strictEqual);
});

test('fail and ifError', () => {
  same((assert) => assert.fail(), { message: true });
  same((assert) => assert.fail('said'), { message: true });
  same((assert) => assert.fail(new RangeError('mine')), { message: true });
  for (const value of [null, undefined, 0, '', 'text', new Error('e'), new TypeError(''), { message: 'm' }, { a: 1 }]) {
    same((assert) => assert.ifError(value), { message: true });
  }
});

test('match and doesNotMatch', () => {
  for (const method of ['match', 'doesNotMatch']) {
    for (const input of ['abc', 'xyz', 12, undefined]) {
      same((assert) => assert[method](input, /a/), { message: true });
      same((assert) => assert[method](input, /a/, 'said'), { message: true });
    }
    same((assert) => assert[method]('a', 'a'));
  }
});

const throwing = (value) => () => {
  throw value;
};
class MyError extends Error {}
const EXPECTED = [
  [],
  ['message'],
  [Error],
  [TypeError],
  [MyError],
  [MyError, 'message'],
  [/boo/],
  [/other/],
  [/other/, 'message'],
  [{ message: 'boo' }],
  [{ message: /bo+/ }],
  [{ message: /bo+/, name: 'TypeError', code: 'E' }],
  [{ message: 'other' }],
  [{ message: 'other' }, 'message'],
  [{ missing: undefined }],
  [{}],
  [new Error('boo')],
  [new Error('other')],
  [new TypeError('boo')],
  [() => true],
  [() => false],
  [function named() {}],
  [
    () => {
      throw new RangeError('from the check');
    },
  ],
  [(error) => error instanceof TypeError],
  ['boo'],
  ['a', 'b'],
  [1],
  [Symbol.iterator],
  [null],
  [undefined, 'message'],
];
const THROWN = [
  new Error('boo'),
  Object.assign(new TypeError('boo'), { code: 'E' }),
  new MyError('boo'),
  'boo',
  null,
  undefined,
  { message: 'boo' },
  5,
];

test('throws with every expectation', () => {
  for (const expected of EXPECTED) {
    same((assert) => assert.throws(() => {}, ...expected), {
      message: true,
      name: `nothing thrown, ${inspect(expected)}`,
    });
    for (const thrown of THROWN)
      same((assert) => assert.throws(throwing(thrown), ...expected), {
        name: `${inspect(thrown)}, ${inspect(expected)}`,
      });
  }
  for (const fn of [undefined, null, 'text', {}]) same((assert) => assert.throws(fn), { message: true });
});

test('messages of throws', () => {
  const cases = [
    [new Error('boo'), TypeError],
    [new Error('boo'), /other/],
    [new Error('boo'), () => false],
    [new Error('boo'), { message: 'other' }],
  ];
  for (const [thrown, expected] of cases) {
    // Node appends the stack of what was caught; its frames differ.
    const [ours, theirs] = [ourAssert, nodeAssert].map(
      (assert) => messageOf(() => assert.throws(throwing(thrown), expected)).split('Caught error')[0]
    );
    nodeAssert.strictEqual(ours, theirs);
  }
});

test('doesNotThrow with every expectation', () => {
  for (const expected of EXPECTED.filter(
    ([first]) => ['undefined', 'function', 'string'].includes(typeof first) || first instanceof RegExp
  )) {
    same((assert) => assert.doesNotThrow(() => {}, ...expected));
    for (const thrown of THROWN) {
      if (thrown === null || thrown === undefined) continue;
      same((assert) => assert.doesNotThrow(throwing(thrown), ...expected), {
        message: true,
        name: `${inspect(thrown)}, ${inspect(expected)}`,
      });
    }
  }
});

async function endingOf(promise) {
  try {
    await promise;
    return 'passes';
  } catch (error) {
    return { ...describe(error), message: error?.message };
  }
}

test('rejects and doesNotReject', async () => {
  const subjects = [
    () => Promise.reject(new TypeError('boo')),
    () => () => Promise.reject(new TypeError('boo')),
    () => Promise.resolve(1),
    () => async () => 1,
    () => () => 1,
    () => throwing(new RangeError('at once')),
    () => 1,
    () => undefined,
    () => ({ then: (_resolve, reject) => reject(new TypeError('boo')), catch() {} }),
    () => ({ then() {} }),
  ];
  for (const method of ['rejects', 'doesNotReject']) {
    for (const subject of subjects) {
      for (const expected of [[], [TypeError], [RangeError], [/boo/], ['message']]) {
        const [ours, theirs] = await Promise.all(
          [ourAssert, nodeAssert].map((assert) => endingOf(assert[method](subject(), ...expected)))
        );
        const name = `${method} ${subject} ${inspect(expected)}`;
        if (typeof theirs === 'object' && theirs.code !== 'ERR_ASSERTION') {
          nodeAssert.deepStrictEqual([ours.name, ours.code], [theirs.name, theirs.code], name);
        } else nodeAssert.deepStrictEqual(ours, theirs, name);
      }
    }
  }
});

test('AssertionError can be made by hand', () => {
  const make = (assert) => new assert.AssertionError({ actual: 1, expected: 2, operator: 'strictEqual' });
  const [ours, theirs] = [make(ourAssert), make(nodeAssert)];
  nodeAssert.strictEqual(ours.message, theirs.message);
  nodeAssert.strictEqual(String(ours), String(theirs));
  nodeAssert.strictEqual(ours.stack.split('\n')[0], theirs.stack.split('\n')[0]);
  nodeAssert.deepStrictEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
  nodeAssert.throws(() => new ourAssert.AssertionError(), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('every method of Node is there', () => {
  const absent = ['CallTracker'];
  for (const name of Object.keys(nodeAssert)) {
    if (!absent.includes(name)) nodeAssert.strictEqual(typeof ourAssert[name], 'function', name);
  }
});
