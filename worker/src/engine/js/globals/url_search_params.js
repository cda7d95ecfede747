// URLSearchParams (WHATWG URL, section 6) and the application/x-www-form-urlencoded coder.
(function installUrlSearchParams(native, host) {
  'use strict';
  const { utf8Encode, utf8Decode } = native;
  const { codedError, defineInterface, missingArguments } = host;

  const toWellFormed = (text) =>
    text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (unit) => (unit.length === 2 ? unit : '\ufffd'));
  const usv = (value) => toWellFormed(`${value}`);

  function decodeComponent(text) {
    const spaced = text.replaceAll('+', ' ');
    if (!spaced.includes('%')) return spaced;
    const bytes = utf8Encode(spaced);
    const out = new Uint8Array(bytes.length);
    let length = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] === 0x25 ? hexByte(bytes, i + 1) : -1;
      out[length++] = byte < 0 ? bytes[i] : byte;
      if (byte >= 0) i += 2;
    }
    return utf8Decode(out.subarray(0, length), false, true);
  }

  function hexByte(bytes, at) {
    const high = hexDigit(bytes[at]);
    const low = hexDigit(bytes[at + 1]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }

  function hexDigit(code) {
    if (code >= 0x30 && code <= 0x39) return code - 0x30;
    const lower = code | 0x20;
    return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
  }

  // encodeURIComponent leaves ! ' ( ) ~ alone, which the form encoding escapes, and writes a space as %20.
  function encodeComponent(text) {
    return encodeURIComponent(text)
      .replaceAll('%20', '+')
      .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  }

  function parse(query) {
    const pairs = [];
    for (const sequence of query.split('&')) {
      if (sequence === '') continue;
      const equals = sequence.indexOf('=');
      const name = equals < 0 ? sequence : sequence.slice(0, equals);
      const value = equals < 0 ? '' : sequence.slice(equals + 1);
      pairs.push([decodeComponent(name), decodeComponent(value)]);
    }
    return pairs;
  }

  function pairsFromSequence(init) {
    const pairs = [];
    for (const pair of init) {
      const entry =
        pair !== null && typeof pair === 'object' && typeof pair[Symbol.iterator] === 'function' ? [...pair] : [];
      if (entry.length !== 2) {
        throw codedError(TypeError, 'ERR_INVALID_TUPLE', 'Each query pair must be an iterable [name, value] tuple');
      }
      pairs.push([usv(entry[0]), usv(entry[1])]);
    }
    return pairs;
  }

  // Records keep the last value of names that become equal once lone surrogates are replaced.
  function pairsFromRecord(init) {
    const record = new Map();
    for (const key of Reflect.ownKeys(init)) {
      if (!Object.getOwnPropertyDescriptor(init, key)?.enumerable) continue;
      record.set(usv(key), usv(init[key]));
    }
    return [...record];
  }

  function pairsFrom(init) {
    if (init === undefined || init === null) return [];
    if (typeof init !== 'object' && typeof init !== 'function') {
      const text = usv(init);
      return parse(text[0] === '?' ? text.slice(1) : text);
    }
    const iterator = init[Symbol.iterator];
    if (iterator === undefined || iterator === null) return pairsFromRecord(init);
    if (typeof iterator === 'function') return pairsFromSequence(init);
    throw codedError(TypeError, 'ERR_ARG_NOT_ITERABLE', 'Query pairs must be iterable');
  }

  function need(count, given, ...names) {
    if (given < count) throw missingArguments(...names.slice(0, count));
  }

  class URLSearchParams {
    #pairs;
    #changed = undefined; // called after each change: the owning URL takes the new query from it

    constructor(init = undefined) {
      this.#pairs = pairsFrom(init);
    }

    static linkedTo(query, changed) {
      const params = new URLSearchParams(query);
      params.#changed = changed;
      return params;
    }
    static reset(params, query) {
      params.#pairs = parse(query);
    }
    static pairsOf(params) {
      return #pairs in params ? params.#pairs : undefined;
    }

    get size() {
      return this.#pairs.length;
    }
    append(name, value) {
      void this.#pairs;
      need(2, arguments.length, 'name', 'value');
      this.#pairs.push([usv(name), usv(value)]);
      this.#changed?.(this.toString());
    }
    delete(name, value = undefined) {
      void this.#pairs;
      need(1, arguments.length, 'name');
      const wanted = usv(name);
      const only = value === undefined ? undefined : usv(value);
      this.#pairs = this.#pairs.filter(([key, held]) => key !== wanted || (only !== undefined && held !== only));
      this.#changed?.(this.toString());
    }
    get(name) {
      void this.#pairs;
      need(1, arguments.length, 'name');
      const wanted = usv(name);
      return this.#pairs.find(([key]) => key === wanted)?.[1] ?? null;
    }
    getAll(name) {
      void this.#pairs;
      need(1, arguments.length, 'name');
      const wanted = usv(name);
      return this.#pairs.filter(([key]) => key === wanted).map(([, value]) => value);
    }
    has(name, value = undefined) {
      void this.#pairs;
      need(1, arguments.length, 'name');
      const wanted = usv(name);
      const only = value === undefined ? undefined : usv(value);
      return this.#pairs.some(([key, held]) => key === wanted && (only === undefined || held === only));
    }
    set(name, value) {
      void this.#pairs;
      need(2, arguments.length, 'name', 'value');
      const wanted = usv(name);
      const replaced = usv(value);
      const first = this.#pairs.findIndex(([key]) => key === wanted);
      if (first < 0) this.#pairs.push([wanted, replaced]);
      else {
        this.#pairs = this.#pairs.filter(([key], index) => key !== wanted || index === first);
        this.#pairs[first] = [wanted, replaced];
      }
      this.#changed?.(this.toString());
    }
    sort() {
      this.#pairs.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
      this.#changed?.(this.toString());
    }
    forEach(callback, thisArg = undefined) {
      void this.#pairs;
      if (typeof callback !== 'function') throw host.invalidArgument('callback', 'of type function', callback);
      for (let i = 0; i < this.#pairs.length; i++) {
        const [name, value] = this.#pairs[i];
        Reflect.apply(callback, thisArg, [value, name, this]);
      }
    }
    entries() {
      void this.#pairs;
      return makeIterator(
        () => this.#pairs,
        ([name, value]) => [name, value]
      );
    }
    keys() {
      void this.#pairs;
      return makeIterator(
        () => this.#pairs,
        ([name]) => name
      );
    }
    values() {
      void this.#pairs;
      return makeIterator(
        () => this.#pairs,
        ([, value]) => value
      );
    }
    toString() {
      return this.#pairs.map(([name, value]) => `${encodeComponent(name)}=${encodeComponent(value)}`).join('&');
    }
  }

  // Live, as the standard asks: pairs added while iterating are visited.
  const iteratorState = new WeakMap();
  const iteratorPrototype = Object.create(Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())), {
    next: {
      value: function next() {
        const state = iteratorState.get(this);
        if (state === undefined) throw host.invalidThis('URLSearchParams Iterator');
        const pair = state.pairs()[state.index++];
        return pair === undefined ? { value: undefined, done: true } : { value: state.view(pair), done: false };
      },
      enumerable: true,
      configurable: true,
      writable: true,
    },
    [Symbol.toStringTag]: { value: 'URLSearchParams Iterator', configurable: true },
  });
  function makeIterator(pairs, view) {
    const iterator = Object.create(iteratorPrototype);
    iteratorState.set(iterator, { pairs, view, index: 0 });
    return iterator;
  }

  const { linkedTo, reset, pairsOf } = URLSearchParams;
  for (const internal of ['linkedTo', 'reset', 'pairsOf']) delete URLSearchParams[internal];
  defineInterface(URLSearchParams, 'URLSearchParams');
  Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
    value: URLSearchParams.prototype.entries,
    configurable: true,
    writable: true,
  });
  return { URLSearchParams, searchParamsInternals: { linkedTo, reset, pairsOf } };
});
