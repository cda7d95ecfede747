/** Settings that change what becomes of workflow code: failure error types, inactive patches, stack traces. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import type { EnhancedStackTrace } from '@temporalio/workflow';
import { WorkflowFailedError } from '@temporalio/client';
import { throwsPlainError, waitsForCancellation } from '../workflows/testing/failures';
import { goOn, patchedFlow } from '../workflows/testing/patches';
import { flavour, useSuite } from './harness';
import { historyWith, markersOf, taskFailure } from './history';

const suite = useSuite();

/** A worker of its own queue with these flags. */
async function workerWith(...extraFlags: string[]): Promise<{ taskQueue: string }> {
  const taskQueue = `burdock-settings-${randomUUID()}`;
  await suite.startWorker({ taskQueue, extraFlags });
  return { taskQueue };
}

describe('settings of workflow code', { skip: flavour === 'node' && 'the Node worker has them as options' }, () => {
  it('an error of a failure error type fails the workflow', async () => {
    const handle = await suite.start(
      throwsPlainError,
      [],
      await workerWith('--workflow-failure-error-types=TypeError')
    );
    const failed = await handle.result().then(
      () => undefined,
      (error: unknown) => error
    );
    assert.ok(failed instanceof WorkflowFailedError && failed.cause instanceof ApplicationFailure);
    assert.deepEqual([failed.cause.type, failed.cause.message], ['TypeError', 'thrown on purpose']);
  });

  it('a failure error type of another workflow type changes nothing', async () => {
    const queue = await workerWith('--workflow-failure-error-types=other:TypeError');
    const handle = await suite.start(throwsPlainError, [], queue);
    await taskFailure(handle, /thrown on purpose/);
    await handle.terminate();
  });

  it('new code does not take the way of an inactive patch, and of others it does', async () => {
    const handle = await suite.start(patchedFlow, [], await workerWith('--inactive-patches=flow-change'));
    await handle.signal(goOn);
    assert.deepEqual(await handle.result(), { first: false, again: false, later: true });
    assert.equal(
      markersOf((await handle.fetchHistory()).events ?? []).filter((name) => name === 'core_patch').length,
      2
    );
  });
});

describe('stack traces', { skip: flavour === 'node' && 'the Node worker always notes them' }, () => {
  async function waiting(...flags: string[]) {
    const handle = await suite.start(waitsForCancellation, [], await workerWith(...flags));
    await historyWith(handle, 'WORKFLOW_TASK_COMPLETED');
    return handle;
  }

  for (const flags of [[], ['--stack-traces=always'], ['--stack-traces=always', '--context=per-workflow']]) {
    it(`name the line where the workflow waits with ${flags.join(' ') || 'default settings'}`, async () => {
      const handle = await waiting(...flags);
      assert.match(await handle.query<string>('__stack_trace'), /at waitsForCancellation \(.*failures\.ts:\d+:\d+\)/);
      const enhanced = await handle.query<EnhancedStackTrace>('__enhanced_stack_trace');
      assert.deepEqual([enhanced.sdk.name, Object.keys(enhanced.sources).length], ['typescript', 0]);
      await handle.terminate();
    });
  }

  it('come with the texts of sources where that is allowed', async () => {
    const handle = await waiting('--show-stack-trace-sources=true');
    const { sources } = await handle.query<EnhancedStackTrace>('__enhanced_stack_trace');
    const texts = Object.entries(sources).filter(([file]) => file.endsWith('testing/failures.ts'));
    assert.match(texts[0]?.[1][0]?.content ?? '', /export async function waitsForCancellation/);
    await handle.terminate();
  });

  it('can be switched off', async () => {
    const handle = await waiting('--stack-traces=off');
    await assert.rejects(handle.query('__stack_trace'), /stack traces are not enabled on this worker/);
    await handle.terminate();
  });
});
