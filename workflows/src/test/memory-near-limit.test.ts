/** Runs that fill their isolate's memory in a real memory control group; `npm run memory -- near-limit` is the full form. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { bundleOf } from '../../memory/bundles';
import { available } from '../../memory/cgroup';
import { HealthyRun } from '../../memory/healthy';
import { nearLimitTroubles, runNearLimit } from '../../memory/near-limit';
import { type Setting, SETTINGS, TIGHT } from '../../memory/near-limit-settings';
import { commit, leapOffence } from '../../memory/offences';
import { type LeapName, leaps } from '../../memory/workflows/leaps';
import { PATIENCE_MS, flavour, useSuite } from './harness';

const { reason } = available();
const TIMEOUT_MS = 280_000;
/** Those that need the most of a process that is full: tables that V8 searches, and built-ins that cannot be stopped. */
const HARDEST: readonly LeapName[] = ['dictionaryWithHoles', 'mapGrowth', 'sparseArray', 'jsonParse', 'arrayTwice'];

const suite = useSuite();

async function troublesOf(setting: Setting | undefined, hows: readonly LeapName[]): Promise<string[]> {
  assert.ok(setting);
  const { result } = await runNearLimit({ programmes: [{ setting, hows }], quietMs: 0, flags: [] }, suite);
  return nearLimitTroubles(result, false);
}

describe('a process that is full before the heap is', {
  skip: flavour === 'node' ? 'this is about burdock' : false,
}, () => {
  it('makes objects of a million entries beside filled buffers, and answers', { timeout: TIMEOUT_MS }, async () => {
    const taskQueue = `near-limit-${randomUUID()}`;
    const { file } = await bundleOf('mixed');
    // No group, and no run before it: whatever the process holds besides would stop the run before it makes objects.
    const worker = await suite.startWorker({ bundle: file, taskQueue, extraFlags: TIGHT.flags });
    const offence = leapOffence('fromEntriesBesideBuffers', TIGHT.heapBytes);
    const outcome = await commit(suite.client, taskQueue, offence, () => worker.child.isRunning, PATIENCE_MS);
    assert.equal(outcome.verdict, 'contained', JSON.stringify(outcome));
    const healthy = await HealthyRun.start({ client: suite.client, taskQueue, gone: worker.child.exited }, 'tiny', 1);
    await healthy.poke(1);
    await healthy.finish();
    await worker.stop();
  });
});

describe('near-limit events in a memory cgroup', {
  skip: flavour === 'node' ? 'this is about burdock' : (reason ?? false),
}, () => {
  it('each way to fill the memory fails its own workflow task and nothing else', { timeout: TIMEOUT_MS }, async () => {
    assert.deepEqual(await troublesOf(SETTINGS[0], leaps), []);
  });

  it('entries become tables until the process is full, and end', { timeout: TIMEOUT_MS }, async () => {
    // The entries of such a table are 24 bytes: if its memory repeated, V8 would look for a free one for ever.
    assert.deepEqual(await troublesOf(TIGHT, ['fromEntries', 'fromEntriesBesideBuffers']), []);
  });

  it('a process that is full before the heap is contains them too', { timeout: TIMEOUT_MS }, async () => {
    assert.deepEqual(await troublesOf(TIGHT, HARDEST), []);
  });
});
