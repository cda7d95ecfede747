/** Runs that fill their isolate's memory in a real memory control group; `npm run memory -- near-limit` is the full form. */
import assert from 'node:assert/strict';
import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { available } from '../../memory/cgroup';
import { nearLimitTroubles, runNearLimit } from '../../memory/near-limit';
import { parseSize } from '../../memory/units';
import { leaps } from '../../memory/workflows/leaps';
import { flavour, useSuite } from './harness';

const { reason } = available();
/** The file system's number, `man 2 statfs`. */
const TMPFS = 0x01021994;
const TIMEOUT_MS = 280_000;

/** Whether one of the folders that the worker tries by itself is on a disk. */
function hasDisk(): boolean {
  return ['/var/tmp', tmpdir(), '.'].some((folder) => existsSync(folder) && statfsSync(folder).type !== TMPFS);
}

const suite = useSuite();

describe('near-limit events in a memory cgroup', {
  skip: flavour === 'node' ? 'this is about burdock' : (reason ?? false),
}, () => {
  it('each way to fill the memory fails its own workflow task and nothing else', { timeout: TIMEOUT_MS }, async () => {
    // What one call takes before V8 can stop it does not fit beside the worker: it must go to a disk, where there is one.
    const limitBytes = parseSize(hasDisk() ? '320MiB' : '512MiB');
    const options = { events: leaps.length, limitBytes, flags: [] };
    assert.deepEqual(nearLimitTroubles(await runNearLimit(options, suite)), []);
  });
});
