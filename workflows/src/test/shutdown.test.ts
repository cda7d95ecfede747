/** How a worker ends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { until } from '../support/poll';
import { activityHeartbeats } from '../workflows/testing';
import { PATIENCE_MS, useSuite } from './harness';
import { eventsOf, historyOf } from './history';

/** The exit code of a worker that a second signal ended (128 + SIGINT). */
const INTERRUPTED_TWICE = 130;

const suite = useSuite();

/** Waits until a worker has taken the workflow's activity. */
async function activityUnderWay(handle: WorkflowHandle): Promise<void> {
  await until('the activity to be under way', PATIENCE_MS, async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.some((activity) => activity.lastStartedTime) || undefined;
  });
}

describe('shutdown', { concurrency: true }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal} finishes what is in flight and exits with 0`, async () => {
      const taskQueue = `${suite.taskQueue}-${signal}`;
      const worker = await suite.startWorker({ taskQueue, shutdownGraceTime: '20s' });
      const handle = await suite.start(activityHeartbeats, [1_500], { taskQueue });
      await activityUnderWay(handle);
      assert.deepEqual(await worker.child.stop(signal), { code: 0, signal: null });
      const completed = eventsOf(await historyOf(handle), 'ACTIVITY_TASK_COMPLETED');
      assert.equal(completed.length, 1, 'the activity completed before its worker ended');

      const next = await suite.startWorker({ taskQueue });
      assert.ok((await handle.result()).waitedMs >= 1_500);
      await next.stop();
    });
  }

  it('a second signal ends the worker at once', async () => {
    const taskQueue = `${suite.taskQueue}-twice`;
    const worker = await suite.startWorker({ taskQueue, shutdownGraceTime: '60s' });
    const handle = await suite.start(activityHeartbeats, [600_000], { taskQueue });
    await activityUnderWay(handle);
    worker.child.signal('SIGTERM');
    await worker.notReady();
    assert.ok(worker.child.isRunning, 'the activity keeps the worker alive');
    assert.deepEqual(await worker.child.stop('SIGTERM'), { code: INTERRUPTED_TWICE, signal: null });
    await handle.terminate();
  });

  it('an idle worker exits with 0', async () => {
    const worker = await suite.startWorker({ taskQueue: `${suite.taskQueue}-idle` });
    assert.deepEqual(await worker.child.stop('SIGTERM'), { code: 0, signal: null });
  });
});
