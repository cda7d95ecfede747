/** The language itself: what must not depend on the host around V8. */
import { sleep } from '@temporalio/workflow';

/** In what order jobs run that are queued in one task. */
export async function languageMicrotasks(): Promise<string[]> {
  const order: string[] = [];
  const note = (text: string): void => void order.push(text);
  const chain = Promise.resolve()
    .then(() => note('then 1'))
    .then(() => note('then 2'))
    .then(() => note('then 3'));
  const awaiting = (async () => {
    note('async start');
    await null;
    note('await 1');
    await Promise.resolve();
    note('await 2');
    return 'returned';
  })();
  const thenable = Promise.resolve({ then: (resolve: () => void) => (note('thenable'), resolve()) }).then(() =>
    note('after thenable')
  );
  const nested = new Promise((resolve) => resolve(Promise.resolve())).then(() => note('nested'));
  note('end of sync');
  await Promise.all([chain, awaiting.then(note), thenable, nested]);
  return order;
}

/** Combinators, each with what settles first. */
export async function languagePromises(): Promise<unknown> {
  const after = async (ms: number, word: string): Promise<string> => (await sleep(ms), word);
  const failing = async (ms: number): Promise<never> => {
    await sleep(ms);
    throw new Error(`failed after ${ms}`);
  };
  const settled = await Promise.allSettled([after(5, 'a'), failing(5), Promise.resolve(1)]);
  const any = await Promise.any([failing(5), after(10, 'any')]);
  const none = await Promise.any([Promise.reject(new Error('x'))]).catch((err: AggregateError) => [
    err.name,
    err.errors.length,
  ]);
  const race = await Promise.race([after(5, 'fast'), after(2_000, 'slow')]);
  return { settled: settled.map((each) => ('value' in each ? each.value : String(each.reason))), any, none, race };
}

export async function languageGenerators(): Promise<unknown> {
  function* count(to: number): Generator<number, string, string | undefined> {
    let said = '';
    try {
      for (let i = 0; i < to; i++) said += yield i;
    } finally {
      said += '!';
    }
    return said;
  }
  const generator = count(2);
  const steps = [generator.next(), generator.next('a'), generator.next('b'), generator.next()];
  const early = count(9);
  early.next();
  async function* slow(): AsyncGenerator<number> {
    for (let i = 0; i < 3; i++) {
      await sleep(5);
      yield i;
    }
  }
  const slowly: number[] = [];
  for await (const each of slow()) slowly.push(each);
  const [first, ...rest] = count(4);
  return { steps, early: early.return('stopped'), slowly, first, rest };
}

export async function languageProxies(): Promise<unknown> {
  const seen: string[] = [];
  const proxy = new Proxy({ a: 1 } as Record<string, number>, {
    get: (target, key, receiver) => (seen.push(`get ${String(key)}`), Reflect.get(target, key, receiver) ?? -1),
    has: (target, key) => (seen.push(`has ${String(key)}`), Reflect.has(target, key)),
    ownKeys: (target) => (seen.push('keys'), Reflect.ownKeys(target)),
    deleteProperty: (target, key) => (seen.push(`delete ${String(key)}`), Reflect.deleteProperty(target, key)),
  });
  const values = [proxy['a'], proxy['b'], 'a' in proxy, Object.keys(proxy), delete proxy['a']];
  const { proxy: revocable, revoke } = Proxy.revocable({}, {});
  revoke();
  let revoked = '';
  try {
    Reflect.get(revocable, 'x');
  } catch (err) {
    revoked = (err as Error).name;
  }
  class Base {
    readonly who: string;
    constructor() {
      this.who = new.target.name;
    }
  }
  class Other {}
  return { values, seen, revoked, constructed: (Reflect.construct(Base, [], Other) as Base).who };
}

/** A shared expression keeps its `lastIndex` from call to call, within a run. */
const GLOBAL_EXPRESSION = /o/g;

export async function languageRegExps(): Promise<unknown> {
  const indexes = [0, 1, 2, 3].map(() => [GLOBAL_EXPRESSION.test('foo boo'), GLOBAL_EXPRESSION.lastIndex]);
  await sleep(5);
  const kept = GLOBAL_EXPRESSION.lastIndex;
  const sticky = /\d/y;
  const groups = /(?<year>\d{4})-(?<month>\d\d)/u.exec('on 2024-05')?.groups;
  return {
    indexes,
    kept,
    sticky: [sticky.test('1a2'), sticky.lastIndex, sticky.test('1a2'), sticky.lastIndex],
    groups: { ...groups },
    all: [...'a1b22'.matchAll(/[a-z](\d+)/g)].map((match) => [match[0], match[1], match.index]),
    lookbehind: '$5 €6'.replace(/(?<=€)\d/, 'six'),
    replaced: 'aXbX'.replaceAll('X', (_match, at) => String(at)),
    unicode: ['😀'.match(/./u)?.[0].length, 'ſ'.match(/s/iu) !== null, /\p{Lu}/u.test('Ä')],
    indices: /b(c)/d.exec('abc')?.indices?.map((each) => [...each]),
    split: 'a, b;c'.split(/[,;]\s*/),
    source: [new RegExp('/', 'gi').source, String(new RegExp('')), /a/gimsuy.flags],
  };
}

export async function languageSorting(): Promise<unknown> {
  const many = Array.from({ length: 300 }, (_, index) => ({ key: index % 3, index }));
  const sorted = [...many].sort((a, b) => a.key - b.key);
  const stable = sorted.every(
    (each, at) => at === 0 || each.key !== sorted[at - 1]!.key || each.index > sorted[at - 1]!.index
  );
  return {
    stable,
    byText: [10, 9, 1, undefined, -1].sort(),
    locale: ['ä', 'z', 'a', 'Z', 'o'].sort((a, b) => a.localeCompare(b, 'de')),
    copies: ([3, 1, 2] as number[] & { toSorted(): number[] }).toSorted(),
    keys: Object.keys({ b: 1, 2: 1, a: 1, 1: 1 }),
    map: [
      ...new Map([
        ['z', 1],
        ['a', 2],
      ]).keys(),
    ],
  };
}

export async function languageErrors(): Promise<unknown> {
  class Own extends Error {
    override name = 'Own';
  }
  const target: { stack?: string } = {};
  Error.captureStackTrace(target);
  const own = new Own('told', { cause: new TypeError('inner') });
  return {
    captured: typeof target.stack,
    first: own.stack?.split('\n')[0],
    text: String(own),
    cause: String(own.cause),
    aggregate: new AggregateError([1, 2], 'many').errors,
    enumerable: [Object.keys(own), JSON.stringify(new Error('x'))],
    undefinedProperty: ((): string => {
      try {
        return (undefined as unknown as { x: string }).x;
      } catch (err) {
        return String(err);
      }
    })(),
  };
}

/** Frames name this file and its functions. */
export async function languageStackFrames(): Promise<unknown> {
  function inner(): string {
    return new Error('where').stack ?? '';
  }
  const frames = inner().split('\n').slice(1, 3);
  return frames.map((frame) => [frame.includes('globals-language.ts'), /at (\w+)/.exec(frame)?.[1]]);
}

export async function languageNumbers(): Promise<unknown> {
  return {
    text: [
      (0.1 + 0.2).toString(),
      (1e21).toString(),
      (255).toString(16),
      (0.000001234).toPrecision(2),
      (1.005).toFixed(2),
    ],
    parse: [parseInt('12px', 10), Number('0x1f'), Number(' 12 '), parseFloat('.5e1'), Number('1_000')].map(String),
    math: [
      Math.fround(5.05),
      Math.imul(0xffffffff, 5),
      Math.clz32(1),
      Math.sqrt(2),
      Math.hypot(3, 4),
      Math.sign(-0),
    ].map(String),
    bigint: [2n ** 64n, -7n / 2n, BigInt.asIntN(8, 255n), BigInt('0xff')].map(String),
    shifts: [1 << 31, -1 >>> 0, 5 & 6, ~~-1.5],
  };
}

/** Functions whose last place the language leaves to the engine, where all engines of today agree. */
export async function languageMathFunctions(): Promise<unknown> {
  const { sin, tan, asin, atan, exp, log2, log10, log1p, cbrt, sinh, tanh } = Math;
  const functions = { sin, tan, asin, atan, exp, log2, log10, log1p, cbrt, sinh, tanh };
  const points = [0.1, 0.5, 0.7, 1];
  return Object.entries(functions).map(([name, fn]) => [name, ...points.map((point) => String(fn(point)))]);
}

/** The same where they do not: releases of V8 differ in the last place, those of Node among each other too. */
export async function languageMathLastPlace(): Promise<string[]> {
  return [Math.log(3), Math.cos(0.1), Math.expm1(1)].map(String);
}

export async function languageBuffers(): Promise<unknown> {
  const view = new DataView(new ArrayBuffer(16));
  view.setInt16(0, -2);
  view.setFloat32(4, 1.5, true);
  view.setBigUint64(8, 1n);
  const bytes = new Uint8Array(view.buffer);
  return {
    bytes: [...bytes],
    clamped: [...new Uint8ClampedArray([-5, 300, 1.5])],
    slices: [bytes.subarray(2, 4).byteOffset, bytes.slice(2, 4).byteOffset],
    sorted: [...new Float64Array([3, NaN, -0, 0, 1])].map(String),
    set: [...Uint8Array.from({ length: 3 }, (_, index) => index * 100)],
    outOfRange: bytes[99] ?? 'nothing',
  };
}

export async function languageText(): Promise<unknown> {
  return {
    normal: ['\u00e9'.normalize('NFD').length, 'e\u0301'.normalize('NFC').length],
    cases: ['İ'.toLowerCase().length, 'i'.toLocaleUpperCase('tr'), 'ß'.toUpperCase(), 'ΑΣ'.toLowerCase()],
    points: [...'a😀'].map((each) => each.codePointAt(0)),
    compare: [
      'a'.localeCompare('B', 'en'),
      'ä'.localeCompare('z', 'sv'),
      '10'.localeCompare('9', 'en', { numeric: true }),
    ],
    raw: String.raw`a\n${1}`,
    pads: ['5'.padStart(3, '0'), 'x'.padEnd(4, 'ab'), ' t '.trim(), 'abc'.at(-1)],
    uri: [encodeURIComponent('ä&/'), decodeURI('%C3%A4%2F'), escape('ä'), unescape('%u20ac')],
  };
}

export async function languageJson(): Promise<unknown> {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  let refused = '';
  try {
    JSON.stringify(circular);
  } catch (err) {
    refused = (err as Error).name;
  }
  return {
    replaced: JSON.stringify({ a: 1, b: [1, { c: 2 }] }, (key, value: unknown) => (key === 'c' ? 'see' : value), 1),
    listed: JSON.stringify({ a: 1, b: { a: 2, c: 3 } }, ['a', 'b']),
    revived: JSON.parse('{"a":[1,2],"b":"x"}', (_key, value: unknown) =>
      typeof value === 'number' ? value * 2 : value
    ),
    proto: Object.keys(JSON.parse('{"__proto__":1}') as object),
    escapes: JSON.stringify('\u2028\ud800"\u0007'),
    refused,
  };
}

/** Locales, numbers and lists; only what has been the same for many releases of the data. */
export async function languageIntl(): Promise<unknown> {
  return {
    numbers: [
      new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' }).format(1234.5),
      new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 }).format(123456),
      new Intl.NumberFormat('en-IN').format(1234567.891),
      new Intl.NumberFormat('en', { notation: 'compact' }).format(12_300),
      (1234.5).toLocaleString('fr-CH', { minimumFractionDigits: 2 }).length,
    ],
    plurals: [0, 1, 2, 5].map((n) => new Intl.PluralRules('pl').select(n)),
    relative: new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(-1, 'day'),
    list: new Intl.ListFormat('en', { type: 'conjunction' }).format(['a', 'b', 'c']),
    collated: ['ä', 'z', 'a'].sort(new Intl.Collator('sv').compare),
    segments: [...new Intl.Segmenter('en', { granularity: 'word' }).segment('Hello, you!')].length,
    names: new Intl.DisplayNames('en', { type: 'region' }).of('DE'),
    locale: new Intl.Locale('zh-hant-tw').maximize().toString(),
    canonical: Intl.getCanonicalLocales('EN-us'),
  };
}

/** Collections that hold their keys weakly are allowed: what they hold cannot be seen. */
export async function languageWeakCollections(): Promise<unknown> {
  const key = {};
  const map = new WeakMap([[key, 1]]);
  const set = new WeakSet([key]);
  await sleep(5);
  return [map.get(key), map.has({}), set.has(key), map.delete(key), map.has(key)];
}

/** Classes with all that they can have. */
export async function languageClasses(): Promise<unknown> {
  class Counter {
    static #made = 0;
    static readonly first = new Counter();
    #count = 0;
    static {
      Counter.#made += 10;
    }
    constructor() {
      Counter.#made += 1;
    }
    get count(): number {
      return this.#count;
    }
    set count(value: number) {
      this.#count = value * 2;
    }
    static made(): number {
      return Counter.#made;
    }
    static is(value: object): boolean {
      return #count in value;
    }
    *[Symbol.iterator](): Generator<number> {
      yield this.#count;
    }
  }
  const counter = new Counter();
  counter.count = 5;
  counter.count ||= 7;
  const descriptor = Object.getOwnPropertyDescriptor(Counter.prototype, 'count');
  return {
    counts: [...counter],
    made: Counter.made(),
    is: [Counter.is(counter), Counter.is({})],
    descriptor: [typeof descriptor?.get, typeof descriptor?.set, descriptor?.enumerable],
    optional: (undefined as { a?: { b: number } } | undefined)?.a?.b ?? 'nothing',
  };
}
