// Long against BigInt.
import assert from 'node:assert';
import test from 'node:test';
import { loadGlobals, seededRandom } from './globals.mjs';

const { Long } = loadGlobals();
const wrap = (value, unsigned) => (unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value));
const make = (value, unsigned) => Long.fromBigInt(value, unsigned);

const EDGES = [
  0n,
  1n,
  -1n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
  10n ** 18n,
];

const BINARY = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  mod: (a, b) => a % b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};
const COMPARED = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
};

function checkPair(a, b, unsigned) {
  const [left, right] = [make(a, unsigned), make(b, unsigned)];
  const [x, y] = [wrap(a, unsigned), wrap(b, unsigned)];
  for (const [name, expected] of Object.entries(BINARY)) {
    if ((name === 'div' || name === 'mod') && y === 0n) {
      assert.throws(() => left[name](right), /division by zero/);
      continue;
    }
    assert.strictEqual(left[name](right).toBigInt(), wrap(expected(x, y), unsigned), `${x} ${name} ${y}`);
  }
  for (const [name, expected] of Object.entries(COMPARED)) {
    assert.strictEqual(left[name](right), expected(x, y), `${x} ${name} ${y}`);
  }
}

function checkOne(a, bits, unsigned) {
  const value = make(a, unsigned);
  const x = wrap(a, unsigned);
  const shift = BigInt(bits);
  const raw = BigInt.asUintN(64, x);
  assert.strictEqual(value.toString(), String(x));
  assert.strictEqual(value.toNumber(), Number(x));
  assert.strictEqual(value.neg().toBigInt(), wrap(-x, unsigned));
  assert.strictEqual(value.not().toBigInt(), wrap(~x, unsigned));
  assert.strictEqual(value.shl(bits).toBigInt(), wrap(x << shift, unsigned));
  assert.strictEqual(value.shr(bits).toBigInt(), wrap(BigInt.asIntN(64, x) >> shift, unsigned));
  assert.strictEqual(value.shru(bits).toBigInt(), wrap(raw >> shift, unsigned));
  assert.strictEqual(value.rotl(bits).toBigInt(), wrap((raw << shift) | (raw >> (64n - shift)), unsigned));
  assert.strictEqual(value.rotr(bits).rotl(bits).toBigInt(), x);
  assert.strictEqual(value.clz(), raw === 0n ? 64 : 64 - raw.toString(2).length);
  assert.strictEqual(value.ctz(), raw === 0n ? 64 : /0*$/.exec(raw.toString(2))[0].length);
  assert.strictEqual(value.isNegative(), x < 0n);
  assert.strictEqual(value.isZero(), x === 0n);
  assert.strictEqual(value.isOdd(), (raw & 1n) === 1n);
  assert.strictEqual(value.toSigned().toBigInt(), wrap(x, false));
  assert.strictEqual(value.toUnsigned().toBigInt(), wrap(x, true));
  for (const radix of [2, 10, 16, 36]) {
    assert.strictEqual(value.toString(radix), x.toString(radix));
    assert.strictEqual(Long.fromString(value.toString(radix), unsigned, radix).toBigInt(), x);
  }
  const bytes = [...new Uint8Array(new BigUint64Array([raw]).buffer)]; // little endian on every platform we run on
  assert.deepStrictEqual([...value.toBytes(true)], bytes);
  assert.deepStrictEqual([...value.toBytes()], [...bytes].reverse());
  assert.strictEqual(Long.fromBytesLE(bytes, unsigned).toBigInt(), x);
  assert.strictEqual(Long.fromBytes([...bytes].reverse(), unsigned).toBigInt(), x);
}

test('edges', () => {
  for (const unsigned of [false, true]) {
    for (const a of EDGES) {
      for (const b of EDGES) checkPair(a, b, unsigned);
      for (const bits of [0, 1, 31, 32, 33, 63]) checkOne(a, bits, unsigned);
    }
  }
});

test('random values', () => {
  const random = seededRandom('Long');
  const word = () => BigInt(random.below(2 ** 32)) >> BigInt(random.below(33));
  const value = () => (word() << 32n) | word();
  for (let round = 0; round < 3000; round++) {
    const unsigned = random.below(2) === 0;
    checkPair(value(), value(), unsigned);
    checkOne(value(), random.below(64), unsigned);
  }
});

test('numbers saturate, lose their fraction, and NaN is zero', () => {
  const cases = [
    [1.9, 1n, 1n],
    [-1.9, -1n, 0n],
    [NaN, 0n, 0n],
    [Infinity, 2n ** 63n - 1n, 2n ** 64n - 1n],
    [-Infinity, -(2n ** 63n), 0n],
    [2 ** 63, 2n ** 63n - 1n, 2n ** 63n],
    [1e19, 2n ** 63n - 1n, 10n ** 19n],
    [-(2 ** 63), -(2n ** 63n), 0n],
  ];
  for (const [number, signed, unsigned] of cases) {
    assert.strictEqual(Long.fromNumber(number).toBigInt(), signed);
    assert.strictEqual(Long.fromNumber(number, true).toBigInt(), unsigned);
  }
});

test('signs are mixed by value', () => {
  const minusOne = Long.fromNumber(-1);
  assert.strictEqual(minusOne.eq(Long.MAX_UNSIGNED_VALUE), false);
  assert.strictEqual(minusOne.lt(Long.UZERO), true);
  assert.strictEqual(Long.MAX_UNSIGNED_VALUE.gt(Long.MAX_VALUE), true);
  assert.strictEqual(Long.fromNumber(5).mul(-2).toNumber(), -10);
  assert.strictEqual(Long.fromNumber(5).add('7').toNumber(), 12);
  assert.strictEqual(Long.MIN_VALUE.div(-1).eq(Long.MIN_VALUE), true);
});

test('fromValue takes numbers, strings, bigints and any { low, high, unsigned }', () => {
  assert.strictEqual(Long.fromValue(7).toNumber(), 7);
  assert.strictEqual(Long.fromValue('-7').toNumber(), -7);
  assert.strictEqual(Long.fromValue(2n ** 40n, true).toBigInt(), 2n ** 40n);
  assert.deepStrictEqual(
    { ...Long.fromValue({ low: 1, high: 2, unsigned: true }) },
    { low: 1, high: 2, unsigned: true }
  );
  assert.strictEqual(Long.fromValue(Long.UONE, false).unsigned, false);
  for (const text of ['', '1-2', '1.5', 'x', '0x10']) assert.throws(() => Long.fromString(text), { name: 'Error' });
  assert.throws(() => Long.fromString('1', false, 37), { name: 'RangeError' });
});

test('only low, high and unsigned are visible on an instance', () => {
  const value = Long.fromBits(-1, 2 ** 31, true);
  assert.deepStrictEqual(Object.entries(value), [
    ['low', -1],
    ['high', -(2 ** 31)],
    ['unsigned', true],
  ]);
  const names = [];
  for (const name in value) names.push(name);
  assert.deepStrictEqual(names, ['low', 'high', 'unsigned']);
  assert.strictEqual(JSON.stringify(value), '{"low":-1,"high":-2147483648,"unsigned":true}');
  assert.strictEqual(value.__isLong__, true);
  assert.strictEqual(Long.isLong(value), true);
  assert.strictEqual(Long.isLong({ low: 1, high: 1, unsigned: false }), false);
  assert.strictEqual(Long.isLong(null), false);
});

test('constants', () => {
  const expected = {
    ZERO: 0n,
    UZERO: 0n,
    ONE: 1n,
    UONE: 1n,
    NEG_ONE: -1n,
    MAX_VALUE: 2n ** 63n - 1n,
    MIN_VALUE: -(2n ** 63n),
    MAX_UNSIGNED_VALUE: 2n ** 64n - 1n,
  };
  for (const [name, value] of Object.entries(expected)) assert.strictEqual(Long[name].toBigInt(), value, name);
});
