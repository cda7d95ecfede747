// The console of `burdock activate`: the values of each call as JSON, without running code of their owner.
import assert from 'node:assert';
import test from 'node:test';
import { loadGlobals, makeNatives } from './globals.mjs';

function consoleFor(activator) {
  const printed = [];
  const printValues = (...call) => printed.push(call);
  const natives = { ...makeNatives(), printsValues: () => true, printValues };
  return { console: loadGlobals({ natives }).makeConsole(() => activator), printed };
}

const { valuesToJson } = loadGlobals();
const written = (...values) => JSON.parse(valuesToJson(values));

test('a call carries its level, its run and its values', () => {
  const info = { runId: 'r', workflowId: 'w', unsafe: { isReplayingHistoryEvents: false } };
  const { console, printed } = consoleFor({ info });
  console.warn('count', 1, { a: ['b'] });
  assert.deepStrictEqual(printed, [['warn', '["count",1,{"a":["b"]}]', 'r', 'w']]);
});

test('nothing is said twice, and code outside of a run has none', () => {
  const replayed = consoleFor({ info: { unsafe: { isReplayingHistoryEvents: true } } });
  replayed.console.log('again');
  assert.deepStrictEqual(replayed.printed, []);
  const { console, printed } = consoleFor(undefined);
  console.log();
  assert.deepStrictEqual(printed, [['log', '[]', undefined, undefined]]);
});

test('what JSON lacks is written as text', () => {
  assert.deepStrictEqual(written(undefined, null, NaN, -Infinity, 10n), [null, null, 'NaN', '-Infinity', '10n']);
  assert.deepStrictEqual(written(Symbol('s'), new Map([[1, 2]])), ['Symbol(s)', 'Map(1) { 1 => 2 }']);
  assert.match(written(new TypeError('no'))[0], /^TypeError: no/);
});

test('no getter, trap or toJSON of the owner runs', () => {
  const forbidden = () => assert.fail('code of the owner ran');
  const proxy = new Proxy({}, { get: forbidden, ownKeys: forbidden, getOwnPropertyDescriptor: forbidden });
  const value = { proxy, toJSON: forbidden };
  Object.defineProperty(value, 'getter', { enumerable: true, get: forbidden });
  const [{ getter, toJSON }] = written(value);
  assert.strictEqual(getter, '[Getter]');
  assert.match(toJSON, /Function/);
});

test('values that contain themselves, or are too many, still make one short line', () => {
  const circle = { name: 'c' };
  circle.self = circle;
  assert.deepStrictEqual(written(circle), [{ name: 'c', self: '[Circular]' }]);
  let tree = ['leaf'];
  for (let depth = 0; depth < 14; depth++) tree = [tree, tree, tree];
  for (const value of [tree, new Array(1e9), 'x'.repeat(1e6)]) {
    const text = valuesToJson([value]);
    assert.ok(text.length < 300_000, `${text.length}`);
    assert.strictEqual(JSON.parse(text).length, 1);
  }
});
