/** Leaps by what the language does by itself: sorts, copies, numbers, texts, spreads, classes and `Intl`. */
import { type Kept, type Leap, sized, text } from './leap';

/** The most bits that a `BigInt` of V8 may have, and some less. */
const BIGINT_MAX_BITS = 2 ** 29;

/** Objects, arrays, maps and texts that know each other, cycles included. */
function graphOf(count: number): unknown {
  const nodes = Array.from({ length: count }, (_, n) => {
    return { name: `node ${n}`, others: [n, n + 0.5] as unknown[], known: new Map<string, unknown>() };
  });
  nodes.forEach((node, n) => {
    const next = nodes[(n * 7 + 1) % count];
    node.others.push(next);
    node.known.set('next', next);
  });
  return nodes;
}

/** A deep copy that keeps cycles, as libraries make it: workflows have no `structuredClone`, under Node neither. */
function deepCopy(value: unknown): unknown {
  const copies = new Map<object, object>();
  const open: [from: object, to: object][] = [];
  const copyOf = (item: unknown): unknown => {
    if (typeof item !== 'object' || item === null) return item;
    const known = copies.get(item);
    if (known !== undefined) return known;
    const copy: object = Array.isArray(item) ? [] : item instanceof Map ? new Map() : {};
    copies.set(item, copy);
    open.push([item, copy]);
    return copy;
  };
  const copy = copyOf(value);
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [from, to] = pair;
    if (to instanceof Map) for (const [key, item] of from as Map<unknown, unknown>) to.set(copyOf(key), copyOf(item));
    else for (const [key, item] of Object.entries(from)) (to as Record<string, unknown>)[key] = copyOf(item);
  }
  return copy;
}

function* numbers(count: number): Generator<number> {
  for (let n = 0; n < count; n += 1) yield n + 0.5;
}

class Line {
  sku = 'sku';
  name = 'article';
  quantity = 1;
  price = 0.5;
  tags = ['a', 'b', 'c'];
  parts = { left: 1, right: 2 };
  readonly [Symbol.toStringTag] = 'Line';
  #first = 1.5;
  #second = new Date(0);
  total = (): number => this.quantity * this.price + this.#first + this.#second.getTime();
}

/** Amounts and days as lists of their parts. */
function formatted(kept: Kept): void {
  const number = new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' });
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long', timeZone: 'UTC' });
  for (let n = 0; n < 1_000; n += 1) {
    kept.push(number.formatToParts(n * 1_234.5));
    kept.push(day.formatToParts(n * 86_400_000));
  }
}

export const values = {
  /** A comparator that keeps what it makes of the two, inside of a sort of a large array. */
  sort: (kept, room) => {
    const length = sized(200_000, room);
    const own = Array.from({ length }, (_, n) => (n * 7_919) % length);
    own.sort((a, b) => {
      kept.push([a, b, { key: `${a} and ${b}`, digits: [a, b, a + 0.5, b + 0.5] }]);
      return a - b;
    });
    kept.push(own);
  },
  /** Large arrays that are turned round, with the stores that a sort works in. */
  sortLarge: (kept, room) => {
    const own = Array.from(numbers(sized(1_000_000, room)));
    kept.push(own.sort((a, b) => b - a));
  },
  deepCopy: (kept, room) => {
    if (kept.length === 0) kept.push(graphOf(sized(60_000, room)));
    kept.push(deepCopy(kept[0]));
  },
  /** A number that doubles its digits until it is a quarter of the room. */
  bigint: (kept, room) => {
    const most = Math.min(BIGINT_MAX_BITS, room * 2);
    let bits = 64;
    let last = 1n;
    while (bits < most) {
      last = (last << BigInt(bits)) + 1n;
      bits *= 2;
      kept.push(last);
    }
  },
  /** Texts that are put together of small parts and made flat, none of which shares anything with another. */
  template: (kept, room) => {
    const body = text(sized(20_000, room));
    for (let n = 0; n < 100; n += 1) {
      const whole = `${n}: ${body} ${kept.length / 3} of ${body}`;
      Number(whole);
      kept.push(whole);
    }
  },
  /** What a generator yields, in arrays and as arguments. */
  spread: (kept, room) => {
    const many = new Set(numbers(sized(200_000, room)));
    kept.push([...many], [...numbers(sized(200_000, room))], { ...[...many] });
  },
  classFields: (kept) => void kept.push(Array.from({ length: 5_000 }, () => new Line())),
  intl: formatted,
} satisfies Record<string, Leap>;
