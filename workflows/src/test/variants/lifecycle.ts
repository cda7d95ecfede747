import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import {
  countsRuns,
  drawsTwice,
  failsWith,
  finishAttributes,
  patchedFlow,
  proceed,
  scoreKey,
  stageKey,
  waitsForCancellation,
  writesAttributes,
} from '../../workflows/testing';
import type { Suite } from '../harness';
import { eventsOf, historyOf, historyWith, markersOf, typesOf } from '../history';
import type { Coverage } from './coverage';

async function failureOf(result: Promise<unknown>): Promise<unknown> {
  const err: unknown = await result.then(
    () => assert.fail('the workflow completed'),
    (reason: unknown) => reason
  );
  assert.ok(err instanceof WorkflowFailedError, String(err));
  return err.cause;
}

/** The memo and search attributes as the server holds them. */
function attributeCase(suite: Suite, coverage: Coverage): void {
  it('search attributes, memo and current details reach the server', async () => {
    const metadata = { staticSummary: 'a summary', staticDetails: 'some details', memo: { removed: 'soon' } };
    const handle = await suite.start(writesAttributes, [], metadata);
    await historyWith(handle, 'WORKFLOW_PROPERTIES_MODIFIED');
    const { currentDetails } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    assert.equal(currentDetails, 'waits for **finishAttributes**');
    await handle.signal(finishAttributes);
    const result = await handle.result();
    const memo = { note: { by: 'workflow', lines: [1, 2, 3] } };
    assert.deepEqual(result, { stage: 'waiting', memo, details: currentDetails });
    const described = await handle.describe();
    assert.equal(described.typedSearchAttributes.get(stageKey), 'waiting');
    assert.equal(described.typedSearchAttributes.get(scoreKey), 42);
    assert.deepEqual(described.memo, memo);
    assert.equal(await described.staticSummary(), 'a summary');
    coverage.addHistory(await historyOf(handle));
  });
}

function resetCase(suite: Suite, coverage: Coverage): void {
  it('a reset gives new random numbers from there on', async () => {
    const handle = await suite.start(drawsTwice, []);
    await historyWith(handle, 'WORKFLOW_TASK_COMPLETED');
    await handle.signal(proceed);
    const original = await handle.result();
    const events = await historyOf(handle);
    const completed = eventsOf(events, 'WORKFLOW_TASK_COMPLETED');
    const { workflowId } = handle;
    const description = await handle.describe();
    const { runId } = await suite.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId, runId: description.runId },
      reason: 'a test',
      workflowTaskFinishEventId: completed[1]?.eventId ?? null,
      requestId: `${workflowId}-reset`,
    });
    const again = suite.client.workflow.getHandle<typeof drawsTwice>(workflowId, runId);
    const redrawn = await again.result();
    assert.deepEqual(redrawn.before, original.before);
    assert.notEqual(redrawn.after.number, original.after.number);
    assert.notEqual(redrawn.after.uuid, original.after.uuid);
    coverage.witness('job.updateRandomSeed');
  });
}

export function lifecycleCases(suite: Suite, coverage: Coverage): void {
  describe('ends and attributes', { concurrency: true }, () => {
    it('a workflow fails with type and details', async () => {
      const handle = await suite.start(failsWith, ['OnDemand']);
      const cause = await failureOf(handle.result());
      assert.ok(cause instanceof ApplicationFailure);
      assert.equal(cause.type, 'OnDemand');
      assert.deepEqual(cause.details, [{ reason: 'a test' }]);
      coverage.addHistory(await historyOf(handle));
    });

    it('a workflow ends as cancelled', async () => {
      const handle = await suite.start(waitsForCancellation, []);
      await historyWith(handle, 'WORKFLOW_TASK_COMPLETED');
      await handle.cancel();
      assert.ok((await failureOf(handle.result())) instanceof CancelledFailure);
      coverage.addHistory(await historyOf(handle));
    });

    it('a workflow continues as new', async () => {
      const handle = await suite.start(countsRuns, [3]);
      assert.deepEqual(await handle.result(), { runs: 3, continued: true });
      const first = suite.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
      const events = await historyOf(first);
      assert.ok(typesOf(events).has('WORKFLOW_EXECUTION_CONTINUED_AS_NEW'));
      coverage.addHistory(events);
    });

    it('patches leave markers', async () => {
      const handle = await suite.start(patchedFlow, []);
      await historyWith(handle, 'TIMER_FIRED');
      await handle.signal('goOn');
      assert.deepEqual(await handle.result(), { first: true, again: true, later: true });
      const events = await historyOf(handle);
      assert.deepEqual(markersOf(events), ['core_patch', 'core_patch', 'core_patch']);
      coverage.addHistory(events);
    });

    attributeCase(suite, coverage);
    resetCase(suite, coverage);
  });
}
