/** What a sandbox has beside the language, what it has not, and code that is made in it. */
import * as urlModule from 'url';
import * as utilModule from 'util';
import { sleep } from '@temporalio/workflow';
import { attempt } from './support-attempt';

const globals = globalThis as unknown as Record<string, unknown>;

/** The three modules of Node that the bundler lets through. */
export async function globalModules(): Promise<unknown> {
  return {
    url: urlModule.URL === URL && urlModule.URLSearchParams === URLSearchParams,
    util: (utilModule.TextEncoder as unknown) === TextEncoder && (utilModule.TextDecoder as unknown) === TextDecoder,
    keys: [Object.keys(urlModule), Object.keys(utilModule)],
  };
}

const ABSENT = `
  process Buffer require module exports __dirname global structuredClone queueMicrotask setInterval
  clearInterval setImmediate clearImmediate fetch Request Response Headers crypto Crypto performance
  atob btoa Blob File FormData ReadableStream MessageChannel Worker BroadcastChannel WebSocket
  EventSource DOMException navigator location localStorage window self document Deno __bootstrap Bun
  gc print importScripts reportError alert
`
  .trim()
  .split(/\s+/);

/** What workflow code must not find. */
export async function globalAbsent(): Promise<string[]> {
  return ABSENT.filter((name) => typeof globals[name] !== 'undefined');
}

const PRESENT = `
  URL URLSearchParams TextEncoder TextDecoder AbortController assert console AsyncLocalStorage
  setTimeout clearTimeout Date Intl WebAssembly SharedArrayBuffer Atomics Promise eval WeakRef
  FinalizationRegistry globalThis escape unescape
`
  .trim()
  .split(/\s+/);

/** How globals are defined. */
export async function globalDescriptors(): Promise<unknown> {
  return PRESENT.map((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    if (descriptor === undefined) return [name, 'none'];
    const { writable, enumerable, configurable } = descriptor;
    return [name, typeof descriptor.value, writable ?? null, enumerable, configurable];
  });
}

/** A run's own globals live as long as the run does, and are told from those of others by name alone. */
export async function globalOwn(): Promise<unknown> {
  const before = typeof globals['conformanceOwn'];
  globals['conformanceOwn'] = 1;
  await sleep(5);
  globals['conformanceOwn'] = (globals['conformanceOwn'] as number) + 1;
  await sleep(5);
  const after = [globals['conformanceOwn'], 'conformanceOwn' in globalThis];
  delete globals['conformanceOwn'];
  return { before, after, deleted: typeof globals['conformanceOwn'] };
}

/** What was put in the place of a global stays there for the run. */
export async function globalReplaced(): Promise<unknown> {
  const original = globals['console'];
  const lines: string[] = [];
  globals['console'] = { log: (text: string) => lines.push(text) };
  console.log('first');
  await sleep(5);
  console.log('second');
  globals['console'] = original;
  return { lines, restored: console === original, keys: Object.getOwnPropertyNames(console).sort() };
}

/** What is used of it; TypeScript knows it with the DOM alone. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  Module: { new (bytes: Uint8Array): object; exports(module: object): unknown };
  Instance: new (module: object) => { exports: Record<string, unknown> };
  Memory: new (limits: { initial: number; maximum: number }) => { grow(pages: number): number; buffer: ArrayBuffer };
}

/** Compiled and run at once; a module that adds, and a memory that grows. */
export async function globalWebAssembly(): Promise<unknown> {
  const bytes = Uint8Array.of(
    0,
    97,
    115,
    109,
    1,
    0,
    0,
    0,
    1,
    7,
    1,
    96,
    2,
    127,
    127,
    1,
    127,
    3,
    2,
    1,
    0,
    7,
    7,
    1,
    3,
    97,
    100,
    100,
    0,
    0,
    10,
    9,
    1,
    7,
    0,
    32,
    0,
    32,
    1,
    106,
    11
  );
  const WebAssembly = globals['WebAssembly'] as WebAssemblyApi;
  const wasm = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(wasm);
  const add = exports['add'] as (a: number, b: number) => number;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  memory.grow(1);
  return {
    valid: [WebAssembly.validate(bytes), WebAssembly.validate(Uint8Array.of(1))],
    sums: [add(2, 3), add(2 ** 31 - 1, 1)],
    exports: WebAssembly.Module.exports(wasm),
    memory: memory.buffer.byteLength,
    invalid: (attempt(() => new WebAssembly.Module(Uint8Array.of(1))) as string[])[0],
  };
}

export async function globalSharedMemory(): Promise<unknown> {
  const shared = new Int32Array(new SharedArrayBuffer(16));
  const results = [Atomics.add(shared, 0, 5), Atomics.exchange(shared, 0, 7), Atomics.compareExchange(shared, 0, 7, 9)];
  return { results, load: Atomics.load(shared, 0), notify: Atomics.notify(shared, 0), lockFree: Atomics.isLockFree(4) };
}

/** Code from strings runs in the global scope of the run. */
export async function globalEval(): Promise<unknown> {
  const indirect = eval;
  const local = 'local';
  // The compiler keeps the name of what only evaluated code reads.
  void local;
  return {
    value: indirect('[1, 2].map((each) => each * 2)'),
    fn: new Function('a', 'b', 'return a + b')(1, 2),
    scope: attempt(() => indirect('typeof local')),
    sloppy: new Function('return typeof this')(),
    generator: [...(Object.getPrototypeOf(function* () {}).constructor('yield 1; yield 2')() as Iterable<number>)],
    syntax: (attempt(() => new Function('{')) as string[])[0],
    math: indirect('Math.random() < 1 && Date.now() > 0'),
  };
}

class Resource {
  constructor(
    readonly name: string,
    private readonly log: string[]
  ) {}
  [Symbol.dispose](): void {
    this.log.push(`dispose ${this.name}`);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await sleep(5);
    this.log.push(`async dispose ${this.name}`);
  }
}

/** `using` and `await using`. */
export async function globalDispose(): Promise<unknown> {
  const log: string[] = [];
  {
    using first = new Resource('first', log);
    using second = new Resource('second', log);
    log.push(`in ${first.name} ${second.name}`);
  }
  {
    await using third = new Resource('third', log);
    log.push(`in ${third.name}`);
  }
  return { log, symbols: [typeof Symbol.dispose, typeof Symbol.asyncDispose] };
}
