import assert from 'node:assert/strict';
import test from 'node:test';
import { makeNatives } from './globals.mjs';
import { hostScript, makeSandbox } from './host.mjs';

const { encode } = hostScript('sinks')(makeNatives());
const call = (...args) => ({ ifaceName: 'i', fnName: 'f', args, workflowInfo: { unsafe: { isReplayingHistoryEvents: true } } });
const argumentsOf = (...args) => JSON.parse(encode(call(...args))[2]);

test('a call is its names, its arguments and whether it is replayed', () => {
  assert.deepEqual(encode(call('m', { a: 1 })), ['i', 'f', '["m",{"a":1}]', true]);
});

test('values of the workflow context that JSON lacks are shown for what they are', () => {
  const sandbox = makeSandbox();
  sandbox.eval('var map = new Map([["k", new Set([1n])]]); var error = new TypeError("odd");');
  const [shown] = argumentsOf({ map: sandbox.map, error: sandbox.error, symbol: Symbol('s') });
  assert.deepEqual(shown.map, { k: ['1'] });
  assert.match(shown.error, /^TypeError: odd\n {4}at /);
  assert.equal(shown.symbol, 'Symbol(s)');
});

test('an attribute that cannot be written takes no other with it', () => {
  const cycle = {};
  cycle.self = cycle;
  const [message, attributes] = argumentsOf('m', { cycle, long: 'x'.repeat(200_000), lead: 7 });
  assert.equal(message, 'm');
  assert.equal(attributes.lead, 7);
  assert.match(attributes.cycle, /cannot be written/);
  assert.ok(attributes.long.length < 110_000 && attributes.long.endsWith('(cut)'));
});

test('getters that throw lose nothing but their value', () => {
  const hostile = { get a() { throw new Error('no'); } };
  assert.deepEqual(argumentsOf('m', hostile, 1), ['m', 'a value that cannot be read', 1]);
});
