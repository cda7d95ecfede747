/** Defects in workflow code fail the workflow task with what is needed to find them; the worker lives. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { DIST_DIR, PACKAGE_DIR, writeBundle } from '../tools/bundles';
import { leavesRejectionUnhandled, neighbour, throwsPlainError } from '../workflows/testing';
import { type TestWorker, flavour, useSuite } from './harness';
import { taskFailure } from './history';

const suite = useSuite();
let worker: TestWorker;
before(async () => {
  worker = await suite.startWorker();
});

/** The number of the line in `file` that ends with `marker`, from 1. */
function lineOf(file: string, marker: string): number {
  const lines = readFileSync(path.join(PACKAGE_DIR, file), 'utf8').split('\n');
  return lines.findIndex((line) => line.endsWith(marker)) + 1;
}

describe('defects in workflow code', { concurrency: true }, () => {
  it('an unhandled rejection fails the task of the workflow that it belongs to', async () => {
    const handle = await suite.start(leavesRejectionUnhandled, []);
    const failure = await taskFailure(handle, /Unhandled Promise rejection/);
    assert.match(failure.message ?? '', /nobody waits for this/);
    assert.equal((await suite.execute(neighbour, 1)).result, 2);
    await handle.terminate();
  });

  it('a plain error names the line of the TypeScript source', async () => {
    const handle = await suite.start(throwsPlainError, []);
    const failure = await taskFailure(handle, /thrown on purpose/);
    const file = 'src/workflows/testing/failures.ts';
    const stack = failure.stackTrace ?? '';
    const [throws, calls] = [lineOf(file, '// the line that throws'), lineOf(file, '// the line that calls it')];
    assert.ok(throws > 0 && calls > throws);
    assert.match(stack, new RegExp(`at throwsDeep \\(.*failures\\.ts:${throws}:\\d+\\)`));
    assert.match(stack, new RegExp(`failures\\.ts:${calls}:\\d+`));
    await handle.terminate();
  });

  it('an unknown workflow type is answered with the types that there are', async () => {
    const options = { taskQueue: suite.taskQueue, workflowId: `unknown-${suite.taskQueue}` };
    const handle = await suite.client.workflow.start('noSuchWorkflow', options);
    const failure = await taskFailure(handle, /noSuchWorkflow/);
    assert.match(failure.message ?? '', /no such function is exported/);
    // The Node worker leaves the reader to find the names elsewhere.
    if (flavour === 'burdock') {
      for (const name of ['conversation', 'callManager', 'throwsPlainError']) {
        assert.match(failure.message ?? '', new RegExp(`\\b${name}\\b`));
      }
    }
    await handle.terminate();
    assert.equal((await suite.execute(neighbour, 3)).result, 6);
    assert.equal((await worker.status()).runState.toUpperCase(), 'RUNNING');
  });

  it('a module that throws while it loads fails the task, and the worker lives', async () => {
    const bundle = path.join(DIST_DIR, 'throws-at-load-bundle.js');
    await writeBundle(path.join(PACKAGE_DIR, 'src/workflows/testing/versions/throws-at-load.ts'), bundle);
    const taskQueue = `${suite.taskQueue}-throws`;
    const broken = await suite.startWorker({ taskQueue, bundle });
    const handle = await suite.client.workflow.start('neverLoaded', { taskQueue, workflowId: `${taskQueue}-w` });
    const failure = await taskFailure(handle, /this module throws while it loads/);
    assert.match(failure.stackTrace ?? '', /throws-at-load\.ts:\d+:\d+/);
    await handle.terminate();
    await broken.stop();
  });
});
