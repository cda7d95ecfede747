import assert from 'node:assert/strict';
import test from 'node:test';
import { hostScript, makeSandbox } from './host.mjs';

function setUp() {
  const sandbox = makeSandbox();
  sandbox.shared = 'pristine';
  const prototypes = hostScript('prototypes_per_run')({ sandbox });
  const globals = hostScript('globals_per_run')({ sandbox, prototypes });
  globals.capturePristine();
  const run = (runId) => ({ runId, changes: undefined });
  return { sandbox, globals, a: run('a'), b: run('b') };
}

test('a run finds its own globals again and no others', () => {
  const { sandbox, globals, a, b } = setUp();
  const symbol = Symbol('key');
  globals.switchTo(a);
  Object.assign(sandbox, { added: 1, [symbol]: 2, shared: 'changed' });
  globals.switchTo(b);
  assert.deepEqual([sandbox.added, sandbox[symbol], sandbox.shared], [undefined, undefined, 'pristine']);
  sandbox.added = 'of b';
  globals.switchTo(a);
  assert.deepEqual([sandbox.added, sandbox[symbol], sandbox.shared], [1, 2, 'changed']);
  globals.switchTo(b);
  assert.equal(sandbox.added, 'of b');
});

test('a deleted global is deleted for its run alone', () => {
  const { sandbox, globals, a, b } = setUp();
  globals.switchTo(a);
  delete sandbox.shared;
  globals.switchTo(b);
  assert.equal(sandbox.shared, 'pristine');
  globals.switchTo(a);
  assert.equal('shared' in sandbox, false);
});

test('accessors are kept as accessors', () => {
  const { sandbox, globals, a, b } = setUp();
  globals.switchTo(a);
  let value = 1;
  Object.defineProperty(sandbox, 'live', { get: () => value, configurable: true });
  globals.switchTo(b);
  globals.switchTo(a);
  value = 2;
  assert.equal(sandbox.live, 2);
});

test('only what a run changed is kept for it', () => {
  const { sandbox, globals, a, b } = setUp();
  globals.switchTo(a);
  sandbox.added = 1;
  globals.switchTo(b);
  assert.deepEqual(
    a.changes.map(([key]) => key),
    ['added']
  );
  globals.switchTo(a);
  assert.deepEqual(b.changes, []);
});

test('a run that is gone leaves nothing, nor does what nobody owns', () => {
  const { sandbox, globals, a, b } = setUp();
  globals.switchTo(a);
  sandbox.added = 1;
  globals.forget('a');
  assert.equal(sandbox.added, undefined);
  sandbox.late = 'a microtask of a run that is gone';
  globals.switchTo(b);
  assert.equal(sandbox.late, undefined);
});

test('forgetting another run takes the globals from nobody', () => {
  const { sandbox, globals, a } = setUp();
  globals.switchTo(a);
  sandbox.added = 1;
  globals.forget('b');
  assert.equal(sandbox.added, 1);
});
