/** The levels of memory pressure, by thresholds around what the process really holds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HealthyRun } from '../../memory/healthy';
import { neverYields } from '../../memory/workflows/loops';
import { fingerprint, holdState } from '../../memory/workflows/hold-state';
import { flavour, useSuite } from './harness';
import { taskFailure } from './history';
import { MIB, burdockStatus, startHolder, startMemoryWorker, statusWhere } from './memory-workers';

const suite = useSuite();

describe('memory pressure', { skip: flavour === 'node' ? 'this is about burdock' : false }, () => {
  it('elevated: idle runs leave, memory comes back, and who left has the same state', async () => {
    const limitBytes = 1024 * MIB;
    const probe = await startMemoryWorker(suite, 'hold-state', []);
    const idleBytes = (await burdockStatus(probe.worker)).rssBytes;
    await probe.worker.stop();
    // From 100 MiB above an idle worker on; the runs of this test would be 200.
    const percent = Math.ceil((100 * (idleBytes + 100 * MIB)) / limitBytes);
    const flags = [`--memory-limit=${limitBytes / MIB}MiB`, `--pressure-elevated=${percent}%`, '--cache-memory=400MiB'];
    const on = await startMemoryWorker(suite, 'hold-state', flags);
    const holders = [];
    for (let n = 0; n < 10; n += 1) holders.push(await startHolder(suite, on, 'strings', 20 * MIB));
    const status = await statusWhere(on.worker, 'pressure to evict and to end', ({ pressure, evictions }) => {
      return pressure === 'normal' && (evictions['process_pressure'] ?? 0) > 0;
    });
    assert.ok(status.rssBytes < (percent / 100) * limitBytes, `${status.rssBytes} bytes`);
    assert.match(on.worker.output, /memory pressure.*normal.*elevated/s);
    for (const { run, held } of holders) assert.deepEqual(await run.query(fingerprint), held);
    await on.worker.stop();
  });

  it('elevated: idle runs leave although another isolate does not answer', async () => {
    const flags = ['--memory-limit=1GiB', '--pressure-elevated=2%', '--pressure-high=80%'];
    const on = await startMemoryWorker(suite, 'mixed', flags, { isolates: 2, workflowTimeout: '20s' });
    const busy = await suite.start(neverYields, ['plain'], {
      taskQueue: on.taskQueue,
      workflowTaskTimeout: '2 minutes',
    });
    await statusWhere(on.worker, 'an isolate to be busy', (status) => status.numInFlightWorkflowActivations === 1);
    const run = await HealthyRun.start(
      { client: suite.client, taskQueue: on.taskQueue, gone: on.worker.child.exited },
      'tiny',
      1
    );
    await run.poke(1);
    const { terminations } = await statusWhere(
      on.worker,
      'an eviction',
      ({ evictions }) => (evictions['process_pressure'] ?? 0) > 0
    );
    assert.equal(terminations.deadline, 0, 'the isolate is still busy');
    await run.poke(2);
    await busy.terminate();
    await statusWhere(on.worker, 'the busy isolate to come back', (status) => status.terminations.deadline > 0);
    await run.finish();
    await on.worker.stop();
  });

  it('high: tasks are taken one at a time, and what is there still completes', async () => {
    const flags = ['--memory-limit=1GiB', '--pressure-elevated=2%', '--pressure-high=3%', '--pressure-critical=90%'];
    const on = await startMemoryWorker(suite, 'mixed', flags, { notReadyFor: 'MEMORY_PRESSURE' });
    await statusWhere(on.worker, 'high pressure', ({ pressure }) => pressure === 'high');
    const run = await HealthyRun.start(
      { client: suite.client, taskQueue: on.taskQueue, gone: on.worker.child.exited },
      'tiny',
      1
    );
    await run.poke(1);
    await run.finish();
    await on.worker.stop();
  });

  it('critical: tasks of new runs fail with what to do, and the process stays', async () => {
    const flags = ['--memory-limit=1GiB', '--pressure-elevated=2%', '--pressure-high=3%', '--pressure-critical=4%'];
    const on = await startMemoryWorker(suite, 'hold-state', flags, { notReadyFor: 'MEMORY_PRESSURE' });
    await statusWhere(on.worker, 'critical pressure', ({ pressure }) => pressure === 'critical');
    const run = await suite.start(holdState, [], { taskQueue: on.taskQueue });
    await taskFailure(run, /at its memory limit .* starts no further run/);
    const { refusedTasks } = await statusWhere(
      on.worker,
      'the refusal to be counted',
      (status) => status.refusedTasks > 0
    );
    assert.ok(refusedTasks > 0);
    await run.terminate();
    await on.worker.stop();
  });
});
