import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  childCancelled,
  childCancelledBeforeStart,
  childCompletes,
  childDuplicate,
  childFails,
  reachesOut,
  waitForRelease,
  withdrawsSignal,
} from '../../workflows/testing';
import type { Suite } from '../harness';
import { historyOf, typesOf } from '../history';
import type { Coverage } from './coverage';

export function childCases(suite: Suite, coverage: Coverage): void {
  describe('child workflows', { concurrency: true }, () => {
    it('start, take a signal and complete', async () => {
      const { result, events } = await suite.execute(childCompletes);
      assert.equal(result, 'well done');
      assert.ok(typesOf(events).has('CHILD_WORKFLOW_EXECUTION_COMPLETED'));
      coverage.addHistory(events);
      coverage.witness(
        'job.resolveChildWorkflowExecutionStart',
        'job.resolveChildWorkflowExecution',
        'job.resolveSignalExternalWorkflow'
      );
    });

    it('fail with the cause of the child', async () => {
      const { result, events } = await suite.execute(childFails);
      assert.equal(result?.name, 'ChildWorkflowFailure');
      assert.equal(result?.cause?.type, 'ChildTrouble');
      assert.deepEqual(result?.cause?.details, [{ reason: 'a test' }]);
      assert.ok(typesOf(events).has('CHILD_WORKFLOW_EXECUTION_FAILED'));
    });

    for (const type of ['WAIT_CANCELLATION_COMPLETED', 'WAIT_CANCELLATION_REQUESTED', 'TRY_CANCEL'] as const) {
      it(`are cancelled with ${type}`, async () => {
        const { result, events } = await suite.execute(childCancelled, type);
        assert.equal(result?.cancelled, true);
        const types = typesOf(events);
        assert.ok(types.has('REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED'));
        if (type === 'WAIT_CANCELLATION_COMPLETED') assert.ok(types.has('CHILD_WORKFLOW_EXECUTION_CANCELED'));
        coverage.addHistory(events);
      });
    }

    it('cancelled with ABANDON go on', async () => {
      const { result, events } = await suite.execute(childCancelled, 'ABANDON');
      assert.equal(result?.cancelled, true);
      assert.ok(!typesOf(events).has('REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED'));
    });

    it('cancelled before they start are never started', async () => {
      const { result, events } = await suite.execute(childCancelledBeforeStart);
      assert.equal(result?.cancelled, true);
      assert.ok(!typesOf(events).has('START_CHILD_WORKFLOW_EXECUTION_INITIATED'));
    });

    it('of an id that is taken fail to start', async () => {
      const { result, events } = await suite.execute(childDuplicate);
      assert.equal(result?.name, 'WorkflowExecutionAlreadyStartedError');
      assert.ok(typesOf(events).has('START_CHILD_WORKFLOW_EXECUTION_FAILED'));
    });
  });

  describe('external workflows', { concurrency: true }, () => {
    it('are signalled and cancelled', async () => {
      const other = await suite.start(waitForRelease, []);
      const { result, events } = await suite.execute(reachesOut, other.workflowId);
      assert.deepEqual(result, {});
      // The signal came first, so the other one may end either way; both requests are in its history.
      await other.result().catch(() => undefined);
      const seen = typesOf(await historyOf(other));
      assert.ok(seen.has('WORKFLOW_EXECUTION_SIGNALED'));
      const sent = typesOf(events);
      assert.ok(sent.has('EXTERNAL_WORKFLOW_EXECUTION_SIGNALED'));
      assert.ok(
        sent.has('EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED') ||
          sent.has('REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED')
      );
      coverage.addHistory(events);
      coverage.witness('job.resolveRequestCancelExternalWorkflow');
    });

    it('that do not exist are neither signalled nor cancelled', async () => {
      const { result, events } = await suite.execute(reachesOut, 'no-such-workflow');
      assert.match(result.signal?.message ?? '', /no-such-workflow|not found/);
      assert.match(result.cancel?.message ?? '', /no-such-workflow|not found/);
      assert.ok(typesOf(events).has('SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED'));
      assert.ok(typesOf(events).has('REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED'));
    });

    it('never see a signal that was withdrawn in time', async () => {
      const other = await suite.start(waitForRelease, []);
      const { result, events } = await suite.execute(withdrawsSignal, other.workflowId);
      assert.equal(result?.cancelled, true);
      assert.ok(!typesOf(events).has('SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED'));
      await other.terminate();
      coverage.witness('command.cancelSignalWorkflow');
    });
  });
}
