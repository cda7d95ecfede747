/** Buffers of every kind: counted, limited, contained in a burst, and charged by what is resident. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type BurstOptions, type BurstResult, runBurst } from '../../memory/burst';
import { available } from '../../memory/cgroup';
import { finish as finishDocument, keepsDocument, nameOf } from '../../memory/workflows/bson';
import {
  BUFFER_KINDS,
  type BufferKind,
  finish,
  held,
  holdBuffer,
  takesUntilRefused,
} from '../../memory/workflows/buffers';
import { concurrently } from '../support/concurrently';
import type { BurdockStatus } from '../support/status';
import { flavour, useSuite } from './harness';
import { taskFailure } from './history';
import { MIB, type MemoryWorker, startMemoryWorker, statusWhere } from './memory-workers';

const GIB = 1024 * MIB;
/** For machines that are busy with other things; a quiet one needs a fifth of it. */
const BURST_TIMEOUT_MS = 180_000;
const LANES = 20;

const suite = useSuite();
const skip = flavour === 'node' ? 'this is about burdock' : false;

/** What a burst must not have done; each failing point as a sentence. */
function burstTroubles({ isAlive, oomKills, peakRssBytes, held: holding }: BurstResult, limitBytes: number): string[] {
  const points: [boolean, string][] = [
    [isAlive, 'the worker has ended'],
    [oomKills === 0, `the kernel killed ${oomKills} processes`],
    [peakRssBytes > 0 && peakRssBytes < limitBytes, `${peakRssBytes} bytes were resident`],
    [holding > 0, 'no run came to hold its buffer'],
  ];
  return points.flatMap(([isKept, trouble]) => (isKept ? [] : [trouble]));
}

describe('a burst of runs that hold buffers', { skip }, () => {
  const group = available();
  const shapes: { kind: BufferKind; mib: number; runs: number; each: number; isGroup: boolean }[] = [
    { kind: 'memory', mib: 4, runs: 300, each: 40, isGroup: true },
    { kind: 'grown', mib: 16, runs: 100, each: 20, isGroup: true },
    { kind: 'resizable', mib: 16, runs: 100, each: 20, isGroup: true },
    { kind: 'resizable', mib: 16, runs: 100, each: 20, isGroup: false },
  ];
  for (const { kind, mib, runs, each, isGroup } of shapes) {
    const where = isGroup ? 'a control group of 1 GiB' : '--memory-limit 1GiB';
    const reason = isGroup ? (group.reason ?? false) : false;
    it(`${runs} times ${mib} MiB, ${kind}, in ${where}: contained`, {
      timeout: BURST_TIMEOUT_MS,
      skip: reason,
    }, async () => {
      const options: BurstOptions = { ...suite, kind, bytes: mib * MIB, runs, each, isGroup, limitBytes: GIB };
      const result = await runBurst(options);
      console.log(JSON.stringify({ kind, mib, ...result }));
      assert.deepEqual(burstTroubles(result, GIB), [], JSON.stringify(result));
    });
  }
});

describe('what a run holds in buffers', { skip }, () => {
  const bytes = 16 * MIB;
  const touched = 6 * MIB;
  /** A page of the kernel may be a huge one. */
  const SLACK_BYTES = 2 * MIB;
  let on: MemoryWorker;

  before(async () => {
    if (skip) return;
    on = await startMemoryWorker(suite, 'buffers', ['--max-heap-per-isolate=512MiB']);
  });
  after(() => on?.worker.stop());

  for (const kind of BUFFER_KINDS) {
    it(`is what is resident, and what may become so beside it: ${kind}`, async () => {
      const run = await suite.start(holdBuffer, [kind, bytes, touched], { taskQueue: on.taskQueue });
      assert.equal(await run.query(held), bytes);
      const costOf = ({ topRuns }: BurdockStatus) =>
        topRuns.find(({ workflowId }) => workflowId === run.workflowId)?.cost;
      // An idle isolate measures after a while; until then it goes by what the run made.
      const status = await statusWhere(on.worker, 'its cost', (found) => {
        const cost = costOf(found);
        const [resident, untouched] = [cost?.externalBytes ?? 0, cost?.untouchedBytes ?? 0];
        return (
          resident >= touched &&
          resident <= touched + SLACK_BYTES &&
          Math.abs(resident + untouched - bytes) < SLACK_BYTES
        );
      });
      const [isolate] = status.isolates;
      assert.ok(
        isolate && isolate.arrayBuffersBytes >= bytes && isolate.arrayBuffersResidentBytes >= touched,
        JSON.stringify(isolate)
      );
      await run.signal(finish);
      await run.result();
    });
  }

  it('is counted once among the parts of resident memory', async () => {
    const kinds: BufferKind[] = ['array', 'resizable', 'memory'];
    const runs = await Promise.all(
      kinds.map((kind) => suite.start(holdBuffer, [kind, 32 * MIB, 32 * MIB], { taskQueue: on.taskQueue }))
    );
    for (const run of runs) await run.query(held);
    await statusWhere(on.worker, 'the parts to have them', ({ memory }) => {
      return (
        memory.parts.externalBytes >= 96 * MIB &&
        memory.parts.externalBytes < 130 * MIB &&
        Math.abs(memory.unexplainedBytes) < 4 * MIB
      );
    });
    for (const run of runs) await run.signal(finish);
    for (const run of runs) await run.result();
  });
});

describe('the limit of an isolate', { skip }, () => {
  let on: MemoryWorker;

  before(async () => {
    if (skip) return;
    on = await startMemoryWorker(suite, 'buffers', ['--max-heap-per-isolate=96MiB']);
  });
  after(() => on?.worker.stop());

  for (const kind of BUFFER_KINDS) {
    it(`holds for ${kind}`, async () => {
      const run = await suite.start(takesUntilRefused, [kind, 16 * MIB], { taskQueue: on.taskQueue });
      // V8 asks the guard of the heap before it gives up on a new buffer, and throws at once where an old one cannot grow.
      if (kind !== 'resized' && kind !== 'growable') {
        await taskFailure(run, /filled the heap of its isolate/);
        await run.terminate();
        return;
      }
      const { got, refusal } = await run.result();
      assert.ok(got >= 1 && got <= 6, `${got} times 16 MiB`);
      assert.match(refusal, /RangeError/);
    });
  }

  it('holds for all kinds together', async () => {
    const runs = await Promise.all(
      BUFFER_KINDS.map((kind) =>
        suite.start(holdBuffer, [kind, 16 * MIB, 16 * MIB], { taskQueue: on.taskQueue, workflowTaskTimeout: '5s' })
      )
    );
    const { isolates } = await statusWhere(
      on.worker,
      'buffers',
      ({ isolates: [first] }) => (first?.arrayBuffersResidentBytes ?? 0) >= 32 * MIB
    );
    assert.ok((isolates[0]?.arrayBuffersResidentBytes ?? Infinity) <= 96 * MIB, JSON.stringify(isolates));
    for (const run of runs) await run.terminate();
  });
});

describe('buffers that are never touched', { skip }, () => {
  it('do not count: 100 runs with the package bson stay cached in 1 GiB', async () => {
    const on = await startMemoryWorker(suite, 'bson', ['--memory-limit=1GiB'], { isolates: 2 });
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const runs = await concurrently(numbers, LANES, async (n) => {
      const run = await suite.start(keepsDocument, [`document ${n}`], { taskQueue: on.taskQueue });
      assert.equal(await run.query(nameOf), `document ${n}`);
      return run;
    });
    const status = await statusWhere(
      on.worker,
      'all to be cached',
      ({ numCachedWorkflows }) => numCachedWorkflows === 100
    );
    const { evictions, terminations, refusedTasks } = status;
    const evicted = Object.values(evictions).reduce((sum, count) => sum + count, 0);
    assert.deepEqual(
      { evicted, terminations, refusedTasks },
      { evicted: 0, terminations: { deadline: 0, heap: 0 }, refusedTasks: 0 }
    );
    const all = status.isolates.reduce((sum, { arrayBuffersBytes }) => sum + arrayBuffersBytes, 0);
    assert.ok(
      all > 100 * 17_000_000 && status.rssBytes < GIB / 2,
      `${all} bytes of buffers, ${status.rssBytes} resident`
    );
    for (const run of runs) await run.signal(finishDocument);
    assert.deepEqual(
      await Promise.all(runs.map((run) => run.result())),
      numbers.map((n) => `document ${n}`)
    );
    await on.worker.stop();
  });
});
