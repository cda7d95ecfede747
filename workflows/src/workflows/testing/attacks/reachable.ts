/** Which functions of the host's realm workflow code can reach, and what they could tell it. */
import { condition, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import { globals, open } from './attack';

type Reference = object;
interface Found {
  path: string;
  value: Reference;
}

/** Every job of this run's activations passes by here. */
export const passBy = defineSignal<[string]>('passBy');

const isReference = (value: unknown): value is Reference =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Whether an object is of another realm: the last one of its prototypes is not this realm's. */
function isForeign(value: Reference): boolean {
  let last = value;
  for (let next = last as Reference | null; next !== null; next = Object.getPrototypeOf(next) as Reference | null)
    last = next;
  return last !== Object.prototype && last !== value;
}

const step = (key: PropertyKey): string => (typeof key === 'symbol' ? `[${String(key)}]` : `.${String(key)}`);

/** What can be reached from an object without calling anything. */
function neighbours({ path, value }: Found): Found[] {
  const found: [string, unknown][] = [];
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor === undefined) continue;
    if ('value' in descriptor) found.push([`${path}${step(key)}`, descriptor.value]);
    else found.push([`get ${path}${step(key)}`, descriptor.get], [`set ${path}${step(key)}`, descriptor.set]);
  }
  found.push([`${path}.__proto__`, Object.getPrototypeOf(value)]);
  return found.flatMap(([at, reached]) => (isReference(reached) ? [{ path: at, value: reached }] : []));
}

/** Everything that can be reached, each by a shortest path. */
function reachable(roots: Found[]): Found[] {
  const visited = new Set<Reference>();
  const all: Found[] = [];
  let pending = roots;
  while (pending.length > 0) {
    const fresh = pending.filter(({ value }) => !visited.has(value) && visited.add(value));
    all.push(...fresh);
    pending = fresh.flatMap(neighbours);
  }
  return all;
}

function thrownBy(body: () => unknown): unknown {
  try {
    return body();
  } catch (err) {
    return err;
  }
}

/** Objects that only calls make. */
function made(): Record<string, unknown> {
  const controller = new AbortController();
  const events: unknown[] = [];
  controller.signal.addEventListener('abort', (event) => events.push(event));
  controller.abort();
  const parameters = new URLSearchParams('a=1');
  return {
    url: new URL('http://localhost/'),
    urlError: thrownBy(() => new URL(':')),
    parameters,
    parameterList: parameters.getAll('a'),
    parameterIterator: parameters.keys(),
    signal: controller.signal,
    abortReason: controller.signal.reason as unknown,
    event: events[0],
    bytes: new TextEncoder().encode('a'),
    assertionError: thrownBy(() => (globals['assert'] as (value: unknown) => void)(false)),
    compiled: (globals['WebAssembly'] as { compile: (bytes: unknown) => Promise<unknown> })
      .compile(new Uint8Array(0))
      .catch(() => undefined),
    cacheEntry: globals['__webpack_module_cache__'],
  };
}

/** Notes the first signal job that the activator is given. */
function watchJobs(): { job?: unknown } {
  const seen: { job?: unknown } = {};
  const activator = open(globals['__TEMPORAL_ACTIVATOR__']);
  const original = activator['signalWorkflow'] as (job: unknown) => unknown;
  activator['signalWorkflow'] = function (job: unknown): unknown {
    seen.job ??= job;
    return original.call(activator, job);
  };
  return seen;
}

const HOUR_MS = 3_600_000;

/** What a call gives away: the real time, or something that differs from call to call. */
function giveaway(call: () => unknown, nowMs: number): string | undefined {
  const [first, second] = [thrownBy(call), thrownBy(call)];
  // Promises, of whichever realm, that are rejected.
  for (const result of [first, second]) Promise.resolve(result).catch(() => undefined);
  const isTime = (value: number): boolean => Math.abs(value - nowMs) < HOUR_MS;
  if (typeof first === 'bigint' && isTime(Number(first / 1_000_000n))) return 'the time';
  if (typeof first === 'number' && (isTime(first) || isTime(first * 1_000))) return 'the time';
  const isPlain = ['number', 'string', 'bigint', 'boolean'].includes(typeof first);
  return isPlain && !Object.is(first, second) ? 'something new each time' : undefined;
}

export interface Reach {
  /** The functions of the host's realm, by their paths. */
  functions: string[];
  /** Those that give something away when they are called without arguments, with what. */
  giveaways: string[];
  /** Those whose `constructor` compiles code outside of this realm. */
  compilers: string[];
}

/** Walks the graph of all objects from `globalThis`, and from what the host hands out. */
export async function reaches(): Promise<Reach> {
  const seen = watchJobs();
  setHandler(passBy, () => undefined);
  await condition(() => seen.job !== undefined);
  const nowMs = workflowInfo().unsafe.now();
  const roots = { globalThis, activator: globals['__TEMPORAL_ACTIVATOR__'], job: seen.job, ...made() };
  const start = Object.entries(roots).flatMap(([path, value]) => (isReference(value) ? [{ path, value }] : []));
  const foreign = reachable(start).filter(({ value }) => typeof value === 'function' && isForeign(value));
  const compilers = foreign.filter(({ value }) => compilesElsewhere(value));
  // A run without an activator, or with a command that is nothing, would fail its task.
  const harmless = foreign.filter(({ path }) => !path.startsWith('set ') && !path.endsWith('.pushCommand'));
  const giveaways = harmless.flatMap(({ path, value }) => {
    const given = giveaway(value as () => unknown, nowMs);
    return given === undefined ? [] : [`${path}: ${given}`];
  });
  return { functions: foreign.map(({ path }) => path), giveaways, compilers: compilers.map(({ path }) => path) };
}

/** Whether the code that its `constructor` compiles has another global object. */
function compilesElsewhere(value: Reference): boolean {
  const made = thrownBy(() => (open(value)['constructor'] as (source: string) => () => unknown)('return globalThis')());
  return isReference(made) && made !== globalThis && Reflect.has(made, 'globalThis');
}
