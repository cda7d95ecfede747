/** Sinks of workflow code that are written to the log, by the setting `log-sinks`. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { callsFailingSinks, callsSinks } from '../workflows/testing';
import { type TestWorker, flavour, useSuite } from './harness';

const suite = useSuite();

/** One event of the worker's log. */
type LogEvent = Record<string, unknown>;

function eventsOf(worker: TestWorker, message: string): LogEvent[] {
  const lines = worker.child.stderr.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as LogEvent).filter((event) => event['message'] === message);
}

describe('log-sinks', { concurrency: true, skip: flavour === 'node' }, () => {
  for (const maxCachedWorkflows of [0, 100]) {
    it(`each call is one event with ${maxCachedWorkflows} cached workflows`, async () => {
      const taskQueue = `sinks-${randomUUID()}`;
      const extraFlags = ['--log-sinks', 'audit', '--log-format', 'json'];
      const worker = await suite.startWorker({ taskQueue, maxCachedWorkflows, extraFlags });
      const marker = randomUUID();
      const handle = await suite.start(callsSinks, [marker], { taskQueue });
      const { runId } = await handle.result();
      await worker.stop();
      const events = eventsOf(worker, 'a workflow called a sink');
      assert.deepEqual(
        events.map((event) => [event['function'], JSON.parse(String(event['arguments'])) as unknown]),
        [
          ['note', [`${marker} before`, { colour: 'green', at: { day: 1 } }]],
          ['always', [`${marker} always`]],
          ['note', [`${marker} after`, ['one', '2', null]]],
        ]
      );
      for (const event of events) {
        assert.equal(event['sink'], 'audit');
        assert.equal(event['run_id'], runId);
        assert.equal(event['workflow_id'], handle.workflowId);
        assert.equal(event['workflow_type'], 'callsSinks');
      }
    });
  }

  it('a sink that is not named is an error, and * names them all', async () => {
    const run = async (logSinks: string): Promise<TestWorker> => {
      const taskQueue = `sinks-${randomUUID()}`;
      const extraFlags = ['--log-sinks', logSinks, '--log-format', 'json'];
      const worker = await suite.startWorker({ taskQueue, extraFlags });
      await (await suite.start(callsFailingSinks, ['m'], { taskQueue })).result();
      await worker.stop();
      return worker;
    };
    const [named, all] = await Promise.all([run('audit'), run('*')]);
    const unregistered = 'Workflow referenced an unregistered external sink';
    assert.deepEqual(
      eventsOf(named, unregistered).map((event) => `${String(event['interface'])}.${String(event['function'])}`),
      ['trouble.fails', 'trouble.panics']
    );
    assert.equal(eventsOf(named, 'a workflow called a sink').length, 1);
    assert.equal(eventsOf(all, unregistered).length, 0);
    assert.equal(eventsOf(all, 'a workflow called a sink').length, 3);
  });
});
