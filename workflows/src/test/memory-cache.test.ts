/** The sticky cache by count and by bytes: who leaves, what comes back, and what `/status` tells of who stays. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { describe, it } from 'node:test';
import { fingerprint, hold, letGo } from '../../memory/workflows/hold-state';
import { until } from '../support/poll';
import type { TopRun } from '../support/status';
import { PATIENCE_MS, flavour, useSuite } from './harness';
import { MIB, burdockStatus, holds, startHolder, startMemoryWorker, statusWhere } from './memory-workers';

const suite = useSuite();

function costOf(runs: readonly TopRun[]): number {
  return runs.reduce((sum, { cost }) => sum + cost.heapBytes + cost.externalBytes + cost.hostBytes, 0);
}

/** What glibc reserves for an arena beside the first one, in two mappings, at a multiple of its size. */
const ARENA_BYTES = 64 * MIB;

/** Arenas of `malloc` in a process, of the first one no more than it has outgrown. */
async function arenasOf(pid: number): Promise<number> {
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8');
  const regions = [...maps.matchAll(/^(\w+)-(\w+) (\S+) \S+ 00:00 0 *$/gm)].map(([, from, to, access]) => {
    return { from: parseInt(from ?? '', 16), to: parseInt(to ?? '', 16), access };
  });
  return regions.filter(({ from, to, access }, n) => {
    const rest = regions[n + 1];
    return (
      access === 'rw-p' &&
      from % ARENA_BYTES === 0 &&
      rest?.access === '---p' &&
      rest.from === to &&
      rest.to === from + ARENA_BYTES
    );
  }).length;
}

describe('the sticky cache', { skip: flavour === 'node' ? 'this is about burdock' : false }, () => {
  it('lets the least recently used run go when the count is reached', async () => {
    const on = await startMemoryWorker(suite, 'hold-state', ['--max-cached-workflows=2', '--workflow-slots=2']);
    const first = await startHolder(suite, on, 'strings', 1024);
    const second = await startHolder(suite, on, 'strings', 1024);
    // A query uses it.
    assert.deepEqual(await first.run.query(fingerprint), first.held);
    const third = await startHolder(suite, on, 'strings', 1024);
    const status = await statusWhere(
      on.worker,
      'the third run to take a place',
      (now) => holds(now, third.run) && now.topRuns.length === 2
    );
    assert.ok(holds(status, first.run), 'the one that was asked stays');
    assert.equal(status.evictions['cache_full'], 1);
    assert.deepEqual(await second.run.query(fingerprint), second.held, 'who left replays');
    await on.worker.stop();
  });

  it('keeps to its bytes; what leaves gives its memory back and replays to the same state', async () => {
    // Each takes about 32 MiB, less than half of the cache: one that took more would leave first.
    const [heldBytes, cacheBytes, runs] = [20 * MIB, 80 * MIB, 7];
    const on = await startMemoryWorker(suite, 'hold-state', [
      `--cache-memory=${cacheBytes / MIB}MiB`,
      '--max-cached-workflows=100',
    ]);
    const before = await burdockStatus(on.worker);
    const holders = [];
    for (let n = 0; n < runs; n += 1) holders.push(await startHolder(suite, on, 'objects', heldBytes));
    // All of them would be 200 MiB: an object takes more than is asked for.
    const [first, last] = [holders[0], holders.at(-1)];
    assert.ok(first && last);
    const status = await statusWhere(
      on.worker,
      'the evicted runs to be collected',
      ({ evictions, topRuns, rssBytes }) => {
        if (costOf(topRuns) > cacheBytes) return false;
        // With one isolate its share of the cache is the whole cache.
        return (
          (evictions['cache_bytes'] ?? 0) + (evictions['isolate_budget'] ?? 0) > 0 &&
          rssBytes < before.rssBytes + 2 * cacheBytes
        );
      }
    );
    assert.ok(costOf(status.topRuns) > 0);
    assert.ok(!holds(status, first.run) && holds(status, last.run), 'the oldest left');

    assert.deepEqual(await first.run.query(fingerprint), first.held);
    await first.run.signal(letGo);
    assert.deepEqual(await first.run.result(), first.held);
    await on.worker.stop();
  });

  it('lies in no more arenas of malloc than there are cores', {
    skip: process.env['MALLOC_ARENA_MAX'] ? 'MALLOC_ARENA_MAX says how many' : false,
  }, async () => {
    const on = await startMemoryWorker(suite, 'hold-state', [], { isolates: 4 });
    const holders = await Promise.all(Array.from({ length: 8 }, () => startHolder(suite, on, 'objects', MIB)));
    const arenas = await arenasOf(on.worker.child.pid);
    assert.ok(arenas > 0 && arenas <= Math.max(2, os.availableParallelism()), `${arenas} arenas`);
    await Promise.all(holders.map(({ run }) => run.terminate()));
    await on.worker.stop();
  });

  it('gives back what a run dropped once no task comes', async () => {
    const on = await startMemoryWorker(suite, 'hold-state', []);
    const droppedBytes = 24 * MIB;
    const { run } = await startHolder(suite, on, 'objects', droppedBytes);
    const full = await burdockStatus(on.worker);
    await run.signal(hold, 'strings', 1024);
    await run.query(fingerprint);
    await statusWhere(on.worker, 'the garbage to be collected', ({ rssBytes, isolates: [isolate] }) => {
      const physicalHeapBytes = isolate?.physicalHeapBytes ?? Infinity;
      const [was] = full.isolates;
      return (
        rssBytes < full.rssBytes - droppedBytes && physicalHeapBytes < (was?.physicalHeapBytes ?? 0) - droppedBytes
      );
    });
    await run.terminate();
    await on.worker.stop();
  });

  it('is shown by the runs and the types that cost most, and by the log', async () => {
    const on = await startMemoryWorker(suite, 'hold-state', []);
    const small = await startHolder(suite, on, 'strings', 2 * MIB);
    const large = await startHolder(suite, on, 'buffer', 6 * MIB);
    const status = await statusWhere(on.worker, 'both to be measured', ({ topRuns }) => {
      const [most, least] = topRuns.map(({ cost }) => cost.heapBytes + cost.externalBytes);
      return (most ?? 0) >= 6 * MIB && (least ?? 0) >= 1.5 * MIB;
    });
    assert.deepEqual(
      status.topRuns.map(({ workflowId, workflowType }) => [workflowId, workflowType]),
      [
        [large.run.workflowId, 'holdState'],
        [small.run.workflowId, 'holdState'],
      ]
    );
    const [type] = status.topWorkflowTypes;
    assert.deepEqual([type?.workflowType, type?.runs, type?.bytes], ['holdState', 2, costOf(status.topRuns)]);
    const planned = status.memoryPlan.reduce((all, { bytes }) => all + bytes, 0);
    assert.equal(planned, status.memoryLimitBytes, 'the plan adds up to the limit');
    const metrics = await on.worker.metrics();
    assert.match(metrics, /burdock_workflow_type_cached_runs\{workflow_type="holdState"\} 2/);
    assert.match(metrics, /burdock_memory_budget_bytes\{pool="V8_heaps"\} \d+/);
    const line = /cached_workflows"?[=:]"?2 .*rss.*heap.*native.*per_workflow.*estimated/;
    await until('the log line', PATIENCE_MS, async () => (line.test(on.worker.output) ? true : undefined));
    await on.worker.stop();
  });

  it('says in one sentence that modules cost what a run costs', async () => {
    const on = await startMemoryWorker(suite, 'w3', []);
    const tokenizers = [0, 1, 2].map((seed) =>
      suite.client.workflow.start('tokenizer', {
        taskQueue: on.taskQueue,
        workflowId: `tokenizer-${seed}-${on.taskQueue}`,
        args: [seed],
      })
    );
    const runs = await Promise.all(tokenizers);
    const { diagnosis } = await statusWhere(on.worker, 'a diagnosis', (status) => status.diagnosis !== null);
    assert.match(diagnosis ?? '', /MB per cached workflow, .* of it created by module evaluation/);
    await Promise.all(runs.map((run) => run.terminate()));
    await on.worker.stop();
  });
});
