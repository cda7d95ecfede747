/** Runs that fill their isolate's memory in a real memory control group; `npm run memory -- near-limit` is the full form. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { available } from '../../memory/cgroup';
import { nearLimitTroubles, runNearLimit } from '../../memory/near-limit';
import { parseSize } from '../../memory/units';
import { leaps } from '../../memory/workflows/leaps';
import { flavour, useSuite } from './harness';

const { reason } = available();
const TIMEOUT_MS = 280_000;

const suite = useSuite();

describe('near-limit events in a memory cgroup', { skip: flavour === 'node' ? 'this is about burdock' : (reason ?? false) }, () => {
  it('each way to fill the memory fails its own workflow task and nothing else', { timeout: TIMEOUT_MS }, async () => {
    // What one call takes before V8 can stop it would not fit beside the worker: it must go to a disk.
    const options = { events: leaps.length, limitBytes: parseSize('320MiB'), flags: [] };
    assert.deepEqual(nearLimitTroubles(await runNearLimit(options, suite)), []);
  });
});
