import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { add, addAndGet, addSlowly, brokenQuery, brokenUpdate, counter, finish, total } from '../../workflows/testing';
import type { Suite } from '../harness';
import { eventsOf, historyOf, typesOf } from '../history';
import type { Coverage } from './coverage';

/** The cause of a failed update. */
async function updateFailure(update: Promise<unknown>): Promise<ApplicationFailure> {
  const err: unknown = await update.then(
    () => assert.fail('the update succeeded'),
    (reason: unknown) => reason
  );
  assert.ok(err instanceof WorkflowUpdateFailedError, String(err));
  assert.ok(err.cause instanceof ApplicationFailure, String(err.cause));
  return err.cause;
}

export function messageCases(suite: Suite, coverage: Coverage): void {
  describe('messages', { concurrency: true }, () => {
    it('signals change state, queries read it', async () => {
      const handle = await suite.start(counter, [10]);
      await handle.signal(add, 5);
      await handle.signal('unheardOf', 'x');
      assert.equal(await handle.query(total), 15);
      assert.equal(await handle.query(total, { negate: true }), -15);
      await handle.signal(finish);
      assert.deepEqual(await handle.result(), { sum: 15, unknownSignals: ['unheardOf'] });
      assert.equal(await handle.query(total), 15, 'a query of the closed workflow');
      coverage.witness('job.signalWorkflow', 'job.queryWorkflow', 'command.respondToQuery');
    });

    it('queries fail with the message of their handler, and unknown ones with the list of names', async () => {
      const handle = await suite.start(counter, []);
      await assert.rejects(handle.query(brokenQuery), /this query always fails/);
      await assert.rejects(handle.query('noSuchQuery'), /noSuchQuery.*total/s);
      assert.equal(await handle.query(total), 0);
      await handle.terminate();
    });

    it('updates are accepted, rejected by the validator, and fail', async () => {
      const handle = await suite.start(counter, [1]);
      assert.equal(await handle.executeUpdate(addAndGet, { args: [2] }), 3);
      assert.match((await updateFailure(handle.executeUpdate(addAndGet, { args: [-1] }))).message, /negative/);
      assert.equal((await updateFailure(handle.executeUpdate(brokenUpdate))).type, 'UpdateTrouble');
      assert.match((await updateFailure(handle.executeUpdate('noSuchUpdate'))).message, /noSuchUpdate/);
      await handle.signal(finish);
      assert.equal((await handle.result()).sum, 3);
      const events = await historyOf(handle);
      assert.equal(eventsOf(events, 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED').length, 2);
      coverage.addHistory(events);
    });

    it('a workflow waits for an update that takes its time', async () => {
      const handle = await suite.start(counter, []);
      const update = await handle.startUpdate(addSlowly, { args: [4, 100], waitForStage: 'ACCEPTED' });
      await handle.signal(finish);
      assert.equal(await update.result(), 4);
      assert.equal((await handle.result()).sum, 4);
    });

    it('a signal that comes with the start is seen first', async () => {
      const options = {
        taskQueue: suite.taskQueue,
        workflowId: `counter-${randomUUID()}`,
        signal: add,
        signalArgs: [7] as [number],
      };
      const handle = await suite.client.workflow.signalWithStart(counter, options);
      assert.equal(await handle.query(total), 7);
      await handle.signal(finish);
      assert.ok(typesOf(await historyOf(handle)).has('WORKFLOW_EXECUTION_SIGNALED'));
      assert.equal((await handle.result()).sum, 7);
    });
  });
}
