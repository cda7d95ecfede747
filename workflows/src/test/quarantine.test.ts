/** A run that was stopped is tried again on an isolate of its own: its neighbours wait for it once and not each time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HealthyRun } from '../../memory/healthy';
import { neverYields } from '../../memory/workflows/loops';
import { flavour, useSuite } from './harness';
import { taskFailure } from './history';
import { burdockStatus, startMemoryWorker, statusWhere } from './memory-workers';

const suite = useSuite();
const TIMEOUT_US = 1_000_000;

describe('a run that offended', { skip: flavour === 'node' ? 'the Node worker has nothing like it' : false }, () => {
  it('is kept apart, and its isolate goes when it has gone', async () => {
    const on = await startMemoryWorker(suite, 'mixed', [], { workflowTimeout: '1s' });
    const neighbour = await HealthyRun.start({ client: suite.client, taskQueue: on.taskQueue, gone: on.worker.child.exited }, 'typical', 1);
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
});
