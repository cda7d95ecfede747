import assert from 'node:assert/strict';
import test from 'node:test';
import vm from 'node:vm';
import { hostScript } from './host.mjs';

/** A context whose global object is its own, as in the engine, and not one that Node guards. */
function setUp() {
  const sandbox = vm.runInContext('Object.create(Object.prototype)', vm.createContext());
  const realm = sandbox.constructor.constructor('return globalThis')();
  Object.assign(sandbox, {
    Object: realm.Object,
    Reflect: realm.Reflect,
    TypeError: realm.TypeError,
    Error: realm.Error,
  });
  const prototypes = { isTracked: (object) => object === realm.Array.prototype, announce() {} };
  let announced = 0;
  const globals = { announce: () => announced++ };
  hostScript('announce_definitions')({ sandbox, globals, prototypes });
  return { sandbox, realm };
}

test('the global object refuses to be fixed, and other objects do not', () => {
  const { sandbox, realm } = setUp();
  for (const name of ['freeze', 'seal', 'preventExtensions']) {
    assert.throws(() => realm.Object[name](sandbox), /Cannot prevent extensions/);
    assert.equal(Object.isExtensible(realm.Object[name]({ a: 1 })), false);
  }
  assert.throws(() => realm.Reflect.preventExtensions(sandbox), /Cannot prevent extensions/);
  assert.equal(Object.isExtensible(sandbox), true);
});

test('what is defined on it can be taken away again', () => {
  const { sandbox, realm } = setUp();
  realm.Object.defineProperty(sandbox, 'one', { value: 1 });
  realm.Reflect.defineProperty(sandbox, 'two', { get: () => 2, configurable: false });
  realm.Object.defineProperties(sandbox, { three: { value: 3, enumerable: true } });
  assert.deepEqual([sandbox.one, sandbox.two, sandbox.three], [1, 2, 3]);
  assert.deepEqual(Object.getOwnPropertyDescriptor(sandbox, 'three').writable, false);
  for (const name of ['one', 'two', 'three']) assert.ok(delete sandbox[name]);
});

test('on other objects nothing changes', () => {
  const { realm } = setUp();
  const object = realm.Object.defineProperty({}, 'fixed', { value: 1 });
  assert.equal(Object.getOwnPropertyDescriptor(object, 'fixed').configurable, false);
  assert.throws(() => realm.Object.defineProperty({}, 'x', 5), /Property description must be an object/);
});
