/** A burst of workflows in a real memory control group, in its short form; `npm run memory -- incident` is the full one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { available } from '../../memory/cgroup';
import { incidentTroubles, runIncident } from '../../memory/incident';
import { parseSize } from '../../memory/units';
import { flavour, useSuite } from './harness';

const { reason } = available();
/** For machines that are busy with other things; a quiet one needs a fifth of it. */
const TIMEOUT_MS = 120_000;

const suite = useSuite();

describe('a burst of workflows in a memory cgroup', {
  skip: flavour === 'node' ? 'this is about burdock' : (reason ?? false),
}, () => {
  /** All runs of the heavy bundle together would take more than the limit; those of the other fit. */
  const cases = [
    { bundle: 'w4', workflows: 150, limit: '512MiB' },
    { bundle: 'w3', workflows: 60, limit: '1GiB' },
  ] as const;
  for (const { bundle, workflows, limit } of cases) {
    it(`${workflows} of ${bundle} in ${limit}: all complete, no kill, 10 % to spare`, {
      timeout: TIMEOUT_MS + 60_000,
    }, async () => {
      const options = {
        worker: 'burdock',
        bundle,
        workflows,
        limitBytes: parseSize(limit),
        lives: 1,
        timeoutMs: TIMEOUT_MS,
        flags: [],
      } as const;
      const result = await runIncident(options, suite);
      assert.deepEqual(incidentTroubles(result), [], JSON.stringify(result.lives, undefined, 1));
    });
  }
});
