import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { patchedFlow } from '../../workflows/testing';
import type { Suite } from '../harness';
import { historyWith } from '../history';
import type { Coverage } from './coverage';

/** What only a worker without a cache shows at will: eviction after each task, and replay with patch notices. */
export function replayCases(suite: Suite, coverage: Coverage): void {
  describe('without a cache', () => {
    it('each task replays, and patches are answered as before', async () => {
      const taskQueue = `${suite.taskQueue}-uncached`;
      const worker = await suite.startWorker({ taskQueue, maxCachedWorkflows: 0 });
      const handle = await suite.start(patchedFlow, [], { taskQueue });
      await historyWith(handle, 'TIMER_FIRED');
      // Any answer of `false` would be a lost notice: the marker is in the history that this task replays.
      await handle.signal('goOn');
      assert.deepEqual(await handle.result(), { first: true, again: true, later: true });
      const status = await worker.statusWhere('an empty cache', ({ numCachedWorkflows }) => numCachedWorkflows === 0);
      assert.equal(status.numCachedWorkflows, 0);
      await worker.stop();
      coverage.witness('job.notifyHasPatch', 'job.removeFromCache');
    });
  });
}
