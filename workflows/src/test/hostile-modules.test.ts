/** What modules leave behind at their top level stays with their run; disposal reaches every cached run. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { DIST_DIR, PACKAGE_DIR, writeBundle } from '../tools/bundles';
import type {
  looksForLateWrites,
  spinsWhileLoading,
  waitsToBeDisposed,
} from '../workflows/testing/versions/hostile-modules';
import { flavour, useSuite } from './harness';
import { historyWith, taskFailure } from './history';

const BUNDLE = path.join(DIST_DIR, 'hostile-modules-bundle.js');
const ENTRY = path.join(PACKAGE_DIR, 'src/workflows/testing/versions/hostile-modules.ts');

const suite = useSuite();
before(() => writeBundle(ENTRY, BUNDLE, { workflowInterceptorModules: [ENTRY] }));

describe('the top level of a module', () => {
  let taskQueue: string;
  const looker = () => {
    const options = { taskQueue, workflowId: `looker-${randomUUID()}`, args: [] as [] };
    return suite.client.workflow.start<typeof looksForLateWrites>('looksForLateWrites', options);
  };

  async function looksClean(): Promise<void> {
    const handle = await looker();
    const { workflowId } = handle;
    assert.deepEqual(await handle.result(), { global: workflowId, visitors: [workflowId, 'the end'] });
  }

  before(async () => {
    taskQueue = `${suite.taskQueue}-top-level`;
    await suite.startWorker({ taskQueue, bundle: BUNDLE, isolates: 1, workflowTimeout: '1s' });
  });

  // The Node worker runs these microtasks as the next run's.
  it('leaves nothing of a run that could not start', { skip: flavour === 'node' }, async () => {
    for (let round = 0; round < 3; round += 1) {
      const options = { taskQueue, workflowId: `unknown-${randomUUID()}` };
      const unknown = await suite.client.workflow.start('noSuchWorkflow', options);
      await taskFailure(unknown, /noSuchWorkflow/);
      await looksClean();
      await unknown.terminate();
    }
  });

  it('that never yields fails its own task', async () => {
    const options = { taskQueue, workflowId: `spins-${randomUUID()}`, args: [] as [] };
    const beside = await looker();
    const spinning = await suite.client.workflow.start<typeof spinsWhileLoading>('spinsWhileLoading', options);
    await taskFailure(spinning, flavour === 'node' ? /timed out/ : /TMPRL1101/);
    await beside.result();
    await looksClean();
    await spinning.terminate();
  });
});

describe('disposal', () => {
  it('reaches runs that are cached when the worker ends', async () => {
    const taskQueue = `${suite.taskQueue}-disposal`;
    const worker = await suite.startWorker({ taskQueue, bundle: BUNDLE });
    const workflowId = `disposed-${randomUUID()}`;
    const options = { taskQueue, workflowId, args: [] as [] };
    const handle = await suite.client.workflow.start<typeof waitsToBeDisposed>('waitsToBeDisposed', options);
    await historyWith(handle, 'WORKFLOW_TASK_COMPLETED');
    await worker.stop();
    assert.match(worker.output, new RegExp(`\\(${workflowId}\\)\\] disposed of`));
    assert.ok(worker.output.includes(`after the disposal of ${workflowId}`), 'with the globals of the run');
    await handle.terminate();
  });
});
