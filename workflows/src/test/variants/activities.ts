import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  activityCancelled,
  activityCancelledAtOnce,
  activityCompletes,
  activityFails,
  localActivityBacksOff,
  localActivityCancelled,
  localActivityCompletes,
  localActivityFails,
  samples,
} from '../../workflows/testing';
import type { Suite } from '../harness';
import { eventsOf, historyOf, markersOf, typesOf } from '../history';
import type { Coverage } from './coverage';

export function activityCases(suite: Suite, coverage: Coverage): void {
  describe('activities', { concurrency: true }, () => {
    it('complete with any JSON value', async () => {
      const { result, events } = await suite.execute(activityCompletes);
      assert.deepEqual(result, samples);
      assert.equal(eventsOf(events, 'ACTIVITY_TASK_COMPLETED').length, samples.length);
      coverage.addHistory(events);
      coverage.witness('job.resolveActivity');
    });

    it('fail with type and details', async () => {
      const input = { key: randomUUID(), type: 'Odd', nonRetryable: true, maximumAttempts: 5 };
      const { result, events } = await suite.execute(activityFails, input);
      assert.equal(result.error?.name, 'ActivityFailure');
      assert.equal(result.error?.cause?.type, 'Odd');
      assert.deepEqual(result.error?.cause?.details, [1]);
      assert.ok(typesOf(events).has('ACTIVITY_TASK_FAILED'));
    });

    it('cancelled with TRY_CANCEL report at once and the request reaches the server', async () => {
      const { result, events } = await suite.execute(activityCancelled, 'TRY_CANCEL');
      assert.equal(result?.cancelled, true);
      assert.ok(typesOf(events).has('ACTIVITY_TASK_CANCEL_REQUESTED'));
      assert.ok(!typesOf(events).has('ACTIVITY_TASK_COMPLETED'));
      coverage.addHistory(events);
    });

    it('cancelled with WAIT_CANCELLATION_COMPLETED report when the activity has ended', async () => {
      const { result, events } = await suite.execute(activityCancelled, 'WAIT_CANCELLATION_COMPLETED');
      assert.equal(result?.cancelled, true);
      assert.ok(typesOf(events).has('ACTIVITY_TASK_CANCELED'));
    });

    it('cancelled with ABANDON report at once and nobody is told', async () => {
      const { result, events } = await suite.execute(activityCancelled, 'ABANDON');
      assert.equal(result?.cancelled, true);
      assert.ok(!typesOf(events).has('ACTIVITY_TASK_CANCEL_REQUESTED'));
    });

    it('cancelled in the task that schedules them never reach the server', async () => {
      const { result, events } = await suite.execute(activityCancelledAtOnce);
      assert.equal(result?.cancelled, true);
      assert.ok(!typesOf(events).has('ACTIVITY_TASK_SCHEDULED'));
    });
  });

  describe('local activities', { concurrency: true }, () => {
    it('complete with any JSON value', async () => {
      const { result, events } = await suite.execute(localActivityCompletes);
      assert.deepEqual(result, samples);
      assert.equal(markersOf(events).filter((name) => name === 'core_local_activity').length, samples.length);
      assert.ok(!typesOf(events).has('ACTIVITY_TASK_SCHEDULED'));
      coverage.addHistory(events);
    });

    it('back off by a timer of the workflow', async () => {
      const { result, events } = await suite.execute(localActivityBacksOff, randomUUID());
      assert.equal(result.attempts, 3);
      assert.equal(eventsOf(events, 'TIMER_FIRED').length, 2);
    });

    it('fail for good', async () => {
      const { result } = await suite.execute(localActivityFails, randomUUID());
      // Unlike an activity's failure, this one comes without an `ActivityFailure` around it.
      assert.equal(result?.type, 'Fatal');
      assert.deepEqual(result?.details, [1]);
    });

    it('are cancelled', async () => {
      // A workflow task stays open for its local activities: its short timeout is what makes the cancelling timer fire.
      const handle = await suite.start(localActivityCancelled, [], { workflowTaskTimeout: '1s' });
      assert.equal((await handle.result())?.cancelled, true);
      assert.deepEqual(markersOf(await historyOf(handle)), ['core_local_activity']);
      coverage.witness('command.requestCancelLocalActivity');
    });
  });
}
