/** Tries the parts of the language that have to do with memory, threads, time or code from elsewhere. */
import { globals } from './attack';

type Loose = (...args: unknown[]) => unknown;
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const cells = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));
const member = (holder: string, name: string): Loose => (globals[holder] as Record<string, Loose>)[name] as Loose;
const construct = (holder: string, name: string, ...args: unknown[]): unknown =>
  Reflect.construct((globals[holder] as Record<string, Loose>)[name] as Loose, args);
const importing = new Function('specifier', 'return import(specifier)') as Loose;

/** Each returns or rejects; what it returns is told by its kind. */
const trials: Record<string, () => unknown> = {
  'new WeakRef({})': () => new WeakRef({}),
  'new FinalizationRegistry(...)': () => new FinalizationRegistry(() => undefined),
  'new WeakMap()': () => new WeakMap(),
  'new SharedArrayBuffer(8)': () => cells().buffer,
  'Atomics.add(...)': () => Atomics.add(cells(), 0, 1),
  'Atomics.notify(...)': () => Atomics.notify(cells(), 0),
  'Atomics.wait(...)': () => Atomics.wait(cells(), 0, 0, 1),
  'Atomics.waitAsync(...)': () => member('Atomics', 'waitAsync')(cells(), 0, 0, 1),
  'new WebAssembly.Module(...)': () => construct('WebAssembly', 'Module', EMPTY_MODULE),
  'WebAssembly.validate(...)': () => member('WebAssembly', 'validate')(EMPTY_MODULE),
  'WebAssembly.compile(...)': () => member('WebAssembly', 'compile')(EMPTY_MODULE),
  'WebAssembly.instantiate(...)': () => member('WebAssembly', 'instantiate')(EMPTY_MODULE),
  'WebAssembly.compileStreaming(...)': () => member('WebAssembly', 'compileStreaming'),
  'new WebAssembly.Memory({ shared: true })': () =>
    construct('WebAssembly', 'Memory', { initial: 1, maximum: 1, shared: true }),
  "import('node:fs')": () => importing('node:fs'),
  "import('data:...')": () => importing('data:text/javascript,export default 1'),
  "eval('1 + 1')": () => (0, eval)('1 + 1'),
  "new Function('return 1')()": () => new Function('return 1')() as unknown,
  'Temporal.Now': () => (globals['Temporal'] as { Now: object } | undefined)?.Now,
  'new ShadowRealm()': () => globals['ShadowRealm'],
  Deno: () => globals['Deno'],
  __bootstrap: () => globals['__bootstrap'],
  queueMicrotask: () => globals['queueMicrotask'],
  structuredClone: () => globals['structuredClone'],
  performance: () => globals['performance'],
  crypto: () => globals['crypto'],
  gc: () => globals['gc'],
};

async function outcomeOf(trial: () => unknown): Promise<string> {
  try {
    const value = await trial();
    return value === undefined ? 'absent' : 'works';
  } catch (err) {
    const { name, message } = err as Error;
    return `${name}: ${message}`.replace(/ \(.*/s, '');
  }
}

export async function decisions(): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const [name, trial] of Object.entries(trials)) outcomes[name] = await outcomeOf(trial);
  return outcomes;
}
