// Where each command was issued: noted only where it is wanted, and never in the way of the command.
import assert from 'node:assert/strict';
import test from 'node:test';
import { hostScript } from './host.mjs';

const install = hostScript('command_sources');

function makeActivator() {
  class Activator {
    commands = [];
    pushCommand(command, complete = false) {
      this.commands.push([command, complete]);
    }
  }
  return new Activator();
}

test('each command has its kind and its stack, once', () => {
  const { watch, take } = install({ recordsCommandSources: () => true });
  const activator = makeActivator();
  watch(activator);
  (function theLineOfTheTimer() {
    activator.pushCommand({ startTimer: { seq: 1 } });
  })();
  activator.pushCommand({ completeWorkflowExecution: {} }, true);
  assert.deepEqual(activator.commands, [
    [{ startTimer: { seq: 1 } }, false],
    [{ completeWorkflowExecution: {} }, true],
  ]);
  const calls = take(activator);
  assert.deepEqual(
    calls.map(([sink, kind, , replaying]) => [sink, kind, replaying]),
    [
      ['__burdock_command', 'startTimer', false],
      ['__burdock_command', 'completeWorkflowExecution', false],
    ]
  );
  assert.match(JSON.parse(calls[0][2])[0], /theLineOfTheTimer/);
  assert.deepEqual(take(activator), []);
});

test('a worker notes nothing and leaves the activator as it is', () => {
  const { watch, take } = install({ recordsCommandSources: () => false });
  const activator = makeActivator();
  watch(activator);
  assert.ok(!Object.hasOwn(activator, 'pushCommand'));
  activator.pushCommand({ startTimer: {} });
  assert.deepEqual(take(activator), []);
});

test('an activator of another shape is left alone', () => {
  const { watch, take } = install({ recordsCommandSources: () => true });
  const activator = {};
  watch(activator);
  assert.deepEqual([Object.keys(activator), take(activator)], [[], []]);
});
