/** Leaps that need one value alone: an array, a text, a buffer, or what one call makes of a text. */
import { type Leap, type Kept, sized, text } from './leap';

/** Goes as deep as the stack lets it, each frame with an array of its own. */
function deeper(kept: Kept, length: number): number {
  const own = new Array<number>(length).fill(kept.length);
  kept.push(own);
  return deeper(kept, length) + own.length;
}

export const plain = {
  /** One array that is larger than all that is left. */
  array: (kept, room) => void kept.push(new Array<number>(sized(30_000_000, room)).fill(0)),
  /** Two leaps with no moment between them at which V8 could stop: the elements become doubles, in a second store. */
  arrayTwice: (kept, room) => void kept.push(new Array<number>(sized(30_000_000, room)).fill(0.5)),
  /** One array that grows by pushes, each time into a new and larger store. */
  arrayByPush: (kept) => {
    for (let n = 0; n < 100_000; n += 1) kept.push(n + 0.5);
  },
  /** A text that doubles, made flat each time. */
  concatFlatten: (kept) => {
    const last = String(kept.at(-1) ?? 'burdock');
    const doubled = last.length > 100_000_000 ? last.slice(1) + last[0] : last + last;
    Number(doubled);
    kept.push(doubled);
  },
  /** A text that is larger than all that is left in one go, made flat. */
  repeat: (kept, room) => {
    const long = text(sized(200 << 20, room));
    Number(long);
    kept.push(long);
  },
  /** Memory outside of V8's heap, written to, so that it is really taken. */
  arrayBuffer: (kept, room) => {
    const buffer = new ArrayBuffer(sized(256 << 20, room));
    new Uint8Array(buffer).fill(1);
    kept.push(buffer);
  },
  typedArray: (kept, room) => void kept.push(new Float64Array(sized(4 << 20, room)).fill(0.5)),
  /** A text of some megabytes that is far larger when parsed. */
  jsonParse: (kept, room) => void kept.push(JSON.parse(`[${text(sized(12 << 20, room), '{"a":[1]},')}0]`)),
  /** Millions of small texts by a call that looks at nothing else until it is done. */
  split: (kept, room) => void kept.push(text(sized(24 << 20, room), 'abc,').split(',')),
  /** The same with small arrays. */
  entries: (kept, room) => void kept.push(Object.entries(new Uint8Array(sized(2 << 20, room)))),
  mapAndSet: (kept) => {
    const set = new Set<string>();
    kept.push(new Map([[set, set]]));
    for (let n = 0; n < 100_000; n += 1) set.add(`key ${kept.length} ${n}`);
  },
  /** All matches of a long text at once, with their groups. */
  regexp: (kept, room) => void kept.push([...text(sized(8 << 20, room)).matchAll(/(\w)(\w+)( )/g)]),
  deepRecursion: (kept, room) => {
    try {
      deeper(kept, sized(20_000, room));
    } catch (err) {
      // The end of the stack is not what this is about; that of the memory cannot be caught.
      if (!(err instanceof RangeError)) throw err;
    }
  },
} satisfies Record<string, Leap>;
