/** Ways to fill the memory of an isolate, in leaps or by growing; none of them ends by itself. */

/** About `chars` characters of `part`, again and again. */
function text(chars: number, part = 'burdock '): string {
  return part.repeat(Math.ceil(chars / part.length));
}

/** Goes as deep as the stack lets it, each frame with an array of its own. */
function deeper(kept: unknown[]): number {
  const own = new Array<number>(20_000).fill(kept.length);
  kept.push(own);
  return deeper(kept) + own.length;
}

const shape = {
  /** One array of 240 MB. */
  array: (kept: unknown[]): void => void kept.push(new Array<number>(30_000_000).fill(0)),
  /** Two leaps with no moment between them at which V8 could stop: the elements become doubles, in a second store. */
  arrayTwice: (kept: unknown[]): void => void kept.push(new Array<number>(30_000_000).fill(0.5)),
  /** One array that grows by pushes, each time into a new and larger store. */
  arrayByPush: (kept: unknown[]): void => {
    for (let n = 0; n < 100_000; n += 1) kept.push(n + 0.5);
  },
  /** A text that doubles, made flat each time. */
  concatFlatten: (kept: unknown[]): void => {
    const last = String(kept.at(-1) ?? 'burdock');
    const doubled = last.length > 100_000_000 ? last.slice(1) + last[0] : last + last;
    Number(doubled);
    kept.push(doubled);
  },
  /** A text of 200 MiB in one go, made flat. */
  repeat: (kept: unknown[]): void => {
    const long = text(200 << 20);
    Number(long);
    kept.push(long);
  },
  /** Memory outside of V8's heap, written to, so that it is really taken. */
  arrayBuffer: (kept: unknown[]): void => {
    const buffer = new ArrayBuffer(256 << 20);
    new Uint8Array(buffer).fill(1);
    kept.push(buffer);
  },
  typedArray: (kept: unknown[]): void => void kept.push(new Float64Array(4 << 20).fill(0.5)),
  /** A text of some megabytes that is far larger when parsed. */
  jsonParse: (kept: unknown[]): void => void kept.push(JSON.parse(`[${text(24 << 20, '{"a":[1]},')}0]`)),
  /** Millions of small texts by a call that looks at nothing else until it is done. */
  split: (kept: unknown[]): void => void kept.push(text(24 << 20, 'abc,').split(',')),
  /** The same with small arrays. */
  entries: (kept: unknown[]): void => void kept.push(Object.entries(new Uint8Array(2 << 20))),
  mapAndSet: (kept: unknown[]): void => {
    const set = new Set<string>();
    kept.push(new Map([[set, set]]));
    for (let n = 0; n < 100_000; n += 1) set.add(`key ${kept.length} ${n}`);
  },
  /** All matches of a long text at once, with their groups. */
  regexp: (kept: unknown[]): void => void kept.push([...text(8 << 20).matchAll(/(\w)(\w+)( )/g)]),
  deepRecursion: (kept: unknown[]): void => {
    try {
      deeper(kept);
    } catch (err) {
      // The end of the stack is not what this is about; that of the memory cannot be caught.
      if (!(err instanceof RangeError)) throw err;
    }
  },
};

export type Leap = keyof typeof shape;
export const leaps = Object.keys(shape) as Leap[];

/** Takes memory by `how` until it is stopped. */
export async function leapsIntoMemory(how: Leap): Promise<never> {
  const kept: unknown[] = [];
  for (;;) shape[how](kept);
}
