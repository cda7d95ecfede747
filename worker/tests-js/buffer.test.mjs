import assert from 'node:assert/strict';
import test from 'node:test';
import { loadGlobals, seededRandom } from './globals.mjs';
import { hostScript, makeSandbox } from './host.mjs';

const { Buffer: Ours } = loadGlobals();

test('base64 and utf8 are those of Node', () => {
  const { below } = seededRandom('buffer');
  for (let i = 0; i < 300; i++) {
    const bytes = Array.from({ length: below(40) }, () => below(256));
    const node = Buffer.from(bytes);
    const ours = Ours.from(bytes);
    const base64 = node.toString('base64');
    assert.equal(ours.toString('base64'), base64);
    assert.deepEqual([...Ours.from(base64, 'base64')], bytes);
    assert.deepEqual([...Ours.from(node.toString('base64url'), 'base64')], bytes);
  }
  for (const text of ['', 'grüße 🦀', '\ufeffmark']) {
    assert.deepEqual([...Ours.from(text)], [...Buffer.from(text)]);
    assert.equal(Ours.from(text).toString(), Buffer.from(text).toString());
  }
  for (const text of ['a', 'YQ', 'YQ==', 'Y Q=\n=', 'YQ==YQ==']) {
    assert.deepEqual([...Ours.from(text, 'base64')], [...Buffer.from(text, 'base64')], text);
  }
});

test('only a Buffer is a Buffer', () => {
  assert.deepEqual(
    [Ours.isBuffer(Ours.from('x')), Ours.isBuffer(new Uint8Array(1)), Ours.isBuffer({})],
    [true, false, false]
  );
});

test('an encoding that it does not know is named', () => {
  assert.throws(() => Ours.from('x', 'ucs2'), /Unknown encoding: ucs2/);
});

test('the way of the converter leads to it, and any other source stays in the sandbox', () => {
  const sandbox = makeSandbox();
  hostScript('realm_escape')({ sandbox, Buffer: Ours });
  const run = (source) => sandbox.eval(source);
  assert.equal(run("globalThis.constructor.constructor('return globalThis.Buffer')()"), Ours);
  assert.equal(run("globalThis.constructor.constructor('return globalThis')() === globalThis"), true);
  assert.equal(run("globalThis.constructor.constructor('a', 'b', 'return a + b')(1, 2)"), 3);
  assert.equal(run('typeof Buffer'), 'undefined');
  assert.equal(run('({}).constructor === Object && Object(1) instanceof Number'), true);
});
