/** The demo's arithmetic and its expectations, without a server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deviations, planOf } from '../demo/plan';
import { barLine } from '../demo/progress';
import { type Stage, formatStages, slopeKibPerWorkflow } from '../demo/table';
import { concurrently } from '../support/concurrently';

const stage = (cached: number, rssBytes: number): Stage => ({
  cached,
  rssBytes,
  usedHeapBytes: 0,
  totalHeapBytes: 0,
  nativeBytes: 0,
});

describe('the slope', () => {
  it('is that of a straight line, and ignores the stages below 10', () => {
    const line = [stage(0, 999_999_999), ...[10, 50, 100, 300].map((cached) => stage(cached, 5_000 + cached * 2048))];
    assert.ok(Math.abs((slopeKibPerWorkflow(line, ({ rssBytes }) => rssBytes) ?? 0) - 2) < 1e-9);
  });

  it('does not exist for a single stage', () => {
    assert.equal(
      slopeKibPerWorkflow([stage(0, 1), stage(10, 2)], ({ rssBytes }) => rssBytes),
      undefined
    );
  });
});

describe('the demo', () => {
  it('aligns its table', () => {
    const lines = formatStages([stage(0, 1048576), stage(300, 104857600)]).split('\n');
    assert.deepEqual(new Set(lines.map((line) => line.length)).size, 1);
    assert.match(lines[2] ?? '', /^ +300 +100\.0/);
  });

  it('draws its bar to the end', () => {
    assert.match(barLine('x', 0, 10), /\[\.{30}\] 0\/10/);
    assert.match(barLine('x', 10, 10), /\[#{30}\] 10\/10/);
  });

  it('names every deviation from the plan', () => {
    const plan = planOf('run', 8);
    const result = { leadId: plan.leadId, ...plan.expected };
    assert.equal(plan.expected.lastSubject, 'One last question');
    assert.deepEqual(deviations(plan, result), []);
    assert.equal(deviations(plan, { ...result, outcome: 'booked', emailsSent: 7 }).length, 2);
  });

  it('expects a second run of those that continue as new', () => {
    assert.deepEqual(
      [3, 4, 9].map((index) => planOf('run', index).expected.runs),
      [2, 1, 2]
    );
  });
});

describe('concurrently', () => {
  it('keeps the order and the limit', async () => {
    let active = 0;
    let most = 0;
    const doubled = await concurrently([3, 1, 2, 5], 2, async (n) => {
      most = Math.max(most, (active += 1));
      for (let i = 0; i < n; i += 1) await Promise.resolve();
      active -= 1;
      return 2 * n;
    });
    assert.deepEqual([doubled, most], [[6, 2, 4, 10], 2]);
  });

  it('stops at the first error', async () => {
    const done: number[] = [];
    const work = concurrently([1, 2, 3, 4], 1, async (n) => {
      if (n === 2) throw new Error('two');
      done.push(n);
    });
    await assert.rejects(work, /two/);
    assert.deepEqual(done, [1]);
  });
});
