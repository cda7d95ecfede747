import assert from 'node:assert/strict';
import test from 'node:test';
import { hostScript } from './host.mjs';

function setUp() {
  const current = { activator: undefined };
  const modules = hostScript('module_cache')({ activatorOf: () => current.activator });
  return { current, modules, cache: modules.cache };
}
const makeActivator = () => ({ moduleCache: new Map() });

test('what is evaluated before the seal is shared, what comes later belongs to its run', () => {
  const { current, modules, cache } = setUp();
  cache.sdk = 'shared';
  assert.deepEqual(modules.seal(), ['shared']);
  const [a, b] = [makeActivator(), makeActivator()];
  current.activator = a;
  cache.user = 'of a';
  current.activator = b;
  assert.deepEqual([cache.sdk, cache.user], ['shared', undefined]);
  current.activator = a;
  assert.equal(cache.user, 'of a');
});

test('a module that is evaluated for nobody is never shared', () => {
  const { current, modules, cache } = setUp();
  modules.seal();
  cache.late = 'of a run that is gone';
  assert.equal(cache.late, 'of a run that is gone');
  current.activator = makeActivator();
  assert.equal(cache.late, undefined);
  current.activator = undefined;
  modules.dropOrphans();
  assert.equal(cache.late, undefined);
});

test('webpack takes back a module whose evaluation threw', () => {
  const { current, modules, cache } = setUp();
  modules.seal();
  current.activator = makeActivator();
  cache.broken = {};
  assert.ok(delete cache.broken);
  assert.equal(current.activator.moduleCache.size, 0);
});
