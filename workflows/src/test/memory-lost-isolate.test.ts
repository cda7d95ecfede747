/** An entry that V8 cannot stop costs its isolate: its neighbours replay on a new one, and the worker ends when the thread does not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { activityHeartbeats, add, counter, finish, spinsInsideOfV8, total } from '../workflows/testing';
import { HealthyRun } from '../../memory/healthy';
import { commit, leapOffence } from '../../memory/offences';
import { until } from '../support/poll';
import { PATIENCE_MS, type TestWorker, flavour, useSuite } from './harness';
import { taskFailure } from './history';
import { burdockStatus, startMemoryWorker, statusWhere } from './memory-workers';

const suite = useSuite();

/** What `/live` answers while only a restart helps. */
interface Dead {
  reason: string;
  message: string;
}

async function live(worker: TestWorker): Promise<Dead | undefined> {
  const response = await fetch(`http://${worker.statusAddress}/live`);
  return response.status === 503 ? ((await response.json()) as Dead) : undefined;
}

describe('an isolate that does not come back', {
  skip: flavour === 'node' ? 'the Node worker has nothing like it' : false,
}, () => {
  it('is replaced, counted and shown, its runs replay, and the worker ends when its thread does not', async () => {
    const worker = await suite.startWorker({ isolates: 1, workflowTimeout: '1s', shutdownGraceTime: '5s' });
    const neighbour = await suite.start(counter, [1]);
    await neighbour.signal(add, 2);
    assert.equal(await neighbour.query(total), 3);
    // Longer than the isolate needs to be given up: the server would take a late failure for none.
    const spinning = await suite.start(spinsInsideOfV8, [], { workflowTaskTimeout: '2 minutes' });
    await statusWhere(worker, 'the isolate to be replaced', ({ isolatesRebuilt }) => isolatesRebuilt === 1);
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
    assert.equal(after.pressure, 'normal');
    const [lost] = after.lostIsolates;
    assert.deepEqual([lost?.thread, lost?.isolate], ['running', 0], JSON.stringify(after.lostIsolates));
    assert.match(await worker.metrics(), /burdock_lost_isolates\{thread="running"\} 1/);
    assert.ok((after.evictions['isolate_lost'] ?? 0) >= 1, JSON.stringify(after.evictions));
    assert.match(worker.output, /an isolate is lost and replaced/);
    // An activity in flight keeps the worker from ending before the probe is seen.
    await suite.start(activityHeartbeats, [120_000]);
    const { reason, message } = await until('/live to fail', 2 * PATIENCE_MS, () => live(worker)).catch((cause) => {
      throw new Error(`${worker.child.tail()}`, { cause });
    });
    assert.equal(reason, 'ISOLATE_LOST');
    assert.match(message, /Isolate 0 was lost \d+ s ago and its thread still runs, which only a restart/);
    assert.equal((await worker.child.wait(PATIENCE_MS)).code, 70, worker.child.tail());
    assert.match(worker.output, /only a restart of the worker ends/);
    // What the server holds goes on with the next worker.
    const later = await suite.startWorker({ isolates: 1 });
    const next = await suite.start(counter, [2]);
    await next.signal(finish);
    assert.equal((await next.result()).sum, 2);
    await later.stop();
  });

  it('is what a large object costs for which there is neither memory nor a disk, and the others go on', async () => {
    const flags = ['--memory-limit=320MiB', '--max-heap-per-isolate=280MiB', '--memory-overflow-dir=off'];
    const on = await startMemoryWorker(suite, 'mixed', flags, { workflowTimeout: '20s' });
    const peer = { client: suite.client, taskQueue: on.taskQueue, gone: on.worker.child.exited };
    const neighbour = await HealthyRun.start(peer, 'tiny', 1);
    await neighbour.poke(1);
    const isUp = (): boolean => on.worker.child.isRunning;
    const outcome = await commit(suite.client, on.taskQueue, leapOffence('array'), isUp, PATIENCE_MS);
    assert.match(outcome.message ?? '', /isolate of this run was lost \(V8 ran out of (heap|memory) in /);
    await neighbour.poke(2);
    const status = await burdockStatus(on.worker);
    assert.deepEqual([status.isolatesRebuilt, status.lostIsolates.map(({ thread }) => thread)], [1, ['parked']]);
    await neighbour.finish();
    await on.worker.stop();
  });
});
