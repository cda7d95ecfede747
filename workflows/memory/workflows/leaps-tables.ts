/** Leaps into hash tables and into arrays with holes: V8's built-ins read what they have written, to find a free place. */
import { type Leap, sized } from './leap';

/** The heap in which a leap into tables was once seen to hang. */
export const SEEN_ROOM_BYTES = 280 << 20;

const pairs = (count: number): [string, number][] => Array.from({ length: count }, (_, n) => [`k${n}`, n]);

/** Made by the first step and kept for the others. */
function first<T>(kept: unknown[], make: () => T): T {
  if (kept.length === 0) kept.push(make());
  return kept[0] as T;
}

/** An object of so many properties that V8 keeps them in a table. */
function dictionary(count: number): Record<string, number> {
  const own: Record<string, number> = {};
  for (let n = 0; n < count; n += 1) own[`k${n}`] = n;
  return own;
}

export const tables = {
  /** Again and again from the same entries. */
  fromEntries: (kept, room) => {
    const entries = first(kept, () => pairs(sized(400_000, room)));
    kept.push(Object.fromEntries(entries));
  },
  /** The same beside five buffers that are filled: a million entries and 16 MiB each, in a room as it was seen. */
  fromEntriesBesideBuffers: (kept, room) => {
    const { entries } = first(kept, () => {
      const share = room / SEEN_ROOM_BYTES;
      const entries: [string, number][] = [];
      for (let n = 0; n < 1_000_000 * share; n += 1) entries.push([`k${n}`, n]);
      const bytes = Math.floor((16 << 20) * share);
      return { entries, buffers: Array.from({ length: 5 }, () => new Uint8Array(bytes).fill(1)) };
    });
    kept.push(Object.fromEntries(entries));
  },
  /** One object that grows, each time into a new and larger table. */
  dictionaryByAssignment: (kept) => {
    const own = first(kept, (): Record<string, number> => ({}));
    const from = Number(kept[1] ?? 0);
    for (let n = from; n < from + 100_000; n += 1) own[`k${n}`] = n;
    kept[1] = from + 100_000;
  },
  /** Many small tables: a deleted property makes one of its object. */
  dictionaryByDelete: (kept) => {
    const many = Array.from({ length: 10_000 }, (_, n) => {
      const own: Record<string, number> = { a: n, b: n, c: n, d: n, e: n, f: n };
      delete own['a'];
      return own;
    });
    kept.push(many);
  },
  /** A large table that loses most of its properties and is copied, so that holes are looked at. */
  dictionaryWithHoles: (kept, room) => {
    const own = dictionary(sized(50_000, room));
    for (const key of Object.keys(own)) if (Number(key.slice(1)) % 8 !== 0) delete own[key];
    for (let n = 0; n < sized(50_000, room); n += 1) own[`again${n}`] = n;
    kept.push(own);
  },
  objectSpread: (kept, room) => {
    const own = first(kept, () => dictionary(sized(200_000, room)));
    kept.push({ ...own });
  },
  /** Indices so far apart that V8 keeps the elements in a table. */
  sparseArray: (kept) => {
    const own = first(kept, (): number[] => []);
    const from = Number(kept[1] ?? 0);
    for (let n = from; n < from + 100_000; n += 1) own[(n * 1_000_003) % 4_294_967_291] = n;
    kept[1] = from + 100_000;
  },
  /** Arrays of nothing but holes, which take memory all the same. */
  holes: (kept, room) => void kept.push(new Array<number>(sized(2_000_000, room))),
  /** One map that grows until it is as large as one may be, then the next. */
  mapGrowth: (kept, room) => {
    const map = new Map<number, number>();
    kept.push(map);
    for (let n = 0; n < sized(6_000_000, room); n += 1) map.set(n, n);
  },
  setGrowth: (kept, room) => {
    const set = new Set<number>();
    kept.push(set);
    for (let n = 0; n < sized(6_000_000, room); n += 1) set.add(n);
  },
} satisfies Record<string, Leap>;
