/** Workflows that misbehave on purpose; none of them may harm the runs beside it. */
import { condition, defineQuery, defineSignal, setHandler, sleep, startChild } from '@temporalio/workflow';
import { probes } from './probes';
import { waitForRelease } from './children';

/** Ways to fill the heap. */
const growth = {
  arrays: (kept: unknown[]): void => void kept.push(new Array<unknown>(1_000).fill({})),
  objects: (kept: unknown[]): void => void kept.push({ at: kept.length, name: `object ${kept.length}` }),
  strings: (kept: unknown[]): void => void kept.push('x'.repeat(1_000_000) + kept.length),
  closures: (kept: unknown[]): void => void kept.push(() => kept.length),
  /** One table, whose growth needs the old and the new one at a time. */
  maps: (kept: unknown[]): void => {
    const map = (kept[0] ??= new Map<number, number>()) as Map<number, number>;
    map.set(map.size, map.size);
  },
  /** Allocations that are larger than the whole heap may be. */
  largeArrays: (kept: unknown[]): void => void kept.push(new Array<number>(30_000_000).fill(0)),
  /** A string that doubles, made flat each time. */
  doubling: (kept: unknown[]): void => {
    const text = `${(kept[0] ?? 'burdock') as string}`;
    kept[0] = text + text;
    Number(kept[0]);
  },
};
export type Growth = keyof typeof growth;
export const growths = Object.keys(growth) as Growth[];

export async function fillsHeap(shape: Growth): Promise<never> {
  const kept: unknown[] = [];
  for (;;) growth[shape](kept);
}

const ACTIVATOR = '__TEMPORAL_ACTIVATOR__';
/** Attempts to make the global object, which all runs of an isolate share, unchangeable. */
const seizures = {
  freeze: () => Object.freeze(globalThis),
  seal: () => Object.seal(globalThis),
  preventExtensions: () => Object.preventExtensions(globalThis),
  reflectPreventExtensions: () => Reflect.preventExtensions(globalThis),
  readOnlyActivator: () => Object.defineProperty(globalThis, ACTIVATOR, { writable: false }),
  fixedActivator: () => Object.defineProperty(globalThis, ACTIVATOR, { writable: false, configurable: false }),
  fixedAccessor: () => {
    const own = (globalThis as unknown as Record<string, unknown>)[ACTIVATOR];
    Object.defineProperty(globalThis, ACTIVATOR, { get: () => own, set: () => undefined, configurable: false });
  },
};
export type Seizure = keyof typeof seizures;
export const seizureNames = Object.keys(seizures) as Seizure[];

/** Says whether the attempt was refused, and then stays in the cache until the signal `release`. */
export async function seizesGlobal(how: Seizure): Promise<'refused' | 'done'> {
  let outcome: 'refused' | 'done' = 'done';
  let released = false;
  setHandler(defineSignal('release'), () => void (released = true));
  try {
    seizures[how]();
  } catch {
    outcome = 'refused';
  }
  await condition(() => released);
  return outcome;
}

function spin(): never {
  for (;;) {
    // Nothing: the watchdog has to end this.
  }
}

function refuse(): never {
  throw unprintable.throws();
}

/** Values that cannot be turned into text. */
const unprintable = {
  throws: () => Object.assign(() => undefined, { toString: refuse, toJSON: refuse }),
  spins: () => Object.assign(() => undefined, { toString: spin, toJSON: spin }),
  errorThatSpins: () => Object.defineProperty(new Error('x'), 'message', { get: spin }),
  stackThatThrows: () => Object.defineProperty(new Error('x'), 'stack', { get: refuse }),
  proxy: () => new Proxy({}, { get: refuse, ownKeys: refuse, getPrototypeOf: refuse }),
};
export type Unprintable = keyof typeof unprintable;
export const unprintables = Object.keys(unprintable) as Unprintable[];

export async function throwsUnprintable(what: Unprintable): Promise<void> {
  throw unprintable[what]();
}

/** Hands out a command whose reading throws an unprintable value. */
export async function commandsUnprintable(what: Unprintable): Promise<void> {
  const workflowId = {
    toString() {
      throw unprintable[what]();
    },
  };
  await startChild(waitForRelease, { workflowId: workflowId as unknown as string });
}

/** Starts a child and an activity under numbers, as JSON delivers them whatever the types say. */
export async function usesNumericIds(id: number): Promise<unknown> {
  const numeric = id as unknown as string;
  const child = await startChild(waitForRelease, { workflowId: numeric });
  const echoed = await probes.echo.executeWithOptions({ startToCloseTimeout: '60s', activityId: numeric }, [id]);
  await child.signal('release', 'well done');
  return { echoed, result: await child.result() };
}

export const startsTimer = defineQuery<number>('startsTimer');
export const waitsForTimer = defineQuery<number>('waitsForTimer');
export const heard = defineQuery<number>('heard');
export const hear = defineSignal('hear');

/** Answers queries by handlers that do what a query must not do. */
export async function misusesQueries(): Promise<number> {
  let count = 0;
  setHandler(hear, () => void (count += 1));
  setHandler(heard, () => count);
  setHandler(startsTimer, () => {
    void sleep('1 hour');
    return count;
  });
  setHandler(waitsForTimer, (async () => {
    await sleep('1 hour');
    return count;
  }) as unknown as () => number);
  await condition(() => count >= 3);
  return count;
}
