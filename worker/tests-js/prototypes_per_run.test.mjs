import assert from 'node:assert/strict';
import test from 'node:test';
import { hostScript, makeSandbox } from './host.mjs';

class Shared {
  greet() {
    return 'hello';
  }
}

function setUp() {
  const sandbox = makeSandbox();
  const prototypes = hostScript('prototypes_per_run')({ sandbox });
  const globals = hostScript('globals_per_run')({ sandbox, prototypes });
  const realm = sandbox.eval('({ Array, Object, String, Reflect, Symbol, Function })');
  globals.capturePristine();
  prototypes.capture(
    [...hostScript('intrinsic_roots')().rootsOf(sandbox), Shared.prototype],
    [Object.prototype, Function.prototype]
  );
  const run = (runId) => ({ runId, changes: undefined, prototypeChanges: undefined });
  return { sandbox, realm, globals, prototypes, a: run('a'), b: run('b') };
}

/** What a run does to `prototype`, and whether the next one sees it and it finds it again. */
function belongsToItsRun({ globals, a, b }, change, read, pristine) {
  globals.switchTo(a);
  change();
  const own = read();
  globals.switchTo(b);
  assert.deepEqual(read(), pristine);
  globals.switchTo(a);
  assert.deepEqual(read(), own);
  assert.notDeepEqual(own, pristine);
  globals.switchTo(b);
  assert.deepEqual(read(), pristine);
}

test('a method that is replaced', () => {
  const set = setUp();
  const { prototype } = set.realm.Array;
  belongsToItsRun(
    set,
    () => (prototype.map = function mine() {}),
    () => prototype.map.name,
    'map'
  );
});

test('a property that is added by assignment, by a name or by a symbol', () => {
  const set = setUp();
  const { prototype } = set.realm.Object;
  const symbol = Symbol('mine');
  belongsToItsRun(
    set,
    () => (prototype.mine = 1),
    () => prototype.mine,
    undefined
  );
  belongsToItsRun(
    set,
    () => (prototype[symbol] = 1),
    () => prototype[symbol],
    undefined
  );
  belongsToItsRun(
    set,
    () => (set.realm.Function.prototype.mine = 1),
    () => set.realm.Function.prototype.mine,
    undefined
  );
});

test('a property that is deleted', () => {
  const set = setUp();
  const { prototype } = set.realm.String;
  belongsToItsRun(
    set,
    () => delete prototype.at,
    () => typeof prototype.at,
    'function'
  );
});

test('a prototype of a prototype', () => {
  const set = setUp();
  const { Object: SandboxObject, Array: SandboxArray } = set.realm;
  const other = { mine: 1 };
  belongsToItsRun(
    set,
    () => Object.setPrototypeOf(SandboxArray.prototype, other),
    () => SandboxArray.prototype.mine,
    undefined
  );
  assert.equal(Object.getPrototypeOf(SandboxArray.prototype), SandboxObject.prototype);
});

test('a class that runs share', () => {
  const set = setUp();
  belongsToItsRun(
    set,
    () => (Shared.prototype.greet = () => 'mine'),
    () => Shared.prototype.greet(),
    'hello'
  );
});

test('an accessor that was announced; reading it for the comparison would run code of the run', () => {
  const set = setUp();
  const { prototype } = set.realm.Array;
  let reads = 0;
  const define = () => {
    set.prototypes.announce(prototype);
    Object.defineProperty(prototype, 'map', { get: () => ++reads, configurable: true });
  };
  set.globals.switchTo(set.a);
  define();
  set.globals.switchTo(set.b);
  assert.equal(typeof prototype.map, 'function');
  set.globals.switchTo(set.a);
  assert.equal(reads, 0);
  assert.equal(prototype.map, 1);
  set.globals.switchTo(set.b);
  assert.equal(typeof prototype.map, 'function');
});

test('nothing is kept for a run that changed nothing', () => {
  const { globals, a, b } = setUp();
  globals.switchTo(a);
  globals.switchTo(b);
  assert.equal(a.prototypeChanges, undefined);
  assert.equal(a.changes.length, 0);
});

test('functions that runs share are frozen', () => {
  const { realm } = setUp();
  assert.ok(Object.isFrozen(realm.Array.prototype.map));
  assert.ok(Object.isFrozen(Shared.prototype.greet));
});

test('a method that was deleted and put on a prototype further up', () => {
  const set = setUp();
  const { Object: SandboxObject, Array: SandboxArray } = set.realm;
  const move = () => {
    SandboxObject.prototype.at = SandboxArray.prototype.at;
    delete SandboxArray.prototype.at;
  };
  belongsToItsRun(set, move, () => Object.hasOwn(SandboxArray.prototype, 'at'), true);
});
