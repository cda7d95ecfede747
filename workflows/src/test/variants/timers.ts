import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timerCancelled, timerFires } from '../../workflows/testing';
import type { Suite } from '../harness';
import { eventsOf, typesOf } from '../history';
import type { Coverage } from './coverage';

export function timerCases(suite: Suite, coverage: Coverage): void {
  describe('timers', { concurrency: true }, () => {
    it('fire, and workflow time moves on', async () => {
      const { result, events } = await suite.execute(timerFires, 30);
      assert.ok(result.passedMs >= 60, `workflow time moved ${result.passedMs} ms`);
      assert.equal(eventsOf(events, 'TIMER_FIRED').length, 2);
      const [first] = eventsOf(events, 'TIMER_STARTED');
      assert.match(Buffer.from(first?.userMetadata?.summary?.data ?? []).toString(), /first pause/);
      coverage.addHistory(events);
      coverage.witness('job.fireTimer');
    });

    it('are cancelled by their scope and by a condition that comes first', async () => {
      const { result, events } = await suite.execute(timerCancelled);
      assert.equal(result.error?.cancelled, true);
      assert.equal(result.conditionMet, true);
      assert.equal(eventsOf(events, 'TIMER_CANCELED').length, 2);
      assert.ok(typesOf(events).has('WORKFLOW_EXECUTION_COMPLETED'));
      coverage.addHistory(events);
    });
  });
}
