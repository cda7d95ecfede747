// The console of workflow code: prefix, silence on replay, and no way to fail.
import assert from 'node:assert';
import test from 'node:test';
import { loadGlobals, makeNatives } from './globals.mjs';

function consoleFor(activator) {
  const printed = [];
  const { makeConsole } = loadGlobals({ natives: makeNatives(printed) });
  return { console: makeConsole(() => activator), printed };
}

const activatorOf = (isReplayingHistoryEvents) => ({
  info: { workflowType: 'conversation', workflowId: 'lead-1', unsafe: { isReplayingHistoryEvents } },
});

test('each method prints one line with its level and the workflow', () => {
  const { console, printed } = consoleFor(activatorOf(false));
  for (const level of ['log', 'warn', 'error', 'info', 'debug']) console[level]('count', 1, { a: 'b' });
  const expected = ['log', 'warn', 'error', 'info', 'debug'].map((level) => [
    level,
    "[conversation(lead-1)] count 1 { a: 'b' }",
  ]);
  assert.deepStrictEqual(printed, expected);
});

test('there are no other methods', () => {
  assert.deepStrictEqual(Object.keys(consoleFor(undefined).console), ['log', 'warn', 'error', 'info', 'debug']);
});

test('nothing is printed while history is replayed', () => {
  const { console, printed } = consoleFor(activatorOf(true));
  console.error('again');
  assert.deepStrictEqual(printed, []);
});

test('outside of a workflow the prefix says so', () => {
  const { console, printed } = consoleFor(undefined);
  console.log();
  console.log('x');
  assert.deepStrictEqual(printed, [
    ['log', '[not in workflow context]'],
    ['log', '[not in workflow context] x'],
  ]);
});

test('a percent sign in the workflow id is no directive', () => {
  const activator = activatorOf(false);
  activator.info.workflowId = '%s%d';
  const { console, printed } = consoleFor(activator);
  console.log('%s', 'a');
  assert.deepStrictEqual(printed, [['log', '[conversation(%s%d)] a']]);
});

test('logging never throws', () => {
  const { console } = consoleFor({
    get info() {
      throw new Error('broken');
    },
  });
  console.log('x');
  const natives = {
    ...makeNatives(),
    print() {
      throw new Error('full');
    },
  };
  loadGlobals({ natives })
    .makeConsole(() => undefined)
    .log('x');
});
