// 64-bit integers in the shape that protobufjs gives to workflow code: `{ low, high, unsigned }` plus the methods of
// the npm package `long`. Arithmetic goes through BigInt, which is exact and short.
(function installLong(native) {
  'use strict';
  const { asIntN, asUintN } = BigInt;
  const TWO_32 = 2 ** 32;
  const TWO_63 = 2 ** 63;
  const TWO_64 = 2 ** 64;

  class Long {
    constructor(low, high, unsigned) {
      this.low = low | 0;
      this.high = high | 0;
      this.unsigned = Boolean(unsigned);
    }

    static isLong(value) {
      return value !== null && typeof value === 'object' && value.__isLong__ === true;
    }
    static fromBits(low, high, unsigned) {
      return new Long(low, high, unsigned);
    }
    static fromInt(value, unsigned) {
      return unsigned ? new Long(value, 0, true) : new Long(value, (value | 0) < 0 ? -1 : 0, false);
    }
    static fromBigInt(value, unsigned) {
      const bits = asUintN(64, value);
      return new Long(Number(asIntN(32, bits)), Number(asIntN(32, bits >> 32n)), unsigned);
    }
    // Out-of-range numbers saturate, a fraction is cut off and NaN is zero.
    static fromNumber(value, unsigned) {
      if (Number.isNaN(value)) return unsigned ? Long.UZERO : Long.ZERO;
      if (unsigned) {
        if (value < 0) return Long.UZERO;
        if (value >= TWO_64) return Long.MAX_UNSIGNED_VALUE;
      } else {
        if (value <= -TWO_63) return Long.MIN_VALUE;
        if (value >= TWO_63) return Long.MAX_VALUE;
      }
      return Long.fromBigInt(BigInt(Math.trunc(value)), unsigned);
    }
    static fromString(text, unsigned, radix) {
      if (typeof unsigned === 'number') [unsigned, radix] = [false, unsigned];
      return Long.fromBigInt(parseInteger(text, radix ?? 10), unsigned);
    }
    static fromValue(value, unsigned) {
      if (typeof value === 'number') return Long.fromNumber(value, unsigned);
      if (typeof value === 'string') return Long.fromString(value, unsigned);
      if (typeof value === 'bigint') return Long.fromBigInt(value, unsigned);
      return new Long(value.low, value.high, typeof unsigned === 'boolean' ? unsigned : value.unsigned);
    }
    static fromBytes(bytes, unsigned, littleEndian) {
      return littleEndian ? Long.fromBytesLE(bytes, unsigned) : Long.fromBytesBE(bytes, unsigned);
    }
    static fromBytesLE(bytes, unsigned) {
      const word = (at) => bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      return new Long(word(0), word(4), unsigned);
    }
    static fromBytesBE(bytes, unsigned) {
      const word = (at) => (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
      return new Long(word(4), word(0), unsigned);
    }

    toInt() {
      return this.unsigned ? this.low >>> 0 : this.low;
    }
    toNumber() {
      return (this.unsigned ? this.high >>> 0 : this.high) * TWO_32 + (this.low >>> 0);
    }
    toBigInt() {
      return big(this);
    }
    toString(radix = 10) {
      if (radix < 2 || radix > 36) throw new RangeError('radix');
      return big(this).toString(radix);
    }
    toSigned() {
      return this.unsigned ? new Long(this.low, this.high, false) : this;
    }
    toUnsigned() {
      return this.unsigned ? this : new Long(this.low, this.high, true);
    }
    toBytes(littleEndian) {
      return littleEndian ? this.toBytesLE() : this.toBytesBE();
    }
    toBytesLE() {
      const { low, high } = this;
      return [0, 8, 16, 24].map((by) => (low >>> by) & 255).concat([0, 8, 16, 24].map((by) => (high >>> by) & 255));
    }
    toBytesBE() {
      return this.toBytesLE().reverse();
    }

    getHighBits() {
      return this.high;
    }
    getHighBitsUnsigned() {
      return this.high >>> 0;
    }
    getLowBits() {
      return this.low;
    }
    getLowBitsUnsigned() {
      return this.low >>> 0;
    }
    getNumBitsAbs() {
      const value = big(this);
      return (value < 0n ? -value : value).toString(2).replace(/^0$/, '1').length;
    }
    isZero() {
      return this.low === 0 && this.high === 0;
    }
    isNegative() {
      return !this.unsigned && this.high < 0;
    }
    isPositive() {
      return !this.isNegative();
    }
    isOdd() {
      return (this.low & 1) === 1;
    }
    isEven() {
      return !this.isOdd();
    }
    isSafeInteger() {
      return Number.isSafeInteger(this.toNumber());
    }

    compare(other) {
      const left = big(this);
      const right = big(Long.isLong(other) ? other : Long.fromValue(other));
      return left < right ? -1 : left > right ? 1 : 0;
    }
    equals(other) {
      return this.compare(other) === 0;
    }
    notEquals(other) {
      return this.compare(other) !== 0;
    }
    lessThan(other) {
      return this.compare(other) < 0;
    }
    lessThanOrEqual(other) {
      return this.compare(other) <= 0;
    }
    greaterThan(other) {
      return this.compare(other) > 0;
    }
    greaterThanOrEqual(other) {
      return this.compare(other) >= 0;
    }

    negate() {
      return Long.fromBigInt(-big(this), this.unsigned);
    }
    not() {
      return new Long(~this.low, ~this.high, this.unsigned);
    }
    add(other) {
      return Long.fromBigInt(big(this) + operand(other), this.unsigned);
    }
    subtract(other) {
      return Long.fromBigInt(big(this) - operand(other), this.unsigned);
    }
    multiply(other) {
      return Long.fromBigInt(big(this) * operand(other), this.unsigned);
    }
    divide(other) {
      return Long.fromBigInt(big(this) / divisor(other, this.unsigned), this.unsigned);
    }
    modulo(other) {
      return Long.fromBigInt(big(this) % divisor(other, this.unsigned), this.unsigned);
    }
    and(other) {
      return Long.fromBigInt(big(this) & operand(other), this.unsigned);
    }
    or(other) {
      return Long.fromBigInt(big(this) | operand(other), this.unsigned);
    }
    xor(other) {
      return Long.fromBigInt(big(this) ^ operand(other), this.unsigned);
    }
    shiftLeft(bits) {
      return Long.fromBigInt(big(this) << shift(bits), this.unsigned);
    }
    // Fills with the top bit, for unsigned values too, as `long` does.
    shiftRight(bits) {
      return Long.fromBigInt(asIntN(64, big(this)) >> shift(bits), this.unsigned);
    }
    shiftRightUnsigned(bits) {
      return Long.fromBigInt(asUintN(64, big(this)) >> shift(bits), this.unsigned);
    }
    rotateLeft(bits) {
      const value = asUintN(64, big(this));
      const by = shift(bits);
      return Long.fromBigInt((value << by) | (value >> (64n - by)), this.unsigned);
    }
    rotateRight(bits) {
      return this.rotateLeft(64 - Number(shift(bits)));
    }
    countLeadingZeros() {
      return this.high !== 0 ? Math.clz32(this.high) : 32 + Math.clz32(this.low);
    }
    countTrailingZeros() {
      const trailing = (word) => (word === 0 ? 32 : 31 - Math.clz32(word & -word));
      return this.low !== 0 ? trailing(this.low) : 32 + trailing(this.high);
    }
  }

  function big({ low, high, unsigned }) {
    const bits = (BigInt(high | 0) << 32n) | BigInt(low >>> 0);
    return unsigned ? asUintN(64, bits) : bits;
  }
  const operand = (value) => big(Long.isLong(value) ? value : Long.fromValue(value));
  const shift = (bits) => BigInt((Long.isLong(bits) ? bits.toInt() : bits) & 63);
  function divisor(value, unsigned) {
    const by = unsigned ? asUintN(64, operand(value)) : operand(value);
    if (by === 0n) throw new Error('division by zero');
    return by;
  }

  function parseInteger(text, radix) {
    if (text.length === 0) throw new Error('empty string');
    if (radix < 2 || radix > 36) throw new RangeError('radix');
    if (['NaN', 'Infinity', '+Infinity', '-Infinity'].includes(text)) return 0n;
    const negative = text[0] === '-';
    let value = 0n;
    for (const digit of negative ? text.slice(1) : text) {
      const worth = parseInt(digit, radix);
      if (Number.isNaN(worth)) throw new Error(`"${text}" is not an integer in base ${radix}`);
      value = value * BigInt(radix) + BigInt(worth);
    }
    return negative ? -value : value;
  }

  const ALIASES = {
    neg: 'negate',
    sub: 'subtract',
    mul: 'multiply',
    div: 'divide',
    mod: 'modulo',
    rem: 'modulo',
    comp: 'compare',
    eq: 'equals',
    neq: 'notEquals',
    ne: 'notEquals',
    lt: 'lessThan',
    lte: 'lessThanOrEqual',
    le: 'lessThanOrEqual',
    gt: 'greaterThan',
    gte: 'greaterThanOrEqual',
    ge: 'greaterThanOrEqual',
    eqz: 'isZero',
    shl: 'shiftLeft',
    shr: 'shiftRight',
    shru: 'shiftRightUnsigned',
    shr_u: 'shiftRightUnsigned',
    rotl: 'rotateLeft',
    rotr: 'rotateRight',
    clz: 'countLeadingZeros',
    ctz: 'countTrailingZeros',
  };
  for (const [alias, method] of Object.entries(ALIASES)) {
    Object.defineProperty(Long.prototype, alias, {
      value: Long.prototype[method],
      configurable: true,
      writable: true,
    });
  }
  Object.defineProperty(Long.prototype, '__isLong__', { value: true });

  const CONSTANTS = {
    ZERO: new Long(0, 0, false),
    UZERO: new Long(0, 0, true),
    ONE: new Long(1, 0, false),
    UONE: new Long(1, 0, true),
    NEG_ONE: new Long(-1, -1, false),
    MAX_VALUE: new Long(-1, 0x7fffffff, false),
    MAX_UNSIGNED_VALUE: new Long(-1, -1, true),
    MIN_VALUE: new Long(0, 0x80000000, false),
  };
  for (const [name, value] of Object.entries(CONSTANTS)) {
    Object.defineProperty(Long, name, { value: Object.freeze(value), enumerable: true });
  }
  return { Long };
});
