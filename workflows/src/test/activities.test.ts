/** Activities of the worker itself, as workflows and the server see them. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { until } from '../support/poll';
import {
  activitiesInTurn,
  activityCancelled,
  activityFails,
  activityHeartbeats,
  activityRetries,
  activityTimesOut,
  activityUnknown,
  localActivityCompletes,
} from '../workflows/testing';
import { PATIENCE_MS, type TestWorker, useSuite } from './harness';
import { eventsOf, historyOf } from './history';

const suite = useSuite();
let worker: TestWorker;
before(async () => {
  worker = await suite.startWorker();
});

/** The sum of the counter's values over all label sets that contain `label`. */
function counterOf(metrics: string, name: string, label: string): number {
  const lines = metrics.split('\n').filter((line) => line.startsWith(name) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

describe('activities', { concurrency: true }, () => {
  it('heartbeat with details that the server shows', async () => {
    const waitMs = 4_000;
    const handle = await suite.start(activityHeartbeats, [waitMs]);
    const details = await until('a heartbeat', PATIENCE_MS, async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0]?.data ?? undefined;
    });
    const waitedMs = JSON.parse(Buffer.from(details).toString()) as number;
    assert.ok(waitedMs >= 0 && waitedMs <= waitMs, `${waitedMs}`);
    assert.ok((await handle.result()).waitedMs >= waitMs);
  });

  it('are cancelled through their heartbeat', async () => {
    const { result, events } = await suite.execute(activityCancelled, 'WAIT_CANCELLATION_COMPLETED');
    assert.equal(result?.cancelled, true);
    assert.equal(eventsOf(events, 'ACTIVITY_TASK_CANCELED').length, 1);
  });

  it('are retried until they succeed', async () => {
    const { result, events } = await suite.execute(activityRetries, randomUUID());
    assert.equal(result.attempts, 3);
    const [started] = eventsOf(events, 'ACTIVITY_TASK_STARTED');
    assert.equal(started?.activityTaskStartedEventAttributes?.attempt, 3);
    const last = started?.activityTaskStartedEventAttributes?.lastFailure;
    assert.equal(last?.applicationFailureInfo?.type, 'Flaky');
  });

  it('are retried as often as allowed, then fail with type and details', async () => {
    const input = { key: randomUUID(), type: 'Custom', nonRetryable: false, maximumAttempts: 3 };
    const { result } = await suite.execute(activityFails, input);
    assert.equal(result.attemptsMade, 3);
    assert.equal(result.error?.cause?.type, 'Custom');
    assert.equal(result.error?.cause?.nonRetryable, false);
  });

  it('are not retried after a failure that says so', async () => {
    const input = { key: randomUUID(), type: 'Final', nonRetryable: true, maximumAttempts: 3 };
    const { result } = await suite.execute(activityFails, input);
    assert.equal(result.attemptsMade, 1);
    assert.equal(result.error?.cause?.nonRetryable, true);
  });

  it('of an unknown name fail with that name', async () => {
    const { result } = await suite.execute(activityUnknown);
    assert.match(result?.cause?.message ?? '', /noSuchActivity/);
  });

  it('time out', async () => {
    const { result } = await suite.execute(activityTimesOut);
    assert.equal(result?.cause?.name, 'TimeoutFailure');
  });

  it('run locally without a task on the server', async () => {
    const { events } = await suite.execute(localActivityCompletes);
    assert.deepEqual(eventsOf(events, 'ACTIVITY_TASK_SCHEDULED'), []);
  });

  it('run eagerly: the completion of the workflow task brings them along', async () => {
    const { result, handle } = await suite.execute(activitiesInTurn, 3);
    assert.equal(result, 9);
    const scheduled = eventsOf(await historyOf(handle), 'ACTIVITY_TASK_SCHEDULED').length;
    assert.equal(scheduled, 9);
    const eager = counterOf(await worker.metrics(), 'temporal_activity_task_received', 'eager="true"');
    assert.ok(eager > 0, 'no activity came eagerly');
  });
});
