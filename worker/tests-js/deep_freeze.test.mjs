import assert from 'node:assert/strict';
import test from 'node:test';
import { hostScript } from './host.mjs';

test('what is reached is frozen, and the global object that leads back is not', () => {
  const global = { changeable: true };
  const module = { exports: { deep: { value: 1 } }, g: global };
  const { deepFreeze } = hostScript('deep_freeze')({ left: [global] });
  deepFreeze(module);
  assert.ok(Object.isFrozen(module) && Object.isFrozen(module.exports.deep));
  assert.ok(Object.isExtensible(global));
});
