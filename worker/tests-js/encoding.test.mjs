// TextEncoder and TextDecoder against Node's own.
import assert from 'node:assert';
import test from 'node:test';
import util from 'node:util';
import vm from 'node:vm';
import { loadGlobals, outcome, seededRandom } from './globals.mjs';

const ours = loadGlobals();
const theirs = { TextEncoder: util.TextEncoder, TextDecoder: util.TextDecoder };

function same(script, name = String(script)) {
  const [left, right] = [ours, theirs].map((globals) => outcome(() => JSON.stringify(script(globals))));
  assert.deepStrictEqual(left, right, name);
}

test('encode', () => {
  for (const text of [undefined, '', 'abc', 'é€😀', '\ud800x\udc00', 12, null, {}]) {
    same(({ TextEncoder }) => [...new TextEncoder().encode(text)]);
  }
  same(({ TextEncoder }) => new TextEncoder().encoding);
  same(({ TextEncoder }) => [...new TextEncoder().encode(Symbol('s'))].length);
});

test('encodeInto writes whole characters only', () => {
  for (let room = 0; room < 12; room++) {
    same(({ TextEncoder }) => {
      const target = new Uint8Array(room + 2);
      return [new TextEncoder().encodeInto('aé€😀b', target.subarray(1, room + 1)), [...target]];
    });
  }
  assert.throws(() => new ours.TextEncoder().encodeInto(1, new Uint8Array(1)), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => new ours.TextEncoder().encodeInto('a', new Uint16Array(1)), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('labels', () => {
  for (const label of [undefined, 'utf8', ' UTF-8\n', 'unicode-1-1-utf-8', 'utf-16le', 'UTF-16']) {
    same(({ TextDecoder }) => new TextDecoder(label).encoding);
  }
  for (const label of ['nonsense', '', null]) same(({ TextDecoder }) => new TextDecoder(label).encoding);
});

test('options', () => {
  same(({ TextDecoder }) => {
    const decoder = new TextDecoder('utf-8', { fatal: 1, ignoreBOM: 'yes' });
    return [decoder.fatal, decoder.ignoreBOM];
  });
  assert.throws(() => new ours.TextDecoder('utf-8', 'fatal'), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('inputs: views, buffers of any realm, and what is neither', () => {
  const foreign = vm.runInNewContext('new Uint8Array([104, 105]).subarray(1)');
  const bytes = new Uint8Array([0, 104, 105, 0]);
  const shared = new Uint8Array(new SharedArrayBuffer(2));
  shared.set([104, 105]);
  const inputs = [
    undefined,
    bytes,
    bytes.subarray(1, 3),
    bytes.buffer,
    new DataView(bytes.buffer, 1, 2),
    foreign,
    foreign.buffer,
    shared,
    shared.buffer,
  ];
  for (const input of inputs) same(({ TextDecoder }) => new TextDecoder().decode(input));
  for (const input of [null, 'text', {}, [104], 1]) {
    assert.throws(() => new ours.TextDecoder().decode(input), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  }
  const liar = Object.defineProperty(bytes.subarray(1, 3), 'byteLength', { value: 1000 });
  assert.strictEqual(new ours.TextDecoder().decode(liar), 'hi');
});

test('a fatal decoder refuses, another replaces', () => {
  const bad = [
    [0xff],
    [0xc3],
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xc0, 0x80],
    [0x61, 0xf0, 0x9f, 0x98, 0x62],
  ];
  for (const bytes of bad) {
    for (const fatal of [true, false])
      same(({ TextDecoder }) => new TextDecoder('utf-8', { fatal }).decode(new Uint8Array(bytes)), `${bytes} ${fatal}`);
  }
  for (const bytes of [[0x00, 0xd8], [0x61], [0x00, 0xdc, 0x61, 0x00], [0x3d, 0xd8, 0x00, 0xde]]) {
    for (const fatal of [true, false])
      same(
        ({ TextDecoder }) => new TextDecoder('utf-16le', { fatal }).decode(new Uint8Array(bytes)),
        `${bytes} ${fatal}`
      );
  }
});

// A decoder of Node with `fatal` keeps state after an error in versions that differ; only ours is held to a rule here.
test('a decoder is fresh again after an error', () => {
  const decoder = new ours.TextDecoder('utf-8', { fatal: true });
  assert.throws(() => decoder.decode(new Uint8Array([0xc3]), {}), { code: 'ERR_ENCODING_INVALID_ENCODED_DATA' });
  assert.strictEqual(decoder.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), 'a');
});

function chunks(random, bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; ) {
    const next = at + random.below(4);
    parts.push(bytes.slice(at, next));
    at = next;
  }
  return parts;
}

test('random bytes in random chunks', () => {
  const random = seededRandom('TextDecoder');
  const pool = [
    0x00, 0x41, 0x80, 0xbf, 0xc2, 0xc3, 0xe0, 0xa0, 0xed, 0x9f, 0xef, 0xbb, 0xbf, 0xf0, 0x90, 0x9f, 0xf4, 0x8f, 0xff,
    0xd8, 0xdc,
  ];
  for (let round = 0; round < 1000; round++) {
    const bytes = Uint8Array.from({ length: random.below(14) }, () => random.pick(pool));
    const start = random.below(3) === 0 ? Uint8Array.from([0xef, 0xbb, 0xbf, ...bytes]) : bytes;
    const parts = chunks(random, start);
    const ignoreBOM = random.below(2) === 0;
    const label = random.pick(['utf-8', 'utf-8', 'utf-16le']);
    same(
      ({ TextDecoder }) => {
        const decoder = new TextDecoder(label, { ignoreBOM });
        return parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode();
      },
      `${label} ${parts.map((part) => `[${part}]`)} ignoreBOM ${ignoreBOM}`
    );
  }
});
