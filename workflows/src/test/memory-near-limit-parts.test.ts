/** The parts of the near-limit proof that need neither a worker nor a control group. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { latencies, ratioOf, sidesOf } from '../../memory/near-limit-latency';
import { busiest } from '../../memory/near-limit-scene';
import { SETTINGS, programmesOf } from '../../memory/near-limit-settings';
import { leaps } from '../../memory/workflows/leaps';

const whereabouts = (isolateOf: Record<string, number>, activationMs: number[] = []) => ({
  isolateOf: new Map(Object.entries(isolateOf)),
  activationMs,
});

describe('the near-limit proof', () => {
  it('spreads its events evenly over settings and shapes', () => {
    const programmes = programmesOf(1_000);
    assert.deepEqual(
      programmes.map(({ setting, hows }) => [setting, hows.length]),
      SETTINGS.map((setting) => [setting, 1_000 / SETTINGS.length])
    );
    const counts = leaps.map((leap) => programmes.flatMap(({ hows }) => hows).filter((how) => how === leap).length);
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, String(counts));
  });

  it('finds the isolate that has worked', () => {
    const before = whereabouts({}, [5_000, 100]);
    assert.equal(busiest(before, whereabouts({}, [5_010, 1_100]), 1_200), 1);
    assert.equal(busiest(before, whereabouts({}, [5_010, 110]), 1_200), null);
    // One that came up meanwhile.
    assert.equal(busiest(before, whereabouts({}, [5_010, 110, 900]), 1_200), 2);
  });

  it('judges updates of runs that are not known to be where the memory is filled', () => {
    const windows = [
      { fromMs: 100, whereabouts: whereabouts({ a: 0, b: 1 }), isolate: 0 },
      { fromMs: 200, whereabouts: whereabouts({ a: 0, b: 1 }), isolate: 1 },
      { fromMs: 300, whereabouts: whereabouts({ a: 0 }), isolate: null },
      { fromMs: 400, whereabouts: undefined, isolate: 1 },
    ];
    const beats = [0, 100, 200, 399, 499, 500].flatMap((atMs) =>
      ['a', 'b'].map((workflowId) => ({ atMs, tookMs: 1, workflowId }))
    );
    const sides = sidesOf(beats, windows, 500).map(({ side }) => side);
    const expected = [
      ['before', 'before'],
      ['beside', 'apart'],
      ['apart', 'beside'],
      ['apart', 'apart'],
      ['apart', 'apart'],
      ['after', 'after'],
    ];
    assert.deepEqual(sides, expected.flat());
  });

  it('compares the p99 of a time with events with that of the quiet before and after', () => {
    const beats = (['before', 'apart', 'after', 'beside'] as const).map((side, at) => {
      return { atMs: at, tookMs: 10 * (at + 1), side };
    });
    const found = latencies(beats);
    assert.deepEqual(found.quiet, { updates: 2, p50Ms: 10, p99Ms: 30, maxMs: 30 });
    assert.equal(ratioOf(found), 20 / 30);
    assert.equal(ratioOf(latencies([])), undefined);
  });
});
