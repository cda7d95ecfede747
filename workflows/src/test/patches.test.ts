/** A deployment that changes a workflow: runs keep the path on which they began. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { it } from 'node:test';
import { DIST_DIR, PACKAGE_DIR, writeBundle } from '../tools/bundles';
import type { evolving } from '../workflows/testing/versions/after';
import { useSuite } from './harness';
import { historyWith } from './history';

const suite = useSuite();

async function bundleOf(version: string): Promise<string> {
  const bundle = path.join(DIST_DIR, `${version}-bundle.js`);
  await writeBundle(path.join(PACKAGE_DIR, `src/workflows/testing/versions/${version}.ts`), bundle);
  return bundle;
}

it('a patched workflow takes the new path, its predecessors the old one', async () => {
  const [before, after] = [await bundleOf('before'), await bundleOf('after')];
  const { taskQueue, client } = suite;
  const start = (name: string) =>
    client.workflow.start<typeof evolving>('evolving', { taskQueue, workflowId: `${taskQueue}-${name}` });

  const oldWorker = await suite.startWorker({ bundle: before });
  const began = await start('old');
  await historyWith(began, 'WORKFLOW_TASK_COMPLETED');
  await oldWorker.stop();

  await suite.startWorker({ bundle: after });
  const fresh = await start('new');
  await historyWith(fresh, 'MARKER_RECORDED');
  await Promise.all([began, fresh].map((handle) => handle.signal('goOn')));
  assert.equal(await began.result(), 'old path');
  assert.equal(await fresh.result(), 'new path');
});
