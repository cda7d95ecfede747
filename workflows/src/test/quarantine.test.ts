/** A run that was stopped is tried again on an isolate of its own: its neighbours wait for it once and not each time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HealthyRun } from '../../memory/healthy';
import { fingerprint, hold, letGo } from '../../memory/workflows/hold-state';
import { neverYields } from '../../memory/workflows/loops';
import { until } from '../support/poll';
import type { BurdockStatus } from '../support/status';
import { PATIENCE_MS, flavour, useSuite } from './harness';
import { taskFailure } from './history';
import { MIB, burdockStatus, holds, startHolder, startMemoryWorker, statusWhere } from './memory-workers';

const suite = useSuite();
const TIMEOUT_US = 1_000_000;
const evictionsIn = (status: BurdockStatus): number =>
  Object.values(evictionsOf(status)).reduce((sum, count) => sum + count, 0);
/** In peace for a minute, and then for half a minute nobody is apart. */
const REFORM_MS = 60_000 + PATIENCE_MS;
/** The pause before a second try is one of a second: a slow machine may miss it. */
const ATTEMPTS = 5;

const evictionsOf = ({ evictions }: BurdockStatus): Record<string, number> =>
  Object.fromEntries(Object.entries(evictions).filter(([, count]) => count > 0));

describe('a run that offended', {
  concurrency: true,
  skip: flavour === 'node' ? 'the Node worker has nothing like it' : false,
}, () => {
  it('is kept apart, and its isolate goes when it has gone', async () => {
    const on = await startMemoryWorker(suite, 'mixed', [], { workflowTimeout: '1s' });
    const neighbour = await HealthyRun.start(
      { client: suite.client, taskQueue: on.taskQueue, gone: on.worker.child.exited },
      'typical',
      1
    );
    await neighbour.poke(1);
    const offender = await suite.start(neverYields, ['plain'], on);
    await taskFailure(offender, /TMPRL1101/);
    const { isolates } = await statusWhere(
      on.worker,
      'the second try to be stopped too',
      ({ terminations }) => terminations.deadline >= 2
    );
    assert.equal(isolates.length, 2, 'one more than the worker has');
    const [busy, apart] = isolates.map(({ activationTimeUs }) => activationTimeUs);
    assert.ok((busy ?? NaN) < 2 * TIMEOUT_US, `the neighbour's isolate was held up once: ${busy} us`);
    assert.ok((apart ?? NaN) >= TIMEOUT_US, `the second try ran apart: ${apart} us`);
    assert.match(on.worker.output, /a run that offended is kept apart/);
    await neighbour.poke(2);
    await offender.terminate();
    const after = await statusWhere(on.worker, 'the isolate to go', (status) => status.isolates.length === 1);
    assert.equal(after.quarantinedRuns, 0);
    await neighbour.poke(3);
    assert.equal((await burdockStatus(on.worker)).evictions['isolate_lost'], 0);
    await neighbour.finish();
    await on.worker.stop();
  });

  it('is not tried again when it was ended meanwhile', async () => {
    const on = await startMemoryWorker(suite, 'mixed', [], { workflowTimeout: '1s' });
    const notTried = (runId: string): boolean => new RegExp(`not tried again.*${runId}`).test(on.worker.output);
    for (let attempt = 1; ; attempt += 1) {
      const { terminations: before } = await burdockStatus(on.worker);
      const offender = await suite.start(neverYields, ['plain'], on);
      await taskFailure(offender, /TMPRL1101/);
      await offender.terminate();
      const tries = await until('the worker to decide about a second try', PATIENCE_MS, async () => {
        if (notTried(offender.firstExecutionRunId)) return 1;
        const { terminations } = await burdockStatus(on.worker);
        return terminations.deadline > before.deadline + 1 ? 2 : undefined;
      });
      if (tries === 1) {
        const { terminations, quarantinedRuns } = await burdockStatus(on.worker);
        assert.deepEqual([terminations.deadline, quarantinedRuns], [before.deadline + 1, 0]);
        break;
      }
      assert.ok(
        attempt < ATTEMPTS,
        `${ATTEMPTS} runs that were ended as soon as they had offended were all tried again`
      );
    }
    await on.worker.stop();
  });

  it('is back among the others after a minute in peace, with its state', async () => {
    const on = await startMemoryWorker(suite, 'hold-state', ['--cache-memory=80MiB', '--workflow-memory-budget=70MiB']);
    const { run } = await startHolder(suite, on, 'buffer', 50 * MIB);
    const other = await startHolder(suite, on, 'buffer', 36 * MIB);
    await statusWhere(on.worker, 'the run to be evicted', (status) => !holds(status, run));
    await other.run.signal(letGo);
    await other.run.result();
    await statusWhere(on.worker, 'the other one to be gone', ({ numCachedWorkflows }) => numCachedWorkflows === 0);
    const before = evictionsIn(await burdockStatus(on.worker));
    await run.signal(hold, 'strings', 64 * 1024);
    const held = await run.query(fingerprint);
    assert.equal((await burdockStatus(on.worker)).quarantinedRuns, 1, 'it is tried again apart');
    const back = await statusWhere(
      on.worker,
      'the run to be free again',
      (status) => status.quarantinedRuns === 0,
      REFORM_MS
    );
    assert.deepEqual([back.evictions['quarantine_over'], evictionsIn(back)], [1, before + 1]);
    assert.deepEqual(await run.query(fingerprint), held);
    const among = await statusWhere(
      on.worker,
      'it to be among the others, and the isolate to go',
      (status) => holds(status, run) && status.isolates.length === 1
    );
    assert.deepEqual([among.quarantinedRuns, among.isolates[0]?.cachedWorkflows], [0, 1]);
    await run.terminate();
    await on.worker.stop();
  });

  it('that alone takes more than half of the cache leaves before its neighbours, though they are older', async () => {
    const on = await startMemoryWorker(suite, 'hold-state', ['--cache-memory=80MiB', '--workflow-memory-budget=70MiB']);
    const neighbours = [];
    for (let n = 0; n < 4; n += 1) neighbours.push(await startHolder(suite, on, 'strings', MIB));
    const hog = await startHolder(suite, on, 'buffer', 50 * MIB);
    const last = await startHolder(suite, on, 'buffer', 28 * MIB);
    const leaves = (times: number): Promise<BurdockStatus> =>
      statusWhere(on.worker, 'the hog to leave', (now) => !holds(now, hog.run) && evictionsIn(now) === times);
    const status = await leaves(1);
    for (const { run } of [...neighbours, last]) assert.ok(holds(status, run), `${run.workflowId} left`);
    assert.deepEqual(await hog.run.query(fingerprint), hog.held, 'it replays');
    const again = await leaves(2);
    for (const { run } of [...neighbours, last]) assert.ok(holds(again, run), `${run.workflowId} made room for it`);
    for (const { run, held } of neighbours) assert.deepEqual(await run.query(fingerprint), held);
    await on.worker.stop();
  });
});
