/** Code that never returns costs its own workflow task, not its neighbours'. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { neighbour, spins, spinsInMicrotasks, spinsOverArrays } from '../workflows/testing';
import { type TestWorker, flavour, useSuite } from './harness';
import { taskFailure } from './history';

/** The Node worker has no error code for this. */
const TIMED_OUT = flavour === 'node' ? /timed out/ : /TMPRL1101/;
const NEIGHBOURS = 10;

const suite = useSuite();
let worker: TestWorker;
before(async () => {
  worker = await suite.startWorker({ isolates: 1, workflowTimeout: '1s' });
});

describe('the watchdog', () => {
  for (const workflow of [spins, spinsInMicrotasks, spinsOverArrays]) {
    it(`stops ${workflow.name}, and the others on the isolate complete`, async () => {
      const first = await Promise.all(Array.from({ length: NEIGHBOURS }, (_, i) => suite.start(neighbour, [i])));
      const spinning = await suite.start(workflow, []);
      const second = await Promise.all(Array.from({ length: NEIGHBOURS }, (_, i) => suite.start(neighbour, [i])));
      await taskFailure(spinning, TIMED_OUT);
      const results = await Promise.all([...first, ...second].map((handle) => handle.result()));
      const doubled = Array.from({ length: NEIGHBOURS }, (_, i) => 2 * i);
      assert.deepEqual(results, [...doubled, ...doubled]);
      await spinning.terminate();
    });
  }

  it('and the isolate goes on to serve new workflows', async () => {
    assert.equal((await suite.execute(neighbour, 21)).result, 42);
    assert.equal((await worker.status()).runState.toUpperCase(), 'RUNNING');
  });
});
