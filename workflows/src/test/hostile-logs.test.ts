/** Log lines arrive whatever becomes of their task and whatever their attributes are. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { logsOddAttributes, logsThenSpins } from '../workflows/testing';
import { PATIENCE_MS, type TestWorker, flavour, useSuite } from './harness';
import { taskFailure } from './history';

const suite = useSuite();
let worker: TestWorker;
before(async () => {
  worker = await suite.startWorker({ workflowTimeout: '1s' });
});

/** The fields of the log line with this message. */
async function lineWith(message: string): Promise<Record<string, string>> {
  await worker.child.sees(new RegExp(`"message":"${message}"`), PATIENCE_MS);
  const line = worker.child.stderr.split('\n').find((text) => text.includes(`"message":"${message}"`));
  return JSON.parse(line ?? '{}') as Record<string, string>;
}

// These are lines of Burdock's log; the Node worker's look different.
describe('the log', { skip: flavour === 'node' }, () => {
  it('has the last words of a run that the watchdog stopped', async () => {
    const marker = randomUUID();
    const spinning = await suite.start(logsThenSpins, [marker]);
    await taskFailure(spinning, /TMPRL1101/);
    const line = await lineWith(`${marker} last words`);
    assert.equal(line['workflow_id'], spinning.workflowId);
    assert.equal(line['run_id'], spinning.firstExecutionRunId);
    await spinning.terminate();
  });

  it('keeps every attribute that can be written', async () => {
    const marker = randomUUID();
    const { handle } = await suite.execute(logsOddAttributes, marker);
    const line = await lineWith(`${marker} odd attributes`);
    assert.equal(line['workflow_id'], handle.workflowId);
    assert.equal(line['workflow_type'], 'logsOddAttributes');
    const { huge, cycle, getter, ...others } = JSON.parse(line['attributes'] ?? '') as Record<string, unknown>;
    assert.deepEqual(others, {
      before: 'green',
      map: { spring: 1 },
      set: ['one', 'two'],
      big: String(2n ** 70n),
      after: 'blue',
      sdkComponent: 'workflow',
    });
    assert.match(String(huge), /^"?x{1000}/);
    assert.ok(String(huge).length <= 200_000);
    for (const text of [cycle, getter]) assert.equal(typeof text, 'string', 'a placeholder');
  });
});
