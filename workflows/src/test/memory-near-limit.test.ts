/** Runs that fill their isolate's memory in a real memory control group; `npm run memory -- near-limit` is the full form. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { available } from '../../memory/cgroup';
import { nearLimitTroubles, runNearLimit } from '../../memory/near-limit';
import { type Setting, SETTINGS, TIGHT } from '../../memory/near-limit-settings';
import { type LeapName, leaps } from '../../memory/workflows/leaps';
import { flavour, useSuite } from './harness';

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

describe('near-limit events in a memory cgroup', {
  skip: flavour === 'node' ? 'this is about burdock' : (reason ?? false),
}, () => {
  it('each way to fill the memory fails its own workflow task and nothing else', { timeout: TIMEOUT_MS }, async () => {
    assert.deepEqual(await troublesOf(SETTINGS[0], leaps), []);
  });

  it('a million entries become objects beside filled buffers, and end', { timeout: TIMEOUT_MS }, async () => {
    // The entries of such an object's table are 24 bytes: if its memory repeated, V8 would look for a free one for ever.
    assert.deepEqual(await troublesOf(TIGHT, ['fromEntriesBesideBuffers']), []);
  });

  it('a process that is full before the heap is contains them too', { timeout: TIMEOUT_MS }, async () => {
    assert.deepEqual(await troublesOf(TIGHT, HARDEST), []);
  });
});
