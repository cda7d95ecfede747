/** An entry that V8 cannot stop costs its isolate, and nobody but itself anything else: its neighbours replay on a new one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { add, counter, finish, spinsInsideOfV8, total } from '../workflows/testing';
import { until } from '../support/poll';
import { PATIENCE_MS, flavour, useSuite } from './harness';
import { taskFailure } from './history';
import { burdockStatus, statusWhere } from './memory-workers';

const suite = useSuite();

describe('an isolate that does not come back', {
  skip: flavour === 'node' ? 'the Node worker has nothing like it' : false,
}, () => {
  it('is made anew, counted and logged, and its runs replay', async () => {
    const worker = await suite.startWorker({ isolates: 1, workflowTimeout: '1s' });
    const neighbour = await suite.start(counter, [1]);
    await neighbour.signal(add, 2);
    assert.equal(await neighbour.query(total), 3);
    // Longer than the isolate needs to be given up: the server would take a late failure for none.
    const spinning = await suite.start(spinsInsideOfV8, [], { workflowTaskTimeout: '2 minutes' });
    await statusWhere(worker, 'the isolate to be made anew', ({ isolatesRebuilt }) => isolatesRebuilt === 1);
    await taskFailure(spinning, /isolate of this run was lost .*does not end/);
    // The second failure of a task is none of its history's events.
    const parked = /took its isolate with it .*reset or terminate it/;
    await until('the run not to be tried again', PATIENCE_MS, async () =>
      parked.test(worker.output) ? true : undefined
    );
    await spinning.terminate();
    await neighbour.signal(add, 4);
    assert.equal(await neighbour.query(total), 7);
    await neighbour.signal(finish);
    assert.equal((await neighbour.result()).sum, 7);
    const after = await burdockStatus(worker);
    assert.equal(after.isolatesRebuilt, 1);
    assert.ok((after.evictions['isolate_lost'] ?? 0) >= 1, JSON.stringify(after.evictions));
    assert.match(worker.output, /an isolate is lost and made anew/);
    await worker.stop();
  });
});
