/** A module that keeps state of every kind. Each kind can be changed, and tells what it is. */

/** One kind of state: how a run changes it, and all that a run can see of it. */
export interface Kind {
  change(by: number): void;
  look(): unknown;
}

let counter = 0;
let lazy: { made: number } | undefined;
let text = 'pristine';
const list: unknown[] = [1, 2, 3];
const doubles = [0.5, 1.5];
const holes: unknown[] = [];
holes[3] = 'three';
const sparse: Record<string, unknown> & unknown[] = [] as never;
sparse[1_000_000] = 'far';
const record: Record<string, unknown> = { first: 1, second: { nested: [1] } };
const ordered: Record<string, number> = { a: 1, b: 2, c: 3 };
const dictionary: Record<string, number> = {};
for (let index = 0; index < 100; index++) dictionary[`key${index}`] = index;
for (let index = 0; index < 100; index += 3) delete dictionary[`key${index}`];
const map = new Map<unknown, unknown>([['a', 1]]);
const set = new Set<unknown>([1, 2]);
const keys = [{}, {}];
const weakMap = new WeakMap<object, number>([[keys[0]!, 1]]);
const weakSet = new WeakSet<object>();
const visited: unknown[] = [];
let iterator: IterableIterator<[unknown, unknown]> | undefined;
let values: IterableIterator<unknown> | undefined;
const date = new Date(1_000);
const bytes = new Uint8Array([1, 2, 3, 4]);
const floats = new Float64Array([1.5, 2.5]);
const buffer = new ArrayBuffer(8);
const view = new DataView(buffer);
const shared = { buffer: new ArrayBuffer(16) };
const window = new Uint8Array(shared.buffer, 4, 8);
const pattern = /a/g;
const symbol = Symbol('state');
const symbols: Record<symbol, unknown> = { [symbol]: 1 };
const bound = function (this: { value: number }) {
  return ++this.value;
}.bind({ value: 0 });
const once = (() => {
  let result: number | undefined;
  return (value: number) => (result ??= value);
})();
const memoised = (() => {
  const cache = new Map<number, number>();
  return { square: (value: number) => cache.get(value) ?? (cache.set(value, value * value), value * value), cache };
})();
const blocks: ((by: number) => number)[] = [];
for (let index = 0; index < 3; index++) {
  let sum = index;
  blocks.push((by) => (sum += by));
}
const caught = (() => {
  try {
    throw 'caught';
  } catch (err) {
    // biome-ignore lint/suspicious/noCatchAssign: the variable of a catch clause is a kind of state
    return { set: (value: unknown) => (err = value), get: () => String(err) };
  }
})();
class Base {
  static count = 0;
  static #hidden = 0;
  static hide(by: number) {
    return (Base.#hidden += by);
  }
  #secret = 1;
  open = 1;
  tell(by: number) {
    this.#secret += by;
    return this.#secret;
  }
  get secret() {
    return this.#secret;
  }
  static get hidden() {
    return Base.#hidden;
  }
}
class Derived extends Base {
  extra = [1];
}
const instance = new Derived();
const memoisingGetter = {
  get value(): number {
    const value = counter;
    Object.defineProperty(this, 'value', { value, configurable: true });
    return value;
  },
};
const sloppy = new Function(`
  let inner = 0;
  var outer = { arguments };
  return { change: (by) => { inner += by; outer.arguments[0] = by; }, look: () => [inner, outer.arguments[0]] };
`)('argument') as Kind;
const evaluated = (0, eval)('let inner = 0; ({ change: (by) => void (inner += by), look: () => inner })') as Kind;
const accessor = {};
Object.defineProperty(accessor, 'value', { get: () => 'pristine', configurable: true });
const fixedLength: unknown[] = ['x'];
Object.defineProperty(fixedLength, 'hidden', { value: 1, writable: true, enumerable: false, configurable: true });
function counting() {
  return ++counting.calls;
}
counting.calls = 0;
const parent = { inherited: 'from the parent' };
const child = Object.create(parent) as Record<string, unknown>;
const push = Function.prototype.call.bind(Array.prototype.push) as (list: unknown[], value: unknown) => number;
const uncurried: unknown[] = [];
const target = { value: 1 };
const proxy = new Proxy(target, {});
const tags: TemplateStringsArray[] = [];
const seen = new WeakMap<object, number>();
function tag(strings: TemplateStringsArray) {
  if (!tags.includes(strings)) tags.push(strings);
  seen.set(strings, (seen.get(strings) ?? 0) + 1);
  return seen.get(strings);
}
const here = () => tag`a template`;

const properties = (object: object) =>
  Reflect.ownKeys(object).map((key) => {
    const { value, ...rest } = Object.getOwnPropertyDescriptor(object, key)!;
    return [String(key), typeof value === 'object' ? JSON.stringify(value) : String(value), Object.keys(rest).length];
  });

export const KINDS: Record<string, Kind> = {
  variable: { change: (by) => void (counter += by), look: () => counter },
  'half-integer variable': { change: (by) => void (counter += by / 2), look: () => counter },
  'variable of another type': {
    change: (by) => void (text = by % 2 === 0 ? 'changed' : (by as never)),
    look: () => text,
  },
  'lazy object': { change: (by) => void ((lazy ??= { made: by }).made += 1), look: () => lazy?.made },
  push: { change: (by) => void list.push(by), look: () => [...list] },
  shift: { change: () => void list.shift(), look: () => list.length },
  splice: { change: (by) => void list.splice(1, 1, by, by), look: () => list.join() },
  sort: { change: () => void list.sort().reverse(), look: () => list.join() },
  'element of doubles': { change: (by) => void (doubles[0] = by / 4), look: () => [...doubles] },
  'string among doubles': { change: (by) => void ((doubles as unknown[])[1] = `${by}`), look: () => [...doubles] },
  holes: { change: (by) => void (holes[by % 3] = by), look: () => holes.map((value, index) => [index, value]) },
  'sparse array': { change: (by) => void (sparse[by * 1000] = by), look: () => Object.keys(sparse) },
  'accessor as an element': {
    change: (by) => void Object.defineProperty(fixedLength, 0, { get: () => by, configurable: true }),
    look: () => [fixedLength[0], Object.getOwnPropertyDescriptor(fixedLength, 0)?.get === undefined],
  },
  'length of an array': { change: () => void (list.length = 1), look: () => list.length },
  property: { change: (by) => void (record.first = by), look: () => record.first },
  'nested list': {
    change: (by) => void (record.second as { nested: unknown[] }).nested.push(by),
    look: () => JSON.stringify(record),
  },
  'new property': { change: (by) => void (record[`new${by}`] = by), look: () => Object.keys(record) },
  'deleted property': { change: () => void delete ordered.a, look: () => Object.entries(ordered) },
  'deleted and made again': {
    change: (by) => {
      delete ordered.b;
      ordered.b = by;
    },
    look: () => Object.entries(ordered),
  },
  'dictionary property': {
    change: (by) => void (dictionary[`key${by}`] = -by),
    look: () => Object.entries(dictionary),
  },
  'dictionary deletion': { change: () => void delete dictionary.key1, look: () => Object.keys(dictionary) },
  'hidden property': {
    change: (by) => void Object.defineProperty(record, 'hidden', { value: by, configurable: true }),
    look: () => properties(record),
  },
  'enumerable no longer': {
    change: () => void Object.defineProperty(ordered, 'c', { enumerable: false }),
    look: () => properties(ordered),
  },
  accessor: {
    change: (by) => void Object.defineProperty(accessor, 'value', { get: () => by, configurable: true }),
    look: () => (accessor as { value: unknown }).value,
  },
  'property into accessor': {
    change: (by) => void Object.defineProperty(record, 'first', { get: () => by, configurable: true }),
    look: () => record.first,
  },
  __defineGetter__: {
    change: (by) =>
      (record as { __defineGetter__?: (name: string, get: () => unknown) => void }).__defineGetter__?.('got', () => by),
    look: () => record.got,
  },
  'Object.assign': { change: (by) => void Object.assign(record, { assigned: by }), look: () => record.assigned },
  'Reflect.set': { change: (by) => void Reflect.set(record, 'reflected', by), look: () => record.reflected },
  'Map.set': { change: (by) => void map.set(`m${by}`, by), look: () => [...map] },
  'Map value': { change: (by) => void map.set('a', by), look: () => [...map.values()] },
  'Map.delete': { change: () => void map.delete('a'), look: () => map.size },
  'Map order': {
    change: (by) => {
      map.delete('a');
      map.set('a', by);
    },
    look: () => [...map.keys()],
  },
  'iterator over a map': {
    change(by) {
      map.set(`before${by}`, by);
      iterator ??= map.entries();
      visited.push(iterator.next().value);
      map.set(`after${by}`, by);
    },
    look: () => JSON.stringify(visited),
  },
  'iterator over a set': {
    change(by) {
      set.add(by).delete(by - 1);
      values ??= set.values();
      visited.push(values.next().value);
    },
    look: () => visited.length,
  },
  'RegExp.prototype.compile': { change: (by) => void pattern.compile(`b${by}`, 'y'), look: () => String(pattern) },
  'Map.prototype.set.call': {
    change: (by) => void Map.prototype.set.call(map, 'called', by),
    look: () => map.get('called'),
  },
  'Set.add': { change: (by) => void set.add(by), look: () => [...set] },
  'Set.clear': { change: () => set.clear(), look: () => set.size },
  'forEach with a set': { change: (by) => [by, by + 1].forEach(Set.prototype.add as never, set), look: () => [...set] },
  'WeakMap with a shared key': {
    change: (by) => void weakMap.set(keys[1]!, by),
    look: () => keys.map((key) => weakMap.get(key)),
  },
  'WeakMap.delete': { change: () => void weakMap.delete(keys[0]!), look: () => weakMap.has(keys[0]!) },
  'WeakSet with a shared key': { change: () => void weakSet.add(keys[0]!), look: () => weakSet.has(keys[0]!) },
  'template objects': {
    change: () => void here(),
    look: () => [tags.length, tags.map((strings) => seen.get(strings))],
  },
  Date: { change: (by) => void date.setTime(by), look: () => date.getTime() },
  'typed array': { change: (by) => void (bytes[0] = by), look: () => [...bytes] },
  'typed array fill': { change: (by) => void floats.fill(by / 8), look: () => [...floats] },
  DataView: { change: (by) => view.setInt32(0, by), look: () => new Uint8Array(buffer).join() },
  'part of a buffer': { change: (by) => window.set([by, by]), look: () => new Uint8Array(shared.buffer).join() },
  Atomics: { change: (by) => void Atomics.add(bytes, 1, by), look: () => bytes[1] },
  lastIndex: { change: () => void pattern.exec('aaaa'), look: () => pattern.lastIndex },
  symbol: { change: (by) => void (symbols[symbol] = by), look: () => symbols[symbol] },
  'new symbol': {
    change: (by) => void (symbols[Symbol.for(`s${by}`)] = by),
    look: () => Object.getOwnPropertySymbols(symbols).map(String),
  },
  'bound receiver': { change: () => void bound(), look: () => 'seen by the next change' },
  'result of the bound function': { change: () => undefined, look: () => bound() },
  once: { change: (by) => void once(by), look: () => memoised.cache.size },
  'result of once': { change: () => undefined, look: () => once(-1) },
  memo: { change: (by) => void memoised.square(by), look: () => [...memoised.cache] },
  'variables of blocks': { change: (by) => void blocks[by % 3]!(by), look: () => blocks.map((add) => add(0)) },
  'variable of catch': { change: (by) => void caught.set(by), look: () => caught.get() },
  'static field': { change: (by) => void (Base.count += by), look: () => Base.count },
  'private static field': { change: (by) => void Base.hide(by), look: () => Base.hidden },
  'private field': { change: (by) => void instance.tell(by), look: () => instance.secret },
  'field of an instance': { change: (by) => void (instance.open = by), look: () => instance.open },
  'list of an instance': { change: (by) => void instance.extra.push(by), look: () => instance.extra.length },
  'method of a prototype': {
    change: (by) => void (Base.prototype.tell = () => by),
    look: () => String(Base.prototype.tell).length,
  },
  'new method': {
    change: (by) => void Object.assign(Derived.prototype, { added: () => by }),
    look: () => 'added' in instance,
  },
  'memoising getter': { change: () => void memoisingGetter.value, look: () => properties(memoisingGetter).length },
  'Function body': { change: (by) => sloppy.change(by), look: () => sloppy.look() },
  'eval-ed code': { change: (by) => evaluated.change(by), look: () => evaluated.look() },
  'property of a function': { change: () => void counting(), look: () => counting.calls },
  'prototype of a function': {
    change: (by) => void ((counting as unknown as { prototype: object }).prototype = { by }),
    look: () => JSON.stringify((counting as unknown as { prototype: object }).prototype),
  },
  'name of a function': {
    change: (by) => void Object.defineProperty(counting, 'name', { value: `n${by}` }),
    look: () => counting.name,
  },
  setPrototypeOf: { change: (by) => void Object.setPrototypeOf(child, { inherited: by }), look: () => child.inherited },
  'inherited property': { change: (by) => void (parent.inherited = `by ${by}`), look: () => child.inherited },
  'uncurried push': { change: (by) => void push(uncurried, by), look: () => uncurried.length },
  'through a proxy': { change: (by) => void (proxy.value = by), look: () => [target.value, proxy.value] },
  captureStackTrace: { change: () => Error.captureStackTrace(record), look: () => Object.keys(record).length },
};
