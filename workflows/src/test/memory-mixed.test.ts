/** Healthy runs among offenders in a real memory control group; `npm run memory -- mixed` is the full form. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { available } from '../../memory/cgroup';
import { mixedTroubles, runMixed } from '../../memory/mixed';
import { allOffences } from '../../memory/offences';
import { parseSize } from '../../memory/units';
import { flavour, useSuite } from './harness';

const { reason } = available();
const TIMEOUT_MS = 150_000;
const FORM = { durationMs: 40_000, quietMs: 3_000, residents: 12, offenceEveryMs: 500 };

const suite = useSuite();

describe('mixed load in a memory cgroup', {
  skip: flavour === 'node' ? 'this is about burdock' : (reason ?? false),
}, () => {
  it('loses no healthy run and contains each offender', { timeout: TIMEOUT_MS }, async () => {
    const { result } = await runMixed({ ...FORM, limitBytes: parseSize('512MiB'), flags: [] }, suite);
    assert.deepEqual(mixedTroubles(result, false), []);
    const kinds = new Set(result.offences.map(({ kind }) => kind));
    assert.deepEqual(kinds, new Set(allOffences.map(({ kind }) => kind)), 'offenders of every kind had their turn');
    assert.ok(result.visitors > 0 && result.mixed.updates > 0, 'healthy runs were there all the time');
  });
});
