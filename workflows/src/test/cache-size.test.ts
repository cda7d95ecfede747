/** The cache's size changes how often workflows replay, and nothing else. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  activitiesInTurn,
  add,
  addAndGet,
  childCompletes,
  countsRuns,
  counter,
  finish,
  followsContext,
  localActivityCompletes,
  patchedFlow,
  samples,
  timerCancelled,
  total,
} from '../workflows/testing';
import { type Suite, useSuite } from './harness';
import { historyWith } from './history';

const suite = useSuite();

/** A conversation of signals, queries and updates with one counter. */
async function talkToCounter(on: Suite, taskQueue: string): Promise<unknown[]> {
  const handle = await on.start(counter, [100], { taskQueue });
  await handle.signal(add, 1);
  const queried = await handle.query(total);
  const updated = await handle.executeUpdate(addAndGet, { args: [10] });
  await handle.signal(add, -1);
  const negated = await handle.query(total, { negate: true });
  await handle.signal(finish);
  return [queried, updated, negated, await handle.result()];
}

async function patchedLater(on: Suite, taskQueue: string): Promise<unknown> {
  const handle = await on.start(patchedFlow, [], { taskQueue });
  await historyWith(handle, 'TIMER_FIRED');
  await handle.signal('goOn');
  return handle.result();
}

/** What a set of workflows returns, all of them running together on one task queue. */
async function resultsOn(taskQueue: string): Promise<Record<string, unknown>> {
  const on = { taskQueue };
  const started = {
    inTurn: (await suite.start(activitiesInTurn, [2], on)).result(),
    child: (await suite.start(childCompletes, [], on)).result(),
    runs: (await suite.start(countsRuns, [3], on)).result(),
    context: (await suite.start(followsContext, [1], on)).result(),
    local: (await suite.start(localActivityCompletes, [], on)).result(),
    timer: (await suite.start(timerCancelled, [], on)).result(),
    counter: talkToCounter(suite, taskQueue),
    patched: patchedLater(suite, taskQueue),
  };
  const entries = Object.entries(started).map(async ([name, result]) => [name, await result] as const);
  return Object.fromEntries(await Promise.all(entries));
}

const expected = {
  inTurn: 6,
  child: 'well done',
  runs: { runs: 3, continued: true },
  context: [],
  local: samples,
  timer: {
    error: { name: 'CancelledFailure', message: 'Cancellation scope cancelled', cancelled: true },
    conditionMet: true,
  },
  counter: [101, 111, -110, { sum: 110, unknownSignals: [] }],
  patched: { first: true, again: true, later: true },
};

describe('cache sizes', { concurrency: true }, () => {
  for (const maxCachedWorkflows of [0, 1, 100]) {
    it(`the results with ${maxCachedWorkflows} cached workflows`, async () => {
      const taskQueue = `cache-${maxCachedWorkflows}-${randomUUID()}`;
      const worker = await suite.startWorker({ taskQueue, maxCachedWorkflows });
      assert.deepEqual(await resultsOn(taskQueue), expected);
      await worker.stop();
    });
  }
});
