/** Globals that a host provides, or does not. */
import assert from 'assert';
import * as urlModule from 'url';
import * as utilModule from 'util';
import { sleep } from '@temporalio/workflow';

const globals = globalThis as unknown as Record<string, unknown>;

/** The value, or the error as text. */
function attempt(call: () => unknown): unknown {
  try {
    return call() ?? null;
  } catch (err) {
    const { name, code, message } = err as Error & { code?: string };
    return [name, code ?? null, message];
  }
}

export async function globalUrl(): Promise<unknown> {
  const url = new URL('../b?x=1&y=%20#part', 'https://user:pä@Exämple.test:8080/a/c/d');
  const parts = [url.protocol, url.username, url.password, url.host, url.port, url.pathname, url.search, url.hash, url.origin];
  url.searchParams.append('z', 'a b&c');
  url.port = '443';
  url.pathname = '/neu ?#';
  url.hash = '';
  url.hostname = '[::1]';
  const texts = ['http://a/../b/./c', 'file:///C|/x', 'mailto:a@b.test', 'http://1.2.3', 'HTTP://A:80/', 'data:,x y'];
  return {
    parts,
    changed: url.href,
    json: JSON.stringify({ url }),
    texts: texts.map((text) => new URL(text).href),
    invalid: ['', '/path', 'http://', 'http://a:99999'].map((text) => attempt(() => new URL(text))),
    canParse: [URL.canParse('x:y'), URL.canParse('y'), URL.canParse('y', 'x://z')],
    tag: Object.prototype.toString.call(url),
    instance: url instanceof URL && url.searchParams instanceof URLSearchParams,
  };
}

export async function globalUrlSearchParams(): Promise<unknown> {
  const params = new URLSearchParams('?b=2&a=1&b=3&empty=&=nameless&plus=+');
  const all = [...params];
  params.sort();
  params.append('ü', '%&=+ ');
  params.delete('b', '3');
  params.set('a', 'changed');
  const forms: unknown[] = [
    new URLSearchParams({ x: '1', y: '2' }).toString(),
    new URLSearchParams([['x', '1'], ['x', '2']]).toString(),
    new URLSearchParams(new Map([['m', 'n']])).toString(),
    new URLSearchParams().size,
    attempt(() => new URLSearchParams([['only one']] as unknown as [string, string][])),
  ];
  const seen: string[] = [];
  params.forEach((value, name) => seen.push(`${name}:${value}`));
  return { all, text: params.toString(), b: params.getAll('b'), has: [params.has('b', '2'), params.has('none')], forms, seen };
}

export async function globalTextCoding(): Promise<unknown> {
  const encoded = new TextEncoder().encode('a\u00e4\u20ac\ud83d\ude00\ud800');
  const into = new Uint8Array(4);
  const { read, written } = new TextEncoder().encodeInto('\u20ac\u20ac', into);
  const stream = new TextDecoder();
  const streamed = [stream.decode(encoded.subarray(0, 2), { stream: true }), stream.decode(encoded.subarray(2))];
  const utf16 = new TextDecoder('utf-16le');
  return {
    encoded: [...encoded],
    into: [read, written, [...into]],
    decoded: new TextDecoder().decode(encoded),
    streamed,
    bom: [new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 65)), new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.of(0xef, 0xbb, 0xbf, 65)).length],
    replaced: new TextDecoder().decode(Uint8Array.of(0xff, 0xc3, 65)),
    fatal: attempt(() => new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.of(0xff))),
    utf16: [utf16.encoding, utf16.fatal, utf16.ignoreBOM, utf16.decode(Uint8Array.of(65, 0, 0xac, 0x20))],
    labels: ['UTF8', 'unicode-1-1-utf-8', 'utf-16'].map((label) => new TextDecoder(label).encoding),
    unknown: attempt(() => new TextDecoder('no such encoding')),
    dataView: new TextDecoder().decode(new DataView(Uint8Array.of(65, 66).buffer, 1)),
    empty: [new TextEncoder().encode().length, new TextDecoder().decode()],
  };
}

/** Of which realm what the encoder makes is shows itself in `instanceof`. */
export async function globalTextEncoderRealm(): Promise<unknown> {
  const bytes = new TextEncoder().encode('a');
  return { tag: Object.prototype.toString.call(bytes), view: ArrayBuffer.isView(bytes) };
}

export async function globalAbort(): Promise<unknown> {
  const controller = new AbortController();
  const { signal } = controller;
  const seen: unknown[] = [];
  signal.addEventListener('abort', (event) => seen.push(event.type, event.target === signal), { once: true });
  const removed = (): void => void seen.push('removed');
  signal.addEventListener('abort', removed);
  signal.removeEventListener('abort', removed);
  signal.onabort = () => seen.push('onabort');
  const before = [signal.aborted, signal.reason ?? null, attempt(() => signal.throwIfAborted())];
  controller.abort(new Error('my reason'));
  controller.abort('second');
  const other = new AbortController();
  other.abort();
  const reason = other.signal.reason as Error & { code: number };
  return {
    before,
    seen,
    after: [signal.aborted, String(signal.reason), attempt(() => signal.throwIfAborted())],
    reason: [reason.name, reason.message, reason.code],
    absent: [typeof globals['AbortSignal'], typeof globals['Event'], typeof globals['EventTarget']],
    tags: [String(controller), String(signal)],
  };
}

/** A signal that is aborted after a timer. */
export async function globalAbortAcrossTimers(): Promise<unknown> {
  const controller = new AbortController();
  const aborted = new Promise<string>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(String(controller.signal.reason)));
  });
  await sleep(5);
  controller.abort('after a timer');
  return aborted;
}

/** All that is synchronous: what `assert.rejects` returns is settled outside of Node's sandbox, where no run sees it. */
export async function globalAssert(): Promise<unknown> {
  const failures = [
    () => assert(false, 'own message'),
    () => assert.ok(0, 'zero'),
    () => assert.equal(1, '1'),
    () => assert.strictEqual(1, 2),
    () => assert.deepStrictEqual({ a: [1] }, { a: [1] }),
    () => assert.deepStrictEqual(new Map([[1, 2]]), new Map([[1, 3]]), 'maps'),
    () => assert.notStrictEqual('a', 'a', 'same'),
    () => assert.throws(() => undefined, 'nothing thrown'),
    () => assert.throws(() => { throw new TypeError('typed'); }, TypeError), // prettier-ignore
    () => assert.throws(() => { throw new Error('other'); }, /other/), // prettier-ignore
    () => assert.match('text', /^t/),
    () => assert.ifError(null),
    () => assert.fail('failed'),
    () => assert.strict.equal(1, '1', 'strict'),
  ].map(attempt);
  const error = attempt(() => new assert.AssertionError({ actual: 1, expected: 2, operator: 'strictEqual' }).code);
  return { failures, error, global: globals['assert'] === assert };
}

/** The three modules of Node that the bundler lets through. */
export async function globalModules(): Promise<unknown> {
  return {
    url: urlModule.URL === URL && urlModule.URLSearchParams === URLSearchParams,
    util: (utilModule.TextEncoder as unknown) === TextEncoder && (utilModule.TextDecoder as unknown) === TextDecoder,
    keys: [Object.keys(urlModule), Object.keys(utilModule)],
  };
}

const ABSENT = [
  'process', 'Buffer', 'require', 'module', 'exports', '__dirname', 'global', 'structuredClone', 'queueMicrotask',
  'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'fetch', 'Request', 'Response', 'Headers', 'crypto',
  'Crypto', 'performance', 'atob', 'btoa', 'Blob', 'File', 'FormData', 'ReadableStream', 'MessageChannel', 'Worker',
  'BroadcastChannel', 'WebSocket', 'EventSource', 'DOMException', 'navigator', 'location', 'localStorage', 'window',
  'self', 'document', 'Deno', '__bootstrap', 'Bun', 'gc', 'print', 'importScripts', 'reportError', 'alert',
]; // prettier-ignore

/** What workflow code must not find. */
export async function globalAbsent(): Promise<string[]> {
  return ABSENT.filter((name) => typeof globals[name] !== 'undefined');
}

const PRESENT = [
  'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'AbortController', 'assert', 'console', 'AsyncLocalStorage',
  'setTimeout', 'clearTimeout', 'Date', 'Intl', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'Promise', 'eval',
  'WeakRef', 'FinalizationRegistry', 'globalThis', 'escape', 'unescape',
]; // prettier-ignore

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
  Object.defineProperty(globalThis, 'conformanceGetter', { get: () => globals['conformanceOwn'], configurable: true });
  await sleep(5);
  globals['conformanceOwn'] = (globals['conformanceOwn'] as number) + 1;
  await sleep(5);
  const after = [globals['conformanceOwn'], globals['conformanceGetter'], 'conformanceOwn' in globalThis];
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
    0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9,
    1, 7, 0, 32, 0, 32, 1, 106, 11
  ); // prettier-ignore
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
