// AsyncLocalStorage: the frame logic. That V8 carries the frame across awaits is tested with the engine.
import assert from 'node:assert';
import { AsyncLocalStorage as NodeStorage } from 'node:async_hooks';
import test from 'node:test';
import { loadGlobals, makeNatives } from './globals.mjs';

function setUp(activator) {
  const natives = makeNatives();
  const sandbox = {};
  const { makeAsyncLocalStorage } = loadGlobals({ natives });
  return {
    natives,
    sandbox,
    AsyncLocalStorage: makeAsyncLocalStorage(
      () => activator,
      () => sandbox
    ),
  };
}

// Runs one synchronous script on both implementations.
function same(script) {
  const results = [setUp().AsyncLocalStorage, NodeStorage].map((Storage) => script(Storage));
  assert.deepStrictEqual(results[0], results[1]);
}

test('run passes arguments, returns the result and restores', () => {
  same((Storage) => {
    const storage = new Storage();
    const inner = () => storage.run('inner', () => storage.getStore());
    const seen = storage.run('outer', (...args) => [storage.getStore(), inner(), storage.getStore(), args], 1, 2);
    return [seen, storage.getStore(), storage.run(undefined, () => storage.getStore())];
  });
});

test('run restores when the callback throws', () => {
  same((Storage) => {
    const storage = new Storage();
    storage.enterWith('before');
    try {
      storage.run('during', () => {
        throw new Error('x');
      });
    } catch {
      // The store is what is tested.
    }
    return storage.getStore();
  });
});

test('storages are independent', () => {
  same((Storage) => {
    const [left, right] = [new Storage(), new Storage()];
    const both = () => [left.getStore(), right.getStore()];
    return left.run(1, () => [both(), right.run(2, () => [both(), left.run(3, both), left.exit(both)]), both()]);
  });
});

test('exit hides the store for its callback', () => {
  same((Storage) => {
    const storage = new Storage();
    return storage.run(1, () => [storage.exit((a, b) => [storage.getStore(), a, b], 'a', 'b'), storage.getStore()]);
  });
});

test('enterWith holds for what follows', () => {
  same((Storage) => {
    const storage = new Storage();
    storage.enterWith(1);
    return [storage.getStore(), storage.run(2, () => storage.getStore()), storage.getStore()];
  });
});

test('disable hides the store until the next run', () => {
  same((Storage) => {
    const storage = new Storage();
    const seen = storage.run(1, () => {
      storage.disable();
      return [storage.getStore(), storage.run(2, () => storage.getStore())];
    });
    storage.disable();
    return [seen, storage.getStore()];
  });
});

test('bind and snapshot bring the frame of their creation back', () => {
  same((Storage) => {
    const storage = new Storage();
    const [bound, snapshot] = storage.run('then', () => [
      Storage.bind(function (a, b) {
        return [storage.getStore(), this?.tag, a, b];
      }),
      Storage.snapshot(),
    ]);
    return storage.run('now', () => [
      Reflect.apply(bound, { tag: 'receiver' }, [1, 2]),
      bound.length,
      snapshot((x) => [storage.getStore(), x], 3),
      storage.getStore(),
    ]);
  });
  const { AsyncLocalStorage } = setUp();
  assert.throws(() => AsyncLocalStorage.bind('no function'), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('without any store the continuation data is undefined', () => {
  const { natives, AsyncLocalStorage } = setUp();
  const storage = new AsyncLocalStorage();
  assert.strictEqual(
    storage.run(1, () => storage.exit(() => natives.getContinuationData())),
    undefined
  );
  assert.strictEqual(natives.getContinuationData(), undefined);
});

test('a frame is never changed, so that a captured one stays as it was', () => {
  const { natives, AsyncLocalStorage } = setUp();
  const storage = new AsyncLocalStorage();
  storage.enterWith(1);
  const captured = natives.getContinuationData();
  const copy = [...captured];
  storage.enterWith(2);
  storage.disable();
  assert.deepStrictEqual([...captured], copy);
});

test('nested runs of one storage do not pile up in the frame', () => {
  const { natives, AsyncLocalStorage } = setUp();
  const storage = new AsyncLocalStorage();
  const nest = (depth) => (depth === 0 ? natives.getContinuationData().length : storage.run(depth, nest, depth - 1));
  assert.strictEqual(nest(50), 2);
});

test('a disabled storage stays silent in frames captured before', () => {
  const { natives, AsyncLocalStorage } = setUp({ workflowSandboxDestructors: [] });
  const storage = new AsyncLocalStorage();
  const captured = storage.run(1, () => natives.getContinuationData());
  storage.disable();
  natives.setContinuationData(captured);
  assert.strictEqual(storage.getStore(), undefined);
});

test('a storage of all runs stays alive in the continuations of others', () => {
  const { natives, AsyncLocalStorage } = setUp();
  const storage = new AsyncLocalStorage();
  const other = storage.run(1, () => natives.getContinuationData());
  storage.run(2, () => storage.disable());
  assert.strictEqual(storage.getStore(), undefined);
  natives.setContinuationData(other);
  assert.strictEqual(storage.getStore(), 1);
});

test('with an activator the destructor is registered there', () => {
  const activator = { workflowSandboxDestructors: [] };
  const { sandbox, AsyncLocalStorage } = setUp(activator);
  const storage = new AsyncLocalStorage('scope');
  storage.enterWith(1);
  assert.strictEqual(storage.name, 'scope');
  assert.strictEqual(new AsyncLocalStorage().name, 'anonymous');
  assert.strictEqual(activator.workflowSandboxDestructors.length, 2);
  activator.workflowSandboxDestructors[0]();
  assert.strictEqual(storage.getStore(), undefined);
  assert.strictEqual('__temporal_globalSandboxDestructors' in sandbox, false);
});

test('without one it goes to a fixed list of the sandbox', () => {
  const { sandbox, AsyncLocalStorage } = setUp();
  new AsyncLocalStorage();
  new (class Mine extends AsyncLocalStorage {})();
  const { value, ...flags } = Object.getOwnPropertyDescriptor(sandbox, '__temporal_globalSandboxDestructors');
  assert.deepStrictEqual(flags, { writable: false, enumerable: false, configurable: false });
  assert.strictEqual(value.length, 2);
});
