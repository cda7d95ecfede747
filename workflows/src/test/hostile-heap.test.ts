/** A workflow that fills its isolate's heap costs its own workflow task, not the process. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { add, counter, fillsHeap, finish, growths, neighbour, total } from '../workflows/testing';
import { type TestWorker, flavour, useSuite } from './harness';
import { taskFailure } from './history';

const NEIGHBOURS = 5;

const suite = useSuite();
let worker: TestWorker;
before(async () => {
  // The heap has to be full before the watchdog is at its deadline.
  worker = await suite.startWorker({ isolates: 1, maxHeapPerIsolate: '96MiB', workflowTimeout: '60s' });
});

// The Node worker ends with its thread.
describe('a heap filled by', { skip: flavour === 'node' }, () => {
  for (const shape of growths) {
    it(`${shape}: the task fails, the others on the isolate complete`, async () => {
      const cached = await suite.start(counter, [1]);
      assert.equal(await cached.query(total), 1);
      const others = await Promise.all(Array.from({ length: NEIGHBOURS }, (_, n) => suite.start(neighbour, [n])));
      const full = await suite.start(fillsHeap, [shape]);
      const failure = await taskFailure(full, /heap/);
      assert.match(failure.message ?? '', /max-heap-per-isolate/, 'what to do about it');
      assert.equal((await worker.status()).runState.toUpperCase(), 'RUNNING');
      await full.terminate();

      assert.deepEqual(await Promise.all(others.map((handle) => handle.result())), [0, 2, 4, 6, 8]);
      await cached.signal(add, 2);
      await cached.signal(finish);
      assert.equal((await cached.result()).sum, 3);
      assert.equal((await suite.execute(neighbour, 21)).result, 42);
    });
  }
});
