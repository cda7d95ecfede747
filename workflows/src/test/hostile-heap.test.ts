/** A workflow that fills its isolate's heap costs its own workflow task, not the process. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { add, counter, fillsHeap, finish, growths, neighbour, total } from '../workflows/testing';
import { PATIENCE_MS, flavour, useSuite } from './harness';
import { taskFailure } from './history';

const NEIGHBOURS = 5;

const suite = useSuite();

// The Node worker ends with its thread.
describe('a heap filled by', { skip: flavour === 'node' }, () => {
  for (const shape of growths) {
    it(`${shape}: the task fails, the others on the isolate complete`, { timeout: PATIENCE_MS }, async () => {
      const taskQueue = `${suite.taskQueue}-${shape}`;
      // The heap has to be full before the watchdog is at its deadline.
      const options = { taskQueue, isolates: 1, maxHeapPerIsolate: '96MiB', workflowTimeout: '60s' };
      const worker = await suite.startWorker(options);
      const cached = await suite.start(counter, [1], { taskQueue });
      assert.equal(await cached.query(total), 1);
      const numbers = Array.from({ length: NEIGHBOURS }, (_, n) => n);
      const others = await Promise.all(numbers.map((n) => suite.start(neighbour, [n], { taskQueue })));
      const full = await suite.start(fillsHeap, [shape], { taskQueue });
      const failure = await taskFailure(full, /heap/);
      assert.match(failure.message ?? '', /max-heap-per-isolate/, 'what to do about it');
      assert.equal((await worker.status()).runState.toUpperCase(), 'RUNNING');
      await full.terminate();

      assert.deepEqual(await Promise.all(others.map((handle) => handle.result())), [0, 2, 4, 6, 8]);
      await cached.signal(add, 2);
      await cached.signal(finish);
      assert.equal((await cached.result()).sum, 3);
      assert.equal(await (await suite.start(neighbour, [21], { taskQueue })).result(), 42);
      await worker.stop();
    });
  }
});
