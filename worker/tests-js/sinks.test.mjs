import assert from 'node:assert/strict';
import test from 'node:test';
import { makeNatives } from './globals.mjs';
import { hostScript, makeSandbox } from './host.mjs';

const { encode } = hostScript('sinks')(makeNatives());
const workflowInfo = {
  runId: 'r',
  attempt: 1,
  startTime: new Date(0),
  unsafe: { now: Date.now, isReplaying: true, isReplayingHistoryEvents: true },
};
const call = (...args) => ({ ifaceName: 'i', fnName: 'f', args, workflowInfo });
const argumentsOf = (...args) => JSON.parse(encode(call(...args))[2]);

test('a call is its names, its arguments and whether it is replayed', () => {
  assert.deepEqual(encode(call('m', { a: 1 })).slice(0, 4), ['i', 'f', '["m",{"a":1}]', true]);
});

test('a sink is told about the run, without its functions', () => {
  assert.deepEqual(JSON.parse(encode(call())[4]), {
    runId: 'r',
    attempt: 1,
    startTime: '1970-01-01T00:00:00.000Z',
    unsafe: { isReplaying: true, isReplayingHistoryEvents: true },
  });
});

test("the SDK's own sinks are told no more than their arguments", () => {
  for (const ifaceName of ['__temporal_logger', '__temporal_metrics', 'defaultWorkerLogger']) {
    assert.equal(encode({ ...call('m'), ifaceName })[4], undefined);
  }
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
  const hostile = {
    get a() {
      throw new Error('no');
    },
  };
  assert.deepEqual(argumentsOf('m', hostile, 1), ['m', 'a value that cannot be read', 1]);
});
