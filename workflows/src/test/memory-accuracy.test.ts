/** What the worker says of a run's cost is what its eviction gives back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accuracyTroubles, measure } from '../../memory/accuracy';
import { flavour } from './harness';

const TIMEOUT_MS = 120_000;

describe('the measured cost of runs', { skip: flavour === 'node' ? 'this is about burdock' : false }, () => {
  for (const context of ['shared', 'per-workflow'] as const) {
    it(`is what their evictions give back, context ${context}`, { timeout: TIMEOUT_MS }, async () => {
      const seed = Number(process.env.BURDOCK_TEST_SEED ?? Date.now() % 1_000_000);
      console.log(`BURDOCK_TEST_SEED=${seed}`);
      const measured = await measure(seed, 40, context);
      assert.equal(measured.runs.length, 40);
      assert.deepEqual(accuracyTroubles(measured), []);
    });
  }
});
