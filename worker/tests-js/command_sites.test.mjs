// Which line of workflow code a command comes from, for messages, and never in the way of the command.
import assert from 'node:assert/strict';
import test from 'node:test';
import { hostScript } from './host.mjs';

/** Every frame maps to a source; those of this file to workflow code, all others to the SDK's. */
function setUp() {
  const native = {
    originalPosition: (file, line, column) =>
      String(file).includes('command_sites.test')
        ? ['src/order.ts', line, column, undefined]
        : ['node_modules/@temporalio/workflow/src/workflow.ts', line, column, undefined],
  };
  const stackTrace = hostScript('stack_trace')(native);
  const previous = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, sites) => stackTrace.formatStack(error, sites);
  test.after(() => (Error.prepareStackTrace = previous));
  return hostScript('command_sites')({ stackTrace });
}

function makeRun() {
  class Activator {
    commands = [];
    pushCommand(command, complete = false) {
      this.commands.push([command, complete]);
    }
  }
  return { activator: new Activator(), commandSites: undefined };
}

const sites = setUp();

test('each command has its line, and reaches the activator as it is', () => {
  const run = makeRun();
  sites.watch(run);
  (function theLineOfTheTimer() {
    run.activator.pushCommand({ startTimer: { seq: 1 } });
  })();
  run.activator.pushCommand({ completeWorkflowExecution: {} }, true);
  assert.deepEqual(run.activator.commands, [
    [{ startTimer: { seq: 1 } }, false],
    [{ completeWorkflowExecution: {} }, true],
  ]);
  const [first] = sites.lines(run);
  assert.match(first, /^theLineOfTheTimer \(src\/order\.ts:\d+:\d+\)$/);
});

test('an activation begins without commands', () => {
  const run = makeRun();
  sites.watch(run);
  run.activator.pushCommand({ startTimer: { seq: 1 } });
  sites.restart(run);
  assert.deepEqual(sites.lines(run), []);
});

test('the kind and the whole stack of each command, as calls of a sink', () => {
  const run = makeRun();
  sites.watch(run);
  (function theLineOfTheTimer() {
    run.activator.pushCommand({ startTimer: { seq: 1 } });
  })();
  const [[sink, kind, text, replaying]] = sites.asSinkCalls(run);
  assert.deepEqual([sink, kind, replaying], ['__burdock_command', 'startTimer', false]);
  assert.match(JSON.parse(text)[0], /^Error\n {4}at theLineOfTheTimer \(src\/order\.ts:/);
});

test('an activator of another shape is left alone', () => {
  const run = { activator: {} };
  sites.watch(run);
  assert.deepEqual([Object.keys(run.activator), sites.lines(run), sites.asSinkCalls(run)], [[], [], []]);
});
