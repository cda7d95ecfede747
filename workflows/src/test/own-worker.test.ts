/** The example `own_worker`: a program with activities, interceptors, sinks and a slot supplier of its own. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { describe, it } from 'node:test';
import { burdockProgram } from '../support/temporal';
import { activitiesInTurn, callsFailingSinks, callsSinks } from '../workflows/testing';
import { PATIENCE_MS, type TestWorker, type WorkerOptions, flavour, useSuite } from './harness';
import { eventsOf, historyOf } from './history';

const suite = useSuite();
const PROGRAM = path.join(path.dirname(burdockProgram()), 'examples/own_worker');

type LogEvent = Record<string, unknown>;

function logged(worker: TestWorker, message: string): LogEvent[] {
  const lines = worker.child.stderr.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as LogEvent).filter((event) => event['message'] === message);
}

function startOwn(options: Partial<WorkerOptions> & { taskQueue: string }): Promise<TestWorker> {
  return suite.startWorker({ program: PROGRAM, extraFlags: ['--log-format', 'json'], ...options });
}

describe("a worker of one's own", { concurrency: true, skip: flavour === 'node' }, () => {
  for (const maxCachedWorkflows of [0, 100]) {
    it(`calls its sinks as they wish in replay with ${maxCachedWorkflows} cached workflows`, async () => {
      const taskQueue = `own-${randomUUID()}`;
      const worker = await startOwn({ taskQueue, maxCachedWorkflows });
      const handle = await suite.start(callsSinks, ['m'], { taskQueue });
      const { runId, attempt } = await handle.result();
      await worker.stop();
      const calls = logged(worker, 'audit');
      const notes = calls.filter((call) => call['function'] === 'note');
      assert.equal(notes.length, 2, 'a call that is skipped in replay comes once');
      const always = calls.filter((call) => call['function'] === 'always');
      assert.deepEqual(
        always.map((call) => call['is_replaying']),
        maxCachedWorkflows === 0 ? [false, true] : [false]
      );
      for (const call of calls) {
        assert.deepEqual([call['run_id'], call['attempt'], call['workflow_type']], [runId, attempt, 'callsSinks']);
      }
    });
  }

  it('goes on when a sink fails or panics', async () => {
    const taskQueue = `own-${randomUUID()}`;
    const worker = await startOwn({ taskQueue });
    const handle = await suite.start(callsFailingSinks, ['m'], { taskQueue });
    assert.equal(await handle.result(), 'm');
    assert.equal(eventsOf(await historyOf(handle), 'WORKFLOW_TASK_FAILED').length, 0);
    await worker.stop();
    const errors = logged(worker, 'External sink function failed').map((event) => event['error']);
    assert.deepEqual(errors, ['no space left', 'it panicked: poison']);
    assert.equal(logged(worker, 'audit').length, 1);
  });

  it('has its interceptors around activations and activities, and its supplier hand out their slots', async () => {
    const taskQueue = `own-${randomUUID()}`;
    const worker = await startOwn({ taskQueue });
    const handle = await suite.start(activitiesInTurn, [3], { taskQueue });
    await handle.result();
    await worker.stop();
    const executed = logged(worker, 'executed');
    assert.equal(executed.length, 9);
    assert.ok(executed.every((event) => event['activity_type'] === 'echo' && event['is_ok'] === true));
    const slots = logged(worker, 'an activity has a slot');
    assert.equal(slots.length, 9);
    assert.ok(slots.every((event) => Number(event['free']) < 2));
    const { runId } = await handle.describe();
    assert.ok(logged(worker, 'activated').some((event) => event['run_id'] === runId));
  });

  it('starts a workflow eagerly on its own connection', async () => {
    const taskQueue = `own-${randomUUID()}`;
    const workflowId = `eager-${randomUUID()}`;
    const worker = await startOwn({ taskQueue, env: { START: `callsSinks:${workflowId}` } });
    await worker.child.sees(/"message":"started"/, PATIENCE_MS);
    const handle = suite.client.workflow.getHandle(workflowId);
    await handle.result();
    const [started] = eventsOf(await historyOf(handle), 'WORKFLOW_EXECUTION_STARTED');
    assert.equal(started?.workflowExecutionStartedEventAttributes?.eagerExecutionAccepted, true);
    const [task] = eventsOf(await historyOf(handle), 'WORKFLOW_TASK_STARTED');
    assert.match(task?.workflowTaskStartedEventAttributes?.identity ?? '', new RegExp(`^${worker.child.pid}@`));
  });
});
