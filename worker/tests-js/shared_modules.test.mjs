import assert from 'node:assert/strict';
import test from 'node:test';
import { hostScript } from './host.mjs';

// One module with one object. The engine's part finds every change; `stopIn` is where an entry is stopped next.
function setUp() {
  const host = { stopIn: undefined, instances: 0 };
  const stopped = (where) => {
    if (host.stopIn !== where) return;
    host.stopIn = undefined;
    throw new Error(`stopped in ${where}`);
  };
  const objects = [];
  const native = {
    noteKnown: () => true,
    kind: () => 'object',
    findShared: (roots) => [[roots[0].exports], [0], [], []],
    copyShared: () => ++host.instances > 0,
    changedShared: () => (objects.at(-1).changed === undefined ? undefined : [[0], undefined]),
    settleShared: () => true,
    dropShared() {},
    reportSharing() {},
  };
  const state = {
    complete() {},
    snapshot: () => ({}),
    difference: ({ changed }) => (changed === undefined ? undefined : { changed, irrevocable: changed === 'for good' }),
    putBack(object) {
      stopped('putBack');
      object.changed = undefined;
    },
    put(object, { changed }) {
      stopped('put');
      object.changed = changed;
    },
  };
  const globals = { switchTo() {}, release() {}, isPristine: () => false };
  const weak = { watch() {}, takeChanges() {}, applyChanges() {} };
  const probe = {
    observe(evaluated) {
      objects.push({});
      evaluated.set('module', { exports: objects.at(-1) });
      const nothing = { reasons: new Map(), clock: new Set(), definers: new Set(), threw: undefined };
      return { order: ['module'], imports: new Map([['module', new Set()]]), ...nothing };
    },
  };
  const modules = { use() {} };
  const sandboxGlobals = { statefulPrototypes: () => [] };
  const sharing = hostScript('shared_modules')({
    native,
    global: {},
    globals,
    modules,
    probe,
    state,
    weak,
    sandboxGlobals,
    audit: false,
  });
  sharing.seal();
  const open = (runId) => {
    const run = { runId };
    sharing.open(run, 0);
    sharing.switchTo(run);
    return run;
  };
  return { host, sharing, open, object: () => objects.at(-1) };
}

test('what a run changes is there when it is entered, and only then', () => {
  const { sharing, open, object } = setUp();
  const first = open('first');
  object().changed = 'by the first';
  const second = open('second');
  assert.equal(object().changed, undefined);
  sharing.switchTo(first);
  assert.equal(object().changed, 'by the first');
  sharing.switchTo(second);
  assert.equal(object().changed, undefined);
});

for (const where of ['putBack', 'put']) {
  test(`an entry that is stopped in ${where} leaves nothing half done: what was shared is given up`, () => {
    const { host, sharing, open, object } = setUp();
    const first = open('first');
    object().changed = 'by the first';
    const second = open('second');
    if (where === 'putBack') sharing.switchTo(first);
    host.stopIn = where;
    assert.throws(() => sharing.switchTo(where === 'putBack' ? second : first), /stopped/);
    const third = open('third');
    sharing.check(third);
    assert.equal(object().changed, undefined);
    for (const run of [first, second]) {
      sharing.switchTo(run);
      assert.throws(() => sharing.check(run), /given up/);
    }
  });
}

test('a change for good gives up what was shared, and the module is evaluated per run from then on', () => {
  const { sharing, open, object } = setUp();
  const first = open('first');
  object().changed = 'for good';
  const second = open('second');
  assert.equal(second.modules, undefined);
  sharing.check(second);
  sharing.switchTo(first);
  assert.throws(() => sharing.check(first), /given up/);
});
