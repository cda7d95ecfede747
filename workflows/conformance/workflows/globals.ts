/** Globals that a host provides in the place of Node's. */
import assert from 'assert';
import { sleep } from '@temporalio/workflow';
import { attempt } from './support-attempt';

const globals = globalThis as unknown as Record<string, unknown>;

export async function globalUrl(): Promise<unknown> {
  const url = new URL('../b?x=1&y=%20#part', 'https://user:pä@Exämple.test:8080/a/c/d');
  const parts = [
    url.protocol,
    url.username,
    url.password,
    url.host,
    url.port,
    url.pathname,
    url.search,
    url.hash,
    url.origin,
  ];
  url.searchParams.append('z', 'a b&c');
  url.port = '443';
  url.pathname = '/neu ?#';
  url.hash = '';
  url.hostname = '[::1]';
  const texts = ['http://a/../b/./c', 'file:///C:/x', 'mailto:a@b.test', 'http://1.2.3', 'HTTP://A:80/', 'data:,x y'];
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

/** The drive letters of file URLs, which the parser of the standard treats on their own. */
export async function globalUrlDrives(): Promise<string[]> {
  const texts = ['file:///C|/x', 'file:///C:/../x', 'file:c:\\x\\y', 'file://host/C|/x'];
  return texts.map((text) => new URL(text).href);
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
    new URLSearchParams([
      ['x', '1'],
      ['x', '2'],
    ]).toString(),
    new URLSearchParams(new Map([['m', 'n']])).toString(),
    new URLSearchParams().size,
    attempt(() => new URLSearchParams([['only one']] as unknown as [string, string][])),
  ];
  const seen: string[] = [];
  params.forEach((value, name) => void seen.push(`${name}:${value}`));
  return {
    all,
    text: params.toString(),
    b: params.getAll('b'),
    has: [params.has('b', '2'), params.has('none')],
    forms,
    seen,
  };
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
    bom: [
      new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 65)),
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.of(0xef, 0xbb, 0xbf, 65)).length,
    ],
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

/** All that is synchronous: what `assert.rejects` returns is settled outside of Node's sandbox, unseen by the run. */
export async function globalAssert(): Promise<unknown> {
  const failures = [
    () => assert(false, 'own message'),
    () => assert.ok(0, 'zero'),
    () => assert.equal(1, '1'),
    () => assert.strictEqual(1, 2),
    () => assert.deepStrictEqual({ a: [1] }, { a: [1] }),
    () => assert.deepStrictEqual(new Map([[1, 2]]), new Map([[1, 2]]), 'maps'),
    () => assert.deepStrictEqual([1, { a: 2 }], [1, { a: 3 }]),
    () => assert.deepEqual([1], ['1'], 'loosely'),
    () => assert.notDeepStrictEqual({ a: 1 }, { a: 1 }, 'alike'),
    () => assert.notStrictEqual('a', 'a', 'same'),
    () => assert.throws(() => undefined, 'nothing thrown'),
    () =>
      assert.throws(() => {
        throw new TypeError('typed');
      }, TypeError),
    () =>
      assert.throws(() => {
        throw new Error('other');
      }, /other/),
    () => assert.match('text', /^t/),
    () => assert.ifError(null),
    () => assert.fail('failed'),
    () => assert.strict.equal(1, 1, 'strict'),
  ].map(attempt);
  const error = attempt(() => new assert.AssertionError({ actual: 1, expected: 2, operator: 'strictEqual' }).code);
  return { failures, error, global: globals['assert'] === assert };
}
